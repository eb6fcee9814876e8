"""`juzhu migrate`: tables of an older release brought to this one, by whoever may."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from cli.home import open_home
from cli.main import main
from db.database import DatabaseSettings
from db.errors import DatabaseOlderError
from db.migrate import _head
from db.session import open_database
from server.settings import read_settings
from tests.db.older_tables import OLDER, make_older_tables

NEWEST = _head()


def environment_of(home: Path, url: str) -> dict[str, str]:
    return {"JUZHU_HOME": str(home), "JUZHU_DATABASE_URL": url, "JUZHU_MODE": "demo"}


def migrate(environment: dict[str, str], *options: str) -> Result:
    return CliRunner().invoke(main, ["migrate", *options], env=environment)


@pytest.fixture
def older_url(empty_database_url: str) -> str:
    """A database with the tables of an older release."""
    asyncio.run(make_older_tables(empty_database_url))
    return empty_database_url


async def opens_for_reading(url: str, home: Path) -> None:
    settings = DatabaseSettings(url=url, home=home, writing=False)
    await (await open_database(settings)).close()


def test_older_tables_are_brought_to_this_release_and_the_next_time_nothing_is_done(
    tmp_path: Path, older_url: str
) -> None:
    environment = environment_of(tmp_path, older_url)
    with pytest.raises(DatabaseOlderError, match="juzhu migrate"):
        asyncio.run(opens_for_reading(older_url, tmp_path))
    done = migrate(environment)
    assert done.exit_code == 0, done.output
    assert done.stdout == f"the tables were brought from revision {OLDER} to {NEWEST}\n"
    asyncio.run(opens_for_reading(older_url, tmp_path))
    again = migrate(environment)
    assert again.stdout == f"the tables are up to date already (revision {NEWEST})\n"


def test_what_was_done_is_said_as_json_too(tmp_path: Path, older_url: str) -> None:
    environment = environment_of(tmp_path, older_url)
    said = [orjson.loads(migrate(environment, "--json").stdout) for _ in range(2)]
    assert said == [{"before": OLDER, "after": NEWEST}, {"before": NEWEST, "after": NEWEST}]


def test_it_reads_no_root_key(tmp_path: Path, older_url: str) -> None:
    production = {
        "JUZHU_MODE": "production",
        "JUZHU_AUDIENCE": "city",
        "JUZHU_ROOT_KEY": f"file:{tmp_path / 'elsewhere.key'}",
    }
    done = migrate(environment_of(tmp_path, older_url) | production)
    assert done.exit_code == 0, done.output


def test_no_tables_are_made_where_there_are_none(tmp_path: Path, empty_database_url: str) -> None:
    refused = migrate(environment_of(tmp_path / "home", empty_database_url))
    assert refused.exit_code == 1
    assert "hint: Check JUZHU_HOME and JUZHU_DATABASE_URL" in refused.stderr
    again = migrate(environment_of(tmp_path / "home", empty_database_url))
    assert again.stderr == refused.stderr
    if empty_database_url.startswith("sqlite:"):
        assert not Path(empty_database_url.removeprefix("sqlite:///")).exists()


async def test_it_is_refused_beside_a_process_that_writes_the_file(
    tmp_path: Path, sqlite_url: str
) -> None:
    environment = environment_of(tmp_path, sqlite_url)
    settings = read_settings(environment)
    async with open_home(settings, now=datetime(2026, 11, 20, tzinfo=UTC)):
        refused = await asyncio.to_thread(migrate, environment)
    assert refused.exit_code == 1
    assert "hint: Stop the server" in refused.stderr
    done = await asyncio.to_thread(migrate, environment)
    assert done.exit_code == 0, done.output
