"""Reading the audit log: a page of records, and the records of a person, newest first.

Reads by index only and decrypts nothing. This module never writes: that a log was read is recorded
by who reads it.
"""

from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    Select,
    SmallInteger,
    bindparam,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute

from db.database import Database, Row
from db.errors import DatabaseDamagedError
from db.models import AuditRecord, AuditSubject

_LATEST = (2**15 - 1, 2**63 - 1)
"""Beyond every place in the log: what its columns can hold at most."""


@dataclass(frozen=True, slots=True)
class StoredRecord:
    """A record where it stands."""

    year: int
    index: int
    body: bytes


class LedgerReads:
    """Pages of the log; `after` is the (year, index) of the last record of the page before."""

    def __init__(self, database: Database) -> None:
        self._database = database
        records = select(AuditRecord.year, AuditRecord.index, AuditRecord.body)
        self._page = database.prepare(_newest_first(records, AuditRecord.year, AuditRecord.index))
        self._of_person = database.prepare(
            _newest_first(
                records.join(
                    AuditSubject,
                    (AuditSubject.year == AuditRecord.year)
                    & (AuditSubject.index == AuditRecord.index),
                ).where(AuditSubject.person == bindparam("person")),
                AuditSubject.year,
                AuditSubject.index,
            )
        )

    async def page(self, *, after: tuple[int, int] | None, limit: int) -> list[StoredRecord]:
        """Up to `limit` records of all years."""
        year, index = after or _LATEST
        rows = await self._database.scan(
            self._page, {"before_year": year, "before_index": index, "most": limit}
        )
        return [_record(row) for row in rows]

    async def of_person(
        self, person: bytes, *, after: tuple[int, int] | None, limit: int
    ) -> list[StoredRecord]:
        """Up to `limit` records that name this person."""
        year, index = after or _LATEST
        rows = await self._database.scan(
            self._of_person,
            {"person": person, "before_year": year, "before_index": index, "most": limit},
        )
        return [_record(row) for row in rows]


def _newest_first(
    records: Select[int, int, bytes],
    year: InstrumentedAttribute[int],
    index: InstrumentedAttribute[int],
) -> Select[int, int, bytes]:
    nothing: ColumnElement[int] = literal_column("0")
    before = tuple_(
        bindparam("before_year", type_=SmallInteger), bindparam("before_index", type_=BigInteger)
    )
    return (
        records.where(tuple_(year, index) < before)
        .order_by(year.desc(), index.desc())
        .limit(bindparam("most", type_=Integer))
        .offset(nothing)
    )


def _record(row: Row) -> StoredRecord:
    year, index, body = row
    if not (isinstance(year, int) and isinstance(index, int) and isinstance(body, bytes)):
        raise DatabaseDamagedError("an audit record is unreadable", "Run `juzhu audit verify`")
    return StoredRecord(year, index, body)
