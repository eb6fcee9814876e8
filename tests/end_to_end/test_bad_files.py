"""Keys, database, disk and neighbours in a bad state: a clear error, and nothing lost.

Each start of a server is a process of its own, as an operator sees it. What was spoilt is put back
afterwards, and the same person is answered as before.
"""

import asyncio
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx2
import orjson
import pytest
from click.testing import CliRunner

from audit.verify import Intact
from cli.main import main
from db.database import DatabaseSettings
from db.facts import Issue
from db.ledger_check import verify_ledger
from db.session import open_database
from keys.root import create_root_key
from regulation.permit import first_expiry
from server.clock import SystemClock, day_of
from server.demonstration import DemonstrationIssuer
from server.settings import Settings
from tests import builders
from tests.end_to_end.house import RECORDS_MADE, Seat, house_of, on_database, prepare, started
from tests.end_to_end.matrix import NAME, NUMBER, the_person
from tests.register_rows import row, write_csv
from tests.server.actors import es256
from tests.server.real_house import settings_of

ROOT = Path(__file__).parents[2]
SCHOOL = Seat(department="education", purpose="school-place", case="demo-1")
PERSON = "query($n:String!,$m:String!){person(idNumber:$n,name:$m){permit{active}}}"
SPEAKER = {"n": NUMBER, "m": NAME}
YES = {"person": {"permit": {"active": True}}}
pytestmark = pytest.mark.long
SECONDS = 60
SERVE = ("-m", "cli.main", "serve")
Made = tuple[DemonstrationIssuer, dict[str, bytes]]


def environment(settings: Settings) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("JUZHU_")}
    named = {"JUZHU_HOME": str(settings.home), "JUZHU_DATABASE_URL": settings.database_url}
    return {**kept, **named, "PORT": "0", "PYTHONPATH": str(ROOT)}


