"""Corrections that departments ask for, over HTTP (articles 28, 30, ADR 24).

A school points at its own answer; a desk decides by two officials; nothing is learnt by pointing.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Final

import pytest
from sqlalchemy import select

from db.facts import NewPerson
from db.models import Correction, CorrectionStep, table_of
from tests import builders
from tests.builders import TODAY
from tests.end_to_end.acts import (
    CLERK,
    COLLEAGUE,
    ELSEWHERE,
    OFFICIALS,
    act,
    declaration,
    presented,
    seat,
    with_case,
)
from tests.end_to_end.house import (
    INSTANT,
    Answered,
    Entry,
    House,
    Json,
    Seat,
    house_of,
    on_database,
)

HOLDER: Final = with_case(builders.active(1))
SUSPENDED: Final = with_case(builders.suspended(2))
CANCELLED: Final = builders.cancelled(3)
AWAY: Final = builders.elsewhere(builders.active(4))
UNKNOWN: Final = builders.person(77)
PEOPLE: Final = {"holder": HOLDER, "suspended": SUSPENDED, "cancelled": CANCELLED, "away": AWAY}
SCHOOL: Final = Seat(department="education", purpose="school-place", case="demo-1")
DUE: Final = "2026-12-11"
"""Fifteen working days after the builders' Friday, 20 November 2026."""

WORDS: Final = "持证人出示的居住证在有效期内"
LEAVES: Final = Entry(
    department="receiving-office",
    official="clerk-5",
    division=builders.COUNTY,
    until=builders.TODAY + timedelta(days=21),
)
"""A clerk whose last day is the day on which the request is due."""
CARD: Final = {**presented(HOLDER), "name": "照证测"}
"""The holder as the card says, with whose name the register differs."""

PERSON: Final = """query($n:String!,$m:String!){person(idNumber:$n,name:$m)
 {permit{active} residence{division{code}}}}"""
VERIFY: Final = "query($r:[VerifyRow!]!){verify(rows:$r){ref answer basis}}"
OWN: Final = "id index row position field requestedOn dueOn state"
DESK: Final = (
    "id version index department purpose field person division{code} status overdue closedOn "
    "ruling grounds official dueOn"
)
LIST: Final = Seat(department="receiving-office", purpose="desk-list", official=CLERK)


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    async with house_of(tmp_path, database_url, PEOPLE, officials=(*OFFICIALS, LEAVES)) as opened:
        yield opened


async def asked(house: House, who: Mapping[str, Json], *, by: Seat = SCHOOL) -> Answered:
    return await house.ask(by, PERSON, {"n": who["idNumber"], "m": who["name"]})


def pointing(
    answer: Answered, row: str = "NOT_CONFIRMED", field: str = "Permit.active", **more: Json
) -> dict[str, Json]:
    audit = {name: answer.audit[name] for name in ("log", "index", "leaf")}
    given = {"answer": audit, "row": row, "position": 1, "field": field, "reason": WORDS}
    return given | more


async def point(
    house: House, given: Mapping[str, Json], *, by: Seat = SCHOOL, key: str | None = None
) -> Answered:
    return await act(house, "requestCorrection", given, by=by, key=key)


async def requested(house: House, who: Mapping[str, Json], **more: Json) -> str:
    """A request for the correction of a "no", as the school knows it."""
    given = pointing(await asked(house, who), **more)
    answered = await point(house, given)
    assert decided(answered)[0] == "accepted"
    return str(answered.data["requestCorrection"]["correction"])


def decided(answered: Answered, name: str = "requestCorrection") -> tuple[Json, list[Json]]:
    decision = answered.data[name]["decision"]
    return decision["outcome"], [reason["code"] for reason in decision["reasons"]]


async def told(house: House, *, by: Seat = SCHOOL) -> list[Json]:
    """What the school is told of its requests."""
    found = await house.ask(by, f"{{corrections{{nodes{{{OWN}}}}}}}")
    nodes = found.data["corrections"]["nodes"]
    assert isinstance(nodes, list)
    return nodes


