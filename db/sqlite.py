"""A database in one file: one thread that writes, direct reads on the thread that serves.

SQLite before 3.51.3 can corrupt a WAL that two connections write to, so there is exactly one
writing connection, which is also the only one that checkpoints; `writer.lock` keeps a second
process out. `secure_delete` and the TRUNCATE checkpoint at the end remove deleted keys from the
file and its WAL.

This module never opens a file that others may read and never keeps a read transaction open.
"""

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Literal, TypeVar
from urllib.parse import quote

from sqlalchemy import Dialect, create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool

from db.database import Database, DatabaseSettings, Prepared, Row
from db.errors import (
    AlreadyStoredError,
    DatabaseDamagedError,
    DatabaseError,
    DatabaseFailedError,
    DatabaseFullError,
    DatabaseMissingError,
    DatabaseReadOnlyError,
    DatabaseUnreachableError,
    WriterLockedError,
)
from db.migrate import require_current, upgrade

T = TypeVar("T")

BUSY_SECONDS = 5.0
STATEMENTS = 256
HEADER_BYTES = 100
_SETTINGS = (
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA mmap_size=0",
)
# The connection that answers look-ups keeps 32 MiB of pages; the others SQLite's own 2 MiB.
_HOT_CACHE = "PRAGMA cache_size=-32768"
_RESTORE = "Restore it from a backup; don't start a new one beside its keys"


class WriterLock:
    """The right to write, held by one process; the system lets it go when the process ends."""

    def __init__(self, home: Path) -> None:
        try:
            self._descriptor = os.open(home / "writer.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise _of_system(error) from None
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._descriptor)
            raise WriterLockedError(
                "Another Juzhu process is writing to this database",
                "Stop the server or the other command first; PostgreSQL has no such limit",
            ) from None

    def release(self) -> None:
        """Let another process write."""
        os.close(self._descriptor)


class SqliteDatabase(Database):
    """The database of one file."""

    kind: Literal["sqlite"] = "sqlite"

    def __init__(self, path: Path, *, lock: WriterLock | None) -> None:
        self._path = path
        self._lock = lock
        self._writer = ThreadPoolExecutor(1, "juzhu-writer")
        self._reader = ThreadPoolExecutor(1, "juzhu-reader")
        self._write_engine = None if lock is None else _engine(path, writing=True)
        self._read_engine = _engine(path, writing=False)
        self._direct: sqlite3.Connection | None = None

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's words for SQLite."""
        return self._read_engine.dialect

    async def start(self) -> None:
        """Bring the tables to this release, or in a reading process insist that they are."""
        loop = asyncio.get_running_loop()
        if self._write_engine is not None:
            await loop.run_in_executor(self._writer, self._migrate, self._write_engine)
        else:
            await loop.run_in_executor(self._reader, self._insist)
        try:
            self._direct = _connect(self._path, writing=False)
            self._direct.execute(_HOT_CACHE)
        except sqlite3.Error as error:
            raise _translated(error) from None

    def _migrate(self, engine: Engine) -> None:
        try:
            with engine.begin() as connection:
                upgrade(connection)
        except DBAPIError as error:
            raise _translated(error.orig) from None

    def _insist(self) -> None:
        try:
            with self._read_engine.connect() as connection:
                require_current(connection)
        except DBAPIError as error:
            raise _translated(error.orig) from None

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run on the writer thread, after what was asked for before."""
        engine = self._write_engine
        if engine is None:
            raise _reading_only()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, _transaction, engine, work)

    async def write_raw(self, work: Callable[[sqlite3.Connection], T]) -> T:
        """Run on the writer thread with the driver's own connection and no transaction begun.

        For the ledger, whose batches are counted in microseconds; `work` begins and ends its
        transaction and meets the driver's own errors.
        """
        engine = self._write_engine
        if engine is None:
            raise _reading_only()
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._writer, _raw, engine, work)

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run on the reader thread, which has a connection of its own."""
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._reader, _transaction, self._read_engine, work)

    async def fetch(self, statement: Prepared, parameters: Mapping[str, object]) -> Sequence[Row]:
        """Ask directly: handing a point read to a thread costs three times the read."""
        if self._direct is None:
            raise DatabaseUnreachableError("The database is closed", "Open it before reading")
        try:
            return self._direct.execute(
                statement.sql, [parameters[name] for name in statement.names]
            ).fetchall()
        except sqlite3.Error as error:
            raise _translated(error) from None

    async def scan(self, statement: Prepared, parameters: Mapping[str, object]) -> Sequence[Row]:
        """Ask on the reader thread."""
        values = [parameters[name] for name in statement.names]

        def work(connection: sqlite3.Connection) -> Sequence[Row]:
            return connection.execute(statement.sql, values).fetchall()

        loop = asyncio.get_running_loop()
        try:
            return await loop.run_in_executor(self._reader, _raw, self._read_engine, work)
        except sqlite3.Error as error:
            raise _translated(error) from None

    async def close(self) -> None:
        """Finish the writer's work, empty the WAL into the file, release the lock."""
        loop = asyncio.get_running_loop()
        if self._direct is not None:
            self._direct.close()
            self._direct = None
        await loop.run_in_executor(self._reader, self._read_engine.dispose)
        await loop.run_in_executor(None, self._reader.shutdown)
        if self._write_engine is not None:
            await loop.run_in_executor(self._writer, _finish, self._write_engine)
            self._write_engine = None
        await loop.run_in_executor(None, self._writer.shutdown)
        if self._lock is not None:
            self._lock.release()
            self._lock = None


