"""Requests about one's own data (PIPL articles 44 to 50) over HTTP: filed, answered, withdrawn."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Final
from uuid import uuid4

import pytest
from sqlalchemy import select

from db.models import Event, SubjectRequest, SubjectRequestStep, table_of
from tests import builders
from tests.builders import CASE_NUMBER, TODAY
from tests.end_to_end.acts import CLERK, COLLEAGUE, ELSEWHERE, OFFICIALS, act, presented, seat
from tests.end_to_end.acts import eligible as known
from tests.end_to_end.house import Answered, House, Json, Seat, house_of, on_database

HOLDER: Final = known(1)
OTHER: Final = known(2)
UNCASED: Final = builders.person(3)
WORDS: Final = "请更正我的联系电话"
DUE: Final = "2026-12-11"
"""Fifteen working days after the builders' Friday, 20 November 2026."""

LISTED: Final = "id person version kind by status filedOn dueOn closedOn answer grounds official"


@pytest.fixture
async def house(tmp_path: Path, database_url: str) -> AsyncIterator[House]:
    people = {"holder": HOLDER, "other": OTHER, "uncased": UNCASED}
    async with house_of(tmp_path, database_url, people, officials=OFFICIALS) as opened:
        yield opened


async def file(house: House, kind: str = "VIEW", **more: Json) -> Answered:
    given = {"person": presented(HOLDER), "kind": kind, "words": WORDS, **more}
    return await act(house, "fileSubjectRequest", given)


async def filed(house: House, kind: str = "VIEW") -> str:
    return str((await file(house, kind)).data["fileSubjectRequest"]["request"])


async def answer(house: House, request: str, given: str, **more: Json) -> Answered:
    by = seat("answerSubjectRequest", official=more.pop("official", CLERK))
    key = more.pop("key", None)
    whole = {"person": presented(HOLDER), "request": request, "answer": given, **more}
    return await act(house, "answerSubjectRequest", whole, by=by, key=key)


def decided(answered: Answered, name: str = "answerSubjectRequest") -> Mapping[str, Json]:
    decision = answered.data[name]["decision"]
    assert isinstance(decision, dict)
    return decision


async def rows(house: House, *columns: str) -> list[tuple[object, ...]]:
    table = table_of(SubjectRequest)
    wanted = select(*(table.c[name] for name in columns))
    return await house.beside.read(lambda session: [tuple(row) for row in session.execute(wanted)])


async def listed(house: House, *, by: Seat | None = None, arguments: str = "") -> list[Json]:
    seated = by or Seat(department="receiving-office", purpose="desk-list", official=CLERK)
    found = await house.ask(seated, f"{{subjectRequests{arguments}{{nodes{{{LISTED}}}}}}}")
    nodes = found.data["subjectRequests"]["nodes"]
    assert isinstance(nodes, list)
    return nodes


async def test_a_request_gets_a_receipt_and_a_day_and_touches_no_event(house: House) -> None:
    before = await events(house)
    filed_ = await file(house, by="TRUSTEE")
    decision = decided(filed_, "fileSubjectRequest")
    assert decision["outcome"] == "accepted"
    assert decision["deadline"] == {"day": DUE, "provisional": False}
    assert "check_agent" in [mark["code"] for mark in decision["marks"]]
    assert filed_.data["fileSubjectRequest"]["version"] == 1
    assert await rows(house, "kind", "agent", "state", "due_on", "county") == [
        ("view", "trustee", "open", DUE, builders.COUNTY)
    ]
    assert await events(house) == before
    kept = await house.record(filed_)
    assert kept.says["decision"] == "Mutation.fileSubjectRequest accepted"
    assert [person for person, _ in kept.subjects] == [house.persons["holder"]]


async def events(house: House) -> list[tuple[object, ...]]:
    wanted = select(table_of(Event).c.person, table_of(Event).c.sequence)
    return await house.beside.read(lambda session: [tuple(row) for row in session.execute(wanted)])


async def test_what_is_said_lies_sealed_and_in_no_record(house: House) -> None:
    request = await filed(house)
    await answer(house, request, "REFUSED", writtenReason=WORDS)
    table = table_of(SubjectRequestStep)
    stored = await house.beside.read(
        lambda session: [tuple(row) for row in session.execute(select(table))]
    )
    found = b"".join(item for row in stored for item in row if isinstance(item, bytes))
    assert len(stored) == 2
    assert WORDS.encode() not in found
    assert all(WORDS.encode() not in kept.body for kept in await house.records())
    assert all(WORDS.encode() not in line for line in house.lines)


