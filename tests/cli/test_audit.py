"""`juzhu audit verify`: exit 0 intact, 1 broken with the index, 2 where it could not look."""

import asyncio
import json
import os
import pty
import subprocess
import sys
import termios
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from cli.audit import LARGE, audit
from tests.audit.drafts import NOW, draft, subjects
from tests.db.ledgers import Bench, bench

ROOT = Path(__file__).parents[2]


def environment(url: str, home: Path) -> dict[str, str]:
    return {"JUZHU_HOME": str(home), "JUZHU_DATABASE_URL": url, "JUZHU_MODE": "demo"}


def verify(url: str, home: Path, *options: str) -> Result:
    return CliRunner().invoke(audit, ["verify", *options], env=environment(url, home))


def prepare(url: str, home: Path, act: Callable[[Bench], Awaitable[object]]) -> None:
    async def run() -> None:
        async with bench(url, home) as at:
            await act(at)

    asyncio.run(run())


async def two_years(at: Bench) -> None:
    await at.ledger.append(draft(of=subjects(1)))
    await at.ledger.append(draft(time=NOW.replace(year=2027)))


async def without_an_index_row(at: Bench) -> None:
    await two_years(at)
    await at.ledger.index_persons()
    await at.run("DELETE FROM audit_subject")


def test_an_intact_log_is_told_year_by_year_with_exit_0(database_url: str, tmp_path: Path) -> None:
    prepare(database_url, tmp_path, two_years)
    result = verify(database_url, tmp_path)
    assert result.exit_code == 0
    first, second = result.stdout.splitlines()
    assert first.startswith("intact: demo/audit/2026, 2 records, root ")
    assert second.startswith("intact: demo/audit/2027, 2 records, root ")
    assert result.stderr == ""


def test_json_says_the_same(database_url: str, tmp_path: Path) -> None:
    prepare(database_url, tmp_path, two_years)
    result = verify(database_url, tmp_path, "--json")
    answer = json.loads(result.stdout)
    assert result.exit_code == 0
    assert answer["intact"] is True
    assert answer["broken"] is None
    assert [(log["log"], log["size"], len(log["root"])) for log in answer["logs"]] == [
        ("demo/audit/2026", 2, 64),
        ("demo/audit/2027", 2, 64),
    ]


def test_a_broken_log_is_exit_1_and_names_the_index(database_url: str, tmp_path: Path) -> None:
    prepare(database_url, tmp_path, without_an_index_row)
    result = verify(database_url, tmp_path)
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == (
        "broken: demo/audit/2026, index 1: the index of persons does not agree with the body"
    )


def test_json_of_a_broken_log_is_exit_1_too(database_url: str, tmp_path: Path) -> None:
    prepare(database_url, tmp_path, without_an_index_row)
    result = verify(database_url, tmp_path, "--json")
    assert result.exit_code == 1
    answer = json.loads(result.stdout)
    assert answer["intact"] is False
    assert answer["broken"] == {
        "log": "demo/audit/2026",
        "index": 1,
        "why": "the index of persons does not agree with the body",
    }


def test_a_log_without_a_record_is_intact(database_url: str, tmp_path: Path) -> None:
    async def nothing(_: Bench) -> None:
        """Only the tables."""

    prepare(database_url, tmp_path, nothing)
    result = verify(database_url, tmp_path)
    assert (result.exit_code, result.stdout) == (0, "intact: the log has no record yet\n")


async def test_it_runs_beside_a_server_that_writes(database_url: str, tmp_path: Path) -> None:
    async with bench(database_url, tmp_path) as at:
        await two_years(at)
        result = await asyncio.to_thread(verify, database_url, tmp_path)
        assert result.exit_code == 0
        assert not await at.refused()


def test_no_database_is_exit_2_with_a_hint(empty_sqlite_url: str, tmp_path: Path) -> None:
    result = verify(empty_sqlite_url, tmp_path)
    assert result.exit_code == 2
    assert result.stdout == ""
    assert result.stderr.startswith("error: ")
    assert "\nhint: " in result.stderr


@pytest.mark.parametrize("url", ["mysql://host/db", "postgresql://user@127.0.0.1:1/none"])
def test_a_database_that_cannot_be_opened_is_exit_2_without_its_address(
    url: str, tmp_path: Path
) -> None:
    result = verify(url, tmp_path)
    assert result.exit_code == 2
    assert "error: " in result.stderr
    assert url not in result.output


def test_an_unknown_option_is_exit_2(sqlite_url: str, tmp_path: Path) -> None:
    assert verify(sqlite_url, tmp_path, "--no-such").exit_code == 2


def test_a_large_log_shows_a_progress_bar_on_a_terminal(sqlite_url: str, tmp_path: Path) -> None:
    async def many(at: Bench) -> None:
        drafts = [draft() for _ in range(LARGE)]
        await at.database.write(lambda session: at.ledger.append_within(session, drafts))

    prepare(sqlite_url, tmp_path, many)
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    done = subprocess.run(
        [sys.executable, "-c", "from cli.audit import audit; audit()", "verify"],
        cwd=ROOT,
        env={**os.environ, **environment(sqlite_url, tmp_path)},
        stdout=subprocess.PIPE,
        stderr=theirs,
        check=False,
    )
    os.close(theirs)
    shown = os.read(ours, 100_000).decode()
    os.close(ours)
    assert done.returncode == 0
    assert done.stdout.startswith(b"intact: ")
    assert f"{LARGE + 1}/{LARGE + 1}" in shown
