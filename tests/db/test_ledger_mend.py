"""Building the index of persons anew: missing entries come, stray ones go, nothing else changes."""

from pathlib import Path

import pytest

from audit.verify import Broken
from db.database import Database
from db.errors import DatabaseDamagedError
from db.ledger_check import verify_ledger
from db.ledger_mend import Mended, mend_person_index
from tests.audit.drafts import NOW, draft, subjects
from tests.db.ledgers import Bench, bench, sizes

RIGHT = Mended(added=0, removed=0)


async def written(at: Bench) -> None:
    """Two years, 22 entries, all of them covered."""
    for year in (2026, 2027):
        for number in (1, 0, 4, 6):
            await at.ledger.append(draft(of=subjects(number), time=NOW.replace(year=year)))
    await at.ledger.index_persons()


async def mend(database: Database) -> Mended:
    return await mend_person_index(database, lambda _: None, lambda _: None)


async def test_an_index_that_is_right_stays_as_it_is(database_url: str, tmp_path: Path) -> None:
    async with bench(database_url, tmp_path) as at:
        assert await mend(at.database) == RIGHT
        await written(at)
        assert await mend(at.database) == RIGHT
        assert await sizes(at.database) == [5, 5]


@pytest.mark.parametrize(
    ("statement", "mended"),
    [
        ("DELETE FROM audit_subject", Mended(added=22, removed=0)),
        (
            'DELETE FROM audit_subject WHERE "index" = 3 AND year = 2026',
            Mended(added=4, removed=0),
        ),
        (
            'UPDATE audit_subject SET "index" = 2 WHERE "index" = 3 AND year = 2026',
            Mended(added=4, removed=4),
        ),
        ("UPDATE audit_subject SET year = 2019 WHERE year = 2027", Mended(added=11, removed=11)),
        (
            'INSERT INTO audit_subject (person, year, "index") VALUES ({other}, 2026, 3)',
            Mended(added=0, removed=1),
        ),
        (
            'INSERT INTO audit_subject (person, year, "index") VALUES ({other}, 2027, 900)',
            Mended(added=0, removed=1),
        ),
    ],
)
async def test_what_differs_is_counted_and_mended(
    statement: str, mended: Mended, database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        await written(at)
        other = "x'" + "ab" * 16 + "'" if at.sqlite else "'\\x" + "ab" * 16 + "'::bytea"
        await at.run(statement.replace("{other}", other))
        assert await mend(at.database) == mended
        assert await sizes(at.database) == [5, 5]
        assert await mend(at.database) == RIGHT


@pytest.mark.parametrize("indexed", [-1, 0, 3, 6, 10**9])
async def test_wherever_the_head_says_the_index_stands_it_covers_all_records_afterwards(
    indexed: int, database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        await written(at)
        await at.run(
            "DELETE FROM audit_subject WHERE year = 2027",
            f"UPDATE audit_head SET indexed = {indexed} WHERE year = 2027",  # noqa: S608 - a number of ours
        )
        assert await mend(at.database) == Mended(added=11, removed=0)
        assert await sizes(at.database) == [5, 5]
        person = subjects(1)[0].person
        await at.ledger.append(draft(persons=[person], time=NOW.replace(year=2027)))
        assert len(await at.ledger.of_person(person, after=None, limit=9)) == 1


async def test_it_says_how_far_it_is(database_url: str, tmp_path: Path) -> None:
    async with bench(database_url, tmp_path) as at:
        await written(at)
        records: list[int] = []
        entries: list[int] = []
        await mend_person_index(at.database, records.append, entries.append)
        assert (sum(records), sum(entries)) == (10, 22)


async def test_a_log_that_lacks_a_record_is_not_papered_over(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        await written(at)
        drop = (
            "DROP TRIGGER audit_record_no_delete"
            if at.sqlite
            else "ALTER TABLE audit_record DISABLE TRIGGER ALL"
        )
        await at.run(drop, 'DELETE FROM audit_record WHERE "index" = 3 AND year = 2026')
        with pytest.raises(DatabaseDamagedError, match="juzhu audit verify"):
            await mend(at.database)
        assert isinstance((await verify_ledger(at.database))[-1], Broken)
