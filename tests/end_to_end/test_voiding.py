"""Undoing a slip over HTTP: what a caller, a partner and an auditor see of it (ADR 19)."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests import builders
from tests.builders import CASE_NUMBER
from tests.end_to_end.acts import (
    COLLEAGUE,
    ELSEWHERE,
    OFFICIALS,
    act,
    declaration,
    due,
    eligible,
    filing,
    presented,
    seat,
)
from tests.end_to_end.house import Answered, Entry, House, Json, Seat, house_of

THIRD = Entry(department="receiving-office", official="clerk-4", division=builders.COUNTY)
PEOPLE = {"eligible": eligible(1), "due": due(2)}
FILED = filing(PEOPLE["eligible"])
AUDITOR = Seat(department="auditor", purpose="privacy-audit")


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with house_of(tmp_path, database_url, PEOPLE, officials=(*OFFICIALS, THIRD)) as house:
        yield house


async def void(
    house: House, version: int, *, by: str = COLLEAGUE, key: str | None = None, **more: Json
) -> Answered:
    given = {
        "person": presented(PEOPLE["eligible"]),
        "version": version,
        "writtenReason": "录错人",
        **more,
    }
    return await act(house, "voidAct", given, by=seat("voidAct", official=by), key=key)


def decided(answered: Answered) -> tuple[str, list[str]]:
    decision = answered.data["voidAct"]["decision"]
    return decision["outcome"], [reason["code"] for reason in decision["reasons"]]


async def test_a_slip_is_undone_and_its_key_goes_on_giving_the_first_answer(house: House) -> None:
    first = await act(house, "fileApplication", FILED, key="slip")
    undone = await void(house, first.data["fileApplication"]["version"], key="undo")
    assert decided(undone) == ("recorded", [])
    assert undone.data["voidAct"]["version"] == 3
    again = await act(house, "fileApplication", FILED, key="slip")
    assert again.data == first.data
    assert (await void(house, 2, key="undo")).data == undone.data
    anew = await act(house, "fileApplication", FILED)
    assert anew.data["fileApplication"]["decision"]["outcome"] == "accepted"


async def test_reasons_come_in_both_languages(house: House) -> None:
    await act(house, "fileApplication", FILED)
    own = seat("voidAct")
    given = {"person": presented(PEOPLE["eligible"]), "version": 2, "writtenReason": "错"}
    for language, says in (("zh-CN", "更正须由另一名工作人员核准"), ("en", "a second official")):
        answered = await act(house, "voidAct", given, by=own, language=language)
        assert decided(answered) == ("blocked", ["SAME_OFFICIAL"])
        (reason,) = answered.data["voidAct"]["decision"]["reasons"]
        assert says in reason["message"]


async def test_who_has_seen_an_older_version_gets_conflict(house: House) -> None:
    await act(house, "fileApplication", FILED)
    late = await void(house, 2, expectedVersion=1)
    assert late.codes == ["CONFLICT"]
    assert late.errors[0]["extensions"]["version"] == 2


async def test_of_two_colleagues_at_once_one_undoes(house: House) -> None:
    await act(house, "fileApplication", FILED)
    answers = await asyncio.gather(
        void(house, 2, expectedVersion=2, key="one"),
        void(house, 2, by="clerk-4", expectedVersion=2, key="other"),
    )
    assert sorted(str(one.codes) for one in answers) == ["['CONFLICT']", "[]"]


async def test_an_office_without_a_case_reaches_nobody_to_undo_for(house: House) -> None:
    await act(house, "fileApplication", FILED)
    assert (await void(house, 2, by=ELSEWHERE)).codes == ["PERSON_NOT_REACHED"]


async def test_a_permit_that_was_issued_by_a_slip_is_shown_no_more(house: House) -> None:
    who = {"person": presented(PEOPLE["eligible"])}
    for name, given in (("fileApplication", FILED), ("issueCard", who)):
        await act(house, name, given)
    out = await void(house, 3)
    assert decided(out) == ("blocked", ["CARD_HANDED_OUT"])
    undone = await void(house, 3, cardWithOffice=True)
    assert decided(undone) == ("recorded", [])
    shown = await house.ask(
        seat("fileApplication"),
        "query($i:ID!){node(id:$i){... on Person{permit{number}}}}",
        {"i": undone.data["voidAct"]["person"]},
    )
    assert shown.data == {"node": {"permit": None}}


async def test_an_endorsement_of_a_batch_is_undone_for_one_person(house: House) -> None:
    row = {"ref": "1", "person": presented(PEOPLE["due"]), "review": "PASSED"}
    done = await act(house, "endorsePermits", {"rows": [row]})
    version = done.data["endorsePermits"][0]["result"]["version"]
    more: dict[str, Json] = {"person": presented(PEOPLE["due"]), "cardWithOffice": True}
    assert decided(await void(house, version, **more)) == ("recorded", [])
    again = await act(house, "endorsePermits", {"rows": [row]})
    assert again.data["endorsePermits"][0]["result"]["decision"]["outcome"] == "endorsed"


async def test_what_was_seen_of_a_person_who_was_a_slip_is_found_by_the_number(
    house: House,
) -> None:
    given = declaration(9)
    new = builders.registration(9)
    number = new.id_number
    person = {"idNumber": number, "name": new.name}
    by = seat("registerResidence")
    first = await act(house, "registerResidence", given, by=by)
    undo = replace(by, official=COLLEAGUE)
    slip: dict[str, Json] = {"person": person, "version": 1, "writtenReason": "录错人"}
    assert decided(await act(house, "voidAct", slip, by=undo)) == ("recorded", [])
    gone = await house.ask(
        by, "query($n:String!,$m:String!){person(idNumber:$n,name:$m){id}}",
        {"n": number, "m": new.name},
    )  # fmt: skip
    assert gone.data == {"person": None}
    node = {"i": first.data["registerResidence"]["person"]}
    shown = await house.ask(by, "query($i:ID!){node(id:$i){__typename}}", node)
    assert shown.data == {"node": None}
    again = await act(house, "registerResidence", given, by=by)
    assert again.data["registerResidence"]["person"] != first.data["registerResidence"]["person"]
    log = await house.ask(
        AUDITOR, "query($n:ID!){accessesOf(person:$n,first:20){edges{node{action official}}}}",
        {"n": number},
    )  # fmt: skip
    edges = log.data["accessesOf"]["edges"]
    acts = [edge["node"]["official"] for edge in edges if edge["node"]["action"] == "act"]
    assert acts == ["clerk-1", COLLEAGUE, "clerk-1"]


async def test_community_police_undo_nothing(house: House) -> None:
    by = Seat(department="community-police", purpose="annual-endorsement", case=CASE_NUMBER)
    given = {"person": presented(PEOPLE["due"]), "version": 2, "writtenReason": "错"}
    answered = await act(house, "voidAct", given, by=by)
    assert answered.status in {400, 403}
    assert answered.codes[0] in {"FIELD_FORBIDDEN", "VALIDATION_FAILED"}


async def test_all_faults_of_the_form_come_at_once(house: House) -> None:
    given = {
        "person": {"idNumber": "123", "name": "?"},
        "version": 2,
        "writtenReason": "a\nb",
    }
    answered = await act(house, "voidAct", given, by=seat("voidAct", official=COLLEAGUE), key="a b")
    assert {entry["extensions"].get("at") for entry in answered.errors} == {
        "input.idempotencyKey",
        "input.person.idNumber",
        "input.person.name",
        "input.writtenReason",
    }