async def test_a_refusal_names_reasons_articles_official_and_remedies(house: House) -> None:
    request = await filed(house)
    blocked = decided(await answer(house, request, "REFUSED"))
    assert (blocked["outcome"], blocked["reasons"][0]["code"]) == (
        "blocked",
        "REFUSAL_WITHOUT_REASON",
    )
    refused = decided(await answer(house, request, "REFUSED", grounds=["SECRET_BY_LAW"]))
    assert refused["outcome"] == "refused"
    assert [reason["code"] for reason in refused["reasons"]] == ["SECRET_BY_LAW"]
    assert "PIPL 45" in refused["articles"]
    assert refused["official"] == CLERK
    assert "行政复议" in refused["remedies"]
    again = decided(await answer(house, request, "GRANTED"))
    assert (again["outcome"], again["reasons"][0]["code"]) == ("none", "REQUEST_CLOSED")


async def test_a_partial_answer_names_official_and_remedies_too(house: House) -> None:
    request = await filed(house)
    partly = decided(await answer(house, request, "PARTLY", writtenReason=WORDS))
    assert (partly["outcome"], partly["official"]) == ("partly_granted", CLERK)
    assert partly["remedies"]


async def test_a_correction_is_answered_by_two_officials(house: House) -> None:
    request = await filed(house, "CORRECT")
    first = decided(await answer(house, request, "GRANTED"))
    assert (first["outcome"], first["reasons"][0]["code"]) == ("held_for_review", "SAME_OFFICIAL")
    (row,) = await listed(house)
    assert (row["status"], row["answer"], row["official"]) == ("ENTERED", "GRANTED", CLERK)
    same = decided(await answer(house, request, "GRANTED"))
    assert same["outcome"] == "held_for_review"
    second = decided(await answer(house, request, "GRANTED", official=COLLEAGUE))
    assert second["outcome"] == "answered"
    (row,) = await listed(house)
    assert (row["status"], row["closedOn"], row["official"]) == (
        "ANSWERED",
        TODAY.isoformat(),
        COLLEAGUE,
    )


async def test_a_deletion_is_answered_with_what_the_law_keeps_and_never_as_done(
    house: House,
) -> None:
    request = await filed(house, "DELETE")
    for given in ("GRANTED", "PARTLY"):
        blocked = decided(await answer(house, request, given, writtenReason=WORDS))
        assert blocked["outcome"] == "blocked"
        assert [reason["code"] for reason in blocked["reasons"]] == ["ERASURE_NOT_RECORDED"]
    kept = {"grounds": ["KEPT_BY_LAW"]}
    assert decided(await answer(house, request, "REFUSED", **kept))["outcome"] == "held_for_review"
    ended = decided(await answer(house, request, "REFUSED", official=COLLEAGUE, **kept))
    assert (ended["outcome"], ended["articles"]) == ("refused", ["PIPL 47", "PIPL 50"])


async def test_a_request_is_withdrawn_once_and_before_its_answer(house: House) -> None:
    request = await filed(house)
    given = {"person": presented(HOLDER), "request": request}
    done = await act(house, "withdrawSubjectRequest", given)
    assert decided(done, "withdrawSubjectRequest")["outcome"] == "recorded"
    assert done.data["withdrawSubjectRequest"]["version"] == 2
    again = await act(house, "withdrawSubjectRequest", given)
    assert decided(again, "withdrawSubjectRequest")["outcome"] == "none"
    assert decided(await answer(house, request, "GRANTED"))["outcome"] == "none"


async def test_a_close_relative_files_none(house: House) -> None:
    decision = decided(await file(house, by="CLOSE_RELATIVE"), "fileSubjectRequest")
    assert (decision["outcome"], decision["reasons"][0]["code"]) == (
        "refused",
        "AGENT_NOT_ADMITTED",
    )
    assert await rows(house, "id") == []


async def test_the_same_key_gives_the_first_answer_and_never_a_second_request(
    house: House,
) -> None:
    given = {"person": presented(HOLDER), "kind": "COPY"}
    first = await act(house, "fileSubjectRequest", given, key="thumb")
    again = await act(house, "fileSubjectRequest", given, key="thumb")
    assert first.data == again.data
    assert len(await rows(house, "id")) == 1
    request = first.data["fileSubjectRequest"]["request"]
    one = await answer(house, request, "GRANTED", key="thumb-2")
    assert one.data == (await answer(house, request, "GRANTED", key="thumb-2")).data


