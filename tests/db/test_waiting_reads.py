"""Who waits for whom: slow reads hold up neither look-ups nor the register; on both databases."""

import asyncio
import time
from pathlib import Path

import pytest
from sqlalchemy import bindparam, select, text, update
from sqlalchemy.orm import Session

from db.database import Database, Prepared
from db.errors import DatabaseError
from db.models import Deployment
from db.register import Register
from db.session import DatabaseSettings, open_database
from tests.builders import opened

SLOW = {
    "sqlite": "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 1000000)"
    " SELECT count(*) FROM n",
    "postgresql": "SELECT pg_sleep(0.3)::text",
}
FLOOD = 24


def point_read(database: Database) -> Prepared:
    return database.prepare(
        select(Deployment.name, Deployment.id).where(Deployment.id == bindparam("id"))
    )


async def gone(tasks: list["asyncio.Task[object]"]) -> None:
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def test_neither_register_nor_look_up_nor_read_waits_behind_a_flood_of_scans(
    database_url: str, tmp_path: Path
) -> None:
    async with opened(database_url, tmp_path) as store:
        database = store.database
        register = Register(database, store.ring)
        await register.refresh()
        slow, quick = Prepared(SLOW[database.kind], ()), point_read(database)
        began = time.monotonic()
        await database.scan(slow, {})
        one = time.monotonic() - began
        flood: list[asyncio.Task[object]] = [
            asyncio.create_task(_discarded(database, slow)) for _ in range(FLOOD)
        ]
        await asyncio.sleep(0.05)
        began = time.monotonic()
        await register.refresh()
        await database.fetch(quick, {"id": 1})
        await database.read(lambda session: session.scalar(select(Deployment.name)))
        waited = time.monotonic() - began
        unfinished = sum(not task.done() for task in flood)
        await gone(flood)
    assert waited < max(3 * one, 0.5)
    assert unfinished > FLOOD // 2


async def _discarded(database: Database, statement: Prepared) -> object:
    return await database.scan(statement, {})


async def test_a_page_that_takes_long_holds_up_no_look_up(
    database_url: str, tmp_path: Path
) -> None:
    async with opened(database_url, tmp_path) as store:
        database = store.database
        slow, quick = Prepared(SLOW[database.kind], ()), point_read(database)
        expected = list(await database.scan(slow, {}))
        page = asyncio.create_task(database.page(slow, {}))
        await asyncio.sleep(0)
        found = list(await database.fetch(quick, {"id": 1}))
        unfinished = not page.done()
        assert list(await page) == expected
        assert list(await database.page(quick, {"id": 1})) == found
        # What was begun for a page is over with it: a look-up has no end set.
        assert list(await database.fetch(slow, {})) == expected
    assert unfinished


async def test_the_register_does_not_wait_for_writes_that_wait_for_a_lock(
    postgres_url: str, tmp_path: Path
) -> None:
    """As when somebody holds a row in a session at the server, and every desk wants it."""
    async with opened(postgres_url, tmp_path) as store:
        database = store.database
        register = Register(database, store.ring)
        await register.refresh()
        held, let_go = asyncio.Event(), asyncio.Event()

        async def hold() -> None:
            where = DatabaseSettings(url=postgres_url, home=tmp_path)
            async with await open_database(where) as other:
                connection = await other.connect_raw()  # type: ignore[attr-defined] # PostgreSQL's
                async with connection.transaction():
                    await connection.execute("UPDATE deployment SET name = name")
                    held.set()
                    await let_go.wait()
                await connection.close()

        holding = asyncio.create_task(hold())
        await held.wait()
        waiting: list[asyncio.Task[object]] = [
            asyncio.create_task(database.write(_rename)) for _ in range(20)
        ]
        await asyncio.sleep(0.2)
        async with asyncio.timeout(2):
            await register.refresh()
        assert not any(task.done() for task in waiting)
        let_go.set()
        await asyncio.gather(holding, *waiting)


def _rename(session: Session) -> object:
    return session.execute(update(Deployment).values(name=Deployment.name))


async def test_a_look_that_cannot_begin_leaves_no_moment_standing(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise MemoryError

    async with opened(sqlite_url, tmp_path) as store:
        database, quick = store.database, point_read(store.database)
        with monkeypatch.context() as broken:
            broken.setattr(asyncio.get_running_loop(), "call_soon", full)
            with pytest.raises(MemoryError):
                # By hand: a task would need `call_soon` itself.
                database.fetch(quick, {"id": 1}).send(None)
        await database.write(lambda session: session.execute(update(Deployment).values(name="b")))
        assert (await database.fetch(quick, {"id": 1}))[0][0] == "b"


async def test_a_look_that_ends_where_none_began_is_no_fault(
    sqlite_url: str, tmp_path: Path
) -> None:
    told: list[object] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, context: told.append(context))
    async with opened(sqlite_url, tmp_path) as store:
        wrong = Prepared("SELECT nowhere FROM deployment", ())
        for _ in range(3):
            with pytest.raises(DatabaseError):
                await store.database.fetch(wrong, {})
            await store.database.write(lambda session: session.execute(text("SELECT 1")))
        assert (await store.database.fetch(point_read(store.database), {"id": 1}))[0][1] == 1
    assert told == []
