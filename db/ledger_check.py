"""Verification of the log in a database, beside running writers and in constant memory.

The heads and lane counters are read in one snapshot; the log only grows, so the records below those
sizes can then be read page by page without holding a snapshot open. Of the index of persons it
checks what the heads say is covered; the rest is still to come. This module never writes.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, literal, select, text, tuple_
from sqlalchemy.orm import Session

from audit.canonical import load_canonical
from audit.persons import BUCKET, Entry, first_difference, persons_of
from audit.verify import Broken, Carried, Intact, LogCheck, StoredHead, StoredLeaf, read_head
from db.database import Database
from db.models import AuditHead, AuditLane, AuditRecord, AuditSubject
from db.stored_type import of_its_type

PAGE = 2000

Progress = Callable[[int, int], None]
"""Told after each page: records checked, records in all."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    heads: tuple[StoredHead | Broken, ...]
    lanes: dict[str, int]
    unreadable_lane: bool
    beyond: tuple[tuple[object, object], ...]
    """(year, lowest index) of records that no head covers."""

    @property
    def readable(self) -> tuple[StoredHead, ...]:
        """All heads, where none is broken."""
        return tuple(head for head in self.heads if isinstance(head, StoredHead))


async def verify_ledger(
    database: Database, progress: Progress | None = None
) -> tuple[Intact | Broken, ...]:
    """Verify every year's log in order, up to the first fault, which comes last if there is one."""
    snapshot = await database.read(_snapshot)
    total = sum(head.size for head in snapshot.readable)
    carried, done = Carried(), 0
    verdicts: list[Intact | Broken] = []
    for head in snapshot.heads:
        if isinstance(head, Broken):
            return (*verdicts, head)
        check = LogCheck(head, carried)
        for start in range(0, head.size, PAGE):
            stop = min(start + PAGE, head.size)
            rows = await database.read(_leaves_between(head.year, start, stop))
            broken = check.feed(rows)
            if broken is not None:
                return (*verdicts, broken)
            if not rows:
                # The head counts more records than there are, perhaps billions: `finish` says so.
                break
            done += stop - start
            if progress is not None:
                progress(done, total)
        verdict = check.finish()
        if isinstance(verdict, Broken):
            return (*verdicts, verdict)
        verdicts.append(verdict)
    broken = _left_over(snapshot, carried) or await _persons_differ(database, snapshot, carried)
    return tuple(verdicts) if broken is None else (*verdicts, broken)


def _snapshot(session: Session) -> _Snapshot:
    if session.get_bind().dialect.name == "postgresql":
        # Each statement would otherwise see what was committed since the one before.
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    sqlite = _is_sqlite(session)
    heads = tuple(
        read_head(year=year, log=log, size=size, root=root, frontier=frontier, indexed=indexed)
        for year, log, size, root, frontier, indexed in session.execute(
            select(
                of_its_type(AuditHead.year, "integer", sqlite=sqlite),
                of_its_type(AuditHead.log, "text", sqlite=sqlite),
                of_its_type(AuditHead.size, "integer", sqlite=sqlite),
                of_its_type(AuditHead.root, "blob", sqlite=sqlite),
                of_its_type(AuditHead.frontier, "blob", sqlite=sqlite),
                of_its_type(AuditHead.indexed, "integer", sqlite=sqlite),
            ).order_by(AuditHead.year)
        )
    )
    lanes = session.execute(
        select(
            of_its_type(AuditLane.lane, "text", sqlite=sqlite),
            of_its_type(AuditLane.counter, "integer", sqlite=sqlite),
        )
    ).all()
    readable = {
        lane: counter
        for lane, counter in lanes
        if isinstance(lane, str) and isinstance(counter, int)
    }
    sizes = {head.year: head.size for head in heads if isinstance(head, StoredHead)}
    return _Snapshot(heads, readable, len(readable) < len(lanes), tuple(_beyond(session, sizes)))


def _is_sqlite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def _beyond(session: Session, sizes: Mapping[int, int]) -> Iterator[tuple[object, object]]:
    """The lowest record that no head covers, for each year that has one."""
    year = session.scalar(select(func.min(AuditRecord.year)))
    while year is not None:
        index = session.scalar(
            select(func.min(AuditRecord.index)).where(
                AuditRecord.year == year, AuditRecord.index >= sizes.get(year, 0)
            )
        )
        if index is not None:
            yield year, index
        # A step from year to year by the primary key: counting them would read every record.
        year = session.scalar(select(func.min(AuditRecord.year)).where(AuditRecord.year > year))


