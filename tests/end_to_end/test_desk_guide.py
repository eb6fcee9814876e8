"""docs/desks.md: its commands, in their order, are answered as the page says; its acts are all."""

import re
from pathlib import Path

import orjson

from tests.builders import TODAY
from tests.end_to_end.acts import OFFICIALS
from tests.end_to_end.house import Json, Seat, house_of

ROOT = Path(__file__).parents[2]
GUIDE = (ROOT / "docs/desks.md").read_text(encoding="utf-8")
ASKED = re.findall(r"(?:ask (\S+) (\S+)|school) <<'BODY'\n(.*?)\nBODY", GUIDE, re.DOTALL)
SCHOOL = Seat(department="education", purpose="school-place", case="demo-1")


async def test_the_commands_of_the_guide_are_answered_in_their_order(
    tmp_path: Path, database_url: str
) -> None:
    async with house_of(tmp_path, database_url, {}, officials=OFFICIALS) as house:
        case: str | None = None
        audit: dict[str, Json] = {}
        correction = ""
        answers: list[dict[str, Json]] = []
        for purpose, given, body in ASKED:
            seat = Seat(
                department="receiving-office",
                official="clerk-1",
                purpose=purpose,
                case=case if given == '"$CASE"' else None,
            )
            words = {"TODAY": TODAY.isoformat(), "CORRECTION": correction}
            for name in ("log", "index", "leaf"):
                words[name.upper()] = str(audit.get(name))
            asked = orjson.loads(filled(body, words))
            answered = await house.ask(
                seat if purpose else SCHOOL, asked["query"], asked.get("variables")
            )
            answers.append(answered.data)
            audit = answered.audit
            opened = answered.data.get("openCase")
            case = opened["case"] if opened else case
            listed = answered.data.get("corrections")
            correction = listed["nodes"][0]["id"] if listed else correction
    arrival, registered, _, dry, no, doubted, _, waiting, held = answers
    assert no == {"person": None}
    assert doubted["requestCorrection"]["decision"]["outcome"] == "accepted"
    assert waiting["corrections"]["totalCount"] == 1
    assert waiting["corrections"]["nodes"][0]["division"]["name"] == "西屯街道"
    assert held["decideCorrection"]["decision"]["outcome"] == "held_for_review"
    assert arrival["openCase"]["person"] is None
    assert registered["registerResidence"]["decision"]["outcome"] == "recorded"
    assert registered["registerResidence"]["decision"]["permitFrom"] == "2027-05-20"
    decision = dry["checkEligibility"]["decision"]
    assert decision["outcome"] == "not_eligible"
    assert decision["earliest"] == "2027-05-20"
    assert decision["official"] == "clerk-1"
    assert decision["remedies"] in GUIDE


def filled(body: str, words: dict[str, str]) -> str:
    """A body with what its reader puts in the place of words in capitals."""
    return re.sub(r"\b[A-Z]+\b", lambda found: words.get(found[0], found[0]), body)


def test_every_act_of_a_desk_stands_in_the_guide() -> None:
    rules = "".join(
        (ROOT / f"policies/rules/{desk}.csv").read_text(encoding="utf-8")
        for desk in ("receiving-office", "community-police")
    )
    acts = set(re.findall(r",Mutation\.(\w+),", rules))
    assert acts
    assert acts <= set(re.findall(r"`(\w+)`", GUIDE))
