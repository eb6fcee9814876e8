"""A ledger never writes on a log whose head and last record contradict each other."""

from pathlib import Path

import pytest

from db.errors import AuditDamagedError
from db.ledger import Ledger
from tests.audit.drafts import NOW, draft
from tests.db.ledgers import Bench, bench, count
from tests.db.test_ledger_check import tamper, written

CHANGED = {
    "the head set on": "UPDATE audit_head SET size = size + 1",
    "the head set back": "UPDATE audit_head SET size = size - 1",
    "the head set to nothing": "UPDATE audit_head SET size = 0",
    "the last record taken away": 'DELETE FROM audit_record WHERE "index" = 12',
    "all records taken away": "DELETE FROM audit_record",
    "a record added at the end": (
        "INSERT INTO audit_record SELECT year, 13, leaf_hash, body FROM audit_record "
        'WHERE "index" = 5'
    ),
    "the head taken away": "DELETE FROM audit_head",
    "a record of a later year without a head": (
        "INSERT INTO audit_record SELECT 2031, 0, leaf_hash, body FROM audit_record "
        'WHERE "index" = 5'
    ),
}


async def again(at: Bench, told: list[str]) -> Ledger:
    """Another process starts on the same database."""
    ledger = Ledger(
        at.database,
        deployment="demo",
        probe_seconds=0.05,
        report=lambda event, _error: told.append(event),
    )
    await ledger.start()
    return ledger


@pytest.mark.parametrize("how", CHANGED)
async def test_a_contradiction_at_the_start_refuses_every_record(
    how: str, database_url: str, tmp_path: Path
) -> None:
    told: list[str] = []
    async with bench(database_url, tmp_path) as at:
        await written(at)
        await tamper(at, [CHANGED[how]])
        standing = await count(at.database)
        ledger = await again(at, told)
        try:
            assert not ledger.ready
            assert told == ["audit head contradicts records"]
            at_start = Bench(at.database, ledger)
            assert await at_start.refused()
            with pytest.raises(AuditDamagedError):
                await at.database.write(lambda session: ledger.append_within(session, [draft()]))
            assert not ledger.ready
        finally:
            await ledger.stop()
        assert await count(at.database) == standing


async def test_a_whole_log_of_several_years_starts(database_url: str, tmp_path: Path) -> None:
    told: list[str] = []
    async with bench(database_url, tmp_path) as at:
        await written(at)
        await at.ledger.append(draft(time=NOW.replace(year=2027)))
        ledger = await again(at, told)
        try:
            assert ledger.ready
            assert not await Bench(at.database, ledger).refused()
        finally:
            await ledger.stop()
    assert told == []


async def test_a_contradiction_in_a_closed_year_is_found_too(
    database_url: str, tmp_path: Path
) -> None:
    told: list[str] = []
    async with bench(database_url, tmp_path) as at:
        await written(at)
        await at.ledger.append(draft(time=NOW.replace(year=2027)))
        await tamper(at, ['DELETE FROM audit_record WHERE year = 2026 AND "index" = 12'])
        ledger = await again(at, told)
        try:
            assert not ledger.ready
        finally:
            await ledger.stop()
    assert told == ["audit head contradicts records"]


async def test_a_head_that_is_no_number_refuses(sqlite_url: str, tmp_path: Path) -> None:
    told: list[str] = []
    async with bench(sqlite_url, tmp_path) as at:
        await written(at)
        await tamper(at, ["UPDATE audit_head SET size = 'many'"])
        ledger = await again(at, told)
        await ledger.stop()
    assert told == ["audit head contradicts records"]
