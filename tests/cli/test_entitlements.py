"""`juzhu entitlements`: the whole register as counts, recorded, and gone on with after a stop."""

import asyncio
import csv
from datetime import UTC, date, datetime
from pathlib import Path

import orjson
import pytest
from click.testing import CliRunner, Result

from cli.home import open_home
from cli.main import main
from db.intake import Intake
from db.ledger_reads import LedgerReads
from db.standings import Batch, Standings
from server.settings import read_settings
from tests.builders import CALENDAR, NOW, active, cancelled, moved, person, suspended

AT = datetime(2026, 11, 20, tzinfo=UTC)
ON = "2026-11-01"


@pytest.fixture
def city(tmp_path: Path, database_url: str) -> dict[str, str]:
    """Sixty persons: holders whose permit is active, lapsed, cancelled; some who moved."""
    environment = {
        "JUZHU_HOME": str(tmp_path),
        "JUZHU_DATABASE_URL": database_url,
        "JUZHU_MODE": "demo",
    }

    async def load() -> None:
        async with open_home(read_settings(environment), now=AT) as home:
            intake = Intake(home.ring, CALENDAR)
            lives = [
                *(active(number) for number in range(20)),
                *(suspended(number) for number in range(20, 35)),
                *(cancelled(number) for number in range(35, 45)),
                *(moved(number) for number in range(45, 60)),
                person(60),
            ]
            await home.database.write(
                lambda session: intake.register(session, lives, recorded_at=NOW)
            )

    asyncio.run(load())
    return environment


def run(environment: dict[str, str], *words: str) -> Result:
    return CliRunner().invoke(main, ["entitlements", *words], env=environment)


def records(environment: dict[str, str]) -> list[tuple[str, str, str]]:
    async def read() -> list[tuple[str, str, str]]:
        async with open_home(read_settings(environment), now=AT) as home:
            page = await LedgerReads(home.database).page(after=None, limit=20)
        said = [orjson.loads(record.body) for record in page]
        return [
            (one["actor"]["client"], one["actor"]["official"], one["decision"])
            for one in said
            if one["action"] == "entitlements.counted"
        ]

    return asyncio.run(read())


def test_the_register_is_counted_by_county_service_and_answer_and_the_log_says_for_whom(
    city: dict[str, str],
) -> None:
    done = run(city, "--on", ON, "--json", "--by", "P-0917")
    assert done.exit_code == 0, done.output
    said = orjson.loads(done.stdout)
    assert said["day"] == ON
    permits = {(line["division"], line["what"]): line["persons"] for line in said["permits"]}
    # All cancelled ten days before 20 November: active still on the first.
    assert permits["150402", "active"] == 30
    # Fifteen live there. In ten counties nobody does, and a sum would tell that: it goes with them.
    assert permits["150430", "active"] is None
    schools = {
        (line["division"], line["answer"]): line["persons"]
        for line in said["services"]
        if line["service"] == "24(4)"
    }
    assert schools["150402", "yes"] == permits["150402", "active"]
    assert "测试" not in done.stdout
    assert records(city) == [("juzhu entitlements", "P-0917", f"day:{ON} persons:61")]
    verified = CliRunner().invoke(main, ["audit", "verify"], env=city)
    assert verified.exit_code == 0, verified.output


def test_csv_has_a_line_for_each_place_and_answer(city: dict[str, str]) -> None:
    done = run(city, "--on", ON)
    assert done.exit_code == 0, done.output
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert {row["table"] for row in rows} == {"permit", "clock", "service"}
    assert sum(row["table"] == "service" for row in rows) == 27 * 3 * 13
    assert {row["day"] for row in rows} == {ON}


def test_a_day_in_the_middle_of_a_month_is_refused_before_anything_is_opened(
    city: dict[str, str],
) -> None:
    refused = run(city, "--on", "2026-10-02")
    assert refused.exit_code == 2
    assert "hint:" in refused.stderr
    assert records(city) == []


def test_what_was_stopped_goes_on_and_comes_to_the_same(
    city: dict[str, str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("cli.entitlements.BATCH", 25)
    whole = run(city, "--on", ON, "--json").stdout
    asked: list[bytes] = []
    batch = Standings.batch

    def stopped(self: Standings, session: object, day: date, *, after: bytes, size: int) -> Batch:
        asked.append(after)
        if len(asked) == 3:
            raise KeyboardInterrupt
        return batch(self, session, day, after=after, size=size)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(Standings, "batch", stopped)
        refused = run(city, "--on", ON, "--json")
    assert refused.exit_code == 1
    assert "goes on where it stopped" in refused.stderr
    (kept,) = tmp_path.glob("entitlements-*.json")
    assert kept.stat().st_mode & 0o777 == 0o600
    seen: list[bytes] = []

    def heard(self: Standings, session: object, day: date, *, after: bytes, size: int) -> Batch:
        seen.append(after)
        return batch(self, session, day, after=after, size=size)  # type: ignore[arg-type]

    with monkeypatch.context() as patched:
        patched.setattr(Standings, "batch", heard)
        again = run(city, "--on", ON, "--json")
    assert again.stdout == whole
    assert seen[0] == asked[2]
    assert not list(tmp_path.glob("entitlements-*"))


def test_a_file_of_progress_that_somebody_altered_is_begun_anew(
    city: dict[str, str], tmp_path: Path
) -> None:
    whole = run(city, "--on", ON, "--json").stdout
    forged = {"said": {"of": [], "after": "ff" * 16, "done": 61}, "digest": "00" * 32}
    (tmp_path / f"entitlements-{ON}.json").write_bytes(orjson.dumps(forged))
    assert run(city, "--on", ON, "--json").stdout == whole
