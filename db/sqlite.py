"""A database in one file: one thread that writes, direct reads on the thread that serves.

SQLite before 3.51.3 can corrupt a WAL that two connections write to, so there is exactly one
writing connection, which is also the only one that checkpoints; `writer.lock` keeps a second
process out. `secure_delete` and the TRUNCATE checkpoint at the end remove deleted keys from the
file and its WAL.

This module never keeps a read transaction open.
"""

import asyncio
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Literal, TypeVar, TypeVarTuple

from sqlalchemy import Dialect, create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from db.database import Database, DatabaseSettings, Migrated, Prepared, Row
from db.errors import DatabaseError, DatabaseReadOnlyError, closed
from db.migrate import require_current, upgrade
from db.sqlite_file import WriterLock, connect, prepare_file, sqlite_fault, system_fault

T = TypeVar("T")
Ts = TypeVarTuple("Ts")
C = TypeVar("C")

# The connection that answers look-ups keeps 32 MiB of pages; the others SQLite's own 2 MiB.
_HOT_CACHE = "PRAGMA cache_size=-32768"


_STEPS = 40_000
"""Steps of SQLite's machine that a page may take on the thread that serves: some milliseconds. The
longest page there is, of 200 persons with all groups, takes a quarter where its index fits."""

_STEPS_A_CALL = 1_000


class _Lane:
    """A thread with a connection of its own; what is asked of it is done in that order."""

    def __init__(self, name: str, path: Path, *, writing: bool = False) -> None:
        self.engine = _engine(path, writing=writing)
        self._thread = ThreadPoolExecutor(1, name)

    async def run(self, work: Callable[[Engine, *Ts], T], *arguments: *Ts) -> T:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, work, self.engine, *arguments)

    async def close(self, last: Callable[[Engine], None]) -> None:
        """Do what was asked for before, then this last thing."""
        await self.run(last)
        await asyncio.get_running_loop().run_in_executor(None, self._thread.shutdown)


class SqliteDatabase(Database):
    """The database of one file."""

    kind: Literal["sqlite"] = "sqlite"

    def __init__(self, path: Path, *, lock: WriterLock | None) -> None:
        self._path = path
        self._lock = lock
        self._writer = None if lock is None else _Lane("juzhu-writer", path, writing=True)
        self._reader = _Lane("juzhu-reader", path)
        self._scanner = _Lane("juzhu-scanner", path)
        self._watcher = _Lane("juzhu-watcher", path)
        self._direct: sqlite3.Connection | None = None
        self._closed = False

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's words for SQLite."""
        return self._reader.engine.dialect

    async def start(self) -> None:
        """Bring the tables to this release, or in a reading process insist that they are."""
        if self._writer is not None:
            self.migrated = await self._writer.run(_migrate)
        else:
            self.migrated = await self._reader.run(_insist)
        try:
            self._direct = connect(self._path, writing=False)
            self._direct.execute(_HOT_CACHE)
        except sqlite3.Error as error:
            raise sqlite_fault(error) from None

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run on the writer thread, after what was asked for before."""
        return await self._on_writer(_transaction, work)

    async def write_raw(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run on the writer thread with the driver's own connection and no transaction begun.

        For the ledger, whose batches are counted in microseconds; `work` begins and ends its
        transaction and meets the driver's own errors.
        """
        return await self._on_writer(_raw, work)

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run on the reader thread, which has a connection of its own."""
        self._require_open()
        return await self._reader.run(_transaction, work)

    async def watch(self, work: Callable[[Session], T]) -> T:
        """Run on the watcher thread, which no other read keeps waiting."""
        self._require_open()
        return await self._watcher.run(_transaction, work)

    async def fetch(self, statement: Prepared, parameters: Mapping[str, object]) -> Sequence[Row]:
        """Ask directly: handing a point read to a thread costs three times the read.

        Reads of one turn of the event loop look at one snapshot: finding out whether the file has
        changed costs more than a read. Nobody who waited for a commit reads an older state: that
        waiting ends in a later turn than the look.
        """
        try:
            return self._look(statement, parameters)
        except sqlite3.Error as error:
            raise sqlite_fault(error) from None

    async def page(self, statement: Prepared, parameters: Mapping[str, object]) -> Sequence[Row]:
        """Ask directly, for so many steps; what takes more is asked anew on the scanner thread.

        A page that its index gives costs more beside a busy event loop than on it: each of its rows
        would wait for the interpreter's lock.
        """
        left = count(_STEPS // _STEPS_A_CALL, -1)
        if self._direct is not None:
            self._direct.set_progress_handler(lambda: next(left) <= 0, _STEPS_A_CALL)
        try:
            return self._look(statement, parameters)
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
                raise sqlite_fault(error) from None
        except sqlite3.Error as error:
            raise sqlite_fault(error) from None
        finally:
            if self._direct is not None:
                self._direct.set_progress_handler(None, 0)
        return await self.scan(statement, parameters)

    def _look(self, statement: Prepared, parameters: Mapping[str, object]) -> Sequence[Row]:
        direct = self._direct
        if direct is None:
            raise closed()
        if not direct.in_transaction:
            # In this order: a look that nobody ends would show this one moment for good.
            asyncio.get_running_loop().call_soon(self._end_look, direct)
            direct.execute("BEGIN")
        return direct.execute(
            statement.sql, [parameters[name] for name in statement.names]
        ).fetchall()

    @staticmethod
    def _end_look(direct: sqlite3.Connection) -> None:
        # There may be nothing to end, the connection may be closed by now, and a damaged file may
        # refuse even this.
        with suppress(sqlite3.Error):
            direct.execute("ROLLBACK")

    async def scan(self, statement: Prepared, parameters: Mapping[str, object]) -> Sequence[Row]:
        """Ask on the scanner thread: however many wait there, other reads go on."""
        values = [parameters[name] for name in statement.names]

        def work(connection: sqlite3.Connection) -> Sequence[Row]:
            return connection.execute(statement.sql, values).fetchall()

        self._require_open()
        try:
            return await self._scanner.run(_raw, work)
        except sqlite3.Error as error:
            raise sqlite_fault(error) from None

    async def close(self) -> None:
        """Finish the writer's work, empty the WAL into the file, release the lock."""
        if self._closed:
            return
        self._closed = True
        if self._direct is not None:
            self._direct.close()
            self._direct = None
        for lane in (self._watcher, self._scanner, self._reader):
            await lane.close(Engine.dispose)
        if self._writer is not None:
            await self._writer.close(_finish)
        if self._lock is not None:
            self._lock.release()

    def _require_open(self) -> None:
        if self._closed:
            raise closed()

    async def _on_writer(
        self, run: Callable[[Engine, Callable[[C], T]], T], work: Callable[[C], T]
    ) -> T:
        self._require_open()
        if self._writer is None:
            raise _reading_only()
        return await self._writer.run(run, work)


