"""The audit log as an auditor reads it: records with pseudonyms, a page at a time.

A person stands under a pseudonym that holds for auditors only. Reading the log is itself
recorded, by the same step of the plan that reads it. Nothing is decrypted here.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from db.errors import AuditDamagedError
from db.ledger_reads import StoredRecord

Field = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class AccessedSubject:
    """A person in a record, under a pseudonym, with the fields that were used."""

    pseudonym: str
    fields: Sequence[Field]


@dataclass(frozen=True, slots=True)
class Accessed:
    """One record; absent parts are None."""

    index: int
    cursor: str
    time: str
    action: str
    outcome: str | None
    client: str | None
    official: str | None
    department: str | None
    roles: Sequence[str]
    division: str | None
    purpose: str | None
    operation: str | None
    document: str | None
    subjects: Sequence[AccessedSubject]
    missed: int


@dataclass(frozen=True, slots=True)
class AccessPage:
    """A page of records, with what `PageInfo` says of it."""

    records: Sequence[Accessed]
    has_next: bool
    has_previous: bool

    @property
    def start_cursor(self) -> str | None:
        """The cursor of the first record."""
        return self.records[0].cursor if self.records else None

    @property
    def end_cursor(self) -> str | None:
        """The cursor of the last record."""
        return self.records[-1].cursor if self.records else None


def accessed(record: StoredRecord, pseudonym: Callable[[bytes], str]) -> Accessed:
    """Read a stored record; `pseudonym` names a person for this auditor.

    Raises:
        AuditDamagedError: it is no record as the log writes them.

    """
    try:
        return _accessed(record, pseudonym)
    except (ValueError, LookupError, TypeError, AttributeError):
        # Whatever stands there was not written by this service; a fault's own text may repeat it.
        raise AuditDamagedError("an audit record") from None


def _accessed(record: StoredRecord, pseudonym: Callable[[bytes], str]) -> Accessed:
    body: Mapping[str, Any] = orjson.loads(record.body)
    actor: Mapping[str, Any] = body.get("actor", {})
    # What was used of everybody alike stands once.
    alike = body.get("fields", ())
    return Accessed(
        index=record.index,
        cursor=cursor_of(record),
        time=body["time"],
        action=body["action"],
        outcome=body.get("outcome"),
        client=actor.get("client"),
        official=actor.get("official"),
        department=actor.get("department"),
        roles=tuple(actor.get("roles", ())),
        division=actor.get("division"),
        purpose=body.get("purpose", {}).get("code"),
        operation=body.get("operation"),
        document=body.get("document"),
        subjects=[
            AccessedSubject(
                pseudonym(bytes.fromhex(subject["person"])),
                [(path, act, rendering) for path, act, rendering in subject.get("fields", alike)],
            )
            for subject in body.get("subjects", ())
        ],
        missed=len(body.get("missed", ())),
    )


def cursor_of(record: StoredRecord) -> str:
    """The cursor of a record: its place in the log, which the auditor sees anyway."""
    return f"{record.year}:{record.index}"


def place_of(cursor: str) -> tuple[int, int] | None:
    """The year and index that a cursor names; None where it names none."""
    year, found, index = cursor.partition(":")
    if not found or not (year.isascii() and year.isdigit() and len(year) <= 4):  # noqa: PLR2004
        return None
    if not (index.isascii() and index.isdigit() and len(index) <= 15):  # noqa: PLR2004
        return None
    return int(year), int(index)
