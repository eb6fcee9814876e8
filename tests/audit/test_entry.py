"""What a record says, byte for byte, and how a long answer is split."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from uuid import UUID

import orjson
import pytest
import rfc8785
from hypothesis import given
from hypothesis import strategies as st

from audit.canonical import NotCanonicalError, load_canonical
from audit.entry import (
    OPENING,
    Actor,
    Draft,
    Outcome,
    PreviousLog,
    PurposeClaim,
    Subject,
    log_year,
    opening,
    parts_of,
    stamp,
)
from audit.tree import leaf_hash
from policies.permission import Action, Rendering
from policies.permission import Path as SchemaPath
from tests.audit.drafts import ACTOR, FIELDS, NOW, draft, subjects

ID = UUID("7d1c6f3e-0a4b-4c7d-9e2f-5a6b7c8d9e0f")
PERSON = UUID("0f9e8d7c-6b5a-4f2e-8d7c-4b0a3e6f1c7d")
FULL = Draft(
    id=ID.bytes,
    time=NOW,
    request="0123456789abcdef",
    action="read",
    outcome=Outcome.RELEASED,
    actor=ACTOR,
    purpose=PurposeClaim(
        code="school-place",
        article="24(4)",
        iri="https://w3id.org/dpv#PublicBenefit",
        case="ab" * 32,
        emergency=True,
    ),
    revision="11" * 32,
    decision="22" * 32,
    operation="Permit",
    document="33" * 32,
    subjects=[Subject(person=PERSON.bytes, fields=FIELDS, case="cd" * 32)],
    commitment=b"\x44" * 32,
    missed=[b"\x55" * 8],
    detail=b"\x4a\x01\x01\x04",
)
GOLDEN = Path(__file__).parents[1] / "vectors" / "audit_record.json"


def body(of: Draft, *, part: int = 0) -> bytes:
    return parts_of(of)[part].body(lane="0123456789abcdef", counter=7)


def test_a_record_with_every_field_has_the_bytes_of_the_golden_file() -> None:
    golden = orjson.loads(GOLDEN.read_bytes())
    assert body(FULL).decode() == golden["body"]
    assert leaf_hash(body(FULL)).hex() == golden["leaf"]


def test_a_record_is_canonical_json_to_an_independent_writer() -> None:
    assert rfc8785.dumps(orjson.loads(body(FULL))) == body(FULL)


def test_what_is_unknown_is_left_out_and_never_null() -> None:
    least = Draft(
        id=ID.bytes,
        time=NOW,
        request="r",
        action="read",
        outcome=Outcome.DENIED,
        actor=Actor(
            client="c", department="education", roles=(), authentication="token", address="::1"
        ),
    )
    record = load_canonical(body(least))
    assert sorted(record) == [
        "action",
        "actor",
        "counter",
        "id",
        "lane",
        "outcome",
        "request",
        "time",
        "v",
    ]
    assert record["actor"] == {
        "address": "::1",
        "authentication": "token",
        "client": "c",
        "department": "education",
        "roles": [],
    }


@pytest.mark.parametrize(("count", "sizes"), [(0, [0]), (1, [1]), (200, [200])])
def test_up_to_two_hundred_subjects_are_one_record(count: int, sizes: list[int]) -> None:
    parts = parts_of(draft(of=subjects(count)))
    assert [len(part.persons) for part in parts] == sizes
    assert "part" not in load_canonical(parts[0].body(lane="l", counter=1))


@pytest.mark.parametrize(
    ("count", "sizes"), [(201, [200, 1]), (400, [200, 200]), (401, [200, 200, 1])]
)
def test_more_subjects_are_split_and_each_part_says_which_it_is(
    count: int, sizes: list[int]
) -> None:
    everybody = subjects(count)
    whole = replace(draft(of=everybody), missed=[b"\x01"], detail=b"\x02")
    parts = parts_of(whole)
    records = [load_canonical(part.body(lane="l", counter=1)) for part in parts]
    assert [len(part.persons) for part in parts] == sizes
    assert [record["part"] for record in records] == [
        [number, len(sizes)] for number in range(1, len(sizes) + 1)
    ]
    assert {(record["id"], record["request"]) for record in records} == {
        (whole.id.hex(), "request-1")
    }
    assert [person for part in parts for person in part.persons] == [
        subject.person for subject in everybody
    ]
    once = {"commitment", "missed", "enc"}
    assert [once & set(record) for record in records] == [once, *([set()] * (len(sizes) - 1))]


def test_a_person_presented_twice_stands_twice_in_the_record_and_once_in_the_index() -> None:
    (part,) = parts_of(draft(persons=[PERSON.bytes, PERSON.bytes]))
    named = load_canonical(part.body(lane="l", counter=1))["subjects"]
    assert isinstance(named, list)
    assert len(named) == 2
    assert part.persons == (PERSON.bytes,)


def record_of(*named: Subject) -> dict[str, object]:
    (part,) = parts_of(draft(of=named))
    return dict(load_canonical(part.body(lane="l", counter=1)))


def test_what_was_used_of_everybody_alike_stands_once_in_a_record() -> None:
    fields = [list(field) for field in FIELDS]
    several = record_of(*subjects(3))
    assert several["fields"] == fields
    assert [sorted(each) for each in several["subjects"]] == [["person"]] * 3  # type: ignore[attr-defined]
    alone = record_of(*subjects(1))
    assert "fields" not in alone
    assert alone["subjects"][0]["fields"] == fields  # type: ignore[index]


@pytest.mark.parametrize("cases", [["a", "a"], ['赤"\\\n〕', '赤"\\\n〕'], ["a", "b"], ["a", None]])
def test_each_person_of_many_stands_with_the_case_asked_under(cases: list[str | None]) -> None:
    everybody = subjects(2)
    named = [each._replace(case=case) for each, case in zip(everybody, cases, strict=True)]
    expected = [
        {"person": each.person.hex()} | ({} if each.case is None else {"case": each.case})
        for each in named
    ]
    assert record_of(*named)["subjects"] == expected


def test_an_id_of_another_length_is_refused_among_many() -> None:
    one, other = subjects(2)
    for wrong in (b"", other.person[1:], other.person + b"\0", other.person * 2):
        with pytest.raises(NotCanonicalError):
            parts_of(draft(of=(one, other._replace(person=wrong))))


def test_what_was_used_of_one_person_only_is_said_of_that_person_only() -> None:
    one, other = subjects(2)
    more = other._replace(fields=(*FIELDS, ("Person.name", "read", "surname")))
    record = record_of(one, more)
    assert "fields" not in record
    assert [len(each["fields"]) for each in record["subjects"]] == [2, 3]  # type: ignore[attr-defined]


def test_fields_may_be_the_words_of_the_permission_vocabulary() -> None:
    fields = ((SchemaPath("Permit.active"), Action.READ, Rendering.PLAIN),)
    of = [Subject(person=PERSON.bytes, fields=fields)]
    plain = [Subject(person=PERSON.bytes, fields=(("Permit.active", "read", "plain"),))]
    assert body(draft(of=of, id_=ID)) == body(draft(of=plain, id_=ID))


@pytest.mark.parametrize("id_", [b"", b"\0" * 15, b"\0" * 17])
def test_an_id_that_is_no_uuid_is_refused(id_: bytes) -> None:
    with pytest.raises(NotCanonicalError):
        parts_of(replace(FULL, id=id_))
    with pytest.raises(NotCanonicalError):
        parts_of(draft(persons=[id_]))


def test_text_that_is_not_unicode_is_refused_before_anything_is_written() -> None:
    for broken in (
        replace(FULL, operation="\ud800"),
        replace(FULL, actor=replace(ACTOR, official="\ud800")),
        draft(of=[Subject(person=PERSON.bytes, fields=(("\ud800", "read", "plain"),))]),
        draft(of=[Subject(person=PERSON.bytes, fields=FIELDS, case="\ud800")]),
    ):
        with pytest.raises(NotCanonicalError):
            parts_of(broken)


def test_no_draft_may_pose_as_an_opening_record() -> None:
    with pytest.raises(NotCanonicalError):
        parts_of(replace(FULL, action=OPENING))


@pytest.mark.parametrize(
    ("time", "year"),
    [
        (datetime(2026, 12, 31, 15, 59, 59, 999000, tzinfo=UTC), 2026),
        (datetime(2026, 12, 31, 16, 0, tzinfo=UTC), 2027),
        (datetime(2027, 1, 1, tzinfo=timezone(timedelta(hours=8))), 2027),
    ],
)
def test_a_log_s_year_turns_at_midnight_in_shanghai(time: datetime, year: int) -> None:
    assert log_year(time) == year


def test_a_time_without_offset_is_refused() -> None:
    with pytest.raises(NotCanonicalError):
        parts_of(draft(time=NOW.replace(tzinfo=None)))


@given(st.datetimes(timezones=st.sampled_from([UTC, timezone(timedelta(hours=8))])))
def test_times_are_utc_with_milliseconds(time: datetime) -> None:
    text = stamp(time)
    assert len(text) == len("2026-11-22T08:00:00.123Z")
    again = datetime.fromisoformat(text)
    assert timedelta() <= time - again < timedelta(milliseconds=1)


def test_an_opening_record_commits_to_the_log_before_it() -> None:
    part = opening(
        log="demo/audit/2027",
        year=2027,
        time=stamp(NOW),
        previous=PreviousLog("demo/audit/2026", 12, b"\x66" * 32),
    )
    assert part.body(lane="l", counter=3) == (
        b'{"action":"audit.open","counter":3,"lane":"l","log":"demo/audit/2027",'
        b'"previous":{"log":"demo/audit/2026","root":"' + b"66" * 32 + b'","size":12},'
        b'"time":"2026-11-22T08:00:00.123Z","v":1}'
    )