async def states(house: House) -> list[Json]:
    return [row["state"] for row in await told(house)]


async def listed(house: House, *, by: Seat = LIST, given: str = "") -> list[Json]:
    """What a desk lists."""
    found = await house.ask(by, f"{{corrections{given}{{nodes{{{DESK}}}}}}}")
    nodes = found.data["corrections"]["nodes"]
    assert isinstance(nodes, list)
    return nodes


async def comes(house: House, new: NewPerson, *, official: str = CLERK) -> str:
    """The holder comes to a desk with the card: the number of the case."""
    given = {"person": presented(new), "kind": "ENQUIRY"}
    by = seat("openCase", official=official, case=None)
    opened = await act(house, "openCase", given, by=by)
    return str(opened.data["openCase"]["case"])


async def decide(house: House, correction: str, ruling: str, **more: Json) -> Answered:
    by = more.pop("by", seat("decideCorrection", official=more.pop("official", CLERK)))
    key = more.pop("key", None)
    person = more.pop("person", presented(HOLDER))
    whole = {"correction": correction, "ruling": ruling, **more}
    if person is not None:
        whole["person"] = person
    return await act(house, "decideCorrection", whole, by=by, key=key)


async def at_the_desk(house: House) -> str:
    """The one request as the desk names it."""
    (row,) = await listed(house)
    return str(row["id"])


async def renamed(house: House) -> int:
    """Two officials correct the name; the version of the file after it."""
    change = {
        "person": presented(HOLDER),
        "to": {"name": CARD["name"]},
        "materials": ["household_register"],
        "writtenReason": "户口簿姓名更正",
    }
    await act(house, "proposeIdentityChange", change)
    by = seat("confirmIdentityChange", official=COLLEAGUE)
    done = await act(house, "confirmIdentityChange", change, by=by)
    assert decided(done, "confirmIdentityChange")[0] == "recorded"
    return int(done.data["confirmIdentityChange"]["version"])


async def rows(house: House, *columns: str) -> list[tuple[object, ...]]:
    table = table_of(Correction)
    wanted = select(*(table.c[name] for name in columns))
    return await house.beside.read(lambda session: [tuple(row) for row in session.execute(wanted)])


# --- the whole way ---------------------------------------------------------------------------


async def test_a_wrong_no_is_corrected_by_two_officials_and_the_school_is_told_to_ask_again(
    house: House,
) -> None:
    assert (await asked(house, CARD)).data == {"person": None}
    await requested(house, CARD)
    assert await states(house) == ["OPEN"]
    await comes(house, HOLDER)
    (row,) = await listed(house)
    assert (row["status"], row["department"], row["division"]) == (
        "OPEN",
        "education",
        {"code": builders.TOWNSHIP},
    )
    version = await renamed(house)
    card = {"act": version, "person": CARD}
    held = await decide(house, row["id"], "ACCEPTED", **card)
    assert decided(held, "decideCorrection") == ("held_for_review", ["SAME_OFFICIAL"])
    same = await decide(house, row["id"], "ACCEPTED", **card)
    assert decided(same, "decideCorrection")[0] == "held_for_review"
    assert await states(house) == ["OPEN"]
    done = await decide(house, row["id"], "ACCEPTED", official=COLLEAGUE, **card)
    assert decided(done, "decideCorrection") == ("answered", [])
    assert await states(house) == ["CHANGED"]
    assert (await asked(house, CARD)).data["person"]["permit"] == {"active": True}
    (row,) = await listed(house)
    assert (row["status"], row["ruling"], row["official"]) == ("DECIDED", "ACCEPTED", COLLEAGUE)


