"""A PostgreSQL server: SQLAlchemy for writes, prepared statements without RESET for hot reads.

`synchronous_commit` must be on: an audit record is acknowledged only when it is on disk.
PostgreSQL repeats a broken row's values in its own log; that is why no write here relies on a
unique violation, and why the session never logs parameters with an error.

This module never shows an address, a statement or a server's message that may hold a value.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Literal, TypeVar

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement
from sqlalchemy import Connection, Dialect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncEngine, AsyncSession, create_async_engine
from sqlalchemy.orm import Session

from db.database import Database, DatabaseSettings, Migrated, Prepared, Row
from db.errors import (
    AlreadyStoredError,
    DatabaseAddressError,
    DatabaseError,
    DatabaseFailedError,
    DatabaseFullError,
    DatabaseOlderError,
    DatabaseReadOnlyError,
    DatabaseUnreachableError,
    DatabaseUnsafeError,
    TransactionLostError,
    closed,
)
from db.migrate import require_current, upgrade

T = TypeVar("T")
Creator = Callable[..., Awaitable["asyncpg.Connection[asyncpg.Record]"]]

CONNECT_SECONDS = 10.0
WRITERS = 5
READERS = 8
SCANNERS = 3
"""Scans have lanes of their own, or a few long ones would hold up every look-up."""
STATEMENTS = 256
"""Statements that one connection keeps: each takes room, and callers choose their shapes."""

_SESSION = {"application_name": "juzhu", "log_parameter_max_length_on_error": "0"}
# Two processes that start at once must not both create the tables. Any number does; ours alone.
_MIGRATION_LOCK = 0x6A75_7A68_75
_NOT_ALLOWED = "42501"
_UNREACHABLE = "Check that it runs and that JUZHU_DATABASE_URL, user and password are right"


class _Lane:
    """One connection for hot reads and the statements it has prepared."""

    def __init__(self, connection: "asyncpg.Connection[asyncpg.Record]") -> None:
        self.connection = connection
        self._statements: OrderedDict[str, PreparedStatement[asyncpg.Record]] = OrderedDict()
        self._prepared = 0

    async def fetch(self, sql: str, values: Sequence[object]) -> Sequence[Row]:
        statement = self._statements.get(sql)
        if statement is None:
            statement = self._statements[sql] = await self._prepare(sql)
            if len(self._statements) > STATEMENTS:
                self._statements.popitem(last=False)
        else:
            self._statements.move_to_end(sql)
        return [tuple(row) for row in await statement.fetch(*values)]

    async def _prepare(self, sql: str) -> "PreparedStatement[asyncpg.Record]":
        # Under a name: the server would parse and plan a nameless one anew at every call.
        self._prepared += 1
        return await self.connection.prepare(sql, name=f"juzhu_{self._prepared}")


class _Lanes:
    """A few lanes, opened when first needed and handed out last in, first out.

    Reads change nothing of a session, so nothing is reset between two: that halves their cost.
    """

    def __init__(self, url: str, size: int) -> None:
        self._url = url
        self._room = asyncio.Semaphore(size)
        self._idle: deque[_Lane] = deque()
        self._closed = False

    async def close(self) -> None:
        """Close the idle ones; one that is reading closes when it is done."""
        self._closed = True
        while self._idle:
            await self._idle.pop().connection.close()

    @asynccontextmanager
    async def lane(self) -> AsyncIterator[_Lane]:
        async with self._room:
            if self._closed:
                raise closed()
            while self._idle and self._idle[-1].connection.is_closed():
                self._idle.pop()
            lane = self._idle.pop() if self._idle else _Lane(await _connect(self._url))
            try:
                yield lane
            except BaseException:
                # Cancelled or broken in the middle: its protocol state is not ours to guess.
                lane.connection.terminate()
                raise
            if self._closed:
                await lane.connection.close()
            else:
                self._idle.append(lane)


class PostgresDatabase(Database):
    """A database on a server, which any number of processes may share."""

    kind: Literal["postgresql"] = "postgresql"

    def __init__(self, settings: DatabaseSettings) -> None:
        url = settings.url

        async def creator(*_: object, **__: object) -> "asyncpg.Connection[asyncpg.Record]":
            return await _connect(url)

        self._url = url
        self._writing = settings.writing
        self._closed = False
        self._lanes = _Lanes(url, READERS)
        self._scans = _Lanes(url, SCANNERS)
        self._engine = _pool(creator, WRITERS)
        self._watcher = _pool(creator, 1)

    @property
    def dialect(self) -> Dialect:
        """SQLAlchemy's words for PostgreSQL."""
        return self._engine.dialect

    async def start(self) -> None:
        """Check the server's promise to keep what it acknowledged, then the tables."""
        try:
            async with self._engine.begin() as connection:
                await connection.run_sync(_require_durable)
                work = _migrate if self._writing else require_current
                self.migrated = await connection.run_sync(work)
        except DBAPIError as error:
            raise _translated(error.orig) from None

    async def write(self, work: Callable[[Session], T]) -> T:
        """Run in a transaction of its own; PostgreSQL orders writers by their locks."""
        if not self._writing:
            raise DatabaseReadOnlyError(
                "This process opened the database for reading only", "Open it for writing"
            )
        return await self._run(self._engine, work)

    async def read(self, work: Callable[[Session], T]) -> T:
        """Run in a transaction that the server keeps read-only."""
        return await self._run(self._engine, _only_reading(work))

    async def watch(self, work: Callable[[Session], T]) -> T:
        """The same, on the one connection that is kept for it."""
        return await self._run(self._watcher, _only_reading(work))

    async def connect_raw(self) -> "asyncpg.Connection[asyncpg.Record]":
        """A connection of the caller's own, for the ledger's batches."""
        return await _connect(self._url)

    async def _run(self, engine: AsyncEngine, work: Callable[[Session], T]) -> T:
        if self._closed:
            raise closed()
        try:
            async with (
                AsyncSession(engine, expire_on_commit=False) as session,
                session.begin(),
            ):
                return await session.run_sync(work)
        except DBAPIError as error:
            raise _translated(error.orig) from None
        except (OSError, asyncpg.PostgresError) as error:
            raise _translated(error) from None

    async def fetch(self, statement: Prepared, parameters: Mapping[str, object]) -> Sequence[Row]:
        """Ask on a lane: a prepared statement and no round trip more."""
        return await _ask(self._lanes, statement, parameters)

    async def scan(self, statement: Prepared, parameters: Mapping[str, object]) -> Sequence[Row]:
        """The same, on one of the lanes for scans."""
        return await _ask(self._scans, statement, parameters)

    async def close(self) -> None:
        """Close every connection."""
        self._closed = True
        for lanes in (self._lanes, self._scans):
            await lanes.close()
        for engine in (self._engine, self._watcher):
            await engine.dispose()


