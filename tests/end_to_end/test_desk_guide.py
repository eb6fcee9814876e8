"""docs/desks.md: its commands, in their order, are answered as the page says; its acts are all."""

import re
from pathlib import Path

import orjson

from tests.builders import TODAY
from tests.end_to_end.acts import OFFICIALS
from tests.end_to_end.house import Json, Seat, house_of

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/desks.md").read_text(encoding="utf-8")
ASKED = re.findall(r"ask (\S+) (\S+) <<'BODY'\n(.*?)\nBODY", GUIDE, re.DOTALL)


async def test_the_commands_of_the_guide_are_answered_in_their_order(
    tmp_path: Path, database_url: str
) -> None:
    async with house_of(tmp_path, database_url, {}, officials=OFFICIALS) as house:
        case: str | None = None
        answers: list[dict[str, Json]] = []
        for purpose, given, body in ASKED:
            seat = Seat(
                department="receiving-office",
                official="clerk-1",
                purpose=purpose,
                case=case if given == '"$CASE"' else None,
            )
            asked = orjson.loads(body.replace("TODAY", TODAY.isoformat()))
            answered = await house.ask(seat, asked["query"], asked["variables"])
            answers.append(answered.data)
            opened = answered.data.get("openCase")
            case = opened["case"] if opened else case
    arrival, registered, _, dry = answers
    assert arrival["openCase"]["person"] is None
    assert registered["registerResidence"]["decision"]["outcome"] == "recorded"
    assert registered["registerResidence"]["decision"]["permitFrom"] == "2027-05-20"
    decision = dry["checkEligibility"]["decision"]
    assert decision["outcome"] == "not_eligible"
    assert decision["earliest"] == "2027-05-20"
    assert decision["official"] == "clerk-1"
    assert decision["remedies"] in GUIDE


def test_every_act_of_a_desk_stands_in_the_guide() -> None:
    rules = "".join(
        (ROOT / f"policies/rules/{desk}.csv").read_text(encoding="utf-8")
        for desk in ("receiving-office", "community-police")
    )
    acts = set(re.findall(r",Mutation\.(\w+),", rules))
    assert acts
    assert acts <= set(re.findall(r"`(\w+)`", GUIDE))
