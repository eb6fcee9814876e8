"""Many rows at once: those that stand are left alone, and SQLite is settled for many."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import func, select

from db.database import Value
from db.inserting import expect_many_rows, insert_new_rows, insert_rows, many_at_once
from db.models import ImportPerson, table_of
from tests.builders import Store, opened

ONE, TWO, THREE = (bytes([number]) * 16 for number in (1, 2, 3))


@pytest.fixture
async def store(database_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(database_url, tmp_path) as found:
        yield found


def rows(*persons: bytes) -> list[dict[str, Value]]:
    return [{"person": person, "job": ONE, "digest": bytes(32)} for person in persons]


async def count(store: Store) -> int | None:
    return await store.database.read(
        lambda session: session.scalar(select(func.count()).select_from(table_of(ImportPerson)))
    )


async def test_rows_whose_key_stands_are_left_alone(store: Store) -> None:
    await store.database.write(lambda session: insert_rows(session, ImportPerson, rows(ONE)))
    new = await store.database.write(
        lambda session: insert_new_rows(session, ImportPerson, rows(ONE, TWO))
    )
    assert not new
    assert await count(store) == 2
    await store.database.write(lambda session: insert_new_rows(session, ImportPerson, []))


async def test_sqlite_tells_that_all_rows_were_new(store: Store) -> None:
    new = await store.database.write(
        lambda session: insert_new_rows(session, ImportPerson, rows(ONE, TWO, THREE))
    )
    assert new or store.database.kind == "postgresql"
    assert await count(store) == 3


async def test_a_connection_is_settled_for_many_rows_and_still_durable(store: Store) -> None:
    await store.database.write(expect_many_rows)
    if store.database.kind == "sqlite":
        full = 2
        assert full == await store.database.write(
            lambda session: session.connection().exec_driver_sql("PRAGMA synchronous").scalar()
        )


@pytest.mark.parametrize("many", [0, 1, 2, 63, 64, 65, 127, 200])
def test_rows_go_in_whole_and_in_order_however_many_share_a_statement(many: int) -> None:
    statement = "INSERT INTO thing (place, word) VALUES (?, ?) ON CONFLICT DO NOTHING"
    given = [(number, f"VALUES (?, ?) {number}") for number in range(many)]
    with closing(sqlite3.connect(":memory:")) as connection:
        connection.execute("CREATE TABLE thing (place INTEGER PRIMARY KEY, word TEXT)")
        runs = [connection.execute(*run).rowcount for run in many_at_once(statement, given)]
        assert sum(runs) == many
        assert len(runs) <= many // 64 + 6
        assert connection.execute("SELECT * FROM thing ORDER BY rowid").fetchall() == given
        assert not sum(connection.execute(*run).rowcount for run in many_at_once(statement, given))
