"""Opening, writing, reading and refusing, on both databases."""

import asyncio
import os
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest
from sqlalchemy import Double, Text, bindparam, func, literal_column, select, text, update
from sqlalchemy.orm import Session

from db.errors import (
    AlreadyStoredError,
    DatabaseAddressError,
    DatabaseDamagedError,
    DatabaseError,
    DatabaseMissingError,
    DatabaseNewerError,
    DatabaseOlderError,
    DatabaseReadOnlyError,
    DatabaseUnreachableError,
    DatabaseUnsafeError,
    WriterLockedError,
)
from db.models import Deployment
from db.postgres import STATEMENTS
from db.session import DatabaseSettings, open_database

SECRET = "sentinel-password"


def settings(url: str, home: Path, *, writing: bool = True) -> DatabaseSettings:
    return DatabaseSettings(url=url, home=home, writing=writing)


def store(session: Session) -> None:
    session.add(Deployment(id=1, name="sentinel-name", created_at="2026-11-22T08:00:00.000Z"))


def name(session: Session) -> str | None:
    return session.scalar(select(Deployment.name))


async def test_what_is_written_is_read_in_each_way(empty_database_url: str, tmp_path: Path) -> None:
    async with await open_database(settings(empty_database_url, tmp_path)) as database:
        await database.write(store)
        assert await database.read(name) == "sentinel-name"
        statement = database.prepare(
            select(Deployment.name, Deployment.id).where(Deployment.id == bindparam("id"))
        )
        assert statement.names == ("id",)
        assert list(await database.fetch(statement, {"id": 1})) == [("sentinel-name", 1)]
        assert list(await database.fetch(statement, {"id": 2})) == []
        assert list(await database.scan(statement, {"id": 1})) == [("sentinel-name", 1)]


async def test_whoever_waited_for_a_write_reads_it_at_once(
    database_url: str, tmp_path: Path
) -> None:
    """Reads of one turn may look at one snapshot; no such look may outlive a wait for a commit."""
    async with await open_database(settings(database_url, tmp_path)) as database:
        await database.write(store)
        statement = database.prepare(
            select(Deployment.name, Deployment.id).where(Deployment.id == bindparam("id"))
        )

        async def read() -> str:
            return str((await database.fetch(statement, {"id": 1}))[0][0])

        async def look_on() -> None:
            for _ in range(200):
                await read()
                await asyncio.sleep(0)

        async def write(number: int) -> None:
            def rename(session: Session) -> None:
                session.execute(update(Deployment).values(name=f"name-{number}"))

            await read()
            await database.write(rename)
            assert await read() == f"name-{number}"

        lookers = [asyncio.create_task(look_on()) for _ in range(4)]
        for number in range(50):
            await write(number)
        await asyncio.gather(*lookers)


