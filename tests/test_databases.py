"""The databases that the tests run on are what the other tests take them for."""

import sqlite3
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import sqlalchemy
from sqlalchemy.engine import make_url
from sqlalchemy.ext.asyncio import create_async_engine
from sqlalchemy.pool import NullPool

from tests.postgres import Server, StorageFiles

SENTINEL = "试写甲乙丙"


async def test_asyncpg_and_sqlalchemy_understand_the_same_postgres_url(postgres_url: str) -> None:
    connection = await asyncpg.connect(postgres_url)
    try:
        by_asyncpg = await connection.fetchval("SELECT current_database()")
    finally:
        await connection.close()
    url = make_url(postgres_url).set(drivername="postgresql+asyncpg")
    engine = create_async_engine(url, poolclass=NullPool)
    async with engine.connect() as connected:
        by_sqlalchemy = await connected.scalar(sqlalchemy.text("SELECT current_database()"))
    await engine.dispose()
    assert by_asyncpg == by_sqlalchemy == urlsplit(postgres_url).path.removeprefix("/")


async def test_a_postgres_database_starts_empty_in_utf8_and_byte_order(
    empty_postgres_url: str,
) -> None:
    connection = await asyncpg.connect(empty_postgres_url)
    try:
        tables = await connection.fetchval(
            "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'"
        )
        row = await connection.fetchrow(
            "SELECT pg_encoding_to_char(encoding) AS encoding, datcollate AS collation "
            "FROM pg_database WHERE datname = current_database()"
        )
    finally:
        await connection.close()
    assert row is not None
    assert (tables, row["encoding"], row["collation"]) == (0, "UTF8", "C")


def test_postgres_keeps_its_files_where_the_fixture_says(postgres_data_directory: Path) -> None:
    assert (postgres_data_directory / "PG_VERSION").exists()


def test_the_embedded_server_listens_on_no_network_address(postgres: Server) -> None:
    if "host=" in postgres.url:
        assert postgres.say("SHOW listen_addresses") == ""


async def test_the_storage_files_hold_what_was_written(
    database_url: str, storage_files: StorageFiles
) -> None:
    if database_url.startswith("sqlite:"):
        with sqlite3.connect(database_url.removeprefix("sqlite:///")) as database:
            database.execute("CREATE TABLE written (word TEXT)")
            database.execute("INSERT INTO written VALUES (?)", (SENTINEL,))
        database.close()
    else:
        connection = await asyncpg.connect(database_url)
        await connection.execute("CREATE TABLE written (word TEXT)")
        await connection.execute("INSERT INTO written VALUES ($1)", SENTINEL)
        await connection.close()
    assert any(SENTINEL.encode() in path.read_bytes() for path in storage_files())
