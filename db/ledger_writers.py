"""How the committer's conversation reaches a database: sqlite3 on the writer's thread, or asyncpg.

Each run is one transaction that was committed when `run` returns and is rolled back when it
raises; a run that takes longer than its time raises and leaves nothing half-written. Where a
connection is lost in the very moment of COMMIT, the records may stand although `run` raised: then
the log holds a disclosure that was never sent, never the other way round.

This module never decides what is written and never tries again.
"""

import asyncio
import sqlite3
import threading
from contextlib import suppress
from typing import Protocol

import asyncpg
from asyncpg.prepared_stmt import PreparedStatement
from sqlalchemy.orm import Session

from db.database import Database, Row
from db.inserting import many_at_once
from db.ledger_batch import Conversation, Place
from db.postgres import PostgresDatabase
from db.sqlite import SqliteDatabase


class Writer(Protocol):
    """A way to run one transaction of the ledger."""

    async def run(self, conversation: Conversation, *, keep: bool = True) -> tuple[Place, ...]:
        """Run a conversation in a transaction; `keep=False` rolls it back at its end."""

    async def close(self) -> None:
        """Release what this writer holds."""


def writer_of(database: Database, *, seconds: float) -> Writer:
    """The writer for this database; a transaction that takes longer than `seconds` raises."""
    match database:
        case SqliteDatabase():
            return SqliteWriter(database, seconds=seconds)
        case PostgresDatabase():
            return PostgresWriter(database, seconds=seconds)
        case _:
            raise TypeError(f"no way to write the log on {type(database).__name__}: add a Writer")


class TooSlowError(Exception):
    """A transaction was given up after its time."""


class SqliteWriter:
    """Runs on the database's one writing thread, between the business transactions."""

    def __init__(self, database: SqliteDatabase, *, seconds: float) -> None:
        self._database = database
        self._seconds = seconds

    async def run(self, conversation: Conversation, *, keep: bool = True) -> tuple[Place, ...]:
        """As in `Writer`; given up in time even while another process holds the file."""
        given_up = threading.Event()

        def work(connection: sqlite3.Connection) -> tuple[Place, ...]:
            return _run_sqlite(connection, conversation, given_up, keep=keep)

        try:
            async with asyncio.timeout(self._seconds):
                return await self._database.write_raw(work)
        except TimeoutError:
            # The thread may still wait for a lock or a slow disk: it looks before it commits.
            given_up.set()
            raise TooSlowError from None

    async def close(self) -> None:
        """Nothing is held: thread and connection are the database's."""


def _run_sqlite(
    connection: sqlite3.Connection,
    conversation: Conversation,
    given_up: threading.Event,
    *,
    keep: bool,
) -> tuple[Place, ...]:
    _insist_on(given_up)
    connection.execute("BEGIN IMMEDIATE")
    try:
        places = _converse_sqlite(connection, conversation)
        _insist_on(given_up)
        connection.execute("COMMIT" if keep else "ROLLBACK")
    except BaseException:
        # After some errors (disk full) SQLite has rolled back by itself.
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise
    return places


def _insist_on(given_up: threading.Event) -> None:
    """Nobody waits any more: what is not committed must not be."""
    if given_up.is_set():
        raise TooSlowError


def _converse_sqlite(
    connection: sqlite3.Connection, conversation: Conversation
) -> tuple[Place, ...]:
    rows: list[Row] | None = None
    while True:
        try:
            step = next(conversation) if rows is None else conversation.send(rows)
        except StopIteration as end:
            places: tuple[Place, ...] = end.value
            return places
        sql = step.statement.sql
        if step.many is None:
            rows = connection.execute(sql, tuple(step.values)).fetchall()
        else:
            for text, values in many_at_once(sql, step.many):
                connection.execute(text, values)
            rows = []


class PostgresWriter:
    """Runs on an own connection, made when needed and made anew after any fault."""

    def __init__(self, database: PostgresDatabase, *, seconds: float) -> None:
        self._database = database
        self._seconds = seconds
        self._connection: asyncpg.Connection[asyncpg.Record] | None = None
        self._prepared: dict[str, PreparedStatement[asyncpg.Record]] = {}

    async def run(self, conversation: Conversation, *, keep: bool = True) -> tuple[Place, ...]:
        """As in `Writer`."""
        try:
            async with asyncio.timeout(self._seconds):
                return await self._run(conversation, keep=keep)
        except BaseException as error:
            # Its transaction may be in any state; ending the connection rolls it back.
            self._drop()
            if isinstance(error, TimeoutError):
                raise TooSlowError from None
            raise

    async def close(self) -> None:
        """Say goodbye to the server."""
        connection, self._connection = self._connection, None
        if connection is not None:
            with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
                await connection.close(timeout=self._seconds)

    async def _run(self, conversation: Conversation, *, keep: bool) -> tuple[Place, ...]:
        if self._connection is None or self._connection.is_closed():
            self._prepared.clear()
            self._connection = await self._database.connect_raw()
        connection = self._connection
        # The lock's logic needs each statement to see what was committed before it.
        await connection.execute("BEGIN ISOLATION LEVEL READ COMMITTED")
        places = await self._converse(connection, conversation)
        await connection.execute("COMMIT" if keep else "ROLLBACK")
        return places

    async def _converse(
        self, connection: "asyncpg.Connection[asyncpg.Record]", conversation: Conversation
    ) -> tuple[Place, ...]:
        rows: list[Row] | None = None
        while True:
            try:
                step = next(conversation) if rows is None else conversation.send(rows)
            except StopIteration as end:
                places: tuple[Place, ...] = end.value
                return places
            sql = step.statement.sql
            statement = self._prepared.get(sql)
            if statement is None:
                # Under a name: the server would parse and plan a nameless one at every call.
                name = f"juzhu_{len(self._prepared)}"
                statement = self._prepared[sql] = await connection.prepare(sql, name=name)
            if step.many is None:
                rows = [tuple(record.values()) for record in await statement.fetch(*step.values)]
            else:
                await statement.executemany(step.many)
                rows = []

    def _drop(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate()


def converse_in(session: Session, conversation: Conversation) -> tuple[Place, ...]:
    """Run a conversation in a business transaction, which commits or rolls back as a whole."""
    connection = session.connection()
    rows: list[Row] | None = None
    while True:
        try:
            step = next(conversation) if rows is None else conversation.send(rows)
        except StopIteration as end:
            places: tuple[Place, ...] = end.value
            return places
        many = None if step.many is None else [tuple(values) for values in step.many]
        result = connection.exec_driver_sql(step.statement.sql, many or tuple(step.values))
        rows = [tuple(row) for row in result] if result.returns_rows else []
