"""What a department points at: one row of an answer of its own, as the answer's record has it.

The record is found by what `extensions.audit` of the answer said, leaf included, and must be of the
department, the purpose and the case that ask. A row that was confirmed has its person there; one
that was not has the tag of what was searched, and nobody (article 28).

This module never tells why a record is not reached, and never looks for a person.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Final

import orjson
from sqlalchemy import select
from sqlalchemy.orm import Session

from audit.entry import SUBJECTS_PER_RECORD, Outcome
from audit.tree import leaf_hash
from db.errors import AuditDamagedError
from db.models import AuditHead, AuditRecord, table_of
from regulation.dates import SHANGHAI

_ACTION: Final = "query"
_GIVEN: Final = frozenset({Outcome.RELEASED.value, Outcome.MISSED.value})
_READ: Final = "read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointer:
    """What a department says of one row of its answer; `position` counts from 1.

    `confirmed` says whether it counts the persons that were found or those that were not.
    """

    log: str
    index: int
    leaf: bytes = field(repr=False)
    confirmed: bool
    position: int
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Asker:
    """Who points, what for, and the digest of the case for which the answer was given."""

    department: str
    purpose: str
    case: bytes = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class PointedAt:
    """A row of an answer: its place, its day, and its person or tag; neither where it has no such.

    Which of the three it is must not show in what the department is answered.
    """

    year: int
    record: int
    day: date
    person: bytes | None = field(repr=False)
    tag: bytes | None = field(repr=False)


def pointed_at(session: Session, pointer: Pointer, asker: Asker) -> PointedAt | None:
    """Find what a pointer points at; None where it is at no answer of the asker's.

    Raises:
        AuditDamagedError: a record is not as the log writes them.
    """
    head = table_of(AuditHead)
    year = session.scalar(select(head.c.year).where(head.c.log == pointer.log))
    if not isinstance(year, int):
        return None
    body = _body(session, year, pointer.index, leaf=pointer.leaf)
    if body is None or not _is_of(body, asker):
        return None
    try:
        at = datetime.fromisoformat(body["time"]).astimezone(SHANGHAI).date()
        person, tag = None, None
        if pointer.confirmed:
            person = _confirmed(session, year, body, pointer, asker)
        else:
            tag = _missed(body, pointer)
    except (ValueError, LookupError, TypeError, AttributeError):
        raise AuditDamagedError("an audit record") from None
    return PointedAt(year=year, record=pointer.index, day=at, person=person, tag=tag)


def _body(
    session: Session, year: int, index: int, *, leaf: bytes | None = None
) -> Mapping[str, Any] | None:
    table = table_of(AuditRecord)
    found = session.execute(
        select(table.c.body, table.c.leaf_hash).where(table.c.year == year, table.c.index == index)
    ).first()
    if found is None or (leaf is not None and found.leaf_hash != leaf):
        return None
    body = found.body
    if not isinstance(body, bytes) or leaf_hash(body) != found.leaf_hash:
        raise AuditDamagedError("an audit record")
    says = orjson.loads(body)
    return says if isinstance(says, Mapping) else None


def _is_of(body: Mapping[str, Any], asker: Asker) -> bool:
    """Whether it is the first record of an answer that this asker was given for this case."""
    purpose = body.get("purpose", {})
    cases = {purpose.get("case"), *(one.get("case") for one in body.get("subjects", ()))}
    return (
        body.get("action") == _ACTION
        and body.get("outcome") in _GIVEN
        and body.get("part", [1])[0] == 1
        and body.get("actor", {}).get("department") == asker.department
        and purpose.get("code") == asker.purpose
        # Rows of `verify` have cases of their own: one that wasn't confirmed leaves none behind.
        and (asker.case.hex() in cases or purpose.get("case") is None)
    )


def _confirmed(
    session: Session, year: int, first: Mapping[str, Any], pointer: Pointer, asker: Asker
) -> bytes | None:
    part, place = divmod(pointer.position - 1, SUBJECTS_PER_RECORD)
    body: Mapping[str, Any] | None = first
    if part:
        parts = first.get("part", [1, 1])[1]
        body = _body(session, year, pointer.index + part) if part < parts else None
    subjects: Sequence[Mapping[str, Any]] = () if body is None else body.get("subjects", ())
    if body is None or place >= len(subjects):
        return None
    subject = subjects[place]
    if subject.get("case", first.get("purpose", {}).get("case")) != asker.case.hex():
        return None
    used = subject.get("fields", body.get("fields", ()))
    read = {path for path, action, _ in used if action == _READ}
    return bytes.fromhex(subject["person"]) if pointer.path in read else None


def _missed(body: Mapping[str, Any], pointer: Pointer) -> bytes | None:
    missed: Sequence[str] = body.get("missed", ())
    if pointer.position > len(missed):
        return None
    return bytes.fromhex(missed[pointer.position - 1])
