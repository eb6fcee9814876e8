"""Two files of one person over HTTP: merged under two cases, told of uniformly, split again."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests import builders
from tests.builders import CASE_NUMBER
from tests.end_to_end.acts import COLLEAGUE, OFFICIALS, act, presented, seat, with_case
from tests.end_to_end.house import Answered, House, Json, Seat, house_of

HOLDER = with_case(builders.active(1))
DUPLICATE = builders.person(2)
PEOPLE = {"holder": HOLDER, "duplicate": DUPLICATE, "with permit": with_case(builders.active(3))}
SCHOOL = Seat(department="education", purpose="school-place", case="demo-1")
ASKED = "query($n:String!,$m:String!){person(idNumber:$n,name:$m){permit{active}}}"


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with house_of(tmp_path, database_url, PEOPLE, officials=OFFICIALS) as house:
        yield house


async def entered(house: House, name: str, **more: Json) -> Answered:
    given: dict[str, Json] = {
        "person": presented(HOLDER),
        "other": presented(DUPLICATE),
        "materials": ["household_register"],
        "writtenReason": "同一人重复建档",
        **more,
    }
    official = COLLEAGUE if name.startswith("confirm") else "clerk-1"
    return await act(house, name, given, by=seat(name, official=official))


async def case_of(house: House) -> str:
    opened = await act(
        house,
        "openCase",
        {"person": presented(DUPLICATE), "kind": "ENQUIRY"},
        by=seat("openCase", case=None),
    )
    return str(opened.data["openCase"]["case"])


def decided(answered: Answered, name: str) -> tuple[str, list[str]]:
    decision = answered.data[name]["decision"]
    return decision["outcome"], [reason["code"] for reason in decision["reasons"]]


async def test_two_files_are_merged_under_the_case_of_each_and_split_again(house: House) -> None:
    without = await entered(house, "proposeMerge")
    assert without.codes == ["PERSON_NOT_REACHED"]
    number = await case_of(house)
    given = {"otherCase": number}
    for name, outcome in (("proposeMerge", "pending"), ("confirmMerge", "recorded")):
        answered = await entered(house, name, **given)
        assert decided(answered, name) == (outcome, [])
    by = seat("openCase", case=None)
    found = [
        await act(house, "openCase", {"person": presented(who), "kind": "ENQUIRY"}, by=by)
        for who in (HOLDER, DUPLICATE)
    ]
    assert len({one.data["openCase"]["person"] for one in found}) == 1
    for who in (DUPLICATE, builders.person(40)):
        named = {"n": who.registration.id_number, "m": who.registration.name}
        assert (await house.ask(SCHOOL, ASKED, named)).data == {"person": None}
    for name, outcome in (("proposeSplit", "pending"), ("confirmSplit", "recorded")):
        assert decided(await entered(house, name), name) == (outcome, [])


async def test_two_holders_are_not_merged_before_the_duplicate_is_cancelled(house: House) -> None:
    answered = await entered(house, "proposeMerge", other=presented(PEOPLE["with permit"]))
    assert decided(answered, "proposeMerge") == ("blocked", ["BOTH_HOLD_PERMITS"])


async def test_all_faults_of_the_form_come_at_once(house: House) -> None:
    bad: dict[str, Json] = {
        "person": {"idNumber": "123", "name": "?"},
        "other": {"idNumber": "", "name": "■"},
        "materials": ["a_letter"],
        "writtenReason": "a\nb",
    }
    answered = await entered(house, "proposeMerge", **bad)
    assert {entry["extensions"]["at"] for entry in answered.errors} == {
        "input.person.idNumber",
        "input.person.name",
        "input.other.idNumber",
        "input.other.name",
        "input.materials[0]",
        "input.writtenReason",
    }


@pytest.mark.parametrize("name", ["proposeMerge", "confirmMerge", "proposeSplit", "confirmSplit"])
async def test_community_police_merge_nobody(house: House, name: str) -> None:
    by = Seat(department="community-police", purpose="annual-endorsement", case=CASE_NUMBER)
    given = {
        "person": presented(HOLDER),
        "other": presented(DUPLICATE),
        "materials": [],
    }
    answered = await act(house, name, given, by=by)
    assert answered.status in {400, 403}
    assert answered.codes[0] in {"FIELD_FORBIDDEN", "VALIDATION_FAILED"}