async def test_a_refusal_has_a_reason_and_is_told_as_standing_after_the_last_day(
    house: House,
) -> None:
    await requested(house, presented(SUSPENDED))
    await comes(house, SUSPENDED)
    named: dict[str, Json] = {"person": presented(SUSPENDED)}
    request = await at_the_desk(house)
    bare = await decide(house, request, "REFUSED", **named)
    assert decided(bare, "decideCorrection") == ("blocked", ["REFUSAL_WITHOUT_REASON"])
    named["grounds"] = ["REGISTER_FOUND_CORRECT"]
    await decide(house, request, "REFUSED", **named)
    done = await decide(house, request, "REFUSED", official=COLLEAGUE, **named)
    assert decided(done, "decideCorrection") == ("not_met", ["REGISTER_FOUND_CORRECT"])
    again = await decide(house, request, "REFUSED", **named)
    assert decided(again, "decideCorrection") == ("none", ["CORRECTION_DECIDED"])
    assert await states(house) == ["OPEN"]
    house.clock.seconds = INSTANT + timedelta(days=21).total_seconds()
    assert await states(house) == ["OPEN"]
    house.clock.seconds = INSTANT + timedelta(days=22).total_seconds()
    assert await states(house) == ["STANDS"]


async def test_a_confirmed_row_names_its_person_and_its_division_at_once(house: House) -> None:
    answer = await asked(house, presented(HOLDER))
    given = pointing(answer, "CONFIRMED", "Residence.division")
    asked_for = await point(house, given)
    assert asked_for.data["requestCorrection"]["version"] is None
    (row,) = await listed(house)
    assert (row["field"], row["division"]) == ("Residence.division", {"code": builders.TOWNSHIP})
    assert row["person"] == asked_for_person(house, HOLDER)
    assert await listed(house, by=replace(LIST, official=ELSEWHERE)) == []
    kept = await house.record(asked_for)
    assert [person for person, _ in kept.subjects] == [house.persons["holder"]]


def asked_for_person(house: House, new: NewPerson) -> str:
    name = next(name for name, one in PEOPLE.items() if one is new)
    return house.ring.global_ids.encode("receiving-office", 1, house.persons[name])


async def test_nothing_is_accepted_without_an_act_of_this_file_since_the_request(
    house: House,
) -> None:
    house.clock.seconds = INSTANT + 1
    await requested(house, CARD)
    await comes(house, HOLDER)
    request = await at_the_desk(house)
    for named in ({}, {"act": 1}, {"act": 99}):
        blocked = await decide(house, request, "ACCEPTED", **named)
        assert decided(blocked, "decideCorrection") == ("blocked", ["CORRECTION_NOT_MADE"])


async def test_a_correction_that_leaves_a_no_a_no_is_not_told_as_a_change(house: House) -> None:
    await requested(house, {**presented(SUSPENDED), "name": "照证测"})
    await comes(house, SUSPENDED)
    request = await at_the_desk(house)
    change = {
        "person": presented(SUSPENDED),
        "to": {"name": "照证测"},
        "materials": ["household_register"],
        "writtenReason": "户口簿姓名更正",
    }
    await act(house, "proposeIdentityChange", change)
    by = seat("confirmIdentityChange", official=COLLEAGUE)
    version = (await act(house, "confirmIdentityChange", change, by=by)).data[
        "confirmIdentityChange"
    ]["version"]
    named = {"person": {**presented(SUSPENDED), "name": "照证测"}, "act": version}
    await decide(house, request, "ACCEPTED", **named)
    done = await decide(house, request, "ACCEPTED", official=COLLEAGUE, **named)
    assert decided(done, "decideCorrection")[0] == "answered"
    assert await states(house) == ["OPEN"]


# --- nothing is learnt by pointing -----------------------------------------------------------


def bare(answered: Answered) -> bytes:
    """The bytes of an answer without what is another for every request: ids and the record."""
    data = answered.data_bytes
    correction = answered.whole["data"]["requestCorrection"]["correction"]
    return data.replace(str(correction).encode(), b"-" * len(correction))


