"""Importing a register export: each row judged, compared with the register, registered or held.

Rows are taken in batches. A batch is one transaction: the persons it registers, the rows it holds,
the record in the audit log and the cursor, or nothing of all that. An import that was killed goes
on behind its cursor; the rows before it are judged again, for the report and to find a person who
stands twice, and nothing of them is written again.

The operator who starts an import at the machine is its authority; there is no other caller. No
value of a row leaves this module except into sealed storage.
"""

import asyncio
from collections.abc import (
    AsyncIterator,
    Callable,
    Coroutine,
    Iterable,
    Iterator,
    Mapping,
    Sequence,
)
from contextlib import suppress
from dataclasses import replace
from datetime import date, datetime
from itertools import islice
from typing import Final, TypeVar
from uuid import uuid4

import orjson

from audit.entry import Actor, Draft, PurposeClaim, Subject, stamp
from audit.entry import Outcome as Ending
from db.database import Database
from db.errors import AlreadyStoredError
from db.facts import Registration
from db.imports import (
    Decision,
    Entry,
    HeldRow,
    Imports,
    Job,
    Known,
    begin,
    finish,
    known_persons,
)
from db.inserting import expect_many_rows
from keys.ring import KeyRing, Purpose
from regulation.calendar import WorkingCalendar
from resolvers.intake.codes import Code, Finding, Result
from resolvers.intake.columns import Column
from resolvers.intake.earlier_rows import EarlierRows
from resolvers.intake.judgement import Judgement, Outcome, RegisterRow
from resolvers.intake.judging import judge

BATCH: Final = 1000
"""Rows of one transaction."""

_TRIES: Final = 5
_ACTION: Final = "import"
_OPERATOR: Final = Actor(
    client="juzhu import",
    department="operator",
    roles=(),
    authentication="machine",
    address="local",
)
_PURPOSE: Final = PurposeClaim(code="residence-registration", article="10")

J = TypeVar("J")
B = TypeVar("B")

Now = Callable[[], datetime]
Batch = Sequence[tuple[RegisterRow, Judgement]]


class Judges:
    """Judges the rows of one file in their order; a person who stands twice is rejected."""

    __slots__ = ("_calendar", "_earlier", "_today")

    def __init__(self, *, today: date, calendar: WorkingCalendar) -> None:
        self._today = today
        self._calendar = calendar
        self._earlier = EarlierRows()

    def batches(self, rows: Iterable[RegisterRow]) -> Iterator[Batch]:
        """The rows with their judgements, `BATCH` at a time."""
        return in_batches(rows, self._judge)

    def _judge(self, row: RegisterRow) -> Judgement:
        judgement = judge(row.cells, today=self._today, calendar=self._calendar)
        # A row that was rejected registers nobody: a later, better row of that person may.
        if judgement.id_number is None or judgement.result is Result.REJECTED:
            return judgement
        first = self._earlier.first_row(judgement.id_number, row.number)
        if first == row.number:
            return judgement
        twice = Finding(Code.DUPLICATE_ROW, Column.ID_NUMBER, earlier=first)
        return replace(judgement, findings=(twice, *judgement.findings), registration=None)


def in_batches(
    rows: Iterable[RegisterRow], judge_row: Callable[[RegisterRow], J]
) -> Iterator[Sequence[tuple[RegisterRow, J]]]:
    """The rows with their judgements, `BATCH` at a time."""
    source = iter(rows)
    while batch := [(row, judge_row(row)) for row in islice(source, BATCH)]:
        yield batch


def judged_alone(batch: Batch) -> list[Outcome]:
    """What would become of a batch where there is no register yet."""
    return [Outcome(row.number, judgement.findings) for row, judgement in batch]


class RegisterBook:
    """The register, as an import compares rows with it."""

    __slots__ = ("_database", "_ring")

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database = database
        self._ring = ring

    async def compare(self, batch: Batch) -> list[Outcome]:
        """Say what would become of a batch, and write nothing."""
        entries = _entries(self._ring, batch)
        tags = [entry.tag for entry in entries.values()]
        known = await self._database.read(lambda session: known_persons(session, tags))
        return [_outcome(row, judgement, entries, known, None) for row, judgement in batch]


async def run_batches(
    database: Database,
    digest: bytes,
    now: Now,
    batches: Iterable[B],
    take: Callable[[Job, B], Coroutine[None, None, tuple[Job, list[Outcome]]]],
) -> AsyncIterator[list[Outcome]]:
    """Begin the job of a file, or go on with it; take its batches in their order; end it."""
    started = stamp(now())
    await database.write(expect_many_rows)
    job = await database.write(lambda session: begin(session, digest, now=started))
    source = iter(batches)
    batch = next(source, None)
    while batch is not None:
        # While the database writes and flushes one batch, the next one is read and judged.
        taking = asyncio.create_task(take(job, batch))
        try:
            await asyncio.sleep(0)
            batch = next(source, None)
        finally:
            job, outcomes = await taking
        yield outcomes
    ended, done = stamp(now()), job
    await database.write(lambda session: finish(session, done, now=ended))


