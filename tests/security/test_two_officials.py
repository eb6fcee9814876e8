"""Four eyes and keys against a hostile office: who is a second official, and whose key is whose."""

from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import pytest

from tests import builders
from tests.builders import TODAY
from tests.end_to_end.acts import (
    COLLEAGUE,
    ELSEWHERE,
    OFFICIALS,
    act,
    declaration,
    eligible,
    filing,
    presented,
    seat,
)
from tests.end_to_end.house import Answered, Entry, House, Json, house_of

LEAVES = "clerk-5"
"""A clerk whose last day is tomorrow."""
PEOPLE = {"one": eligible(1), "other": eligible(3)}
PAIR: dict[str, Json] = {
    "person": presented(PEOPLE["one"]),
    "other": presented(PEOPLE["other"]),
    "materials": ["resident_id_card"],
    "writtenReason": "同一人",
}
ENTERED: dict[str, dict[str, Json]] = {
    "IdentityChange": {
        "person": presented(PEOPLE["one"]),
        "to": {"name": "改正测"},
        "materials": ["resident_id_card"],
        "writtenReason": "录错",
    },
    "Merge": PAIR,
}


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    leaves = Entry(
        department="receiving-office",
        official=LEAVES,
        division=builders.COUNTY,
        until=TODAY + timedelta(days=1),
    )
    async with house_of(tmp_path, database_url, PEOPLE, officials=(*OFFICIALS, leaves)) as house:
        yield house


def codes(answered: Answered, name: str) -> tuple[str, list[str]]:
    decision = answered.data[name]["decision"]
    return decision["outcome"], [reason["code"] for reason in decision["reasons"]]


# --- an official who may act no more ---------------------------------------------------------


@pytest.mark.parametrize("kind", list(ENTERED))
@pytest.mark.parametrize(
    ("days", "expected"),
    [(1, ("recorded", [])), (2, ("blocked", ["NOTHING_PROPOSED"]))],
    ids=["last day", "the day after"],
)
async def test_what_an_official_proposed_ends_with_the_power_to_propose_it(
    house: House, kind: str, days: int, expected: tuple[str, list[str]]
) -> None:
    first, second = f"propose{kind}", f"confirm{kind}"
    await act(house, first, ENTERED[kind], by=seat(first, official=LEAVES))
    house.clock.seconds += days * 86400
    confirmed = await act(house, second, ENTERED[kind], by=seat(second, official=COLLEAGUE))
    assert codes(confirmed, second) == expected


@pytest.mark.parametrize(("days", "outcome"), [(1, "refused"), (2, "held_for_review")])
async def test_an_answer_to_a_request_is_not_confirmed_for_an_official_who_left(
    house: House, days: int, outcome: str
) -> None:
    asked = {"person": presented(PEOPLE["one"]), "kind": "DELETE", "words": "请删除"}
    filed = await act(house, "fileSubjectRequest", asked)
    answer = {
        "person": presented(PEOPLE["one"]),
        "request": filed.data["fileSubjectRequest"]["request"],
        "answer": "REFUSED",
        "grounds": ["KEPT_BY_LAW"],
    }
    name = "answerSubjectRequest"
    await act(house, name, answer, by=seat(name, official=LEAVES))
    house.clock.seconds += days * 86400
    answered = await act(house, name, answer, by=seat(name, official=COLLEAGUE))
    assert codes(answered, name)[0] == outcome


# --- keys ------------------------------------------------------------------------------------


async def test_two_offices_that_count_their_keys_from_one_do_not_meet(house: House) -> None:
    ours = await act(house, "checkCharge", {"service": "REGISTRATION", "fen": 0}, key="1")
    theirs = await act(
        house,
        "checkCharge",
        {"service": "REGISTRATION", "fen": 5},
        key="1",
        by=seat("checkCharge", official=ELSEWHERE),
    )
    assert codes(ours, "checkCharge")[0] == "accepted"
    assert codes(theirs, "checkCharge")[0] == "blocked"
    colleague = await act(
        house,
        "checkCharge",
        {"service": "REGISTRATION", "fen": 0},
        key="1",
        by=seat("checkCharge", official=COLLEAGUE),
    )
    assert colleague.codes == ["IDEMPOTENCY_KEY_REUSED"]


# --- what is written -------------------------------------------------------------------------


@pytest.mark.parametrize("mark", ["\u202e", "\u2066", "\u200f"], ids=ascii)
@pytest.mark.parametrize("field", ["currentAddress", "name", "contact"])
async def test_no_text_that_turns_itself_around_is_stored(
    house: House, mark: str, field: str
) -> None:
    given = declaration(900)
    given["contents"][field] = f"{given['contents'][field][:2]}{mark}{given['contents'][field][2:]}"
    answered = await act(house, "registerResidence", given)
    assert [entry["extensions"]["at"] for entry in answered.errors] == [f"input.contents.{field}"]
    assert mark.encode() not in answered.body
    joined = filing(PEOPLE["one"], lateReason="a\u200db", happenedOn=TODAY.isoformat())
    assert (await act(house, "fileApplication", joined)).codes == []


@pytest.mark.parametrize(
    ("to", "known"),
    [
        ("15O402001", False),
        ("abc", False),
        ("1504", False),
        ("150402999", False),
        ("１１０１０１", False),
        ("11010", False),
        ("110101", True),
        ("110101001", True),
        ("110101001002", True),
    ],
)
async def test_a_slip_in_a_divisions_code_leads_nobody_out_of_the_region(
    house: House, to: str, *, known: bool
) -> None:
    moved = {
        "person": presented(PEOPLE["one"]),
        "movedOn": [TODAY.isoformat()],
        "to": to,
        "address": "测试路8号",
    }
    answered = await act(house, "reportMove", moved)
    if known:
        assert codes(answered, "reportMove") == ("recorded", ["LEFT_THE_REGION"])
    else:
        assert [entry["extensions"]["reason"] for entry in answered.errors] == ["DIVISION_UNKNOWN"]
