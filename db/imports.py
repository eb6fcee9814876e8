"""What an import keeps: its cursor, whom it registered, and the rows that are held for review.

A job is known by a keyed digest of its file. Its cursor moves in the transaction that decides the
rows, by compare-and-swap, so a killed import goes on where it stopped and a second one of the same
file can't run beside it. A held row is sealed under a data key of its own; it is found again by a
keyed digest of its cells, never by opening.

This module never decides what becomes of a row, and never opens a held one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final
from uuid import uuid4

from sqlalchemy import insert, literal, select, tuple_, update
from sqlalchemy.orm import Session

from audit.entry import Draft
from db.errors import AlreadyStoredError, DatabaseError
from db.facts import NewPerson, Registration
from db.inserting import insert_new_rows, insert_rows
from db.intake import Intake
from db.ledger import Ledger
from db.lookup import ID_NUMBER
from db.models import (
    FormerLookup,
    ImportJob,
    ImportPerson,
    ImportRow,
    Lookup,
    PersonNow,
    table_of,
)
from db.rows import RowValues
from keys.ring import KeyRing, Tag

RUNNING: Final = "running"
FINISHED: Final = "finished"


class ImportTakenError(DatabaseError):
    """Another process imports the same file."""


@dataclass(frozen=True, slots=True)
class Job:
    """An import that runs: `done` rows of its file are decided and committed."""

    id: bytes
    done: int
    started_at: str = field(default="", compare=False)
    """When it began; what was recorded from then on may be its own."""


@dataclass(frozen=True, slots=True)
class Known:
    """A person who is in the register; `job` and `digest` are None where no import brought them."""

    person: bytes
    job: bytes | None
    digest: bytes | None


@dataclass(frozen=True, slots=True)
class HeldRow:
    """A row to hold for review: its cells by heading, and a keyed digest of them."""

    row: int
    code: str
    digest: bytes
    cells: Mapping[str, str] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Held:
    """Where a held row stands, since when, and why; its cells stay sealed."""

    job: bytes
    row: int
    code: str
    held_at: str


@dataclass(frozen=True, slots=True)
class Entry:
    """A person to register: the number's tag, the registration, a keyed digest of its content."""

    tag: Tag
    registration: Registration = field(repr=False)
    digest: bytes


@dataclass(frozen=True, slots=True)
class Decision:
    """What a batch of rows comes to, once it is known who stands in the register."""

    register: Sequence[Entry]
    hold: Sequence[HeldRow]


Decide = Callable[[Mapping[bytes, Known]], Decision]
"""Decides a batch from those of its tags that stand; called once for each try."""

Record = Callable[[Sequence[bytes]], Sequence[Draft]]
"""Makes the audit log's records from the ids of those who were registered."""


class Imports:
    """Writes batches of an import; its methods are work for `Database.write`."""

    __slots__ = ("_intake", "_ledger", "_ring")

    def __init__(self, ring: KeyRing, intake: Intake, ledger: Ledger) -> None:
        self._ring = ring
        self._intake = intake
        self._ledger = ledger

    def settle(
        self,
        session: Session,
        job: Job,
        tags: Sequence[Tag],
        *,
        decide: Decide,
        record: Record,
        done: int,
        now: str,
    ) -> Job:
        """Load, decide and record one batch; the cursor moves with it.

        Raises:
            AlreadyStoredError: somebody was registered by another process meanwhile: try again.
            ImportTakenError: another process imports the same file.
            HistoryError: a registration can't have happened so.
        """
        decision = decide(known_persons(session, tags))
        # In one order everywhere, or two imports could wait for each other's tags for ever.
        entries = sorted(decision.register, key=lambda entry: entry.tag)
        ids = self._intake.register(
            session,
            [NewPerson(registration=entry.registration) for entry in entries],
            recorded_at=now,
        )
        registered = {
            person: entry.digest
            for person, entry in zip(ids, entries, strict=True)
            if person is not None
        }
        if len(registered) < len(entries):
            raise AlreadyStoredError(
                "A person of this file was registered meanwhile", "Start the import again"
            )
        hold(session, self._ring, job, decision.hold, now)
        advance(session, job, done=done)
        if registered:
            _remember(session, job, registered)
            self._ledger.append_within(session, record(list(registered)))
        return replace(job, done=done)