async def test_unknown_misnamed_suspended_and_cancelled_are_answered_in_the_same_bytes(
    house: House,
) -> None:
    people: list[Mapping[str, Json]] = [
        presented(UNKNOWN),
        {**presented(HOLDER), "name": "别人"},
        presented(SUSPENDED),
        presented(CANCELLED),
        {**presented(AWAY), "name": "别人"},
    ]
    answers = [await point(house, pointing(await asked(house, who))) for who in people]
    assert decided(answers[0])[0] == "accepted"
    assert {bare(each) for each in answers} == {bare(answers[0])}
    assert len({len(each.body) for each in answers}) <= 2  # the record's index has its digits
    seen = [{**row, "id": "", "index": 0} for row in await told(house)]
    assert seen == [seen[0]] * len(people)


async def test_a_row_that_the_record_has_not_is_taken_up_like_any_other(house: House) -> None:
    rows_ = [{"ref": "r1", "anyOf": [presented(HOLDER), presented(AWAY)]}]
    answer = await house.ask(SCHOOL, VERIFY, {"r": rows_})
    assert answer.data["verify"] == [{"ref": "r1", "answer": "YES", "basis": "PRESENTED"}] or (
        answer.data["verify"][0]["basis"] == "ANY_OF_1"
    )
    answers = [
        await point(house, pointing(answer, row, "VerifyResult.answer", position=position))
        for row in ("CONFIRMED", "NOT_CONFIRMED")
        for position in (1, 2, 3)
    ]
    assert {bare(each) for each in answers} == {bare(answers[0])}
    never_read = await point(house, pointing(answer, "CONFIRMED", "Residence.division"))
    assert bare(never_read) == bare(answers[0])
    matched = [person is not None for (person,) in await rows(house, "person")]
    assert sorted(matched) == [False] * 5 + [True] * 2


async def test_whatever_is_no_answer_of_ones_own_is_one_and_the_same_refusal(house: House) -> None:
    mine = await asked(house, presented(UNKNOWN))
    housing = Seat(department="housing", purpose="housing-support", case="demo-1")
    foreign = await house.ask(
        housing,
        "query($n:String!,$m:String!){person(idNumber:$n,name:$m){permit{active}}}",
        {"n": UNKNOWN.registration.id_number, "m": UNKNOWN.registration.name},
    )
    refused_read = await house.ask(SCHOOL, '{person(idNumber:"1",name:"x"){name}}')
    own = pointing(mine)
    elsewhere: dict[str, Json] = {"leaf": foreign.audit["leaf"], "index": foreign.audit["index"]}
    tries: list[tuple[Seat, dict[str, Json]]] = [
        (SCHOOL, pointing(foreign)),
        (SCHOOL, pointing(refused_read)),
        (SCHOOL, {**own, "answer": {**own["answer"], "index": 10_000}}),
        (SCHOOL, {**own, "answer": {**own["answer"], "index": -1}}),
        (SCHOOL, {**own, "answer": {**own["answer"], "leaf": "00" * 32}}),
        (SCHOOL, {**own, "answer": {**own["answer"], "leaf": "no leaf"}}),
        (SCHOOL, {**own, "answer": {**own["answer"], "log": "another/audit/2026"}}),
        (SCHOOL, {**own, "answer": {**own["answer"], **elsewhere}}),
        (replace(SCHOOL, case="demo-2"), own),
        (housing, own),
        (SCHOOL, pointing(await point(house, {**own, "position": 2}))),
    ]
    entries = []
    for by, given in tries:
        refused = await point(house, given, by=by)
        assert refused.whole["data"] == {"requestCorrection": None}, given
        (entry,) = refused.errors
        entry["extensions"].pop("requestId")
        entries.append(entry)
        assert (await house.record(refused)).says["outcome"] in {"denied", "missed"}
    assert [entries[0]] * len(tries) == entries
    assert entries[0]["extensions"] == {"code": "ANSWER_NOT_REACHED", "at": "input.answer"}


async def test_a_field_that_the_view_has_not_is_refused_and_recorded(house: House) -> None:
    answer = await asked(house, presented(UNKNOWN))
    for field in ("Permit.validTo", "Person.name", "No.such", "Change.kind", "Query.person"):
        refused = await point(house, pointing(answer, field=field))
        assert refused.codes == ["FIELD_FORBIDDEN"], field
        assert (await house.record(refused)).says["outcome"] == "denied"
    assert await rows(house, "id") == []


