"""The blocks of docs/operations.md, run as they stand there: accounts, backups, restore test."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import asyncpg
import orjson
import pytest
from click.testing import CliRunner

from cli.main import main
from db.database import DatabaseSettings
from db.errors import DatabaseOlderError
from db.session import open_database
from server.settings import Settings
from tests.db.older_tables import OLDER, make_older_tables
from tests.end_to_end.house import House, Json, Seat, on_database, prepare, started
from tests.end_to_end.matrix import NAME, NUMBER, the_person
from tests.postgres import Server, embedded_server
from tests.register_rows import row, write_csv
from tests.server.actors import es256
from tests.server.real_house import settings_of

GUIDE = (Path(__file__).parents[2] / "docs/operations.md").read_text(encoding="utf-8")
SCHOOL = Seat(department="education", purpose="school-place", case="demo-1")
PERSON = "query($n:String!,$m:String!){person(idNumber:$n,name:$m){permit{active}}}"
SPEAKER = {"n": NUMBER, "m": NAME}
YES = {"person": {"permit": {"active": True}}}
NOT_ALLOWED = "42501"
pytestmark = pytest.mark.long


def blocks(language: str = "") -> list[str]:
    """The guide's fenced blocks of a language."""
    fenced = re.findall(r"^```(\w*)\n(.*?)^```$", GUIDE, re.DOTALL | re.MULTILINE)
    return [text for named, text in fenced if named == language]


def command_of(words: str) -> str:
    """The guide's shell line that holds these words."""
    (found,) = [one for one in blocks("sh") if words in one]
    return found


def juzhu(settings: Settings, *words: str | Path) -> tuple[int, str]:
    """Exit code and output of a command."""
    named = {"JUZHU_HOME": str(settings.home), "JUZHU_DATABASE_URL": settings.database_url}
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUZHU_")}
    result = CliRunner().invoke(main, list(map(str, words)), env={**kept, **named})
    return result.exit_code, result.stdout


async def heads(settings: Settings) -> list[dict[str, Json]]:
    """What `juzhu audit verify --json` says of an intact log."""
    code, said = await asyncio.to_thread(juzhu, settings, "audit", "verify", "--json")
    assert code == 0, said
    logs = orjson.loads(said)["logs"]
    assert isinstance(logs, list)
    return logs


async def answers(house: House) -> None:
    assert (await house.ask(SCHOOL, PERSON, SPEAKER)).data == YES


# --- accounts ------------------------------------------------------------------------------------


@pytest.fixture
def city() -> Iterator[str]:
    """A database as the guide makes it, on a server of its own: roles are a whole server's."""
    (made,) = [block for block in blocks() if "CREATE ROLE" in block]
    with embedded_server() as server:
        for statement in filter(str.strip, made.split(";")):
            server.say(statement)
        yield server.database_url("juzhu")


def as_role(settings: Settings, name: str) -> Settings:
    url = re.sub(r"//[^/]*@", f"//{name}@", settings.database_url)
    return replace(settings, database_url=url)


async def refused(settings: Settings, statement: str) -> bool:
    try:
        await on_database(settings, statement)
    except asyncpg.PostgresError as error:
        return error.sqlstate == NOT_ALLOWED
    return False


async def upgraded(owner: Settings, app: Settings, grants: list[str]) -> None:
    """The guide's upgrade of tables that the service's account may not change."""
    await make_older_tables(owner.database_url)
    await on_database(owner, *grants)
    with pytest.raises(DatabaseOlderError, match="`juzhu migrate` with the address of the tables'"):
        await open_database(DatabaseSettings(url=app.database_url, home=app.home))
    assert (await asyncio.to_thread(juzhu, app, "migrate"))[0] == 1
    code, said = await asyncio.to_thread(juzhu, owner, "migrate")
    assert code == 0, said
    assert said.startswith(f"the tables were brought from revision {OLDER} to ")