async def open_postgres(settings: DatabaseSettings) -> PostgresDatabase:
    """Reach the server, check it, bring the tables to this release."""
    database = PostgresDatabase(settings)
    try:
        await database.start()
    except BaseException:
        await database.close()
        raise
    return database


async def _connect(url: str) -> "asyncpg.Connection[asyncpg.Record]":
    try:
        return await asyncpg.connect(
            url, timeout=CONNECT_SECONDS, server_settings=_SESSION, statement_cache_size=0
        )
    except ValueError:
        # Raised for an address that can't be parsed; its words would repeat the address.
        raise DatabaseAddressError(
            "The PostgreSQL address can't be understood",
            "Write JUZHU_DATABASE_URL as postgresql://user@host:5432/name",
        ) from None
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        raise _translated(error) from None


def _pool(creator: Creator, size: int) -> AsyncEngine:
    return create_async_engine(
        "postgresql+asyncpg://",
        async_creator=creator,
        pool_size=size,
        max_overflow=0,
        pool_pre_ping=False,
        hide_parameters=True,
    )


def _only_reading(work: Callable[[Session], T]) -> Callable[[Session], T]:
    def reading(session: Session) -> T:
        session.execute(text("SET TRANSACTION READ ONLY"))
        return work(session)

    return reading


async def _ask(
    lanes: _Lanes, statement: Prepared, parameters: Mapping[str, object]
) -> Sequence[Row]:
    try:
        async with lanes.lane() as lane:
            return await lane.fetch(statement.sql, [parameters[name] for name in statement.names])
    except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError) as error:
        raise _translated(error) from None


def _require_durable(connection: Connection) -> None:
    """Refuse a server that acknowledges a commit before it is on disk."""
    setting = connection.scalar(text("SHOW synchronous_commit"))
    if setting not in {"on", "remote_apply"}:
        raise DatabaseUnsafeError(
            "The PostgreSQL server has synchronous_commit off: an audit record could be lost",
            "Set synchronous_commit = on for this database and user",
        )


def _migrate(connection: Connection) -> Migrated:
    connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _MIGRATION_LOCK})
    try:
        return upgrade(connection)
    except DBAPIError as error:
        if getattr(error.orig, "sqlstate", None) == _NOT_ALLOWED:
            raise DatabaseOlderError(
                "The tables are not of this release, and this account may not change them",
                "Run `juzhu migrate` with the address of the tables' owner, then repeat the "
                "grants; a new deployment is made with that address too",
            ) from None
        raise


def _translated(error: BaseException | None) -> DatabaseError:
    """Words of ours for a fault of PostgreSQL, whose own may repeat a row."""
    if isinstance(error, DatabaseError):
        return error
    state = str(getattr(error, "sqlstate", None) or "")
    match state[:2]:
        case "23":
            return AlreadyStoredError(
                "A row is stored already or breaks a rule of its table",
                "Read the current state and decide again",
            )
        case "25":
            return DatabaseReadOnlyError(
                "The PostgreSQL server only lets us read", "Connect to the primary"
            )
        case "53":
            return DatabaseFullError(
                f"The PostgreSQL server has no room left ({state})",
                "Free disk, memory or connections on the server",
            )
        case "40":
            return TransactionLostError(
                f"Other transactions were in the way ({state})", "Try the same again"
            )
        case "" | "08" | "28" | "3D" | "57":
            return DatabaseUnreachableError(
                f"The PostgreSQL server can't be used now ({state or type(error).__name__})",
                _UNREACHABLE,
            )
        case _:
            return DatabaseFailedError(
                f"PostgreSQL refused a statement ({state})", "Report this with the request id"
            )
