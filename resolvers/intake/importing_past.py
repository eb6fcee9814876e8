"""Importing what happened to persons who are registered already: permits and endorsements.

As with registrations, a batch is one transaction and an import that was killed goes on behind its
cursor. A row is compared with the person's own events, so the same file again adds nothing. Rows of
persons who are not in the register are held: registrations are imported first.

No value of a row leaves this module except into sealed storage.
"""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType
from typing import Final

from audit.entry import PurposeClaim, stamp
from db.act_imports import ActImports, Sought, Stored, look
from db.database import Database
from db.facts import Issue
from db.imports import HeldRow, Job
from db.intake import Intake
from db.lookup import tag_bytes
from keys.ring import KeyRing, Tag
from regulation.person_name import match_key
from resolvers.intake.codes import Code, Finding, Result, weightiest_first
from resolvers.intake.columns import Column, Kind
from resolvers.intake.earlier_rows import EarlierRows
from resolvers.intake.importing import (
    Now,
    held_row,
    import_record,
    in_batches,
    keyed_digest,
    run_batches,
)
from resolvers.intake.judgement import Outcome, PastJudgement, RegisterRow
from resolvers.intake.judging_past import judge_past
from resolvers.intake.placing import place

PURPOSES: Final[Mapping[Kind, PurposeClaim]] = MappingProxyType(
    {
        Kind.PERMITS: PurposeClaim(code="permit-application", article="17"),
        Kind.ENDORSEMENTS: PurposeClaim(code="annual-endorsement", article="20"),
        Kind.TEMPORARY_PERMITS: PurposeClaim(code="residence-registration", article="32"),
    }
)
"""On whose purpose a kind is imported, for the audit log."""

PastBatch = Sequence[tuple[RegisterRow, PastJudgement]]


class PastJudges:
    """Judges the rows of one file in their order; an act that stands twice is rejected."""

    __slots__ = ("_earlier", "_kind", "_today")

    def __init__(self, kind: Kind, *, today: date) -> None:
        self._kind = kind
        self._today = today
        self._earlier = EarlierRows()

    def batches(self, rows: Iterable[RegisterRow]) -> Iterator[PastBatch]:
        """The rows with their judgements, some at a time."""
        return in_batches(rows, self._judge)

    def _judge(self, row: RegisterRow) -> PastJudgement:
        judged = judge_past(self._kind, row.cells, today=self._today)
        # A row that was rejected stores nothing: a later, better row of that act may.
        if judged.id_number is None or judged.day is None or judged.result is Result.REJECTED:
            return judged
        first = self._earlier.first_row(judged.id_number, row.number, judged.day)
        if first == row.number:
            return judged
        twice = Finding(Code.SAME_ACT_TWICE, Column.ID_NUMBER, earlier=first)
        return replace(judged, findings=(twice, *judged.findings), row=None)


def nobody_registered(batch: PastBatch) -> list[Outcome]:
    """What would become of a batch where there is no register yet."""
    return _Batch(None, batch).outcomes_beside(Stored({}, {}), None)


class PastBook:
    """The register, as an import of permits compares rows with it."""

    __slots__ = ("_database", "_intake", "_now", "_ring")

    def __init__(self, database: Database, ring: KeyRing, intake: Intake, now: Now) -> None:
        self._database = database
        self._ring = ring
        self._intake = intake
        self._now = now

    async def compare(self, batch: PastBatch) -> list[Outcome]:
        """Say what would become of a batch, and write nothing."""
        work, now = _Batch(self._ring, batch), stamp(self._now())
        stored = await self._database.read(
            lambda session: look(session, self._intake, work.sought, now=now, lock=False)
        )
        return work.outcomes_beside(stored, None)


class PastImporter:
    """Imports files of one kind, one at a time, into an open database."""

    __slots__ = ("_database", "_imports", "_kind", "_now", "_ring")

    def __init__(
        self, kind: Kind, database: Database, ring: KeyRing, imports: ActImports, now: Now
    ) -> None:
        self._kind = kind
        self._database = database
        self._ring = ring
        self._imports = imports
        self._now = now

    def run(self, batches: Iterable[PastBatch], file: bytes) -> AsyncIterator[list[Outcome]]:
        """Import the batches of a file, whose digest is `file`; each is durable when it is told.

        Raises:
            ImportTakenError: another process imports the same file.
            DatabaseError: the database can't be used; what was told before stands.
        """
        digest = keyed_digest(self._ring, "file", [self._kind, file.hex()])
        return run_batches(self._database, digest, self._now, batches, self._take)

    async def _take(self, job: Job, batch: PastBatch) -> tuple[Job, list[Outcome]]:
        work, moment = _Batch(self._ring, batch), self._now()
        purpose = PURPOSES[self._kind]
        settled = await self._database.write(
            lambda session: self._imports.settle(
                session,
                job,
                work.sought,
                place=lambda stored: work.place(stored, job),
                record=lambda persons: [import_record(moment, persons, purpose)],
                done=max(job.done, batch[-1][0].number),
                now=stamp(moment),
            )
        )
        return settled, work.outcomes


class _Batch:
    """One batch on its way through a transaction."""

    __slots__ = ("_batch", "_ring", "_tags", "outcomes", "sought")

    def __init__(self, ring: KeyRing | None, batch: PastBatch) -> None:
        self._batch = batch
        self._ring = ring
        self._tags: dict[int, tuple[Tag, bytes]] = {}
        numbers: set[str] = set()
        for row, judged in batch:
            found = judged.row
            if found is None or ring is None:
                continue
            name = ring.id_name_tag(found.id_number, match_key(found.name))
            self._tags[row.number] = (ring.id_number_tag(found.id_number), tag_bytes(name))
            numbers |= {
                act.number
                for act in found.acts
                if isinstance(act, Issue) and act.number is not None
            }
        tags = {number.value: number for number, _ in self._tags.values()}
        self.sought = Sought(list(tags.values()), sorted(numbers))
        self.outcomes: list[Outcome] = []

    def place(self, stored: Stored, job: Job) -> list[HeldRow]:
        """Add what fits; rows before the cursor are held already, where they are."""
        self.outcomes = self.outcomes_beside(stored, job)
        ring = self._ring
        return [
            held_row(ring, row, outcome.code)
            for (row, _), outcome in zip(self._batch, self.outcomes, strict=True)
            if ring is not None and outcome.result is Result.HELD and row.number > job.done
        ]

    def outcomes_beside(self, stored: Stored, job: Job | None) -> list[Outcome]:
        """What becomes of each row, in their order, beside what is stored."""
        own_since = None if job is None else job.started_at
        return [
            Outcome(row.number, self._findings(row.number, judged, stored, own_since))
            for row, judged in self._batch
        ]

    def _findings(
        self, number: int, judged: PastJudgement, stored: Stored, own_since: str | None
    ) -> tuple[Finding, ...]:
        if judged.row is None:
            return judged.findings
        tags = self._tags.get(number)
        past = None if tags is None else stored.pasts.get(tags[0].value)
        if tags is None or past is None:
            return (Finding(Code.PERSON_NOT_REGISTERED, Column.ID_NUMBER), *judged.findings)
        if past.name_tag != tags[1]:
            return (Finding(Code.NAME_DIFFERS_FROM_REGISTER, Column.NAME), *judged.findings)
        found = place(judged.row.acts, past, stored.holders, own_since=own_since)
        if found == (Finding(Code.UNCHANGED),) and judged.findings:
            found = (replace(found[0], column=judged.findings[0].column),)
        return weightiest_first([*found, *judged.findings])