def begin(session: Session, digest: bytes, *, now: str) -> Job:
    """Begin an import of a file, or go on with one that was interrupted.

    A file that was imported to its end is begun anew, as a job of another id: what stands in the
    register already will be found there.
    """
    found = session.scalar(select(ImportJob).where(ImportJob.digest == digest))
    if found is not None and found.state == RUNNING:
        return Job(found.id, found.rows, found.started_at)
    job = Job(uuid4().bytes, 0, now)
    values = {"id": job.id, "state": RUNNING, "started_at": now, "rows": job.done}
    if found is None:
        session.execute(insert(ImportJob).values(**values, digest=digest))
    else:
        session.execute(
            update(ImportJob)
            .where(ImportJob.id == found.id)
            .values(**values, finished_at=None)
            .execution_options(synchronize_session=False)
        )
    return job


def advance(session: Session, job: Job, *, done: int) -> None:
    """Move the cursor from `job.done` to `done`.

    Raises:
        ImportTakenError: it stands elsewhere, so somebody else moves it too.
    """
    _change(session, job, rows=done)


def finish(session: Session, job: Job, *, now: str) -> None:
    """End a job whose cursor is `job.done`.

    Raises:
        ImportTakenError: the cursor stands elsewhere.
    """
    _change(session, job, state=FINISHED, finished_at=now)


def _change(session: Session, job: Job, **values: str | int) -> None:
    table = table_of(ImportJob)
    changed = session.execute(
        update(table)
        .where(table.c.id == job.id, table.c.rows == job.done, table.c.state == RUNNING)
        .values(**values)
        .returning(table.c.id)
    )
    if changed.first() is None:
        raise ImportTakenError(
            "Another process imports the same file", "Let that one end, then start again"
        )


def known_persons(session: Session, tags: Sequence[Tag]) -> dict[bytes, Known]:
    """Those of these ID numbers' tags that stand in the register; all tags are of one version."""
    if not tags:
        return {}
    lookup, imported = table_of(Lookup), table_of(ImportPerson)
    found = session.execute(
        select(lookup.c.tag, lookup.c.person, imported.c.job, imported.c.digest)
        .select_from(lookup.outerjoin(imported, imported.c.person == lookup.c.person))
        .where(
            lookup.c.index == ID_NUMBER,
            lookup.c.version == tags[0].version,
            lookup.c.tag.in_([tag.value for tag in tags]),
        )
    )
    known = {row.tag: Known(row.person, row.job, row.digest) for row in found}
    former, now = table_of(FormerLookup), table_of(PersonNow)
    # An export may be older than a correction: a former number is no newcomer's.
    corrected = session.execute(
        select(former.c.tag, former.c.person, imported.c.job, imported.c.digest)
        .select_from(
            former.join(now, now.c.person == former.c.person).outerjoin(
                imported, imported.c.person == former.c.person
            )
        )
        .where(
            former.c.index == ID_NUMBER,
            former.c.version == tags[0].version,
            former.c.tag.in_([tag.value for tag in tags]),
        )
    )
    return {row.tag: Known(row.person, row.job, row.digest) for row in corrected} | known


def held_rows(session: Session, *, after: Held | None, limit: int) -> list[Held]:
    """The held rows behind `after`, oldest first; nothing is opened."""
    table = table_of(ImportRow)
    order = (table.c.held_at, table.c.job, table.c.row)
    wanted = select(table.c.job, table.c.row, table.c.code, table.c.held_at).order_by(*order)
    if after is not None:
        wanted = wanted.where(
            tuple_(*order) > tuple_(*map(literal, (after.held_at, after.job, after.row)))
        )
    return [Held(*row) for row in session.execute(wanted.limit(limit))]


def _remember(session: Session, job: Job, persons: Mapping[bytes, bytes]) -> None:
    insert_rows(
        session,
        ImportPerson,
        [{"person": one, "job": job.id, "digest": digest} for one, digest in persons.items()],
    )


def hold(session: Session, ring: KeyRing, job: Job, rows: Sequence[HeldRow], now: str) -> None:
    """Seal and store rows that are held; one that is held already is not held twice."""
    table = table_of(ImportRow)
    wanted = {row.digest: row for row in rows}
    if not wanted:
        return
    held = set(session.scalars(select(table.c.digest).where(table.c.digest.in_(wanted))))
    new = [_sealed(ring, job, row, now) for digest, row in wanted.items() if digest not in held]
    if new:
        insert_new_rows(session, ImportRow, new)


def _sealed(ring: KeyRing, job: Job, row: HeldRow, now: str) -> RowValues:
    return {
        "job": job.id,
        "row": row.row,
        "digest": row.digest,
        "code": row.code,
        "held_at": now,
        "sealed": ring.seal_held_row(job.id, row.row, row.cells),
    }
