"""`juzhu rebuild` and `juzhu keys`: what an operator does to a deployment as a whole."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import orjson
from click.testing import CliRunner
from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from cli.home import open_home
from cli.main import main
from db.intake import Intake
from db.ledger import Ledger
from db.models import AuditSubject, PersonNow
from server.settings import read_settings
from tests.audit.drafts import draft, subjects
from tests.builders import CALENDAR, ISSUED_ACTIVE, NOW, issued, person


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
    assert orjson.loads(first.stdout) == {"changed": 1}
    second = CliRunner().invoke(main, ["rebuild"], env=environment)
    assert second.stdout == "0 rows differed from their sources and were rebuilt\n"


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