async def open_sqlite(path: Path, settings: DatabaseSettings) -> SqliteDatabase:
    """Open the file, creating it when it doesn't exist and may be written."""
    lock = None
    if settings.writing:
        try:
            settings.home.mkdir(mode=0o700, parents=True, exist_ok=True)
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise _of_system(error) from None
        lock = WriterLock(settings.home)
    try:
        _prepare_file(path, writing=settings.writing)
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


def _prepare_file(path: Path, *, writing: bool) -> None:
    """See that the file exists, is ours alone, and is not an emptied one."""
    try:
        if not path.exists():
            if not writing:
                raise DatabaseMissingError(
                    "There is no database yet", "Run `make run` or an import first"
                )
            _create(path)
        elif path.stat().st_size < HEADER_BYTES:
            # SQLite would take it for a new database and begin again, beside the old keys.
            raise DatabaseDamagedError("The database file is empty", _RESTORE)
        elif writing:
            if not os.access(path, os.W_OK):
                raise DatabaseReadOnlyError(
                    "The database file may not be written", "Give its owner leave to write it"
                )
            path.chmod(0o600)
    except OSError as error:
        raise _of_system(error) from None


def _create(path: Path) -> None:
    """Create the file aside and rename it, so that a kill leaves none or a whole one."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    connection = sqlite3.connect(new)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.Error as error:
        raise _translated(error) from None
    finally:
        connection.close()
    new.rename(path)


def _connect(path: Path, *, writing: bool) -> sqlite3.Connection:
    mode = "rw" if writing else "ro"
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode={mode}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        cached_statements=STATEMENTS,
    )
    for setting in _SETTINGS if writing else _SETTINGS[2:]:
        connection.execute(setting)
    if not writing:
        connection.execute("PRAGMA query_only=ON")
    return connection


def _engine(path: Path, *, writing: bool) -> Engine:
    """One connection, made by the thread that uses it and kept."""
    engine = create_engine(
        "sqlite://",
        creator=lambda: _connect(path, writing=writing),
        poolclass=StaticPool,
        hide_parameters=True,
    )
    begin = "BEGIN IMMEDIATE" if writing else "BEGIN"

    def start(connection: Connection) -> None:
        connection.exec_driver_sql(begin)

    event.listen(engine, "begin", start)
    return engine


def _transaction(engine: Engine, work: Callable[[Session], T]) -> T:
    try:
        with Session(engine, expire_on_commit=False) as session, session.begin():
            return work(session)
    except DBAPIError as error:
        raise _translated(error.orig) from None


def _raw(engine: Engine, work: Callable[[sqlite3.Connection], T]) -> T:
    borrowed = engine.raw_connection()
    try:
        connection = borrowed.driver_connection
        if not isinstance(connection, sqlite3.Connection):
            raise DatabaseUnreachableError("The database is closed", "Open it before writing")
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


def _of_system(error: OSError) -> DatabaseError:
    """Words of ours for a fault of the file system."""
    if error.errno in {13, 1, 30}:  # EACCES, EPERM, EROFS
        return DatabaseReadOnlyError(
            "The database's folder or file may not be written", "Give its owner leave to write it"
        )
    if error.errno in {28, 122}:  # ENOSPC, EDQUOT
        return DatabaseFullError("The disk is full", "Free some room and try again")
    return DatabaseUnreachableError(
        f"The database's folder or file can't be opened ({type(error).__name__})",
        "Check JUZHU_HOME and JUZHU_DATABASE_URL",
    )


def _translated(error: BaseException | None) -> DatabaseError:
    """Words of ours for a fault of SQLite, whose own may speak of columns but never of values."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    name = str(getattr(error, "sqlite_errorname", type(error).__name__))
    if isinstance(error, sqlite3.IntegrityError):
        return AlreadyStoredError(
            "A row is stored already or breaks a rule of its table",
            "Read the current state and decide again",
        )
    match primary:
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return DatabaseDamagedError(f"The database file is damaged ({name})", _RESTORE)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return DatabaseReadOnlyError(
                "The database file may not be written", "Give its owner leave to write it"
            )
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
            return DatabaseFullError(
                f"The disk is full or failing ({name})", "Free some room or check the disk"
            )
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return DatabaseUnreachableError(
                f"The database file can't be used now ({name})",
                "Check that no other program holds it and that its folder may be written",
            )
        case _:
            return DatabaseFailedError(
                f"SQLite refused a statement ({name})", "Report this with the request id"
            )