def served(settings: Settings, program: tuple[str, ...] = SERVE) -> tuple[int, str, str]:
    """Exit code, standard output and standard error of a server that can't start."""
    done = subprocess.run(
        [sys.executable, *program],
        cwd=ROOT,
        env=environment(settings),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def beside(settings: Settings, *words: str | Path) -> tuple[int, str, str]:
    """A command of `juzhu` in a thread of this process: the lock is a file's, not a process's."""
    result = CliRunner().invoke(main, list(map(str, words)), env=environment(settings))
    return result.exit_code, result.stdout, result.stderr


def file_of(settings: Settings) -> Path:
    return Path(settings.database_url.removeprefix("sqlite:///"))


def refused(code: int, out: str, err: str) -> str:
    """Exit 1 with an error and a hint; no traceback, nothing on standard output."""
    assert (code, out) == (1, ""), err
    lines = err.splitlines()
    assert [line.partition(":")[0] for line in lines] == ["error", "hint"], err
    return err


async def start_refused(settings: Settings) -> str:
    return refused(*await asyncio.to_thread(served, settings))


async def answers(settings: Settings, made: Made) -> None:
    """The service stands and says the same of the same person."""
    async with started(settings, *made) as house:
        assert (await house.ask(SCHOOL, PERSON, SPEAKER)).data == YES


# --- the key file --------------------------------------------------------------------------------


async def test_a_missing_root_key_is_told_and_nothing_is_lost(
    tmp_path: Path, database_url: str
) -> None:
    settings = settings_of(tmp_path, database_url)
    made = await prepare(settings, {"one": the_person()})
    key = tmp_path / "keys" / "root.key"
    kept = key.rename(tmp_path / "kept.key")
    assert "root.key doesn't exist" in await start_refused(settings)
    assert not key.exists(), "a new key would open nothing of what is there"
    kept.rename(key)
    await answers(settings, made)


async def test_a_wrong_root_key_is_told_and_nothing_is_lost(
    tmp_path: Path, database_url: str
) -> None:
    settings = settings_of(tmp_path, database_url)
    made = await prepare(settings, {"one": the_person()})
    key = tmp_path / "keys" / "root.key"
    kept = key.rename(tmp_path / "kept.key")
    create_root_key(key)
    wrong = key.read_bytes()
    text = await start_refused(settings)
    assert "root key" in text
    assert key.read_bytes() == wrong
    assert wrong.strip().decode() not in text
    key.unlink()
    kept.rename(key)
    await answers(settings, made)


@pytest.mark.parametrize("mode", [0o604, 0o640])
async def test_a_root_key_that_others_may_read_is_told_and_nothing_is_lost(
    tmp_path: Path, database_url: str, mode: int
) -> None:
    settings = settings_of(tmp_path, database_url)
    made = await prepare(settings, {"one": the_person()})
    key = tmp_path / "keys" / "root.key"
    key.chmod(mode)
    assert "chmod 600" in await start_refused(settings)
    assert key.stat().st_mode & 0o777 == mode
    key.chmod(0o600)
    await answers(settings, made)


# --- the database file ---------------------------------------------------------------------------


async def test_a_truncated_database_is_told_and_left_as_it_is(
    tmp_path: Path, sqlite_url: str
) -> None:
    settings = settings_of(tmp_path, sqlite_url)
    made = await prepare(settings, {"one": the_person()})
    file = file_of(settings)
    kept = shutil.copy2(file, tmp_path / "backup")
    os.truncate(file, file.stat().st_size // 2)
    half = file.read_bytes()
    assert "backup" in await start_refused(settings)
    assert file.read_bytes() == half
    shutil.copy2(kept, file)
    await answers(settings, made)


async def test_a_database_from_a_newer_version_is_told_and_left_as_it_is(
    tmp_path: Path, database_url: str
) -> None:
    settings = settings_of(tmp_path, database_url)
    made = await prepare(settings, {"one": the_person()})
    ((version,),) = await on_database(settings, "SELECT version_num FROM alembic_version")
    await on_database(settings, "UPDATE alembic_version SET version_num = 'r9999'")
    assert "newer" in await start_refused(settings)
    ((found,),) = await on_database(settings, "SELECT version_num FROM alembic_version")
    assert found == "r9999"
    await on_database(settings, f"UPDATE alembic_version SET version_num = '{version}'")  # noqa: S608 - what stood there
    await answers(settings, made)


_AS_ITS_OWNER = """
import os, sys
import cli.main, cli.serve, encodings.idna, uvloop
if os.geteuid() == 0:
    os.setgroups([]); os.setgid(65534); os.setuid(65534)
cli.main.main(["serve"])
"""


@pytest.fixture
def open_to_all() -> Iterator[Path]:
    """A folder that another account may enter; pytest's own are closed to others."""
    with tempfile.TemporaryDirectory(prefix="juzhu-") as folder:
        Path(folder).chmod(0o755)
        yield Path(folder)


async def test_a_database_that_may_only_be_read_is_told_and_nothing_is_lost(
    open_to_all: Path,
) -> None:
    home = open_to_all / "home"
    settings = settings_of(home)
    made = await prepare(settings, {"one": the_person()})
    file = home / "juzhu.db"
    if os.geteuid() == 0:
        # Root may write everything: start it as somebody who may not.
        for path in (home, *home.rglob("*")):
            os.chown(path, 65534, 65534)
    file.chmod(0o400)
    done = await asyncio.to_thread(served, settings, ("-c", _AS_ITS_OWNER))
    assert "may not be written" in refused(*done)
    file.chmod(0o600)
    if os.geteuid() == 0:
        for path in (home, *home.rglob("*")):
            os.chown(path, 0, 0)
    await answers(settings, made)


# --- a command beside a running server -----------------------------------------------------------


async def test_a_writing_command_beside_a_server_is_refused_where_one_process_alone_may_write(
    tmp_path: Path, database_url: str
) -> None:
    (tmp_path / "edu.jwk").write_bytes(es256("edu").public.jwk().encode())
    register = write_csv(tmp_path / "register.csv", [row(0)])
    writing: list[tuple[str | Path, ...]] = [
        ("client", "add", "--department", "education", "--key", tmp_path / "edu.jwk",
         "--until", "2030-12-31"),
        ("official", "add", "--department", "auditor", "--official", "a-2"),
        ("import", register, "--no-progress"),
        ("rebuild",),
    ]  # fmt: skip
    reading: list[tuple[str | Path, ...]] = [
        ("client", "list"),
        ("official", "list"),
        ("audit", "verify"),
        ("import", register, "--dry-run", "--no-progress"),
    ]
    async with house_of(tmp_path, database_url, {"one": the_person()}) as house:
        before = await house.ask(SCHOOL, PERSON, SPEAKER)
        for words in writing:
            done = await asyncio.to_thread(beside, house.settings, *words)
            if house.settings.embedded:
                text = refused(*done)
                assert "Another Juzhu process is writing" in text
                assert "Stop the server" in text
            else:
                assert done[0] == 0, (words, done)
        for words in reading:
            done = await asyncio.to_thread(beside, house.settings, *words)
            assert done[0] == 0, (words, done)
        after = await house.ask(SCHOOL, PERSON, SPEAKER)
        assert after.data == before.data == YES


# --- a full disk ---------------------------------------------------------------------------------


def answered(address: str, token: str) -> httpx2.Response:
    return httpx2.post(
        f"{address}/graphql",
        content=orjson.dumps({"query": PERSON, "variables": SPEAKER}),
        headers={
            "authorization": f"Bearer {token}",
            "content-type": "application/json",
            **SCHOOL.headers,
        },
        timeout=SECONDS,
    )


async def test_a_disk_that_fills_while_recording_gives_no_data_and_loses_no_record(
    tmp_path: Path, sqlite_url: str
) -> None:
    settings = settings_of(tmp_path, sqlite_url)
    today = day_of(SystemClock().now())
    on = today - timedelta(days=30)
    issue = Issue(happened_on=on, valid_to=first_expiry(on), office=builders.OFFICE)
    registered = the_person().registration
    made = await prepare(settings, {"one": builders.person(registered=registered, acts=[issue])})
    token = made[0].token(
        audience=settings.audience,
        department="education",
        official="demo-01",
        purposes=(),
        now=SystemClock().now(),
    )
    answers_ = await asyncio.to_thread(_fill_the_disk, settings, token)
    good, full, again = answers_
    assert good.json()["data"] == again.json()["data"] == YES
    for answer in full:
        assert answer.status_code == 503
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "AUDIT_UNAVAILABLE"
        assert b"active" not in answer.content
    where = DatabaseSettings(url=sqlite_url, home=tmp_path, writing=False)
    async with await open_database(where) as database:
        (verdict,) = await verify_ledger(database)
    # What was there before and the two answers that left; nothing of those that did not.
    assert isinstance(verdict, Intact)
    assert verdict.size == again.json()["extensions"]["audit"]["index"] + 1 == RECORDS_MADE + 2


def _fill_the_disk(
    settings: Settings, token: str
) -> tuple[httpx2.Response, list[httpx2.Response], httpx2.Response]:
    """Answers before, while and after the process may write no more byte to any file."""
    with subprocess.Popen(
        [sys.executable, *SERVE],
        cwd=ROOT,
        env=environment(settings),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            assert process.stdout is not None
            address = process.stdout.readline().split()[1].removesuffix("/graphql")
            good = answered(address, token)
            soft, hard = resource.prlimit(process.pid, resource.RLIMIT_FSIZE)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (0, hard))
            full = [answered(address, token) for _ in range(4)]
            ready = httpx2.get(f"{address}/health/ready", timeout=SECONDS)
            assert (ready.status_code, ready.json()["checks"]["audit"]) == (503, False)
            resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (soft, hard))
            end = time.monotonic() + SECONDS
            while httpx2.get(f"{address}/health/ready", timeout=SECONDS).status_code != 200:
                assert time.monotonic() < end, "it finds out by itself that there is room again"
                time.sleep(0.1)
            again = answered(address, token)
        finally:
            process.terminate()
            process.communicate(timeout=SECONDS)
    assert process.returncode == 0
    return good, full, again


async def test_a_full_disk_as_postgresql_names_it_gives_no_data(
    tmp_path: Path, postgres_url: str
) -> None:
    async with house_of(tmp_path, postgres_url, {"one": the_person()}) as house:
        assert (await house.ask(SCHOOL, PERSON, SPEAKER)).data == YES
        await house.run(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE "
            "EXCEPTION 'could not extend file: No space left on device' "
            "USING ERRCODE = 'disk_full'; END $$",
            "CREATE TRIGGER full_disk BEFORE INSERT ON audit_record FOR EACH ROW "
            "EXECUTE FUNCTION full_disk()",
        )
        answer = await house.ask(SCHOOL, PERSON, SPEAKER)
        assert (answer.status, answer.codes) == (503, ["AUDIT_UNAVAILABLE"])
        assert set(answer.whole) == {"errors"}
        await house.run("DROP TRIGGER full_disk ON audit_record", "DROP FUNCTION full_disk")
        assert (await house.ask(SCHOOL, PERSON, SPEAKER)).data == YES
        (verdict,) = await verify_ledger(house.beside)
        assert isinstance(verdict, Intact)
        assert verdict.size == RECORDS_MADE + 2