async def test_the_same_row_and_field_is_one_request_with_one_id_and_no_version(
    house: House,
) -> None:
    answer = await asked(house, presented(SUSPENDED))
    first = await point(house, pointing(answer))
    await comes(house, SUSPENDED)
    again = await point(house, pointing(answer, reason="再次请求"))
    assert decided(again) == ("none", ["CORRECTION_REQUESTED_BEFORE"])
    shown = again.data["requestCorrection"]
    assert shown["correction"] == first.data["requestCorrection"]["correction"]
    assert (shown["version"], shown["person"]) == (None, None)
    other = await point(house, pointing(answer, field="Residence.division"))
    assert decided(other)[0] == "accepted"


async def test_as_many_wait_as_the_school_is_told_of_and_no_more(house: House) -> None:
    answer = await asked(house, presented(UNKNOWN))
    for position in range(1, 51):
        done = await point(house, pointing(answer, position=position))
        assert decided(done)[0] == "accepted"
    full = await point(house, pointing(answer, position=51))
    assert decided(full) == ("blocked", ["TOO_MANY_CORRECTIONS"])
    house.clock.seconds = INSTANT + timedelta(days=22).total_seconds()
    assert decided(await point(house, pointing(answer, position=51)))[0] == "accepted"


async def test_an_answer_of_ninety_one_days_ago_is_too_old(house: House) -> None:
    answer = await asked(house, presented(UNKNOWN))
    house.clock.seconds = INSTANT + timedelta(days=91).total_seconds()
    late = await point(house, pointing(answer))
    assert decided(late) == ("blocked", ["ANSWER_TOO_OLD"])


async def test_a_school_lists_its_own_requests_of_its_own_case_and_nothing_of_the_desk(
    house: House,
) -> None:
    request = await requested(house, presented(SUSPENDED))
    (row,) = await told(house)
    assert (row["id"], row["row"], row["position"], row["dueOn"]) == (
        request,
        "NOT_CONFIRMED",
        1,
        DUE,
    )
    assert await told(house, by=replace(SCHOOL, case="demo-2")) == []
    housing = Seat(department="housing", purpose="housing-support", case="demo-1")
    assert await told(house, by=housing) == []
    for name in ("status", "closedOn", "person", "words", "ruling", "division{code}", "version"):
        refused = await house.ask(SCHOOL, f"{{corrections{{nodes{{{name}}}}}}}")
        assert refused.codes[0] == "FIELD_FORBIDDEN", name
    for given in ("{open:true}", "{overdue:false}"):
        refused = await house.ask(SCHOOL, f"{{corrections(filter:{given}){{nodes{{id}}}}}}")
        assert refused.codes[0] == "ARGUMENT_FORBIDDEN"


# --- at the desk -----------------------------------------------------------------------------


async def test_who_came_is_matched_and_nobody_else(house: House) -> None:
    await requested(house, presented(SUSPENDED))
    await comes(house, HOLDER)
    assert [row["person"] for row in await listed(house)] == [None]
    assert [row["person"] for row in await listed(house, by=replace(LIST, official=ELSEWHERE))] == [
        None
    ]
    await comes(house, SUSPENDED)
    (row,) = await listed(house)
    assert row["person"] == asked_for_person(house, SUSPENDED)
    assert await listed(house, by=replace(LIST, official=ELSEWHERE)) == []
    await comes(house, SUSPENDED)
    assert await rows(house, "revision") == [(2,)]


