"""Verification of the log in a database, beside running writers and in constant memory.

The heads and lane counters are read in one snapshot; the log only grows, so the records below those
sizes can then be read page by page without holding a snapshot open. Of the index of persons it
checks what the heads say is covered; the rest is still to come. This module never writes.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass

from sqlalchemy import func, literal, select, text, tuple_
from sqlalchemy.orm import Session

from audit.canonical import load_canonical
from audit.persons import BUCKET, Entry, first_difference, persons_of
from audit.verify import Broken, Carried, Intact, LogCheck, StoredHead, StoredLeaf
from db.database import Database
from db.models import AuditHead, AuditLane, AuditRecord, AuditSubject

PAGE = 2000

Progress = Callable[[int, int], None]
"""Told after each page: records checked, records in all."""


@dataclass(frozen=True, slots=True)
class _Snapshot:
    heads: tuple[StoredHead, ...]
    lanes: dict[str, int]
    beyond: tuple[tuple[int, int], ...]
    """(year, lowest index) of records that no head covers."""


async def verify_ledger(
    database: Database, progress: Progress | None = None
) -> tuple[Intact | Broken, ...]:
    """Verify every year's log in order, up to the first fault, which comes last if there is one."""
    snapshot = await database.read(_snapshot)
    total = sum(head.size for head in snapshot.heads)
    carried, done = Carried(), 0
    verdicts: list[Intact | Broken] = []
    for head in snapshot.heads:
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
    heads = tuple(
        StoredHead(year=year, log=log, size=size, root=root, frontier=frontier, indexed=indexed)
        for year, log, size, root, frontier, indexed in session.execute(
            select(
                AuditHead.year,
                AuditHead.log,
                AuditHead.size,
                AuditHead.root,
                AuditHead.frontier,
                AuditHead.indexed,
            ).order_by(AuditHead.year)
        )
    )
    rows = session.execute(select(AuditLane.lane, AuditLane.counter))
    lanes = {row.lane: row.counter for row in rows}
    sizes = {head.year: head.size for head in heads}
    beyond = tuple(_beyond(session, sizes))
    return _Snapshot(heads, lanes, beyond)


def _beyond(session: Session, sizes: Mapping[int, int]) -> Iterator[tuple[int, int]]:
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
        rows = session.execute(
            select(AuditRecord.index, AuditRecord.leaf_hash, AuditRecord.body)
            .where(AuditRecord.year == year, AuditRecord.index >= start, AuditRecord.index < stop)
            .order_by(AuditRecord.index)
        )
        return [StoredLeaf(index=index, leaf=leaf, body=body) for index, leaf, body in rows]

    return work


def _left_over(snapshot: _Snapshot, carried: Carried) -> Broken | None:
    """Records outside every head, and counters outside every record."""
    logs = {head.year: head for head in snapshot.heads}
    for year, index in snapshot.beyond:
        log = logs[year].log if year in logs else f"the year {year}, which has no head"
        return Broken(log, index, "a record stands beyond the head's size")
    lane = carried.unfinished_lane(snapshot.lanes)
    if lane is None:
        return None
    newest = snapshot.heads[-1] if snapshot.heads else None
    return Broken(
        newest.log if newest else "no log",
        newest.size if newest else 0,
        f"the last record of lane {lane} is missing: head and records were set back",
    )


async def _persons_differ(
    database: Database, snapshot: _Snapshot, carried: Carried
) -> Broken | None:
    """Sum up the index of persons, and where a bucket differs find the record."""
    covered = {head.year: head.indexed for head in snapshot.heads}
    after: Entry = (b"", 0, 0)
    while rows := await database.read(_persons_after(after)):
        for entry in rows:
            # Entries that the snapshot does not count yet are none of this verification's.
            if entry[2] < covered.get(entry[1], 0):
                carried.persons.found(entry)
        after = rows[-1]
    place = carried.persons.differing()
    if place is None:
        return None
    year, bucket = place
    start, stop = bucket * BUCKET, min((bucket + 1) * BUCKET, covered[year])
    leaves = await database.read(_leaves_between(year, start, stop))
    expected = [
        (person, year, leaf.index)
        for leaf in leaves
        for person in persons_of(load_canonical(leaf.body))
    ]
    found = await database.read(_persons_of_bucket(year, start, stop))
    index = first_difference(expected, found)
    log = next(head.log for head in snapshot.heads if head.year == year)
    why = "the index of persons does not agree with the body"
    return Broken(log, start if index is None else index, why)


def _persons_after(after: Entry) -> Callable[[Session], list[Entry]]:
    key = (AuditSubject.person, AuditSubject.year, AuditSubject.index)

    def work(session: Session) -> list[Entry]:
        rows = session.execute(
            select(*key)
            .where(tuple_(*key) > tuple_(*(literal(value) for value in after)))
            .order_by(*key)
            .limit(PAGE * 5)
        )
        return [(person, year, index) for person, year, index in rows]

    return work


def _persons_of_bucket(year: int, start: int, stop: int) -> Callable[[Session], list[Entry]]:
    def work(session: Session) -> list[Entry]:
        rows = session.execute(
            select(AuditSubject.person, AuditSubject.year, AuditSubject.index).where(
                AuditSubject.year == year, AuditSubject.index >= start, AuditSubject.index < stop
            )
        )
        return [(person, year, index) for person, year, index in rows]

    return work
