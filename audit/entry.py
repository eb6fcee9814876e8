"""The audit record: what it says, and the bytes that are its leaf.

A `Draft` is what a use case knows; the ledger adds lane and counter and stores the bytes. One
draft gives one record, or several consecutive parts where it discloses more than
`SUBJECTS_PER_RECORD` persons. The format stands byte for byte in docs/audit-log-format.md.
Never holds a name, an ID number, a filter value or a variable: persons are their random uuids,
what must be remembered of free text is sealed (`detail`) or a keyed tag (`missed`).
"""

from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from enum import StrEnum
from functools import lru_cache
from typing import NamedTuple

import orjson

from audit.canonical import NotCanonicalError, canonical_json, check, dump_checked

FORMAT = 1
OPENING = "audit.open"
"""Action of the record at index 0 of every log; no draft may use it."""
SUBJECTS_PER_RECORD = 200
UUID_SIZE = 16

_SHANGHAI = timezone(timedelta(hours=8))
"""Asia/Shanghai has had no other offset since 1991, and a log's year is never before that."""


class Outcome(StrEnum):
    """How the request ended."""

    RELEASED = "released"
    """Authorised and about to be sent."""
    DENIED = "denied"
    MISSED = "missed"
    """Authorised, but nobody was found."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who asked; every part as the register knows it."""

    client: str
    department: str
    roles: tuple[str, ...]
    authentication: str
    address: str
    official: str | None = None
    division: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PurposeClaim:
    """Why it was asked; `case` is the digest of the case number, in hex."""

    code: str
    article: str | None = None
    iri: str | None = None
    case: str | None = None
    emergency: bool = False


_NO_UUID = "an id that is not 16 bytes: hand over a UUID"

Fields = tuple[tuple[str, str, str], ...]
"""What was used of a person: path, action and rendering of each field."""


class Subject(NamedTuple):
    """One person and what of them was used: a tuple, for an answer names up to a thousand.

    `fields` should be one shared tuple for all subjects of an answer: it is serialised once.
    """

    person: bytes
    fields: Fields
    case: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A record before it has a place in the log. `id` is a random UUID made by the caller."""

    id: bytes
    time: datetime
    request: str
    action: str
    outcome: Outcome
    actor: Actor
    purpose: PurposeClaim | None = None
    revision: str | None = None
    decision: str | None = None
    operation: str | None = None
    document: str | None = None
    subjects: Sequence[Subject] = field(default=())
    commitment: bytes | None = None
    missed: Sequence[bytes] = field(default=())
    detail: bytes | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One record to be: its checked content without lane and counter, and the persons in it."""

    year: int
    time: str
    persons: tuple[bytes, ...]
    _content: dict[str, object]

    def body(self, *, lane: str, counter: int) -> bytes:
        """The leaf's bytes."""
        return dump_checked({**self._content, "lane": lane, "counter": counter})


@dataclass(frozen=True, slots=True)
class PreviousLog:
    """The final state of the log of an earlier year."""

    log: str
    size: int
    root: bytes