async def test_the_words_are_read_under_the_persons_case_alone_and_lie_sealed(
    house: House,
) -> None:
    await requested(house, presented(SUSPENDED))
    document_ = "{corrections{nodes{words decisionWords}}}"
    number = await comes(house, SUSPENDED)
    by = seat("decideCorrection", case=number)
    found = await house.ask(by, document_)
    assert found.data["corrections"]["nodes"] == [{"words": WORDS, "decisionWords": None}]
    kept = await house.record(found)
    assert ("Correction.words", "read", "plain") in kept.subjects[0][1]
    assert kept.subjects[0][0] == house.persons["suspended"]
    other = await house.ask(replace(by, case="another case"), document_)
    assert other.data["corrections"]["nodes"] == []
    assert (await house.ask(LIST, document_)).codes == ["FIELD_FORBIDDEN"] * 2
    table = table_of(CorrectionStep)
    stored = await house.beside.read(
        lambda session: [tuple(row) for row in session.execute(select(table))]
    )
    assert WORDS.encode() not in b"".join(
        item for row in stored for item in row if isinstance(item, bytes)
    )
    assert all(WORDS.encode() not in kept.body for kept in await house.records())
    assert all(WORDS.encode() not in line for line in house.lines)


async def test_whom_nobody_was_matched_to_is_refused_on_the_last_day_by_two(house: House) -> None:
    await requested(house, presented(UNKNOWN))
    request = await at_the_desk(house)
    nobody = {"person": None, "grounds": ["HOLDER_NOT_IDENTIFIED"]}
    early = await decide(house, request, "REFUSED", **nobody)
    assert decided(early, "decideCorrection") == ("blocked", ["HOLDER_MAY_STILL_COME"])
    house.clock.seconds = INSTANT + timedelta(days=21).total_seconds()
    held = await decide(house, request, "REFUSED", **nobody)
    assert decided(held, "decideCorrection")[0] == "held_for_review"
    done = await decide(house, request, "REFUSED", official=COLLEAGUE, **nobody)
    assert decided(done, "decideCorrection") == ("not_met", ["HOLDER_NOT_IDENTIFIED"])


async def test_what_was_matched_to_a_file_that_was_voided_can_still_end(house: House) -> None:
    new = builders.registration(9)
    person = {"idNumber": new.id_number, "name": new.name}
    await requested(house, person)
    by = seat("registerResidence")
    await act(house, "registerResidence", declaration(9), by=by)
    await act(house, "openCase", {"person": person, "kind": "ENQUIRY"}, by=replace(by, case=None))
    (row,) = await listed(house)
    assert row["person"] is not None
    nobody = {"person": None, "grounds": ["HOLDER_NOT_IDENTIFIED"]}
    house.clock.seconds = INSTANT + timedelta(minutes=1).total_seconds()
    assert (await decide(house, row["id"], "REFUSED", **nobody)).codes == ["CORRECTION_NOT_REACHED"]
    slip = {"person": person, "version": 1, "writtenReason": "录错人"}
    voided = await act(house, "voidAct", slip, by=replace(by, official=COLLEAGUE))
    assert decided(voided, "voidAct")[0] == "recorded"
    house.clock.seconds = INSTANT + timedelta(days=21).total_seconds()
    held = await decide(house, row["id"], "REFUSED", **nobody)
    assert decided(held, "decideCorrection")[0] == "held_for_review"


async def test_an_act_that_was_voided_has_corrected_nothing(house: House) -> None:
    await requested(house, CARD)
    await comes(house, HOLDER)
    request = await at_the_desk(house)
    moved = {
        "person": presented(HOLDER),
        "to": builders.TOWNSHIP,
        "movedOn": [(TODAY - timedelta(days=1)).isoformat()],
        "address": "赤峰市红山区西屯街道测试小区19号",
    }
    by = seat("reportMove")
    done = await act(house, "reportMove", moved, by=by)
    version = done.data["reportMove"]["version"]
    held = await decide(house, request, "ACCEPTED", act=version)
    assert decided(held, "decideCorrection")[0] == "held_for_review"
    slip = {"person": presented(HOLDER), "version": version, "writtenReason": "录错"}
    voided = await act(house, "voidAct", slip, by=replace(by, official=COLLEAGUE))
    assert decided(voided, "voidAct")[0] == "recorded"
    blocked = await decide(house, request, "ACCEPTED", act=version, official=COLLEAGUE)
    assert decided(blocked, "decideCorrection") == ("blocked", ["CORRECTION_NOT_MADE"])


