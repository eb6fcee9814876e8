"""`juzhu rebuild` and `juzhu keys`: what an operator does to a deployment as a whole."""

import asyncio
import os
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from cli.home import open_home
from cli.main import main
from db.intake import Intake
from db.ledger import Ledger
from db.ledger_reads import LedgerReads
from db.models import AuditSubject, BranchKey, Derived, NameBirth, Person, PersonNow, table_of
from db.rows import PERSON, RowValues
from server.clock import SystemClock
from server.log import Log
from server.running import running
from server.settings import read_settings
from tests.audit.drafts import draft, subjects
from tests.builders import CALENDAR, ISSUED_ACTIVE, NOW, issued, person
from tests.register_rows import row, write_csv


def environment_of(home: Path, url: str) -> dict[str, str]:
    return {"JUZHU_HOME": str(home), "JUZHU_DATABASE_URL": url, "JUZHU_MODE": "demo"}


async def load_and_damage(environment: dict[str, str]) -> None:
    """Store three persons, then change one row of the read model by hand."""
    settings = read_settings(environment)
    async with open_home(settings, now=datetime(2026, 11, 20, tzinfo=UTC)) as home:
        persons = [person(number, acts=[issued(ISSUED_ACTIVE)]) for number in range(3)]
        intake = Intake(home.ring, CALENDAR)
        ids = await home.database.write(
            lambda session: intake.register(session, persons, recorded_at=NOW)
        )
        await home.database.write(
            lambda session: session.execute(
                update(PersonNow).where(PersonNow.person == ids[0]).values(county="150430")
            )
        )


def test_a_rebuild_mends_rows_that_differ_from_their_sources_and_then_finds_none(
    tmp_path: Path, database_url: str
) -> None:
    environment = environment_of(tmp_path, database_url)
    asyncio.run(load_and_damage(environment))
    first = CliRunner().invoke(main, ["rebuild", "--json"], env=environment)
    assert first.exit_code == 0, first.output
    assert orjson.loads(first.stdout) == {"changed": 1, "indexed": 0}
    second = CliRunner().invoke(main, ["rebuild"], env=environment)
    assert second.stdout == "0 rows differed from their sources and were rebuilt\n"


async def make_older(environment: dict[str, str]) -> None:
    """Store three persons as a release did that indexed no names and noted no rules."""
    settings = read_settings(environment)
    async with open_home(settings, now=datetime(2026, 11, 20, tzinfo=UTC)) as home:
        intake = Intake(home.ring, CALENDAR)
        await home.database.write(
            lambda session: intake.register(
                session, [person(number) for number in range(3)], recorded_at=NOW
            )
        )

        def older(session: Session) -> None:
            session.execute(delete(Derived))
            session.execute(delete(NameBirth))
            session.execute(delete(BranchKey).where(BranchKey.purpose == "index:name-birth"))
            for row in session.execute(select(table_of(Person))).mappings().all():
                values: RowValues = dict(row) | {"name_birth_tag": None}
                signed = PERSON.sign(home.ring, values)
                session.execute(update(Person).where(Person.id == row["id"]).values(signed))

        await home.database.write(older)


def test_persons_of_an_older_release_are_indexed_by_name_once_and_the_log_counts_them(
    tmp_path: Path, database_url: str
) -> None:
    environment = environment_of(tmp_path, database_url)
    asyncio.run(make_older(environment))
    refused = CliRunner().invoke(main, ["serve", "--port", "0"], env=environment)
    assert refused.exit_code == 1
    assert "juzhu rebuild" in refused.stderr
    first = CliRunner().invoke(main, ["rebuild", "--json"], env=environment)
    assert first.exit_code == 0, first.output
    assert orjson.loads(first.stdout) == {"changed": 0, "indexed": 3}
    second = CliRunner().invoke(main, ["rebuild", "--json"], env=environment)
    assert orjson.loads(second.stdout) == {"changed": 0, "indexed": 0}
    asyncio.run(require_indexed(environment))
    verified = CliRunner().invoke(main, ["audit", "verify"], env=environment)
    assert verified.exit_code == 0, verified.output


