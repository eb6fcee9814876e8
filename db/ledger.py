"""The audit log's writer: a record is durable before its answer leaves, or there is no answer.

`append` returns when the record is committed. Requests that come while a transaction runs share the
next one (group commit, at most `BATCH` records), so that one lock serves many. Any fault, or a
transaction slower than the set time, raises `AuditUnavailableError` for all of its batch and leaves
nothing half-written. A record is written once and whole even where the request that waits for it
is cancelled. A mutation calls `append_within` as the last step of its own transaction.

The index of persons follows in the background; its faults never reach a request.

This module never answers that a record stands before COMMIT returned, never writes a record again
after a fault, and never lets a fault's own text (which may hold values) out.
"""

import asyncio
import logging
import secrets
from collections import deque
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain

from sqlalchemy.orm import Session

from audit.entry import Draft, Part, parts_of, rehearsal
from db.database import Database
from db.errors import AuditDamagedError, DatabaseDamagedError
from db.ledger_batch import Batch, Conversation, Place
from db.ledger_follower import IndexFollower, Report
from db.ledger_index import PersonIndex
from db.ledger_reads import LedgerReads, StoredRecord
from db.ledger_start import insist_on_heads
from db.ledger_statements import Statements
from db.ledger_writers import converse_in, writer_of

__all__ = ["AuditUnavailableError", "Ledger", "Receipt", "StoredRecord"]

BATCH = 512
FAULTS_UNTIL_NOT_READY = 3
_LANE_BYTES = 8

_log = logging.getLogger(__name__)


class AuditUnavailableError(Exception):
    """The record cannot be made durable now: send no data, answer `AUDIT_UNAVAILABLE`."""

    def __init__(self) -> None:
        super().__init__(
            "The audit log cannot be written: look for the event `audit append failed`"
        )


@dataclass(frozen=True, slots=True)
class Receipt:
    """Where a draft's record stands. `parts` records stand from `index` on, without a gap."""

    log: str
    index: int
    leaf: bytes
    parts: int = 1


@dataclass(frozen=True, slots=True)
class _Waiting:
    parts: tuple[Part, ...]
    until: float
    receipt: "asyncio.Future[Receipt]"

    def tell(self, receipt: Receipt) -> None:
        """The record stands; a request that was cancelled meanwhile does not hear of it."""
        if not self.receipt.done():
            self.receipt.set_result(receipt)

    def fail(self) -> None:
        """No record stands, or nobody can tell."""
        if not self.receipt.done():
            self.receipt.set_exception(AuditUnavailableError())