@pytest.mark.parametrize(("days", "outcome"), [(21, "not_met"), (22, "held_for_review")])
async def test_a_decision_is_not_confirmed_for_an_official_who_left(
    house: House, days: int, outcome: str
) -> None:
    await requested(house, presented(UNKNOWN))
    request = await at_the_desk(house)
    nobody = {"person": None, "grounds": ["HOLDER_NOT_IDENTIFIED"]}
    house.clock.seconds = INSTANT + timedelta(days=21).total_seconds()
    await decide(house, request, "REFUSED", official=LEAVES.official, **nobody)
    house.clock.seconds = INSTANT + timedelta(days=days).total_seconds()
    done = await decide(house, request, "REFUSED", official=COLLEAGUE, **nobody)
    assert decided(done, "decideCorrection")[0] == outcome


async def test_whoever_is_not_reached_is_one_refusal(house: House) -> None:
    await requested(house, presented(SUSPENDED))
    await comes(house, SUSPENDED)
    request = await at_the_desk(house)
    person = house.ring.global_ids.encode("receiving-office", 1, house.persons["suspended"])
    own = {"person": presented(SUSPENDED)}
    tries: list[tuple[str, dict[str, Json]]] = [
        (request, {"person": presented(HOLDER)}),
        (request, {"person": presented(UNKNOWN)}),
        (request, {"person": {**presented(SUSPENDED), "name": "别人"}}),
        (request, {"person": None}),
        (request, {**own, "by": seat("decideCorrection", official=ELSEWHERE)}),
        (request, {**own, "by": seat("decideCorrection", case="another case")}),
        (person, own),
        ("no id", own),
    ]
    entries = []
    for named, more in tries:
        given = {"grounds": ["REGISTER_FOUND_CORRECT"], **more}
        refused = await decide(house, named, "REFUSED", **given)
        assert refused.whole["data"] == {"decideCorrection": None}, more
        (entry,) = refused.errors
        entry["extensions"].pop("requestId")
        entries.append(entry)
    assert [entries[0]] * len(tries) == entries
    assert entries[0]["extensions"]["code"] == "CORRECTION_NOT_REACHED"
    assert await rows(house, "status") == [("open",)]


async def test_the_same_key_gives_the_first_answer_and_never_a_second_request_or_step(
    house: House,
) -> None:
    answer = await asked(house, presented(SUSPENDED))
    first = await point(house, pointing(answer), key="thumb")
    again = await point(house, pointing(answer), key="thumb")
    assert first.data == again.data
    assert len(await rows(house, "id")) == 1
    reused = await point(house, pointing(answer, position=2), key="thumb")
    assert reused.codes == ["IDEMPOTENCY_KEY_REUSED"]
    await comes(house, SUSPENDED)
    request = await at_the_desk(house)
    given = {"person": presented(SUSPENDED), "grounds": ["REGISTER_FOUND_CORRECT"], "key": "once"}
    one = await decide(house, request, "REFUSED", **given)
    assert one.data == (await decide(house, request, "REFUSED", **given)).data
    assert await rows(house, "revision") == [(3,)]


async def test_of_two_desks_that_decide_at_once_one_wins_and_the_other_gets_a_conflict(
    house: House,
) -> None:
    await requested(house, presented(SUSPENDED))
    await comes(house, SUSPENDED)
    request = await at_the_desk(house)
    given = {
        "person": presented(SUSPENDED),
        "grounds": ["REGISTER_FOUND_CORRECT"],
        "expectedVersion": 2,
    }
    both = await asyncio.gather(
        decide(house, request, "REFUSED", key="one", **given),
        decide(house, request, "REFUSED", key="two", official=COLLEAGUE, **given),
    )
    assert sorted(each.codes for each in both) == [[], ["CONFLICT"]]
    assert await rows(house, "status", "revision") == [("entered", 3)]


