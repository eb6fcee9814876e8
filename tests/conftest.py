"""What every test may ask for: an empty database, on SQLite and on a real PostgreSQL.

A PostgreSQL that cannot start is a failed test, never a skipped one.
"""

import os
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from tests.postgres import Server, StorageFiles, embedded_server, files_of, named_server

_numbers = count(1)


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


@pytest.fixture
def postgres_url(postgres: Server) -> Iterator[str]:
    """An empty PostgreSQL database of this test's own."""
    # The pid keeps two runs apart on one named server.
    name = f"juzhu_test_{os.getpid()}_{next(_numbers)}"
    url = postgres.create_database(name)
    try:
        yield url
    finally:
        postgres.drop_database(name)


@pytest.fixture
def sqlite_url(tmp_path: Path) -> str:
    """A SQLite database of this test's own; its file does not exist yet."""
    return f"sqlite:///{tmp_path / 'juzhu.sqlite3'}"


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest) -> str:
    """An empty database of this test's own; the test runs once on each kind."""
    url = request.getfixturevalue(f"{request.param}_url")
    assert isinstance(url, str)
    return url


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
    name = database_url.partition("?")[0].rpartition("/")[2]
    return lambda: files_of(server, name)
