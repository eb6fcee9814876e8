"""A corrected identity over HTTP: what desks, partners and auditors get of it (ADR 19)."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests import builders
from tests.builders import CASE_NUMBER
from tests.end_to_end.acts import (
    COLLEAGUE,
    OFFICIALS,
    act,
    filing,
    presented,
    seat,
    with_case,
)
from tests.end_to_end.house import Answered, Entry, House, Json, Seat, house_of

THIRD = Entry(department="receiving-office", official="clerk-4", division=builders.COUNTY)
HOLDER = with_case(builders.active(1))
PEOPLE = {"holder": HOLDER, "another": with_case(builders.person(2))}
NEW = str(builders.id_number(21))
WAS = presented(HOLDER)
NOW = {**WAS, "idNumber": NEW}
CHANGE: dict[str, Json] = {
    "person": WAS,
    "to": {"idNumber": NEW},
    "materials": ["household_register"],
    "writtenReason": "户口簿号码更正",
}
SCHOOL = Seat(department="education", purpose="school-place", case="demo-1")
PROPOSE, CONFIRM = "proposeIdentityChange", "confirmIdentityChange"
VERIFY = """query($r:[VerifyRow!]!){verify(rows:$r){ref answer notice}}"""


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with house_of(tmp_path, database_url, PEOPLE, officials=(*OFFICIALS, THIRD)) as house:
        yield house


async def confirmed(house: House, *, by: str = COLLEAGUE) -> Answered:
    return await act(house, CONFIRM, CHANGE, by=seat(CONFIRM, official=by), key=f"by-{by}")


def decided(answered: Answered, name: str) -> tuple[str, list[str]]:
    decision = answered.data[name]["decision"]
    return decision["outcome"], [reason["code"] for reason in decision["reasons"]]


async def asked(house: House, who: dict[str, Json]) -> Json:
    """What a school is told of whoever presents this."""
    query = "query($n:String!,$m:String!){person(idNumber:$n,name:$m){permit{active}}}"
    answered = await house.ask(SCHOOL, query, {"n": who["idNumber"], "m": who["name"]})
    return answered.data["person"]


async def verified(house: House, who: dict[str, Json]) -> Json:
    answered = await house.ask(SCHOOL, VERIFY, {"r": [{"ref": "1", "presented": who}]})
    (row,) = answered.data["verify"]
    return row


async def test_a_partner_gets_the_uniform_no_for_a_former_number_and_yes_for_the_new_one(
    house: House,
) -> None:
    nobody = {**WAS, "idNumber": str(builders.id_number(40))}
    no = (await asked(house, nobody), await verified(house, nobody))
    yes = (await asked(house, WAS), await verified(house, WAS))
    assert yes != no
    assert (await asked(house, NOW), await verified(house, NOW)) == no
    proposed = await act(house, PROPOSE, CHANGE)
    assert decided(proposed, PROPOSE) == ("pending", [])
    assert proposed.data[PROPOSE]["decision"]["deadline"]["day"] == "2026-12-04"
    assert (await asked(house, WAS), await verified(house, WAS)) == yes
    assert decided(await confirmed(house), CONFIRM) == ("recorded", [])
    assert (await asked(house, WAS), await verified(house, WAS)) == no
    assert (await asked(house, NOW), await verified(house, NOW)) == yes


async def test_a_desk_finds_the_person_by_the_former_number_and_acts_by_the_new_one(
    house: House,
) -> None:
    await act(house, PROPOSE, CHANGE)
    done = await confirmed(house)
    opened = await act(
        house, "openCase", {"person": WAS, "kind": "ENQUIRY"}, by=seat("openCase", case=None)
    )
    assert opened.data["openCase"]["person"] == done.data[CONFIRM]["person"]
    shown = await house.ask(
        seat("fileApplication", case=opened.data["openCase"]["case"]),
        "query($i:ID!){node(id:$i){... on Person{idNumber name birthDate}}}",
        {"i": opened.data["openCase"]["person"]},
    )
    assert shown.data["node"]["idNumber"] == NEW
    assert shown.data["node"]["birthDate"] == f"{NEW[6:10]}-{NEW[10:12]}-{NEW[12:14]}"
    refused = await act(house, "fileApplication", filing(HOLDER))
    assert refused.codes == ["PERSON_NOT_REACHED"]
    filed = await act(house, "fileApplication", {**filing(HOLDER), "person": NOW})
    assert filed.data["fileApplication"]["decision"]["outcome"] == "refused"
    reasons = filed.data["fileApplication"]["decision"]["reasons"]
    assert [reason["code"] for reason in reasons] == ["ALREADY_HOLDS_PERMIT"]


async def test_a_retry_gives_the_first_answer_though_the_number_is_a_former_one(
    house: House,
) -> None:
    await act(house, PROPOSE, CHANGE)
    by = seat(CONFIRM, official=COLLEAGUE)
    first = await act(house, CONFIRM, CHANGE, by=by, key="once")
    again = await act(house, CONFIRM, CHANGE, by=by, key="once")
    assert again.data == first.data


async def test_an_auditor_finds_the_person_by_both_numbers(house: House) -> None:
    await act(house, PROPOSE, CHANGE)
    await confirmed(house)
    by = Seat(department="auditor", purpose="privacy-audit")
    query = "query($n:ID!){accessesOf(person:$n,first:20){edges{node{action official}}}}"
    for number in (str(HOLDER.registration.id_number), NEW):
        answered = await house.ask(by, query, {"n": number})
        edges = answered.data["accessesOf"]["edges"]
        officials = [edge["node"]["official"] for edge in edges if edge["node"]["action"] == "act"]
        assert officials == [COLLEAGUE, "clerk-1"]


async def test_of_two_who_confirm_at_once_one_wins(house: House) -> None:
    await act(house, PROPOSE, CHANGE)
    answers = await asyncio.gather(confirmed(house), confirmed(house, by="clerk-4"))
    codes = sorted(str(one.codes) for one in answers)
    assert codes == ["['PERSON_NOT_REACHED']", "[]"]


async def test_a_number_of_another_file_points_to_a_merge_and_says_nothing_of_whose(
    house: House,
) -> None:
    other = str(PEOPLE["another"].registration.id_number)
    answered = await act(house, PROPOSE, {**CHANGE, "to": {"idNumber": other}}, language="en")
    assert decided(answered, PROPOSE) == ("blocked", ["NUMBER_OF_ANOTHER"])
    name = PEOPLE["another"].registration.name
    assert other.encode() not in answered.body
    assert name.encode() not in answered.body


async def test_who_has_seen_an_older_version_gets_conflict(house: House) -> None:
    await act(house, PROPOSE, CHANGE)
    await act(house, "replaceCard", {"person": WAS, "reason": "LOST"})
    late = await confirmed(house)
    assert late.codes == ["CONFLICT"]
    assert late.errors[0]["extensions"]["version"] == 2


async def test_all_faults_of_the_form_come_at_once(house: House) -> None:
    bad: dict[str, Json] = {
        "person": {"idNumber": "123", "name": "?"},
        "to": {"idNumber": "830000199001010013", "name": "■"},
        "materials": ["a_letter"],
        "writtenReason": "a\nb",
    }
    places = {entry["extensions"]["at"] for entry in (await act(house, PROPOSE, bad)).errors}
    assert places == {
        "input.person.idNumber",
        "input.person.name",
        "input.to.idNumber",
        "input.to.name",
        "input.materials[0]",
        "input.writtenReason",
    }
    nothing = await act(house, PROPOSE, {**CHANGE, "to": {}})
    assert [entry["extensions"]["at"] for entry in nothing.errors] == ["input.to"]


async def test_community_police_correct_nobody(house: House) -> None:
    by = Seat(department="community-police", purpose="annual-endorsement", case=CASE_NUMBER)
    for name in (PROPOSE, CONFIRM):
        answered = await act(house, name, CHANGE, by=by)
        assert answered.status in {400, 403}
        assert answered.codes[0] in {"FIELD_FORBIDDEN", "VALIDATION_FAILED"}