async def test_of_two_requests_for_one_row_at_once_one_is_made(house: House) -> None:
    given = pointing(await asked(house, presented(SUSPENDED)))
    both = await asyncio.gather(point(house, given, key="one"), point(house, given, key="two"))
    assert sorted(decided(each)[0] for each in both) == ["accepted", "none"]
    assert len(await rows(house, "id")) == 1


async def test_the_desk_pages_counts_and_filters_its_list(house: House) -> None:
    answer = await asked(house, presented(UNKNOWN))
    for position in (1, 2, 3):
        await point(house, pointing(answer, position=position))
    document_ = (
        "query($a:String,$f:CorrectionFilter){corrections(first:1,after:$a,filter:$f)"
        "{nodes{id} totalCount pageInfo{hasNextPage endCursor}}}"
    )
    seen: list[Json] = []
    cursor: Json = None
    for more in (True, True, False):
        variables = {"a": cursor, "f": {"open": True}}
        page = (await house.ask(LIST, document_, variables)).data["corrections"]
        assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (3, more)
        seen += [node["id"] for node in page["nodes"]]
        cursor = page["pageInfo"]["endCursor"]
    assert len(set(seen)) == 3
    other = await house.ask(LIST, document_, {"a": cursor, "f": {"open": False}})
    assert other.codes == ["CURSOR_INVALID"]
    assert len(await listed(house, given="(filter:{overdue:false})")) == 3
    assert await listed(house, given="(filter:{overdue:true})") == []
    house.clock.seconds = INSTANT + timedelta(days=22).total_seconds()
    late = await listed(house, given="(filter:{overdue:true})")
    assert [row["overdue"] for row in late] == [True] * 3


ALTERED: Final = {
    "told as changed": "UPDATE correction SET changed = 1",
    "of nobody": "UPDATE correction SET person = NULL",
    "due later": "UPDATE correction SET due_on = '2030-01-01'",
}


@pytest.mark.parametrize("change", list(ALTERED))
async def test_a_row_that_was_altered_is_never_shown(house: House, change: str) -> None:
    answer = await asked(house, presented(HOLDER))
    await point(house, pointing(answer, "CONFIRMED"))
    await house.run(ALTERED[change])
    assert (await house.ask(LIST, "{corrections{nodes{id}}}")).codes == ["INTERNAL"]


async def test_a_step_that_is_taken_away_is_missed(house: House) -> None:
    await requested(house, presented(SUSPENDED))
    await comes(house, SUSPENDED)
    await house.run("DELETE FROM correction_step WHERE sequence = 2")
    assert (await house.ask(LIST, "{corrections{nodes{id}}}")).codes == ["INTERNAL"]


async def test_no_request_stands_whose_record_can_t_be_written(house: House) -> None:
    answer = await asked(house, presented(UNKNOWN))
    if house.settings.database_url.startswith("sqlite"):
        await on_database(
            house.settings,
            "CREATE TRIGGER full_log BEFORE INSERT ON audit_record "
            "BEGIN SELECT RAISE(ABORT, 'full'); END",
        )
    else:
        await on_database(
            house.settings,
            "CREATE FUNCTION full_log() RETURNS trigger LANGUAGE plpgsql AS "
            "$$BEGIN RAISE EXCEPTION 'full'; END$$",
            "CREATE TRIGGER full_log BEFORE INSERT ON audit_record "
            "FOR EACH ROW EXECUTE FUNCTION full_log()",
        )
    refused = await point(house, pointing(answer))
    assert refused.codes[0] in {"INTERNAL", "AUDIT_UNAVAILABLE", "UNAVAILABLE"}
    assert await rows(house, "id") == []


async def test_all_faults_of_a_form_come_at_once(house: House) -> None:
    given = {
        "answer": {"log": "", "index": 1, "leaf": ""},
        "row": "CONFIRMED",
        "position": 0,
        "field": "",
        "reason": "字" * 501,
    }
    refused = await point(house, given, key="a b")
    assert sorted(entry["extensions"]["at"] for entry in refused.errors) == [
        "input.answer.leaf",
        "input.answer.log",
        "input.field",
        "input.idempotencyKey",
        "input.position",
        "input.reason",
    ]
