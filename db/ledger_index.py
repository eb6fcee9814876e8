"""The index of persons: which records name a person, derived from the records, seconds after them.

A record is durable without it: appending writes no entry here, for entries have random keys and
would be the largest cost of a commit. The head's `indexed` says how many records of a log the index
covers; what lies beyond, a look-up finds in the records (db/ledger_reads.py).

Entries and `indexed` change in one transaction, entries only come and `indexed` only rises: any
number of processes may do this at once, and a kill at any moment leaves nothing to repair. This
module never touches a record and never takes an entry away.
"""

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, Self

import orjson
from sqlalchemy import (
    BigInteger,
    Integer,
    LargeBinary,
    SmallInteger,
    bindparam,
    func,
    literal_column,
    select,
    text,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import CompilerElement

from audit.persons import Entry, persons_of
from db.database import Database, Prepared, Row
from db.errors import DatabaseDamagedError
from db.inserting import many_at_once
from db.models import AuditHead, AuditRecord, AuditSubject

ENTRIES: Final = 500
"""Entries a transaction: on SQLite nothing else is written meanwhile, for some milliseconds."""

BYTES: Final = 512 * 1024
"""Bodies read and parsed in one go."""

RECORDS: Final = 500
"""Records read in one go."""

Progress = Callable[[int], object]
"""Told how many more are done."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Log:
    """One year's log as far as its index goes."""

    year: int
    size: int
    indexed: int


@dataclass(frozen=True, slots=True)
class _Slice:
    """The entries of the records below `stop`, from where the slice before ended."""

    stop: int
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Statements:
    logs: Prepared
    lengths: Prepared
    bodies: Prepared
    insert: Prepared
    advance: Prepared

    @classmethod
    def of(cls, database: Database) -> Self:
        record, head = AuditRecord, AuditHead
        within = (
            record.year == bindparam("year", type_=SmallInteger),
            record.index >= bindparam("start", type_=BigInteger),
            record.index < bindparam("stop", type_=BigInteger),
        )
        length = func.length(record.body)
        return cls(
            logs=database.prepare(select(head.year, head.size, head.indexed).order_by(head.year)),
            lengths=database.prepare(
                select(length)
                .where(*within)
                .order_by(record.index)
                .limit(bindparam("most", type_=Integer))
                .offset(literal_column("0"))
            ),
            bodies=database.prepare(
                select(record.index, record.body).where(*within).order_by(record.index)
            ),
            insert=database.prepare(_insert(database.kind == "sqlite")),
            advance=database.prepare(
                update(head)
                .where(
                    head.year == bindparam("of_year", type_=SmallInteger),
                    head.indexed < bindparam("below", type_=BigInteger),
                )
                .values(indexed=bindparam("to"))
            ),
        )


def _insert(sqlite_: bool) -> CompilerElement:  # noqa: FBT001 - one of two dialects
    """Insert what is not there yet: a row a call on SQLite, whole columns on PostgreSQL."""
    if sqlite_:
        return (
            sqlite.insert(AuditSubject)
            .values(person=bindparam("person"), year=bindparam("year"), index=bindparam("index"))
            .on_conflict_do_nothing()
        )
    columns = {"person": LargeBinary, "year": SmallInteger, "index": BigInteger}
    rows = select(
        *(
            func.unnest(bindparam(name, type_=postgresql.ARRAY(kind)))
            for name, kind in columns.items()
        )
    )
    return postgresql.insert(AuditSubject).from_select(list(columns), rows).on_conflict_do_nothing()


class PersonIndex:
    """Brings the index of persons up to the log."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._statements = _Statements.of(database)

    async def logs(self) -> list[Log]:
        """Every year's log, in ascending order."""
        rows = await self._database.scan(self._statements.logs, {})
        return [_log(row) for row in rows]

    async def catch_up(self, *, rest: float = 0.0) -> None:
        """Cover every record that stands now, older years first.

        Args:
            rest: how long to leave the database to others, in times of the transaction before.
        """
        for log in await self.logs():
            if log.indexed < log.size:
                await self.cover(log.year, start=log.indexed, stop=log.size, rest=rest)

    async def cover(
        self,
        year: int,
        *,
        start: int,
        stop: int,
        rest: float = 0.0,
        told: Progress | None = None,
    ) -> int:
        """Add the entries of these records that are missing, and say how many those were.

        Records below `start` must be covered already. `told` hears how many each
        transaction covered.

        Raises:
            DatabaseDamagedError: a record is missing or unreadable; the index goes no further.
        """
        loop = asyncio.get_running_loop()
        at, added = start, 0
        while at < stop:
            records = await self._read(year, at, stop)
            # Parsing takes milliseconds, which the event loop's thread has for requests alone.
            for piece in await asyncio.to_thread(_sliced, year, at, records):
                began = loop.time()
                added += await self._database.write(partial(self._add, year, piece))
                if told is not None:
                    told(piece.stop - at)
                at = piece.stop
                await asyncio.sleep((loop.time() - began) * rest)
        return added

    async def _read(self, year: int, start: int, stop: int) -> Sequence[Row]:
        """Some records from `start` on: at least one, then as many as `BYTES` have room for."""
        place = {"year": year, "start": start}
        lengths = await self._database.scan(
            self._statements.lengths, {**place, "stop": stop, "most": RECORDS}
        )
        count, room = 0, BYTES
        for (length,) in lengths:
            room -= length if isinstance(length, int) else 0
            if room < 0 and count:
                break
            count += 1
        end = {"stop": start + max(count, 1)}
        return await self._database.scan(self._statements.bodies, {**place, **end})

    def _add(self, year: int, piece: _Slice, session: Session) -> int:
        connection = session.connection()
        postgres = self._database.kind == "postgresql"
        if postgres:
            # What is derived may be lost with the machine, and the head's row, which is the log's
            # lock, is not held while a disk turns. No record is committed by this transaction.
            session.execute(text("SET LOCAL synchronous_commit TO off"))
        added = 0
        if piece.entries:
            # In one order, so that two processes never wait for each other in a circle.
            rows = sorted(piece.entries)
            sql = self._statements.insert.sql
            columns = tuple(map(list, zip(*rows, strict=True)))
            runs = [(sql, columns)] if postgres else many_at_once(sql, rows)
            for words, values in runs:
                added += connection.exec_driver_sql(words, tuple(values)).rowcount
        advance = (piece.stop, year, piece.stop)
        connection.exec_driver_sql(self._statements.advance.sql, advance)
        return added


def _sliced(year: int, start: int, records: Iterable[Row]) -> list[_Slice]:
    """Cut records into slices of at most `ENTRIES` entries; a record is never cut."""
    return list(_slices(year, start, records))


def _slices(year: int, start: int, records: Iterable[Row]) -> Iterator[_Slice]:
    entries: list[Entry] = []
    at = start
    for index, body in records:
        if index != at or not isinstance(body, bytes):
            raise _damaged()
        named = _named_in(body)
        if entries and len(entries) + len(named) > ENTRIES:
            yield _Slice(at, tuple(entries))
            entries = []
        entries.extend((person, year, at) for person in named)
        at += 1
    if at == start:
        raise _damaged()
    yield _Slice(at, tuple(entries))


def _named_in(body: bytes) -> frozenset[bytes]:
    try:
        record = orjson.loads(body)
    except orjson.JSONDecodeError:
        raise _damaged() from None
    if not isinstance(record, dict):
        raise _damaged()
    return persons_of(record)


def _log(row: Row) -> Log:
    year, size, indexed = row
    if not (isinstance(year, int) and isinstance(size, int) and isinstance(indexed, int)):
        raise _damaged()
    return Log(year=year, size=size, indexed=indexed)


def _damaged() -> DatabaseDamagedError:
    return DatabaseDamagedError(
        "an audit record is missing or unreadable", "Run `juzhu audit verify`"
    )
