"""What every test may ask for: a database of its own, on SQLite and on a real PostgreSQL.

A database has this release's tables and nothing in them: they are made once a run and copied, as
making them costs more than most tests do; PostgreSQL's are emptied and used again
(tests/recycling.py). Tests about the making ask for an empty one.

A PostgreSQL that cannot start is a failed test, never a skipped one.
"""

import asyncio
import os
import shutil
import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path

import pytest

from db.database import DatabaseSettings
from db.session import open_database
from tests.postgres import Server, StorageFiles, embedded_server, files_of, named_server
from tests.recycling import Recycled

_numbers = count(1)


def pytest_configure() -> None:
    """Let Ctrl-C be what it is, for tests that send it.

    What a shell starts in the background ignores the interrupt, and so do all its children.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def postgres() -> Iterator[Server]:
    """The server named in JUZHU_TEST_POSTGRES, else one started here and stopped at the end."""
    url = os.environ.get("JUZHU_TEST_POSTGRES")
    if url:
        yield named_server(url)
    else:
        with embedded_server() as server:
            yield server


@pytest.fixture(scope="session")
def postgres_data_directory(postgres: Server) -> Path:
    """Where PostgreSQL keeps everything that it writes; the WAL is in `pg_wal`."""
    return postgres.data_directory()


@pytest.fixture(scope="session")
def postgres_template(postgres: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a PostgreSQL database with tables, to be copied."""
    with _postgres_database(postgres) as url:
        _make_tables(url, tmp_path_factory.mktemp("postgres"))
        yield _name(url)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The file of a SQLite database with tables, to be copied."""
    folder = tmp_path_factory.mktemp("sqlite")
    _make_tables(f"sqlite:///{folder / 'template'}", folder)
    return folder / "template"


@pytest.fixture(scope="session")
def recycled(postgres: Server, postgres_template: str) -> Iterator[Recycled]:
    """PostgreSQL databases with tables, emptied after each test."""
    databases = Recycled(postgres, postgres_template)
    yield databases
    databases.close()


@pytest.fixture
def postgres_url(
    request: pytest.FixtureRequest, postgres: Server, recycled: Recycled
) -> Iterator[str]:
    """A PostgreSQL database of this test's own, with tables."""
    if "storage_files" in request.fixturenames:
        with _postgres_database(postgres, recycled.template) as url:
            yield url
        return
    name = recycled.take()
    try:
        yield postgres.database_url(name)
    finally:
        recycled.give_back(name)


@pytest.fixture
def empty_postgres_url(postgres: Server) -> Iterator[str]:
    """A PostgreSQL database of this test's own, without tables."""
    with _postgres_database(postgres) as url:
        yield url


@pytest.fixture
def sqlite_url(empty_sqlite_url: str, sqlite_template: Path) -> str:
    """A SQLite database of this test's own, with tables."""
    shutil.copy(sqlite_template, empty_sqlite_url.removeprefix("sqlite:///"))
    return empty_sqlite_url


@pytest.fixture
def empty_sqlite_url(tmp_path: Path) -> str:
    """A SQLite database of this test's own; its file does not exist yet."""
    return f"sqlite:///{tmp_path / 'juzhu.sqlite3'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """A database of this test's own, with tables; the test runs once on each kind."""
    return str(request.getfixturevalue(f"{request.param}_url"))


@pytest.fixture(params=["sqlite", "postgres"])
def empty_database_url(request: pytest.FixtureRequest) -> str:
    """A database of this test's own, without tables; the test runs once on each kind."""
    return str(request.getfixturevalue(f"empty_{request.param}_url"))


@pytest.fixture
def storage_files(database_url: str, request: pytest.FixtureRequest) -> StorageFiles:
    """Lists the files that hold `database_url` now, WAL included, for a raw search of their bytes.

    WAL segments of PostgreSQL are shared by all tests of a run: search for words of one's own.
    """
    if database_url.startswith("sqlite:"):
        path = Path(database_url.removeprefix("sqlite:///"))
        return lambda: sorted(path.parent.glob(f"{path.name}*"))
    server = request.getfixturevalue("postgres")
    assert isinstance(server, Server)
    return lambda: files_of(server, _name(database_url))


@contextmanager
def _postgres_database(server: Server, template: str | None = None) -> Iterator[str]:
    # The pid keeps two runs apart on one named server.
    name = f"juzhu_test_{os.getpid()}_{next(_numbers)}"
    url = server.create_database(name, template=template)
    try:
        yield url
    finally:
        server.drop_database(name)


def _make_tables(url: str, home: Path) -> None:
    async def make() -> None:
        await (await open_database(DatabaseSettings(url=url, home=home))).close()

    # On a thread of its own: this one may belong to the event loop of a test.
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, make()).result()


def _name(url: str) -> str:
    return url.partition("?")[0].rpartition("/")[2]