def _leaves_between(year: int, start: int, stop: int) -> Callable[[Session], list[StoredLeaf]]:
    def work(session: Session) -> list[StoredLeaf]:
        sqlite = _is_sqlite(session)
        rows = session.execute(
            select(
                of_its_type(AuditRecord.index, "integer", sqlite=sqlite),
                of_its_type(AuditRecord.leaf_hash, "blob", sqlite=sqlite),
                of_its_type(AuditRecord.body, "blob", sqlite=sqlite),
            )
            .where(AuditRecord.year == year, AuditRecord.index >= start, AuditRecord.index < stop)
            .order_by(AuditRecord.index)
        )
        return [StoredLeaf(index=index, leaf=leaf, body=body) for index, leaf, body in rows]

    return work


def _left_over(snapshot: _Snapshot, carried: Carried) -> Broken | None:
    """Records outside every head, and counters outside every record."""
    for year, index in snapshot.beyond:
        return _beyond_its_head(snapshot, year, index)
    lane = carried.unfinished_lane(snapshot.lanes)
    if snapshot.unreadable_lane:
        why = "a lane or its counter is not of its type"
    elif lane is not None:
        why = f"the last record of lane {lane} is missing: head and records were set back"
    else:
        return None
    return _at_the_end(snapshot, why)


def _beyond_its_head(snapshot: _Snapshot, year: object, index: object) -> Broken:
    heads = {head.year: head for head in snapshot.readable}
    if not (isinstance(year, int) and isinstance(index, int)):
        head = heads.get(year) if isinstance(year, int) else None
        why = "a record's year or index is no integer"
        return _at_the_end(snapshot, why) if head is None else Broken(head.log, head.size, why)
    log = heads[year].log if year in heads else f"the year {year}, which has no head"
    return Broken(log, index, "a record stands beyond the head's size")


def _at_the_end(snapshot: _Snapshot, why: str) -> Broken:
    newest = snapshot.readable[-1] if snapshot.readable else None
    return Broken(newest.log if newest else "no log", newest.size if newest else 0, why)


async def _persons_differ(
    database: Database, snapshot: _Snapshot, carried: Carried
) -> Broken | None:
    """Sum up the index of persons, and where a bucket differs find the record."""
    covered = {head.year: head.indexed for head in snapshot.readable}
    after: Sequence[object] = (b"", 0, 0)
    strange = False
    while rows := await database.read(_persons_after(after)):
        for row in rows:
            entry = _entry(row)
            strange = strange or entry is None
            # Entries that the snapshot does not count yet are none of this verification's.
            if entry is not None and entry[2] < covered.get(entry[1], 0):
                carried.persons.found(entry)
        after = rows[-1]
    place = carried.persons.differing()
    if place is None:
        why = "the index of persons holds a row that is no entry"
        return _at_the_end(snapshot, why) if strange else None
    year, bucket = place
    start, stop = bucket * BUCKET, min((bucket + 1) * BUCKET, covered[year])
    leaves = await database.read(_leaves_between(year, start, stop))
    expected = [
        (person, year, leaf.index)
        for leaf in leaves
        if isinstance(leaf.index, int) and isinstance(leaf.body, bytes)
        for person in persons_of(load_canonical(leaf.body))
    ]
    rows = await database.read(_persons_of_bucket(year, start, stop))
    found = [entry for entry in map(_entry, rows) if entry is not None]
    index = first_difference(expected, found)
    log = next(head.log for head in snapshot.readable if head.year == year)
    why = "the index of persons does not agree with the body"
    return Broken(log, start if index is None else index, why)


def _entry(row: Sequence[object]) -> Entry | None:
    """A row of the index of persons; None where it can't be one."""
    person, year, index = row
    if not (isinstance(person, bytes) and isinstance(year, int) and isinstance(index, int)):
        return None
    return None if index < 0 else (person, year, index)


def _persons_after(after: Sequence[object]) -> Callable[[Session], list[Sequence[object]]]:
    key = (AuditSubject.person, AuditSubject.year, AuditSubject.index)

    def work(session: Session) -> list[Sequence[object]]:
        rows = session.execute(
            select(*key)
            .where(tuple_(*key) > tuple_(*(literal(value) for value in after)))
            .order_by(*key)
            .limit(PAGE * 5)
        )
        return [tuple(row) for row in rows]

    return work


def _persons_of_bucket(
    year: int, start: int, stop: int
) -> Callable[[Session], list[Sequence[object]]]:
    def work(session: Session) -> list[Sequence[object]]:
        rows = session.execute(
            select(AuditSubject.person, AuditSubject.year, AuditSubject.index).where(
                AuditSubject.year == year, AuditSubject.index >= start, AuditSubject.index < stop
            )
        )
        return [tuple(row) for row in rows]

    return work
