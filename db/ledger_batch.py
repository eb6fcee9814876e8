"""One transaction of the ledger, as a conversation: statements go out, rows come back.

The algorithm stands here once. Who runs it (sqlite3 on the writer's thread, asyncpg, a SQLAlchemy
session inside a business transaction) sends each `Step`'s rows back and commits or rolls back:
nothing here begins, commits or waits. Whoever runs it holds the log's lock from the first step
until its transaction ends, so index and counter have no gaps and no doubles.
"""

from collections.abc import Generator, Sequence
from dataclasses import dataclass

from audit.entry import Part, PreviousLog, opening
from audit.tree import EMPTY_ROOT, Frontier, leaf_hash
from db.database import Prepared, Row, Value
from db.errors import DatabaseDamagedError, DatabaseFailedError
from db.ledger_statements import Statements

_EMPTY_FRONTIER = Frontier().serialise()
_TRIES = 5
"""How often the open head is looked for: another writer may be opening a year's log just now."""


@dataclass(frozen=True, slots=True)
class Step:
    """One statement; `many` runs it for each row of values, and then no rows come back."""

    statement: Prepared
    values: Sequence[Value] = ()
    many: Sequence[Sequence[Value]] | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """Where a part came to stand."""

    log: str
    index: int
    leaf: bytes


Conversation = Generator[Step, Sequence[Row], tuple[Place, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    year: int
    log: str
    size: int
    root: bytes
    frontier: bytes


@dataclass(frozen=True, slots=True)
class Batch:
    """How one writer, known by its lane, writes to the log of one deployment."""

    statements: Statements
    deployment: str
    lane: str

    def append(self, parts: Sequence[Part]) -> Conversation:
        """Append these parts in their order.

        A batch goes to one log: that of the latest year in it, or the open one where that is
        later. So a record that comes late by the turn of the year stands in the new log, and a
        closed log never grows.
        """
        head, previous = yield from self._head(parts)
        counter = yield from self._counter()
        frontier = _grown_from(head)
        asked = len(parts)
        if head.size == 0:
            first = opening(log=head.log, year=head.year, time=parts[0].time, previous=previous)
            parts = [first, *parts]
        places: list[Place] = []
        records: list[Sequence[Value]] = []
        for part in parts:
            counter += 1
            body = part.body(lane=self.lane, counter=counter)
            leaf, index = leaf_hash(body), frontier.size
            frontier.append(leaf)
            places.append(Place(head.log, index, leaf))
            records.append((head.year, index, leaf, body))
        yield Step(self.statements.insert_record, many=records)
        state = (frontier.size, frontier.root(), frontier.serialise(), head.year)
        yield Step(self.statements.update_head, state)
        yield Step(self.statements.set_lane, (self.lane, counter))
        return tuple(places[len(places) - asked :])

    def touch(self) -> Conversation:
        """Take the lock and write the lane's counter as it is: proves that a commit works."""
        yield Step(self.statements.open_head)
        counter = yield from self._counter()
        yield Step(self.statements.set_lane, (self.lane, counter))
        return ()

    def _head(
        self, parts: Sequence[Part]
    ) -> Generator[Step, Sequence[Row], tuple[_Head, PreviousLog | None]]:
        """Lock the head of the log to write to, opening that log where it is the first of it."""
        year = max(part.year for part in parts)
        for _ in range(_TRIES):
            rows = yield Step(self.statements.open_head)
            if not rows:
                # Either the first record ever, or another writer closed that log a moment ago.
                newest = yield Step(self.statements.last_year)
                if newest[0][0] is None:
                    yield from self._open(year)
                continue
            head = _read(rows[0])
            if head.year >= year:
                return head, None
            yield Step(self.statements.close_head, (head.year,))
            yield from self._open(year)
            rows = yield Step(self.statements.open_head)
            return _read(rows[0]), PreviousLog(head.log, head.size, head.root)
        raise DatabaseFailedError("the audit log has no open head", "Run `juzhu audit verify`")

    def _open(self, year: int) -> Generator[Step, Sequence[Row], None]:
        log = f"{self.deployment}/audit/{year}"
        yield Step(self.statements.insert_head, (year, log, 0, EMPTY_ROOT, _EMPTY_FRONTIER))

    def _counter(self) -> Generator[Step, Sequence[Row], int]:
        rows = yield Step(self.statements.lane_counter, (self.lane,))
        counter = rows[0][0] if rows else 0
        if not isinstance(counter, int):
            raise DatabaseDamagedError("a lane without a counter", "Run `juzhu audit verify`")
        return counter


def _read(row: Row) -> _Head:
    year, log, size, root, frontier = row
    if not (
        isinstance(year, int)
        and isinstance(log, str)
        and isinstance(size, int)
        and isinstance(root, bytes)
        and isinstance(frontier, bytes)
    ):
        raise DatabaseDamagedError("the audit head is unreadable", "Run `juzhu audit verify`")
    return _Head(year=year, log=log, size=size, root=root, frontier=frontier)


def _grown_from(head: _Head) -> Frontier:
    """The tree as the head row has it; a head that contradicts itself is never written on."""
    frontier = Frontier.parse(head.frontier, root=head.root)
    if frontier.size != head.size:
        raise DatabaseDamagedError("the audit head was set back", "Run `juzhu audit verify`")
    return frontier