def parts_of(draft: Draft) -> tuple[Part, ...]:
    """Check a draft and split it at `SUBJECTS_PER_RECORD` subjects a record.

    All parts share id and request and say `"part": [i, n]`, counted from 1; only the first carries
    commitment, missed tags and detail, which belong to the answer as a whole.

    Raises:
        NotCanonicalError: the draft holds something that a record cannot.
    """
    if draft.action == OPENING:
        raise NotCanonicalError(f"the action {OPENING}: it is the ledger's own")
    content = _content(draft)
    check(content)
    content["actor"] = _actor(draft.actor)
    subjects = draft.subjects
    if len(subjects) <= SUBJECTS_PER_RECORD:
        return (_part(draft, {**content, **_once(draft)}, subjects),)
    count = -(-len(subjects) // SUBJECTS_PER_RECORD)
    return tuple(
        _part(
            draft,
            {**content, **(_once(draft) if number == 1 else {}), "part": [number, count]},
            subjects[(number - 1) * SUBJECTS_PER_RECORD : number * SUBJECTS_PER_RECORD],
        )
        for number in range(1, count + 1)
    )


def opening(*, log: str, year: int, time: str, previous: PreviousLog | None) -> Part:
    """Leaf 0 of every log: the log's name, and what the log before it came to."""
    content: dict[str, object] = {"v": FORMAT, "time": time, "action": OPENING, "log": log}
    if previous is not None:
        content["previous"] = {
            "log": previous.log,
            "size": previous.size,
            "root": previous.root.hex(),
        }
    check(content)
    return Part(year, time, (), content)


def rehearsal() -> Part:
    """A record for trying whether the log can be written; the trial is always rolled back."""
    return Part(0, "", (), {"v": FORMAT, "action": "audit.rehearsal"})


def log_year(time: datetime) -> int:
    """The year of the log that a record made at this moment belongs to (Asia/Shanghai)."""
    if time.tzinfo is None:
        raise NotCanonicalError("a time without offset: hand over an aware datetime")
    return time.astimezone(_SHANGHAI).year


def stamp(time: datetime) -> str:
    """RFC 3339 in UTC with milliseconds, as every time in the log is written."""
    return time.astimezone(UTC).isoformat(timespec="milliseconds").removesuffix("+00:00") + "Z"


def _content(draft: Draft) -> dict[str, object]:
    content: dict[str, object] = {
        "v": FORMAT,
        "id": _hex_uuid(draft.id),
        "time": stamp(draft.time),
        "request": draft.request,
        "action": draft.action,
        "outcome": draft.outcome.value,
    }
    if draft.purpose is not None:
        content["purpose"] = _purpose(draft.purpose)
    _put(content, "revision", draft.revision)
    _put(content, "decision", draft.decision)
    _put(content, "operation", draft.operation)
    _put(content, "document", draft.document)
    return content


@lru_cache(maxsize=1024)
def _actor(actor: Actor) -> orjson.Fragment:
    """The actor as ready bytes: one official asks many times in a row."""
    content: dict[str, object] = {
        "client": actor.client,
        "department": actor.department,
        "roles": actor.roles,
        "authentication": actor.authentication,
        "address": actor.address,
    }
    _put(content, "official", actor.official)
    _put(content, "division", actor.division)
    check(content)
    return orjson.Fragment(dump_checked(content))


def _purpose(purpose: PurposeClaim) -> dict[str, object]:
    content: dict[str, object] = {"code": purpose.code}
    _put(content, "article", purpose.article)
    _put(content, "iri", purpose.iri)
    _put(content, "case", purpose.case)
    if purpose.emergency:
        content["emergency"] = True
    return content


def _once(draft: Draft) -> dict[str, object]:
    content: dict[str, object] = {}
    if draft.commitment is not None:
        content["commitment"] = draft.commitment.hex()
    if draft.missed:
        content["missed"] = [tag.hex() for tag in draft.missed]
    if draft.detail is not None:
        content["enc"] = b64encode(draft.detail).decode("ascii")
    return content


def _part(draft: Draft, content: dict[str, object], subjects: Sequence[Subject]) -> Part:
    if subjects:
        shared = _shared_fields(subjects)
        if shared is not None:
            content["fields"] = _fields(shared)
        content["subjects"] = _subjects(subjects, shared)
    # A person presented in two rows of one request stands once in the index of persons.
    persons = tuple(dict.fromkeys([subject.person for subject in subjects]))
    return Part(log_year(draft.time), str(content["time"]), persons, content)


def _shared_fields(subjects: Sequence[Subject]) -> Fields | None:
    """The fields that were used of everybody alike: a page of persons names them once.

    They are most of such a record's bytes, and all of them are hashed, written and kept.
    """
    first = subjects[0].fields
    # Mostly one tuple for all: to be the same is told faster than to be equal.
    others = [each for each in subjects if each.fields is not first and each.fields != first]
    return first if len(subjects) > 1 and not others else None


def _subjects(subjects: Sequence[Subject], shared: Fields | None) -> object:
    case = subjects[0].case
    if shared is None or any(subject.case != case for subject in subjects):
        return [_subject(subject, shared) for subject in subjects]
    # Persons alone differ: their ids are written in one go, to the same bytes.
    ids = [subject.person for subject in subjects]
    if any(len(person) != UUID_SIZE for person in ids):
        raise NotCanonicalError(_NO_UUID)
    named = "" if case is None else f'"case":{canonical_json(case).decode()},'
    begin = f'{{{named}"person":"'
    persons = b"".join(ids).hex(",", UUID_SIZE).replace(",", f'"}},{begin}')
    return orjson.Fragment(f'[{begin}{persons}"}}]')


def _subject(subject: Subject, shared: Fields | None) -> dict[str, object]:
    person, fields, case = subject
    content: dict[str, object] = {"person": _hex_uuid(person)}
    if shared is None:
        content["fields"] = _fields(fields)
    if case is not None:
        check(case)
        content["case"] = case
    return content


@lru_cache(maxsize=1024)
def _fields(fields: Fields) -> orjson.Fragment:
    """The field list as ready bytes: an answer names the same one for every person in it."""
    return orjson.Fragment(canonical_json(fields))


def _hex_uuid(value: bytes) -> str:
    if len(value) != UUID_SIZE:
        raise NotCanonicalError(_NO_UUID)
    return value.hex()


def _put(content: dict[str, object], key: str, value: str | None) -> None:
    """A record has no nulls: what is unknown is left out."""
    if value is not None:
        content[key] = value