async def test_a_look_left_open_does_not_keep_the_log_of_changes_growing(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with await open_database(settings(sqlite_url, tmp_path)) as database:
        await database.write(store)
        statement = database.prepare(
            select(Deployment.name, Deployment.id).where(Deployment.id == bindparam("id"))
        )
        # Large rows, not many: every commit waits for the disk.
        for number in range(400):
            await database.fetch(statement, {"id": 1})

            def rename(session: Session, text: str = f"{number:08}" * 5000) -> None:
                session.execute(update(Deployment).values(name=text))

            await database.write(rename)
        wal = sqlite_url.removeprefix("sqlite:///") + "-wal"
        # A thousand pages and what a single transaction adds: SQLite begins anew after that.
        assert os.stat(wal).st_size < 3 * 1000 * 4096  # noqa: PTH116 - a local file


async def test_what_was_written_is_there_after_opening_again(
    database_url: str, tmp_path: Path
) -> None:
    for _ in range(2):
        async with await open_database(settings(database_url, tmp_path)) as database:
            if await database.read(name) is None:
                await database.write(store)
    async with await open_database(settings(database_url, tmp_path, writing=False)) as reading:
        assert await reading.read(name) == "sentinel-name"


async def test_work_that_raises_leaves_nothing(database_url: str, tmp_path: Path) -> None:
    def fails(session: Session) -> None:
        store(session)
        session.flush()
        message = "changed my mind"
        raise ValueError(message)

    async with await open_database(settings(database_url, tmp_path)) as database:
        with pytest.raises(ValueError, match="changed my mind"):
            await database.write(fails)
        assert await database.read(name) is None
        await database.write(store)


async def test_a_row_that_exists_is_refused_without_a_word_of_it(
    database_url: str, tmp_path: Path
) -> None:
    async with await open_database(settings(database_url, tmp_path)) as database:
        await database.write(store)
        with pytest.raises(AlreadyStoredError) as caught:
            await database.write(store)
        assert "sentinel" not in str(caught.value)
        assert caught.value.__cause__ is None
        assert caught.value.__suppress_context__
        assert await database.read(name) == "sentinel-name"


async def test_reading_work_cannot_write(database_url: str, tmp_path: Path) -> None:
    def writes(session: Session) -> None:
        store(session)
        session.flush()

    async with await open_database(settings(database_url, tmp_path)) as database:
        with pytest.raises(DatabaseReadOnlyError):
            await database.read(writes)
    async with await open_database(settings(database_url, tmp_path, writing=False)) as reading:
        with pytest.raises(DatabaseReadOnlyError):
            await reading.write(store)


async def test_a_reading_process_needs_tables(empty_database_url: str, tmp_path: Path) -> None:
    with pytest.raises(DatabaseMissingError, match="make run"):
        await open_database(settings(empty_database_url, tmp_path, writing=False))


@pytest.mark.parametrize("writing", [True, False])
async def test_a_newer_database_is_refused(
    database_url: str, tmp_path: Path, *, writing: bool
) -> None:
    async with await open_database(settings(database_url, tmp_path)) as database:
        await database.write(
            lambda session: session.execute(text("UPDATE alembic_version SET version_num='9999'"))
        )
    with pytest.raises(DatabaseNewerError, match="Install that release"):
        await open_database(settings(database_url, tmp_path, writing=writing))


@pytest.mark.parametrize("writing", [True, False])
async def test_tables_that_lack_a_column_are_refused(
    database_url: str, tmp_path: Path, *, writing: bool
) -> None:
    async with await open_database(settings(database_url, tmp_path)) as database:
        await database.write(
            lambda session: session.execute(text("ALTER TABLE audit_head DROP COLUMN indexed"))
        )
    with pytest.raises(DatabaseDamagedError, match="Restore it from a backup; a database from"):
        await open_database(settings(database_url, tmp_path, writing=writing))


async def test_tables_without_a_revision_are_refused(database_url: str, tmp_path: Path) -> None:
    async with await open_database(settings(database_url, tmp_path)) as database:
        await database.write(lambda session: session.execute(text("DELETE FROM alembic_version")))
    with pytest.raises(DatabaseDamagedError, match="Restore it"):
        await open_database(settings(database_url, tmp_path))


@pytest.mark.parametrize("writing", [True, False])
async def test_tables_of_two_revisions_at_once_are_refused(
    database_url: str, tmp_path: Path, *, writing: bool
) -> None:
    async with await open_database(settings(database_url, tmp_path)) as database:
        await database.write(
            lambda session: session.execute(text("INSERT INTO alembic_version VALUES ('0001')"))
        )
    with pytest.raises(DatabaseDamagedError, match="more than one release"):
        await open_database(settings(database_url, tmp_path, writing=writing))


async def test_a_reading_process_refuses_older_tables(
    sqlite_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with await open_database(settings(sqlite_url, tmp_path)):
        pass
    monkeypatch.setattr("db.migrate._head", lambda: "9999")
    with pytest.raises(DatabaseOlderError, match="juzhu migrate"):
        await open_database(settings(sqlite_url, tmp_path, writing=False))


@pytest.mark.parametrize(
    "url",
    [
        "",
        "sqlite://",
        "sqlite:///",
        "mysql://u:sentinel-password@h/d",
        "postgresql://u:sentinel-password@h:port/d",
    ],
)
async def test_an_address_that_cannot_be_understood_is_not_repeated(
    url: str, tmp_path: Path
) -> None:
    asked = settings(url, tmp_path)
    assert SECRET not in repr(asked)
    with pytest.raises(DatabaseAddressError) as caught:
        await open_database(asked)
    assert SECRET not in str(caught.value)


async def test_a_server_that_does_not_answer_is_told_without_its_password(tmp_path: Path) -> None:
    url = f"postgresql://user:{SECRET}@/city?host={tmp_path}"
    with pytest.raises(DatabaseUnreachableError) as caught:
        await open_database(settings(url, tmp_path))
    assert SECRET not in str(caught.value)
    assert "JUZHU_DATABASE_URL" in caught.value.hint


async def test_a_server_that_acknowledges_too_early_is_refused(
    postgres_url: str, tmp_path: Path
) -> None:
    async with await open_database(settings(postgres_url, tmp_path)) as database:
        await database.write(
            lambda session: session.execute(
                text(
                    "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET synchronous_commit = off',"
                    " current_database()); END $$"
                )
            )
        )
    with pytest.raises(DatabaseUnsafeError, match="synchronous_commit = on"):
        await open_database(settings(postgres_url, tmp_path))


# --- the file of SQLite --------------------------------------------------------------------------


def file_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///"))


async def test_the_file_is_its_owners_alone_and_its_settings_are_ours(
    empty_sqlite_url: str, tmp_path: Path
) -> None:
    sqlite_url = empty_sqlite_url
    file = file_of(sqlite_url)
    async with await open_database(settings(sqlite_url, tmp_path)) as database:
        await database.write(store)
        for path in [file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")]:
            assert stat.S_IMODE(path.stat().st_mode) == 0o600
        expected = {
            "journal_mode": "wal",
            "synchronous": 2,
            "secure_delete": 1,
            "temp_store": 2,
            "mmap_size": 0,
        }
        for setting, value in expected.items():
            found = await database.write(
                lambda session, setting=setting: session.scalar(text(f"PRAGMA {setting}"))  # type: ignore[misc]  # the loop's variable is bound as a default
            )
            assert found == value, setting
    file.chmod(0o644)
    async with await open_database(settings(sqlite_url, tmp_path)):
        assert stat.S_IMODE(file.stat().st_mode) == 0o600


async def test_a_second_writer_is_refused_and_a_reader_is_not(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with await open_database(settings(sqlite_url, tmp_path)) as database:
        await database.write(store)
        with pytest.raises(WriterLockedError, match="Stop the server"):
            await open_database(settings(sqlite_url, tmp_path))
        async with await open_database(settings(sqlite_url, tmp_path, writing=False)) as reading:
            assert await reading.read(name) == "sentinel-name"
    async with await open_database(settings(sqlite_url, tmp_path)):
        pass


@pytest.mark.parametrize("writing", [True, False])
@pytest.mark.parametrize("kept", [0, 1, 99, 100, 4096, 5000])
async def test_a_truncated_file_is_refused(
    sqlite_url: str, tmp_path: Path, *, kept: int, writing: bool
) -> None:
    async with await open_database(settings(sqlite_url, tmp_path)) as database:
        await database.write(store)
    file = file_of(sqlite_url)
    file.write_bytes(file.read_bytes()[:kept])
    with pytest.raises(DatabaseDamagedError, match="Restore it from a backup"):
        await open_database(settings(sqlite_url, tmp_path, writing=writing))
    assert file.stat().st_size == kept
    # The lock went with the refusal.
    file.unlink()
    async with await open_database(settings(sqlite_url, tmp_path)):
        pass


async def test_a_file_that_is_no_database_is_refused(sqlite_url: str, tmp_path: Path) -> None:
    file_of(sqlite_url).write_text("not a database at all" * 500)
    with pytest.raises(DatabaseDamagedError):
        await open_database(settings(sqlite_url, tmp_path))


_OPEN = """
import asyncio, os, sys
from pathlib import Path
from db.errors import DatabaseError
from db.session import DatabaseSettings, open_database
async def once(url, home):
    async with await open_database(DatabaseSettings(url=url, home=Path(home))):
        pass
# All that is imported late is imported before the other account, which may not read our folders.
asyncio.run(once(sys.argv[3], sys.argv[4]))
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
async def main():
    try:
        await once(sys.argv[1], sys.argv[2])
        print("opened")
    except DatabaseError as error:
        print(type(error).__name__)
asyncio.run(main())
"""


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that another account may enter; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(prefix="juzhu-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


@pytest.mark.parametrize("closed", ["file", "folder", "home"])
async def test_what_may_not_be_written_is_refused(
    closed: str, open_to_all: Path, tmp_path: Path
) -> None:
    home = open_to_all / "home"
    url = f"sqlite:///{home / 'data' / 'juzhu.db'}"
    async with await open_database(settings(url, home)) as database:
        await database.write(store)
    if os.geteuid() == 0:
        # Root may write everything: ask as somebody who may not.
        for path in [home, home / "data", file_of(url), home / "writer.lock"]:
            os.chown(path, 65534, 65534)
    # A lock that exists could still be taken.
    (home / "writer.lock").unlink()
    {"file": file_of(url), "folder": file_of(url).parent, "home": home}[closed].chmod(
        0o400 if closed == "file" else 0o500
    )
    done = subprocess.run(  # noqa: ASYNC221 - our own interpreter and words
        [
            sys.executable,
            "-c",
            _OPEN,
            url,
            str(home),
            f"sqlite:///{tmp_path / 'x.db'}",
            str(tmp_path),
        ],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert (done.stdout.strip(), done.stderr) == ("DatabaseReadOnlyError", "")


_KILLED = """
import asyncio, os, signal, sys
from pathlib import Path
from sqlalchemy import text
from db.session import DatabaseSettings, open_database
async def main():
    database = await open_database(DatabaseSettings(url=sys.argv[1], home=Path(sys.argv[2])))
    await database.write(lambda s: s.execute(text("INSERT INTO audit_lane VALUES ('a', 7)")))
    def dies(session):
        session.execute(text("UPDATE audit_lane SET counter = 8"))
        os.kill(os.getpid(), signal.SIGKILL)
    await database.write(dies)
asyncio.run(main())
"""


async def test_a_writer_killed_in_the_middle_leaves_what_was_committed(
    database_url: str, tmp_path: Path
) -> None:
    done = subprocess.run(  # noqa: ASYNC221 - our own interpreter and words
        [sys.executable, "-c", _KILLED, database_url, str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).parents[2],
    )
    assert done.returncode == -9, done.stderr
    async with await open_database(settings(database_url, tmp_path)) as database:
        version = await database.read(
            lambda session: session.scalar(text("SELECT counter FROM audit_lane"))
        )
    assert version == 7


async def test_a_full_disk_is_told_and_the_writer_lives_on(sqlite_url: str, tmp_path: Path) -> None:
    def fill(session: Session) -> None:
        session.execute(text("PRAGMA max_page_count=1"))
        session.execute(
            text(
                "INSERT INTO import_row (job, row, digest, code, held_at, sealed)"
                " VALUES (x'00', 1, x'00', 'held', '2026', zeroblob(9999999))"
            )
        )

    async with await open_database(settings(sqlite_url, tmp_path)) as database:
        with pytest.raises(DatabaseError) as caught:
            await database.write(fill)
        assert "full" in str(caught.value)
        await database.write(
            lambda session: session.execute(text("PRAGMA max_page_count=1073741823"))
        )
        await database.write(store)


async def test_a_file_left_half_made_by_a_kill_is_made_anew(
    empty_sqlite_url: str, tmp_path: Path
) -> None:
    file = file_of(empty_sqlite_url)
    half = file.with_name(f"{file.name}.new")
    half.write_text("half")
    async with await open_database(settings(empty_sqlite_url, tmp_path)) as database:
        await database.write(store)
    assert not half.exists()


async def test_a_statement_that_holds_a_value_is_not_prepared(
    database_url: str, tmp_path: Path
) -> None:
    async with await open_database(settings(database_url, tmp_path)) as database:
        with pytest.raises(ValueError, match="name a parameter"):
            database.prepare(select(Deployment.name).where(Deployment.name == "a value"))


async def test_a_lost_server_is_told_and_found_again(postgres_url: str, tmp_path: Path) -> None:
    async with await open_database(settings(postgres_url, tmp_path)) as database:
        await database.write(store)
        statement = database.prepare(select(Deployment.name))
        assert list(await database.fetch(statement, {})) == [("sentinel-name",)]
        end = text(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND application_name = 'juzhu'"
        )
        with pytest.raises(DatabaseUnreachableError):
            await database.write(lambda session: session.execute(end))
        for _ in range(10):
            with suppress(DatabaseUnreachableError):
                found = await database.fetch(statement, {}), await database.read(name)
                break
        assert found == ([("sentinel-name",)], "sentinel-name")


async def test_many_look_ups_at_once_share_few_connections(
    database_url: str, tmp_path: Path
) -> None:
    async with await open_database(settings(database_url, tmp_path)) as database:
        await database.write(store)
        statement = database.prepare(select(Deployment.name))
        found = await asyncio.gather(*(database.fetch(statement, {}) for _ in range(200)))
        assert all(list(rows) == [("sentinel-name",)] for rows in found)


async def test_a_look_up_given_up_leaves_the_others_alone(
    postgres_url: str, tmp_path: Path
) -> None:
    async with await open_database(settings(postgres_url, tmp_path)) as database:
        slow = database.prepare(select(func.pg_sleep(bindparam("seconds", type_=Double()))))
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2):
                await database.fetch(slow, {"seconds": 30.0})
        assert len(await database.fetch(slow, {"seconds": 0.0})) == 1


async def test_a_connection_keeps_a_bounded_number_of_statements(
    postgres_url: str, tmp_path: Path
) -> None:
    # Callers choose the shapes of their questions, and each that is kept takes room.
    async with await open_database(settings(postgres_url, tmp_path)) as database:
        for number in range(STATEMENTS + 20):
            name = literal_column(f"'{number}'", Text())
            assert await database.fetch(database.prepare(select(name)), {}) == [(str(number),)]
        kept = database.prepare(text("SELECT count(*) FROM pg_prepared_statements"))
        ((found,),) = await database.fetch(kept, {})
        # The server keeps them, so they have names; the one that was let go is closed a call later.
        assert found in {STATEMENTS, STATEMENTS + 1}


async def test_a_closed_database_says_so(database_url: str, tmp_path: Path) -> None:
    database = await open_database(settings(database_url, tmp_path))
    statement = database.prepare(select(Deployment.name))
    await database.close()
    await database.close()
    with pytest.raises(DatabaseUnreachableError, match="closed"):
        await database.fetch(statement, {})
    with pytest.raises(DatabaseUnreachableError, match="closed"):
        await database.scan(statement, {})
    with pytest.raises(DatabaseUnreachableError, match="closed"):
        await database.read(name)
    with pytest.raises(DatabaseUnreachableError, match="closed"):
        await database.write(store)
