"""Reading the audit log: a page of records, and the records of a person, newest first.

Decrypts nothing. The index of persons follows the records by seconds; what it does not cover yet is
found in the records themselves, so a look-up is exact at every moment and waits for nothing. A body
that does not give its leaf hash is never handed on. This module never writes: that a log was read
is recorded by who reads it.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    LargeBinary,
    Select,
    SmallInteger,
    bindparam,
    func,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.orm import InstrumentedAttribute

from audit.persons import mark_of
from audit.tree import leaf_hash
from db.database import Database, Row
from db.errors import AuditDamagedError
from db.models import AuditHead, AuditRecord, AuditSubject
from db.stored_type import of_its_type

_LATEST = (2**15 - 1, 2**63 - 1)
"""Beyond every place in the log: what its columns can hold at most."""

_NOTHING: ColumnElement[int] = literal_column("0")


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
        sqlite = database.kind == "sqlite"
        body = of_its_type(AuditRecord.body, "blob", sqlite=sqlite)
        leaf = of_its_type(AuditRecord.leaf_hash, "blob", sqlite=sqlite)
        records = select(AuditRecord.year, AuditRecord.index, body, leaf)
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
        self._behind = database.prepare(
            select(AuditHead.year, AuditHead.indexed)
            .where(AuditHead.indexed < AuditHead.size)
            .order_by(AuditHead.year.desc())
        )
        mark = bindparam("mark", type_=LargeBinary)
        find = func.instr if sqlite else func.pg_catalog.position
        # One year at a time: joined with the heads, a planner may walk the whole log instead.
        self._not_indexed = database.prepare(
            records.where(
                AuditRecord.year == bindparam("of_year", type_=SmallInteger),
                AuditRecord.index >= bindparam("start", type_=BigInteger),
                AuditRecord.index < bindparam("before_index", type_=BigInteger),
                find(AuditRecord.body, mark) > _NOTHING,
            )
            .order_by(AuditRecord.index.desc())
            .limit(bindparam("most", type_=Integer))
            .offset(_NOTHING)
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
        year, index = before = after or _LATEST
        # In this order: a record that is indexed in between is seen twice rather than never.
        rows = await self._not_indexed_of(person, before, limit)
        rows += await self._database.scan(
            self._of_person,
            {"person": person, "before_year": year, "before_index": index, "most": limit},
        )
        found = {(record.year, record.index): record for record in map(_record, rows)}
        return [found[place] for place in sorted(found, reverse=True)[:limit]]

    async def _not_indexed_of(
        self, person: bytes, before: tuple[int, int], limit: int
    ) -> list[Row]:
        """The same of the records that the index does not cover yet: those of a second or two."""
        rows: list[Row] = []
        for year, start in _starts(await self._database.scan(self._behind, {})):
            if year > before[0]:
                continue
            place = {
                "of_year": year,
                "start": start,
                "before_index": before[1] if year == before[0] else _LATEST[1],
            }
            found = {"mark": mark_of(person), "most": limit}
            rows += await self._database.scan(self._not_indexed, {**place, **found})
        return rows


def _newest_first(
    records: Select[int, int, bytes | None, bytes | None],
    year: InstrumentedAttribute[int],
    index: InstrumentedAttribute[int],
) -> Select[int, int, bytes | None, bytes | None]:
    before = tuple_(
        bindparam("before_year", type_=SmallInteger), bindparam("before_index", type_=BigInteger)
    )
    return (
        records.where(tuple_(year, index) < before)
        .order_by(year.desc(), index.desc())
        .limit(bindparam("most", type_=Integer))
        .offset(_NOTHING)
    )


def _starts(rows: Iterable[Row]) -> Iterator[tuple[int, int]]:
    for year, indexed in rows:
        if not (isinstance(year, int) and isinstance(indexed, int)):
            raise AuditDamagedError("an audit head")
        yield year, indexed


def _record(row: Row) -> StoredRecord:
    year, index, body, leaf = row
    if not (isinstance(year, int) and isinstance(index, int) and isinstance(body, bytes)):
        raise AuditDamagedError("an audit record")
    if leaf_hash(body) != leaf:
        # Whether the leaf is the log's own, only the whole tree can say.
        raise AuditDamagedError("an audit record")
    return StoredRecord(year, index, body)