async def test_of_two_clerks_one_wins_and_the_other_sees_the_version(house: House) -> None:
    request = await filed(house, "CORRECT")
    await answer(house, request, "GRANTED", expectedVersion=1)
    late = await answer(house, request, "GRANTED", official=COLLEAGUE, expectedVersion=1)
    assert late.codes == ["CONFLICT"]
    assert late.errors[0]["extensions"]["version"] == 2
    right = await answer(house, request, "GRANTED", official=COLLEAGUE, expectedVersion=2)
    assert decided(right)["outcome"] == "answered"


async def test_of_two_answers_at_once_one_is_given(house: House) -> None:
    request = await filed(house)
    both = await asyncio.gather(
        answer(house, request, "GRANTED", expectedVersion=1, key="one"),
        answer(house, request, "GRANTED", official=COLLEAGUE, expectedVersion=1, key="two"),
    )
    assert sorted(each.codes for each in both) == [[], ["CONFLICT"]]
    assert await rows(house, "state", "revision") == [("answered", 2)]


async def test_whoever_is_not_reached_is_one_and_the_same_refusal(house: House) -> None:
    request = await filed(house)
    table = table_of(SubjectRequest)
    unknown = house.ring.global_ids.encode("receiving-office", 6, uuid4().bytes)
    person = house.ring.global_ids.encode("receiving-office", 1, house.persons["holder"])
    elsewhere = seat("answerSubjectRequest", official=ELSEWHERE)
    other_case = replace(seat("answerSubjectRequest"), case="another case")
    tries: list[tuple[Seat | None, dict[str, Json]]] = [
        (None, {"request": unknown}),
        (None, {"request": person}),
        (None, {"request": "no id"}),
        (None, {"request": request, "person": presented(OTHER)}),
        (None, {"request": request, "person": presented(UNCASED)}),
        (None, {"request": request, "person": presented(builders.person(77))}),
        (None, {"request": request, "person": {**presented(HOLDER), "name": "别人"}}),
        (elsewhere, {"request": request}),
        (other_case, {"request": request}),
    ]
    entries = []
    for by, more in tries:
        given = {"person": presented(HOLDER), "answer": "GRANTED", **more}
        refused = await act(house, "answerSubjectRequest", given, by=by)
        assert refused.whole["data"] == {"answerSubjectRequest": None}
        entries.append(without_request_id(refused.errors))
        assert (await house.record(refused)).says["outcome"] in {"missed", "denied"}
    assert [entry["extensions"]["code"] for entry in entries[0]] == ["SUBJECT_REQUEST_NOT_REACHED"]
    assert all(entry == entries[0] for entry in entries)
    states = await house.beside.read(lambda session: session.execute(select(table.c.state)).all())
    assert [tuple(row) for row in states] == [("open",)]


def without_request_id(errors: list[dict[str, Json]]) -> list[dict[str, Json]]:
    return [
        {
            **entry,
            "extensions": {
                name: value for name, value in entry["extensions"].items() if name != "requestId"
            },
        }
        for entry in errors
    ]


async def test_all_faults_of_a_form_come_at_once(house: House) -> None:
    given = {
        "person": {"idNumber": "1", "name": "?"},
        "request": "",
        "answer": "GRANTED",
        "writtenReason": "字" * 501,
    }
    refused = await act(house, "answerSubjectRequest", given, key="a b")
    assert [entry["extensions"]["at"] for entry in refused.errors] == [
        "input.idempotencyKey",
        "input.person.idNumber",
        "input.person.name",
        "input.request",
        "input.writtenReason",
    ]
    assert decided(await file(house, words="字" * 500), "fileSubjectRequest")["deadline"]


async def test_the_desk_lists_what_its_own_division_took_the_most_urgent_first(
    house: House,
) -> None:
    ids = [await filed(house, kind) for kind in ("VIEW", "COPY", "EXPLAIN")]
    await answer(house, ids[1], "GRANTED")
    assert {row["id"] for row in await listed(house)} == set(ids)
    assert {row["id"] for row in await listed(house, arguments="(open:true)")} == {ids[0], ids[2]}
    assert [row["id"] for row in await listed(house, arguments="(open:false)")] == [ids[1]]
    neighbour = Seat(department="receiving-office", purpose="desk-list", official=ELSEWHERE)
    assert await listed(house, by=neighbour) == []
    found = await house.ask(neighbour, "{subjectRequests{totalCount}}")
    assert found.data == {"subjectRequests": {"totalCount": 0}}


