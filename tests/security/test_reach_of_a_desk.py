"""Whom a clerk reaches: by which case, for which purpose and act, and what a vain try leaves."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from tests import builders
from tests.builders import TODAY, TOWNSHIP
from tests.end_to_end.acts import (
    CLERK,
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
from tests.end_to_end.house import Answered, Entry, House, Json, Seat, house_of, on_database

NOWHERE = "clerk-9"
"""A clerk whom the register gives no division."""
HERE, NEXT_DOOR = "clerk-7", "clerk-8"
"""Clerks of two townships."""
HOLDER = builders.elsewhere(
    builders.person(10, acts=[builders.issued(TODAY - timedelta(days=350))])
)
PEOPLE = {
    "eligible": eligible(1),
    "due": due(2),
    "without a case": builders.person(4),
    "other county": HOLDER,
}
READ = "query($n:String!,$m:String!){person(idNumber:$n,name:$m){idNumber residence{address}}}"
KINDS = {
    "ENQUIRY": "permit-application",
    "ENDORSEMENT": "annual-endorsement",
    "ARRIVAL": "residence-registration",
    "MOVE": "address-change",
}


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    officials = (
        *OFFICIALS,
        Entry(department="receiving-office", official=NOWHERE),
        Entry(department="receiving-office", official=HERE, division=TOWNSHIP),
        Entry(department="receiving-office", official=NEXT_DOOR, division="150402002"),
    )
    async with house_of(tmp_path, database_url, PEOPLE, officials=officials) as house:
        yield house


async def opened(house: House, kind: str, who: Json, *, official: str = CLERK) -> Seat:
    """The seat of a clerk who has opened a case of this kind."""
    by = Seat(department="receiving-office", official=official, purpose=KINDS[kind])
    answered = await act(house, "openCase", {"person": who, "kind": kind}, by=by)
    return replace(by, case=answered.data["openCase"]["case"])


async def read(house: House, by: Seat, who: Json) -> Json:
    named = {"n": who["idNumber"], "m": who["name"]}
    return (await house.ask(by, READ, named)).data["person"]


async def rows(house: House) -> list[object]:
    """Everything that is stored of persons, counted."""
    tables = ("person", "event", "residence", "subject_request", "casefile")
    return [
        (await on_database(house.settings, f"SELECT count(*) FROM {table}"))[0][0]  # noqa: S608 — names above
        for table in tables
    ]


def told(answered: Answered) -> Json:
    """All of an answer but where its record stands."""
    whole = orjson.loads(answered.body)
    whole.pop("extensions", None)
    for entry in whole.get("errors", []):
        entry["extensions"].pop("requestId")
    return whole


# --- another division ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "seen"),
    [("ENQUIRY", False), ("ENDORSEMENT", False), ("ARRIVAL", True), ("MOVE", True)],
)
async def test_who_lives_elsewhere_is_read_under_an_arrival_or_a_move_only(
    house: House, kind: str, *, seen: bool
) -> None:
    by = await opened(house, kind, presented(HOLDER))
    assert (await read(house, by, presented(HOLDER)) is not None) is seen
    neighbour = await opened(house, kind, presented(PEOPLE["without a case"]))
    assert await read(house, neighbour, presented(PEOPLE["without a case"])) is not None


CANCELLED = {
    "ground": "OTHER", "holderHeard": True, "remediesNamed": True, "writtenReason": "重复",
}  # fmt: skip


@pytest.mark.parametrize(
    ("kind", "purpose", "name", "given"),
    [
        ("ARRIVAL", "residence-registration", "cancelPermit", CANCELLED),
        ("MOVE", "address-change", "cancelPermit", CANCELLED),
        ("ARRIVAL", "residence-registration", "closeRegistration", {}),
        ("ARRIVAL", "card-replacement", "replaceCard", {"reason": "LOST"}),
        ("MOVE", "subject-rights", "fileSubjectRequest", {"kind": "DELETE"}),
        (
            "ARRIVAL",
            "residence-registration",
            "voidAct",
            {"version": 1, "writtenReason": "错"},
        ),
        (
            "ARRIVAL",
            "residence-registration",
            "proposeIdentityChange",
            {"to": {"name": "改名"}, "materials": ["resident_id_card"], "writtenReason": "错"},
        ),
    ],
    ids=str,
)
async def test_an_arrival_or_a_move_lets_no_other_county_end_what_stands(
    house: House, kind: str, purpose: str, name: str, given: Json
) -> None:
    by = replace(await opened(house, kind, presented(HOLDER)), purpose=purpose)
    before = await rows(house)
    answered = await act(house, name, {"person": presented(HOLDER), **given}, by=by)
    assert answered.codes == ["PERSON_NOT_REACHED"]
    assert await rows(house) == before


async def test_a_mover_is_the_new_offices_own_once_the_move_is_recorded(house: House) -> None:
    by = await opened(house, "MOVE", presented(HOLDER))
    moved = await act(
        house,
        "reportMove",
        {
            "person": presented(HOLDER),
            "movedOn": [(TODAY - timedelta(days=1)).isoformat()],
            "to": TOWNSHIP,
            "address": "赤峰市红山区西屯街道测试路8号",
            "materials": ["resident_id_card", "lease_contract"],
        },
        by=by,
    )
    assert moved.data["reportMove"]["decision"]["outcome"] == "recorded"
    own = await opened(house, "ENQUIRY", presented(HOLDER))
    assert await read(house, own, presented(HOLDER)) is not None
    lost = await act(
        house,
        "replaceCard",
        {"person": presented(HOLDER), "reason": "LOST"},
        by=replace(own, purpose="card-replacement"),
    )
    assert lost.data["replaceCard"]["decision"]["outcome"] == "accepted"


async def test_a_case_of_somebody_elsewhere_can_always_be_closed(house: House) -> None:
    for kind in KINDS:
        by = await opened(house, kind, presented(HOLDER))
        closed = await act(house, "closeCase", {"person": presented(HOLDER)}, by=by)
        assert closed.data["closeCase"]["decision"]["outcome"] == "recorded"


LISTED = "{subjectRequests(first:5){edges{node{words}}}}"


async def test_a_request_is_for_the_office_that_took_it_and_that_of_the_residence(
    house: House,
) -> None:
    who, own = presented(PEOPLE["eligible"]), seat("fileSubjectRequest")
    filed = await act(
        house, "fileSubjectRequest", {"person": who, "kind": "VIEW", "words": "一"}, by=own
    )
    theirs = await opened(house, "MOVE", who, official=ELSEWHERE)
    moved = {
        "person": who,
        "movedOn": [TODAY.isoformat()],
        "to": builders.OTHER_TOWNSHIP,
        "address": "赤峰市敖汉旗新惠镇测试路8号",
        "materials": ["resident_id_card", "lease_contract"],
    }
    await act(house, "reportMove", moved, by=theirs)
    new = replace(await opened(house, "ENQUIRY", who, official=ELSEWHERE), purpose="subject-rights")
    later = await act(
        house, "fileSubjectRequest", {"person": who, "kind": "COPY", "words": "二"}, by=new
    )
    for by, words in ((own, ["一"]), (new, ["一", "二"])):
        edges = (await house.ask(by, LISTED)).data["subjectRequests"]["edges"]
        assert sorted(edge["node"]["words"] for edge in edges) == words
    name = "answerSubjectRequest"
    of_theirs = later.data["fileSubjectRequest"]["request"]
    refused = await act(
        house, name, {"person": who, "request": of_theirs, "answer": "GRANTED"}, by=own
    )
    assert refused.codes == ["SUBJECT_REQUEST_NOT_REACHED"]
    of_ours = filed.data["fileSubjectRequest"]["request"]
    given = {"person": who, "request": of_ours, "answer": "GRANTED"}
    answered = await act(house, name, given, by=own)
    assert answered.data[name]["decision"]["outcome"] == "answered"


# --- the purpose of a case -------------------------------------------------------------------


async def test_a_case_is_good_for_the_purpose_of_its_kind(house: House) -> None:
    who = presented(PEOPLE["without a case"])
    given = filing(PEOPLE["without a case"])
    arrival = await opened(house, "ARRIVAL", who)
    filed = await act(
        house, "fileApplication", given, by=replace(arrival, purpose="permit-application")
    )
    assert filed.codes == ["PERSON_NOT_REACHED"]
    enquiry = await opened(house, "ENQUIRY", who)
    filed = await act(house, "fileApplication", given, by=enquiry)
    assert filed.data["fileApplication"]["decision"]["outcome"] == "accepted"


# --- an office of no division ----------------------------------------------------------------


async def test_a_clerk_of_no_division_registers_and_finds_nobody(house: House) -> None:
    by = Seat(
        department="receiving-office",
        official=NOWHERE,
        purpose="residence-registration",
        case="ours",
    )
    before = await rows(house)
    for name, given in (
        ("registerResidence", declaration(900)),
        ("openCase", {"person": presented(PEOPLE["eligible"]), "kind": "ARRIVAL"}),
        ("openCase", {"person": presented(builders.person(99)), "kind": "ARRIVAL"}),
    ):
        answered = await act(house, name, given, by=by)
        assert answered.codes == ["PERSON_NOT_REACHED"]
        assert (await house.record(answered)).missed == 1
    assert await rows(house) == before


# --- who is stored ---------------------------------------------------------------------------

INCOMPLETE: dict[str, Json] = {"materials": []}
VERSIONED: dict[str, Json] = {"expectedVersion": 5}
CONTRADICTED: dict[str, Json] = {"birthDate": "1970-01-01"}


@pytest.mark.parametrize("more", [INCOMPLETE, VERSIONED, CONTRADICTED], ids=str)
async def test_no_declaration_that_stores_nothing_tells_who_is_stored(
    house: House, more: dict[str, Json]
) -> None:
    by = seat("registerResidence", case="a case that nobody opened")
    before = await rows(house)
    answers = []
    for number in (99, 4, 10):
        given = declaration(number)
        given["contents"] |= more if more is CONTRADICTED else {}
        given |= {} if more is CONTRADICTED else more
        answers.append(told(await act(house, "registerResidence", given, by=by)))
    assert answers[0] == answers[1] == answers[2]
    assert await rows(house) == before


async def test_a_vain_try_leaves_a_tag_of_whom_it_was_about(house: House) -> None:
    tag = house.ring.miss_tag(PEOPLE["without a case"].registration.id_number).hex()
    by = seat("registerResidence", case="a case that nobody opened")
    stored = await act(house, "registerResidence", declaration(4), by=by)
    misnamed = await act(
        house,
        "openCase",
        {"person": {**presented(PEOPLE["without a case"]), "name": "另一测"}, "kind": "ENQUIRY"},
    )
    for answered in (stored, misnamed):
        assert answered.codes == ["PERSON_NOT_REACHED"]
        kept = await house.record(answered)
        assert (kept.says["outcome"], kept.says["missed"]) == ("missed", [tag])


async def test_an_arrival_of_somebody_unknown_leaves_a_tag_too(house: House) -> None:
    stranger = presented(builders.person(99))
    by = Seat(department="receiving-office", official=CLERK, purpose="residence-registration")
    answered = await act(house, "openCase", {"person": stranger, "kind": "ARRIVAL"}, by=by)
    kept = await house.record(answered)
    assert kept.says["missed"] == [house.ring.miss_tag(stranger["idNumber"]).hex()]


async def test_whoever_enters_a_number_is_recorded_with_whose_it_is(house: House) -> None:
    """A correction tells whether the number is stored: nobody may look people up by it unseen."""
    for name in ("proposeIdentityChange", "confirmIdentityChange"):
        given = {
            "person": presented(PEOPLE["eligible"]),
            "to": {"idNumber": builders.id_number(4)},
            "materials": ["resident_id_card"],
            "writtenReason": "录错",
        }
        answered = await act(house, name, given)
        of = {person for person, _ in (await house.record(answered)).subjects}
        assert of == {house.persons["eligible"], house.persons["without a case"]}
    given["to"] = {"idNumber": builders.id_number(600)}
    free = await house.record(await act(house, "proposeIdentityChange", given))
    assert free.says["missed"] == [house.ring.miss_tag(builders.id_number(600)).hex()]


# --- the case of a newcomer ------------------------------------------------------------------


async def test_the_case_of_an_arrival_ends_by_itself_like_any_other(house: House) -> None:
    by = seat("registerResidence", case="150402-arrival-1")
    done = await act(house, "registerResidence", declaration(900), by=by)
    assert done.data["registerResidence"]["decision"]["outcome"] == "recorded"
    who = presented(builders.person(900))
    house.clock.seconds += 59 * 86400
    assert await read(house, by, who) is not None
    house.clock.seconds += 86400
    assert await read(house, by, who) is None


async def test_a_township_office_reaches_its_own_and_no_other_township(house: House) -> None:
    for official, seen in ((HERE, True), (NEXT_DOOR, False)):
        there = await opened(house, "ENQUIRY", presented(PEOPLE["due"]), official=official)
        assert (await read(house, there, presented(PEOPLE["due"])) is not None) is seen
