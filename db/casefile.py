"""Cases: what gives an office access to one person while the case is open.

A case number names people's affairs, so only its keyed digest is stored and compared. Opening the
same case twice changes nothing.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final
from uuid import uuid4

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from db.facts import Case
from db.inserting import insert_new_rows
from db.models import Casefile, table_of
from db.rows import CASEFILE, RowValues
from keys.ring import KeyRing, Purpose

ARRIVALS: Final = ("arrival", "move")
"""Kinds of cases by which an office reaches a person who lives in another division."""

_DOMAIN: Final = b"case\x00"
"""Keeps the digest of a case number apart from pseudonyms under the same key."""


def case_digest(ring: KeyRing, number: str) -> bytes:
    """Return the digest under which a case number is stored, searched and recorded."""
    return ring.digest(Purpose.PSEUDONYM, _DOMAIN + number.encode())


def case_row(ring: KeyRing, person: bytes, case: Case) -> RowValues:
    """Return the row that gives the case's division access to a person."""
    values: RowValues = {
        "id": uuid4().bytes,
        "person": person,
        "division": case.division,
        "digest": case_digest(ring, case.number),
        "kind": case.kind,
        "opened_on": case.opened_on.isoformat(),
        "closed_on": None if case.closed_on is None else case.closed_on.isoformat(),
    }
    return CASEFILE.sign(ring, values)


def open_cases(session: Session, ring: KeyRing, cases: Iterable[tuple[bytes, Case]]) -> None:
    """Give offices access to stored persons. Pass this as work to `Database.write`."""
    rows = [case_row(ring, person, case) for person, case in cases]
    if rows:
        insert_new_rows(session, Casefile, rows)


def close_case(
    session: Session, ring: KeyRing, *, person: bytes, division: str, digest: bytes, day: date
) -> None:
    """Take the office's access to a person away from this day on; who closed it is in the log.

    Raises:
        RowTamperedError: the row is not as it was written.
    """
    table = table_of(Casefile)
    mine = (
        table.c.person == person,
        table.c.division == division,
        table.c.digest == digest,
    )
    for row in session.execute(select(table).where(*mine)).mappings().all():
        values: RowValues = dict(row)
        CASEFILE.require(ring, values)
        values["closed_on"] = day.isoformat()
        signed = CASEFILE.sign(ring, values)
        session.execute(
            update(table)
            .where(table.c.id == signed["id"])
            .values(closed_on=signed["closed_on"], row_mac=signed["row_mac"])
        )


def open_case_kind(
    session: Session, ring: KeyRing, *, person: bytes, division: str, digest: bytes, day: date
) -> str | None:
    """Return the kind of the case that an office has open for a person, None without one.

    Raises:
        RowTamperedError: the row is not as it was written.
    """
    table = table_of(Casefile)
    row = (
        session.execute(
            select(table).where(
                table.c.person == person,
                table.c.division == division,
                table.c.digest == digest,
                table.c.opened_on <= day.isoformat(),
                or_(table.c.closed_on.is_(None), table.c.closed_on > day.isoformat()),
            )
        )
        .mappings()
        .first()
    )
    if row is None:
        return None
    CASEFILE.require(ring, dict(row))
    return str(row["kind"])