async def test_under_a_case_the_desk_reads_the_words_of_its_person_alone(house: House) -> None:
    request = await filed(house)
    await answer(house, request, "GRANTED", writtenReason="已提供")
    by = seat("answerSubjectRequest", official=COLLEAGUE)
    document = "{subjectRequests{nodes{id words answerWords}}}"
    found = await house.ask(by, document)
    assert found.data["subjectRequests"]["nodes"] == [
        {"id": request, "words": WORDS, "answerWords": "已提供"}
    ]
    kept = await house.record(found)
    assert [person for person, _ in kept.subjects] == [house.persons["holder"]]
    assert ("SubjectRequest.words", "read", "plain") in kept.subjects[0][1]
    other = await house.ask(replace(by, case="another case"), document)
    assert other.data["subjectRequests"]["nodes"] == []
    masked = Seat(department="receiving-office", purpose="desk-list", official=CLERK)
    assert (await house.ask(masked, document)).codes == ["FIELD_FORBIDDEN"] * 2
    counted = await house.ask(by, "{subjectRequests{totalCount}}")
    assert counted.codes == ["ARGUMENT_FORBIDDEN"]


async def test_pages_go_on_where_the_last_one_ended_and_a_foreign_cursor_is_refused(
    house: House,
) -> None:
    ids = {await filed(house, kind) for kind in ("VIEW", "COPY", "EXPLAIN")}
    by = Seat(department="receiving-office", purpose="desk-list", official=CLERK)
    document = (
        "query($a:String,$o:Boolean){subjectRequests(first:1,after:$a,open:$o)"
        "{nodes{id} totalCount pageInfo{hasNextPage endCursor}}}"
    )
    seen, cursor = [], None
    for more in (True, True, False):
        page = (await house.ask(by, document, {"a": cursor})).data["subjectRequests"]
        assert (page["totalCount"], page["pageInfo"]["hasNextPage"]) == (3, more)
        seen += [node["id"] for node in page["nodes"]]
        cursor = page["pageInfo"]["endCursor"]
    assert set(seen) == ids
    assert len(seen) == 3
    persons = await house.ask(by, "{persons(first:1){pageInfo{endCursor}}}")
    foreign = persons.data["persons"]["pageInfo"]["endCursor"]
    for given in ({"a": foreign}, {"a": "no cursor"}, {"a": cursor, "o": True}):
        assert (await house.ask(by, document, given)).codes == ["CURSOR_INVALID"]


@pytest.mark.parametrize("department", ["education", "social-insurance", "housing"])
async def test_partners_and_auditors_have_no_part_in_it(house: House, department: str) -> None:
    purposes = {
        "education": "school-place",
        "social-insurance": "social-insurance-enrolment",
        "housing": "housing-support",
    }
    for by in (
        Seat(department=department, purpose=purposes[department], case="demo-1"),
        Seat(department="auditor", purpose="privacy-audit"),
        Seat(department="community-police", purpose="annual-endorsement", case=CASE_NUMBER),
    ):
        answered = await house.ask(by, "{subjectRequests{nodes{id}}}")
        assert answered.codes[0] == "FIELD_FORBIDDEN"
        refused = await act(
            house, "fileSubjectRequest", {"person": presented(HOLDER), "kind": "VIEW"}, by=by
        )
        assert refused.codes[0] == "FIELD_FORBIDDEN"


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE subject_request SET due_on = '2030-01-01'",
        "UPDATE subject_request SET state = 'answered'",
        "UPDATE subject_request_step SET official = 'somebody'",
        "DELETE FROM subject_request_step",
    ],
)
async def test_a_row_that_was_tampered_with_is_not_served(house: House, statement: str) -> None:
    request = await filed(house)
    await on_database(house.settings, statement)
    by = Seat(department="receiving-office", purpose="desk-list", official=CLERK)
    assert (await house.ask(by, "{subjectRequests{nodes{id}}}")).codes == ["INTERNAL"]
    assert (await answer(house, request, "GRANTED")).codes == ["INTERNAL"]


async def test_a_request_that_can_not_be_recorded_is_not_stored(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with house_of(tmp_path, sqlite_url, {"holder": HOLDER}, officials=OFFICIALS) as house:
        await house.run(
            "CREATE TRIGGER full_log BEFORE INSERT ON audit_record "
            "BEGIN SELECT RAISE(ABORT, 'full'); END"
        )
        refused = await file(house)
        assert refused.codes[0] in {"INTERNAL", "AUDIT_UNAVAILABLE", "UNAVAILABLE"}
        assert await rows(house, "id") == []