class Ledger:
    """Writes the log of one deployment; one per process, between `start` and `stop`.

    Args:
        database: an open database that may be written.
        deployment: the name that the logs' names begin with.
        seconds: how long a transaction may take, and how long a record may wait for its turn.
        probe_seconds: how often a failing ledger tries by itself whether it could write again.
        index_seconds: how long the index of persons may wait after an append that names some.
        report: is told of every fault; it must not repeat the error's text, which may hold values.
    """

    def __init__(
        self,
        database: Database,
        *,
        deployment: str,
        seconds: float = 5.0,
        probe_seconds: float = 1.0,
        index_seconds: float = 1.0,
        report: Report | None = None,
    ) -> None:
        self._database = database
        self._seconds = seconds
        self._probe_seconds = probe_seconds
        self._report = report or _by_name
        self._writer = writer_of(database, seconds=seconds)
        # A lane is one process's life: random, so that a restart never continues an old counter.
        self.lane = secrets.token_hex(_LANE_BYTES)
        self._batch = Batch(Statements.of(database), deployment, self.lane)
        self._reads = LedgerReads(database)
        self._index = PersonIndex(database)
        self._follower = IndexFollower(self._index, seconds=index_seconds, report=self._report)
        self._queue: deque[_Waiting] = deque()
        self._wake = asyncio.Event()
        self._stopping = False
        self._committer: asyncio.Task[None] | None = None
        self._faults = 0
        self._contradicts = False

    @property
    def ready(self) -> bool:
        """False after three faults in a row, until a transaction succeeds.

        Never true where heads and records contradicted each other at the start.
        """
        return self._running and not self._contradicts and self._faults < FAULTS_UNTIL_NOT_READY

    @property
    def _running(self) -> bool:
        return self._committer is not None and not self._committer.done()

    async def start(self) -> None:
        """Start the committer, and what keeps the index of persons up to the log.

        Where a head contradicts its last record the ledger starts and refuses every record: what
        was written on such a log could never be told from tampering.
        """
        if self._committer is None:
            self._stopping = False
            try:
                await insist_on_heads(self._database)
            except DatabaseDamagedError as error:
                self._contradicts = True
                self._report("audit head contradicts records", error)
            self._committer = asyncio.create_task(self._run(), name="audit committer")
            self._follower.start()

    async def stop(self) -> None:
        """Take no more records, write those that wait, release the connection."""
        self._stopping = True
        self._wake.set()
        if self._committer is not None:
            await self._committer
            self._committer = None
        await self._follower.stop()
        await self._writer.close()

    async def append(self, draft: Draft) -> Receipt:
        """Write a draft; the record is durable when this returns.

        Raises:
            AuditUnavailableError: it is not, or nobody can tell; nothing may be released.
            NotCanonicalError: the draft holds what a record cannot; no other request is touched.
        """
        parts = parts_of(draft)
        if not self._running or self._stopping or self._contradicts:
            raise AuditUnavailableError
        loop = asyncio.get_running_loop()
        receipt: asyncio.Future[Receipt] = loop.create_future()
        receipt.add_done_callback(_retrieved)
        self._queue.append(_Waiting(parts, loop.time() + self._seconds, receipt))
        self._wake.set()
        # A cancelled request ends its own receipt alone: its record is written with the batch.
        return await receipt

    def append_within(self, session: Session, drafts: Sequence[Draft]) -> tuple[Receipt, ...]:
        """Write drafts in a business transaction: they stand if and only if it commits.

        Let it be the transaction's last step, the log is locked until it ends.

        Raises:
            NotCanonicalError: a draft holds what a record cannot.
            DatabaseError: the log contradicts itself; the transaction must be rolled back.
        """
        if self._contradicts:
            raise AuditDamagedError("the audit head")
        drafted = [parts_of(draft) for draft in drafts]
        if not drafted:
            return ()
        parts = list(chain.from_iterable(drafted))
        return _receipts(drafted, converse_in(session, self._batch.append(parts)))

    async def page(self, *, after: tuple[int, int] | None, limit: int) -> list[StoredRecord]:
        """Up to `limit` records, newest first; `after` is (year, index) of the last one seen."""
        return await self._reads.page(after=after, limit=limit)

    async def of_person(
        self, person: bytes, *, after: tuple[int, int] | None, limit: int
    ) -> list[StoredRecord]:
        """The same, of the records that name this person."""
        return await self._reads.of_person(person, after=after, limit=limit)

    async def index_persons(self) -> None:
        """Bring the index of persons up to the log as it stands now; look-ups never need it."""
        await self._index.catch_up()

    async def _run(self) -> None:
        while not (self._stopping and not self._queue):
            if not self._queue and await self._idle():
                continue
            batch = self._drain()
            if batch:
                await self._commit(batch)

    async def _idle(self) -> bool:
        """Wait for something to do; True where the time was used to probe a failing log."""
        self._wake.clear()
        try:
            async with asyncio.timeout(None if self._faults == 0 else self._probe_seconds):
                await self._wake.wait()
        except TimeoutError:
            await self._probe()
            return True
        return False

    def _drain(self) -> list[_Waiting]:
        """What goes into the next transaction, in the order it came."""
        now = asyncio.get_running_loop().time()
        batch: list[_Waiting] = []
        records = 0
        while self._queue and (not batch or records + len(self._queue[0].parts) <= BATCH):
            waiting = self._queue.popleft()
            if waiting.until < now:
                waiting.fail()
                continue
            batch.append(waiting)
            records += len(waiting.parts)
        return batch

    async def _commit(self, batch: Sequence[_Waiting]) -> None:
        drafted = [waiting.parts for waiting in batch]
        parts = list(chain.from_iterable(drafted))
        places = await self._attempt(self._batch.append(parts))
        if places is None:
            for waiting in batch:
                waiting.fail()
            return
        if any(part.persons for part in parts):
            self._follower.wake()
        for waiting, receipt in zip(batch, _receipts(drafted, places), strict=True):
            waiting.tell(receipt)

    async def _probe(self) -> None:
        """Without requests nobody would find out that the log works again: rehearse a record."""
        trial = self._batch.append([rehearsal()])
        if await self._attempt(trial, keep=False) is not None:
            await self._attempt(self._batch.touch())

    async def _attempt(
        self, conversation: Conversation, *, keep: bool = True
    ) -> tuple[Place, ...] | None:
        """Run one transaction; None where it failed, for whatever reason."""
        try:
            places = await self._writer.run(conversation, keep=keep)
        except Exception as error:  # noqa: BLE001 - whatever it is, no record stands and the committer must live on
            self._faults += 1
            self._report("audit append failed", error)
            return None
        if keep:
            self._faults = 0
        return places


def _receipts(drafted: Sequence[Sequence[Part]], places: Sequence[Place]) -> tuple[Receipt, ...]:
    receipts: list[Receipt] = []
    start = 0
    for parts in drafted:
        first = places[start]
        receipts.append(Receipt(first.log, first.index, first.leaf, len(parts)))
        start += len(parts)
    return tuple(receipts)


def _by_name(event: str, error: BaseException) -> None:
    _log.error("%s: %s", event, type(error).__name__)


def _retrieved(receipt: "asyncio.Future[Receipt]") -> None:
    """Nobody may be waiting any more; asyncio would complain of an error that nobody read."""
    with suppress(asyncio.CancelledError):
        receipt.exception()