async def test_the_service_runs_as_an_account_that_can_not_touch_what_is_recorded(
    tmp_path: Path, city: str
) -> None:
    administrator = settings_of(tmp_path, city)
    names = ("juzhu_owner", "juzhu_app", "juzhu_audit")
    owner, app, audit = (as_role(administrator, name) for name in names)
    (block,) = blocks("sql")
    grants = list(filter(str.strip, block.split(";")))
    await upgraded(owner, app, grants)
    made = await prepare(owner, {"one": the_person()})
    async with started(owner, *made) as house:
        await answers(house)
    await on_database(owner, *grants)
    async with started(app, *made) as house:
        await answers(house)
        (tmp_path / "edu.jwk").write_bytes(es256("edu").public.jwk().encode())
        key = ("--key", tmp_path / "edu.jwk", "--until", "2099-12-31")
        file = write_csv(tmp_path / "register.csv", [row(0)])
        for words in (
            ("client", "add", "--department", "education", *key),
            ("client", "revoke", "education"),
            ("official", "add", "--department", "auditor", "--official", "a-2"),
            ("import", file, "--no-progress"),
            ("rebuild",),
            ("migrate",),
        ):
            code, said = await asyncio.to_thread(juzhu, app, *words)
            assert code == 0, (words, said)
        await answers(house)
        for statement in (
            "UPDATE audit_record SET body = body",
            "DELETE FROM audit_record",
            "TRUNCATE audit_record",
            "DELETE FROM audit_subject",
            "DELETE FROM audit_head",
            "ALTER TABLE audit_record DISABLE TRIGGER ALL",
            "DROP TABLE audit_record",
            "UPDATE branch_key SET wrapped = wrapped",
            "CREATE TABLE mine (a int)",
        ):
            assert await refused(app, statement), statement
        for statement in ("SELECT * FROM person", "DELETE FROM audit_record"):
            assert await refused(audit, statement), statement
        assert await heads(audit) == await heads(app)


# --- backups -------------------------------------------------------------------------------------


async def restored(settings: Settings, made: tuple[Json, Json], before: list[Json]) -> None:
    """The guide's restore test."""
    assert await heads(settings) == before
    code, said = await asyncio.to_thread(juzhu, settings, "rebuild")
    assert (code, said.startswith("0 rows differed")) == (0, True)
    async with started(settings, *made) as house:
        await answers(house)


def second_place(home: Path, new: Path) -> None:
    """Bring the root key from its second place into an empty home."""
    (new / "keys").mkdir(parents=True)
    shutil.copy2(home / "keys" / "root.key", new / "keys" / "root.key")


async def test_a_backup_of_the_embedded_database_beside_a_server_is_whole(
    tmp_path: Path, sqlite_url: str
) -> None:
    settings = settings_of(tmp_path / "home", sqlite_url)
    made = await prepare(settings, {"one": the_person()})
    live, copy = sqlite_url.removeprefix("sqlite:///"), tmp_path / "backup.db"
    line = command_of("VACUUM INTO").replace("var/juzhu.db", live).replace("backup.db", str(copy))
    async with started(settings, *made) as house:
        await answers(house)
        before = await heads(settings)
        done = await asyncio.to_thread(run, line.replace("python3", sys.executable, 1))
        assert done.returncode == 0, done.stderr
        await answers(house)
    second_place(settings.home, tmp_path / "new")
    copy.chmod(0o600)
    await restored(settings_of(tmp_path / "new", f"sqlite:///{copy}"), made, before)


async def test_a_dump_of_postgresql_beside_a_server_is_whole(
    tmp_path: Path, postgres: Server, postgres_url: str
) -> None:
    settings = settings_of(tmp_path / "home", postgres_url)
    made = await prepare(settings, {"one": the_person()})
    dump = tmp_path / "backup.dump"
    programs = f"PATH={postgres.psql.parent}:$PATH; JUZHU_DATABASE_URL='{postgres_url}'; "
    line = command_of("pg_dump").replace("backup.dump", str(dump))
    async with started(settings, *made) as house:
        await answers(house)
        before = await heads(settings)
        done = await asyncio.to_thread(run, programs + line)
        assert done.returncode == 0, done.stderr
        await answers(house)
    name = f"juzhu_restored_{os.getpid()}"
    url = postgres.create_database(name)
    try:
        line = f"{programs} pg_restore --no-owner --dbname='{url}' {dump}"
        done = await asyncio.to_thread(run, line)
        assert done.returncode == 0, done.stderr
        second_place(settings.home, tmp_path / "new")
        await restored(settings_of(tmp_path / "new", url), made, before)
    finally:
        postgres.drop_database(name)


def run(line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(["/bin/sh", "-c", line], capture_output=True, text=True, check=False)