async def require_indexed(environment: dict[str, str]) -> None:
    settings = read_settings(environment)
    async with open_home(settings, now=datetime(2026, 11, 20, tzinfo=UTC)) as home:
        assert home.ring.indexes_names
        named = await home.database.read(
            lambda session: session.scalars(select(NameBirth.tag)).all()
        )
        assert len(set(named)) == 3
        records = await LedgerReads(home.database).page(after=None, limit=10)
        said = [orjson.loads(record.body) for record in records]
        assert [one["decision"] for one in said if one["action"] == "names.indexed"] == [
            "persons:3"
        ]


_KILLED = """
import os, signal, sys
from sqlalchemy import event
from sqlalchemy.engine import Engine
from db import rebuilding
rebuilding.BATCH = 1
from cli.rebuild import rebuild
commits = int(sys.argv.pop())
@event.listens_for(Engine, "commit")
def count(connection):
    global commits
    commits -= 1
    if commits == 0:
        os.kill(os.getpid(), signal.SIGKILL)
rebuild()
"""


@pytest.mark.parametrize("commits", [1, 3, 4, 6])
def test_an_indexing_that_is_killed_at_a_commit_goes_on_and_opens_nobody_twice(
    tmp_path: Path, database_url: str, commits: int
) -> None:
    environment = environment_of(tmp_path, database_url)
    asyncio.run(make_older(environment))
    struck = subprocess.run(
        [sys.executable, "-c", _KILLED, str(commits)],
        cwd=Path(__file__).parents[2],
        env={**os.environ, **environment},
        capture_output=True,
        check=False,
        text=True,
    )
    assert struck.returncode == -signal.SIGKILL, struck.stderr
    refused = CliRunner().invoke(main, ["serve", "--port", "0"], env=environment)
    assert refused.exit_code == 1
    assert "juzhu rebuild" in refused.stderr
    done = CliRunner().invoke(main, ["rebuild", "--json"], env=environment)
    assert done.exit_code == 0, done.output
    assert asyncio.run(indexed(environment)) == 3


async def indexed(environment: dict[str, str]) -> int:
    """How many persons the log says were opened for the index; all are in it."""
    settings = read_settings(environment)
    async with open_home(settings, now=datetime(2026, 11, 20, tzinfo=UTC)) as home:
        rows = await home.database.read(
            lambda session: session.scalars(select(NameBirth.tag)).all()
        )
        assert len(set(rows)) == 3
        records = await LedgerReads(home.database).page(after=None, limit=10)
    said = [orjson.loads(record.body) for record in records]
    counts = [one["decision"] for one in said if one["action"] == "names.indexed"]
    return sum(int(count.removeprefix("persons:")) for count in counts)


def test_a_key_of_the_index_of_names_that_was_taken_away_is_never_made_anew(
    tmp_path: Path, database_url: str
) -> None:
    environment = environment_of(tmp_path, database_url)
    asyncio.run(load_and_damage(environment))

    async def rob() -> None:
        settings = read_settings(environment)
        async with open_home(settings, now=datetime(2026, 11, 20, tzinfo=UTC)) as home:
            await home.database.write(
                lambda session: session.execute(
                    delete(BranchKey).where(BranchKey.purpose == "index:name-birth")
                )
            )

    asyncio.run(rob())
    for command in (["serve", "--port", "0"], ["rebuild"]):
        refused = CliRunner().invoke(main, command, env=environment)
        assert refused.exit_code == 1, command
        assert "restore the key table" in refused.stderr