async def open_sqlite(path: Path, settings: DatabaseSettings) -> SqliteDatabase:
    """Open the file, creating it when it doesn't exist and may be written."""
    lock = None
    if settings.writing:
        try:
            settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise system_fault(error) from None
        lock = WriterLock(settings.home)
    try:
        prepare_file(path, writing=settings.writing)
        database = SqliteDatabase(path, lock=lock)
    except BaseException:
        if lock is not None:
            lock.release()
        raise
    try:
        await database.start()
    except BaseException:
        await database.close()
        raise
    return database


def _engine(path: Path, *, writing: bool) -> Engine:
    """One connection, made by the thread that uses it and kept."""
    engine = create_engine(
        "sqlite://",
        creator=lambda: connect(path, writing=writing),
        poolclass=StaticPool,
        hide_parameters=True,
    )
    begin = "BEGIN IMMEDIATE" if writing else "BEGIN"

    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "begin", start)
    return engine


def _migrate(engine: Engine) -> Migrated:
    try:
        with engine.begin() as connection:
            return upgrade(connection)
    except DBAPIError as error:
        raise sqlite_fault(error.orig) from None


def _insist(engine: Engine) -> Migrated:
    try:
        with engine.connect() as connection:
            return require_current(connection)
    except DBAPIError as error:
        raise sqlite_fault(error.orig) from None


def _transaction(engine: Engine, work: Callable[[Session], T]) -> T:
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            return work(session)
    except DBAPIError as error:
        raise sqlite_fault(error.orig) from None


def _raw(engine: Engine, work: Callable[[sqlite3.Connection], T]) -> T:
    borrowed = engine.raw_connection()
    try:
        connection = borrowed.driver_connection
        if not isinstance(connection, sqlite3.Connection):
            raise closed()
        return work(connection)
    finally:
        borrowed.close()


def _reading_only() -> DatabaseError:
    return DatabaseReadOnlyError(
        "This process opened the database for reading only",
        "Open it for writing, with no server beside it",
    )


def _finish(engine: Engine) -> None:
    # A reader in another process may hold the WAL, and a damaged file can't be checkpointed.
    with suppress(DBAPIError, sqlite3.Error):
        _raw(engine, lambda connection: connection.execute("PRAGMA wal_checkpoint(TRUNCATE)"))
    engine.dispose()