class Importer:
    """Imports one file at a time into an open database."""

    __slots__ = ("_database", "_imports", "_now", "_ring")

    def __init__(self, database: Database, ring: KeyRing, imports: Imports, now: Now) -> None:
        self._database = database
        self._ring = ring
        self._imports = imports
        self._now = now

    def run(self, batches: Iterable[Batch], file: bytes) -> AsyncIterator[list[Outcome]]:
        """Import the batches of a file, whose digest is `file`; each is durable when it is told.

        Raises:
            ImportTakenError: another process imports the same file.
            DatabaseError: the database can't be used; what was told before stands.
        """
        digest = keyed_digest(self._ring, "file", [file.hex()])
        return run_batches(self._database, digest, self._now, batches, self._take)

    async def _take(self, job: Job, batch: Batch) -> tuple[Job, list[Outcome]]:
        """Settle a batch; again where another process registered one of its persons meanwhile."""
        for _ in range(_TRIES - 1):
            with suppress(AlreadyStoredError):
                return await self._settle(_Batch(self._ring, job, batch), job)
        return await self._settle(_Batch(self._ring, job, batch), job)

    async def _settle(self, work: "_Batch", job: Job) -> tuple[Job, list[Outcome]]:
        moment = self._now()
        settled = await self._database.write(
            lambda session: self._imports.settle(
                session,
                job,
                work.tags,
                decide=work.decide,
                record=lambda persons: [import_record(moment, persons, _PURPOSE)],
                done=work.done,
                now=stamp(moment),
            )
        )
        return settled, work.outcomes


class _Batch:
    """One batch on its way through a transaction."""

    __slots__ = ("_batch", "_entries", "_job", "_ring", "done", "outcomes", "tags")

    def __init__(self, ring: KeyRing, job: Job, batch: Batch) -> None:
        self._ring = ring
        self._job = job
        self._batch = batch
        self._entries = _entries(ring, batch)
        self.tags = [entry.tag for entry in self._entries.values()]
        self.done = max(job.done, batch[-1][0].number)
        self.outcomes: list[Outcome] = []

    def decide(self, known: Mapping[bytes, Known]) -> Decision:
        """Who is registered and what is held; rows before the cursor were decided earlier."""
        self.outcomes = [
            _outcome(row, judgement, self._entries, known, self._job)
            for row, judgement in self._batch
        ]
        register: list[Entry] = []
        held: list[HeldRow] = []
        for (row, _), outcome in zip(self._batch, self.outcomes, strict=True):
            if row.number <= self._job.done:
                continue
            entry = self._entries.get(row.number)
            if outcome.result is Result.HELD:
                held.append(held_row(self._ring, row, outcome.code))
            elif entry is not None and entry.tag.value not in known:
                register.append(entry)
        return Decision(register, held)


def _entries(ring: KeyRing, batch: Batch) -> dict[int, Entry]:
    """The rows that could be registered, by number."""
    return {
        row.number: Entry(
            ring.id_number_tag(judgement.registration.id_number),
            judgement.registration,
            _content_digest(ring, judgement.registration),
        )
        for row, judgement in batch
        if judgement.registration is not None
    }


def _outcome(
    row: RegisterRow,
    judgement: Judgement,
    entries: Mapping[int, Entry],
    known: Mapping[bytes, Known],
    job: Job | None,
) -> Outcome:
    """What becomes of a row, now that it is known whether the person stands in the register."""
    entry = entries.get(row.number)
    standing = known.get(entry.tag.value) if entry is not None else None
    if entry is None or standing is None or (job is not None and standing.job == job.id):
        return Outcome(row.number, judgement.findings)
    if standing.digest is None:
        found = Finding(Code.REGISTERED_OTHERWISE, Column.ID_NUMBER)
    elif standing.digest != entry.digest:
        found = Finding(Code.DIFFERS_FROM_REGISTER, Column.ID_NUMBER)
    else:
        marked = judgement.findings[0].column if judgement.findings else None
        found = Finding(Code.UNCHANGED, marked)
    return Outcome(row.number, (found, *judgement.findings))


def held_row(ring: KeyRing, row: RegisterRow, code: Code) -> HeldRow:
    """A row to hold, known again by a keyed digest of its cells."""
    cells = {column.name: cell for column, cell in (row.cells or {}).items()}
    # The running number is the export's, not the person's.
    content = [[name, cells[name]] for name in sorted(cells) if name != Column.NUMBER.name]
    return HeldRow(row.number, code.name, keyed_digest(ring, "row", content), cells)


def _content_digest(ring: KeyRing, registration: Registration) -> bytes:
    """A keyed digest of all that a registration says; equal for equal content alone."""
    return keyed_digest(
        ring,
        "person",
        [
            registration.id_number,
            registration.name,
            registration.sex,
            registration.ethnicity,
            registration.birth_date.isoformat(),
            registration.hukou_county,
            registration.hukou_address,
            registration.phone,
            registration.workplace,
            registration.county,
            registration.township,
            registration.address,
            registration.reason,
            registration.arrived_on.isoformat(),
            registration.registered_on.isoformat(),
            registration.office,
        ],
    )


def keyed_digest(ring: KeyRing, kind: str, content: Sequence[object]) -> bytes:
    """What an import knows a file, a person's content or a row again by, without keeping it."""
    return ring.digest(Purpose.IMPORT_DIGEST, orjson.dumps([kind, *content]))


def import_record(moment: datetime, persons: Sequence[bytes], purpose: PurposeClaim) -> Draft:
    """The audit log's record of a batch: whose rows were stored, by whom, and no value."""
    identity = uuid4()
    return Draft(
        id=identity.bytes,
        time=moment,
        request=str(identity),
        action=_ACTION,
        outcome=Ending.RELEASED,
        actor=_OPERATOR,
        purpose=purpose,
        subjects=[Subject(person=person, fields=()) for person in persons],
    )