def test_a_changed_file_of_rules_stops_the_start_until_a_rebuild_and_the_former_one_does_not(
    tmp_path: Path, database_url: str
) -> None:
    environment = environment_of(tmp_path, database_url)
    asyncio.run(load_and_damage(environment))
    changed = tmp_path / "rules.toml"
    changed.write_text(
        '[[policy]]\nversion = "1"\nbasis = "赤司函"\nfrom = 2017-06-22\n'
        '[policy.values]\ngrace_days = { value = 60, basis = "赤司函" }\n',
        encoding="utf-8",
    )
    other = environment | {"JUZHU_RULES": str(changed)}
    refused = CliRunner().invoke(main, ["serve", "--port", "0"], env=other)
    assert refused.exit_code == 1
    assert "JUZHU_RULES" in refused.stderr
    assert "run `juzhu rebuild`" in refused.stderr
    rows = write_csv(tmp_path / "register.csv", [row(77)])
    held_back = CliRunner().invoke(main, ["import", str(rows)], env=other)
    assert held_back.exit_code == 1
    assert "run `juzhu rebuild`" in held_back.stderr
    assert CliRunner().invoke(main, ["rebuild"], env=other).exit_code == 0
    refused = CliRunner().invoke(main, ["serve", "--port", "0"], env=environment)
    assert refused.exit_code == 1
    assert "run `juzhu rebuild`" in refused.stderr
    assert CliRunner().invoke(main, ["rebuild"], env=environment).exit_code == 0
    asyncio.run(require_served(environment))


async def require_served(environment: dict[str, str]) -> None:
    clock = SystemClock()
    async with running(
        read_settings(environment), clock=clock, log=Log(clock, lambda _line: None)
    ) as service:
        assert service.rules == "as issued"


async def log_and_damage(environment: dict[str, str]) -> None:
    """Write two records, then take one entry of the index of persons away and add a stray one."""
    settings = read_settings(environment)
    async with open_home(settings, now=datetime(2026, 11, 20, tzinfo=UTC)) as home:
        ledger = Ledger(home.database, deployment=home.ring.deployment)
        await home.database.write(
            lambda session: ledger.append_within(session, [draft(of=subjects(1))] * 2)
        )
        await ledger.index_persons()

        def damage(session: Session) -> None:
            newest = select(func.max(AuditSubject.index)).scalar_subquery()
            session.execute(delete(AuditSubject).where(AuditSubject.index == newest))
            session.execute(insert(AuditSubject).values(person=b"\x01" * 16, year=2026, index=0))

        await home.database.write(damage)


def test_the_index_of_persons_is_rebuilt_from_the_records(
    tmp_path: Path, database_url: str
) -> None:
    environment = environment_of(tmp_path, database_url)
    asyncio.run(log_and_damage(environment))
    first = CliRunner().invoke(main, ["rebuild", "--index", "--json"], env=environment)
    assert first.exit_code == 0, first.output
    assert orjson.loads(first.stdout) == {"added": 1, "removed": 1}
    second = CliRunner().invoke(main, ["rebuild", "--index"], env=environment)
    assert second.stdout == "index of persons: 0 entries were missing, 0 were in no record\n"
    assert CliRunner().invoke(main, ["audit", "verify"], env=environment).exit_code == 0


async def test_a_rebuild_is_refused_beside_a_process_that_writes_the_file(
    tmp_path: Path, sqlite_url: str
) -> None:
    environment = environment_of(tmp_path, sqlite_url)
    settings = read_settings(environment)
    async with open_home(settings, now=datetime(2026, 11, 20, tzinfo=UTC)):
        for options in ([], ["--index"]):
            refused = await asyncio.to_thread(
                CliRunner().invoke, main, ["rebuild", *options], env=environment
            )
            assert refused.exit_code == 1
            assert "hint: " in refused.stderr


def test_a_new_root_key_is_its_owners_alone_and_is_never_overwritten(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "root.key"
    made = CliRunner().invoke(main, ["keys", "create-root", str(path)])
    assert made.exit_code == 0, made.output
    key = path.read_bytes()
    assert path.stat().st_mode & 0o777 == 0o600
    assert key.decode("ascii").strip() not in made.output
    again = CliRunner().invoke(main, ["keys", "create-root", str(path)])
    assert again.exit_code == 1
    assert "hint:" in again.stderr
    assert path.read_bytes() == key
