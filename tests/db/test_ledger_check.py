"""A log that somebody with the database's password changed is found broken, with the index."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from audit.tree import Frontier, leaf_hash
from audit.verify import Broken, Intact
from db.ledger_check import PAGE, verify_ledger
from tests.audit.drafts import NOW, draft, subjects
from tests.db.ledgers import Bench, bench

WRITTEN = 12
TRIGGERS = {
    True: [
        f"DROP TRIGGER {name}"
        for name in (
            "audit_record_no_update",
            "audit_record_no_delete",
            "audit_head_no_shrink",
            "audit_head_no_delete",
        )
    ],
    False: [
        "ALTER TABLE audit_record DISABLE TRIGGER ALL",
        "ALTER TABLE audit_head DISABLE TRIGGER ALL",
    ],
}
SWAP = [
    'UPDATE audit_record SET "index" = -1 WHERE "index" = 4',
    'UPDATE audit_record SET "index" = 4 WHERE "index" = 7',
    'UPDATE audit_record SET "index" = 7 WHERE "index" = -1',
]

TAMPERED = {
    "a body changed": ([], 'UPDATE audit_record SET body = {other} WHERE "index" = 5', 5),
    "a record deleted": ([], 'DELETE FROM audit_record WHERE "index" = 5', 5),
    "the first record deleted": ([], 'DELETE FROM audit_record WHERE "index" = 0', 0),
    "the last record deleted": ([], 'DELETE FROM audit_record WHERE "index" = 12', 12),
    "all records deleted": ([], "DELETE FROM audit_record", 0),
    "a record inserted at the end": (
        [],
        (
            "INSERT INTO audit_record SELECT year, 13, leaf_hash, body FROM audit_record "
            'WHERE "index" = 5'
        ),
        13,
    ),
    "a record inserted far beyond": (
        [],
        (
            "INSERT INTO audit_record SELECT year, 4000000, leaf_hash, body FROM audit_record "
            'WHERE "index" = 5'
        ),
        4_000_000,
    ),
    "a record of a year without a log": (
        [],
        (
            "INSERT INTO audit_record SELECT 2019, 3, leaf_hash, body FROM audit_record "
            'WHERE "index" = 5'
        ),
        3,
    ),
    "two records swapped": (SWAP, "SELECT 1", 4),
    "the head's size set back": ([], "UPDATE audit_head SET size = 12", 12),
    "the head's size set on": ([], "UPDATE audit_head SET size = 14", 13),
    "the head's root changed": ([], "UPDATE audit_head SET root = {other}", 13),
    "the head's log renamed": ([], "UPDATE audit_head SET log = 'other/audit/2026'", 0),
    "the lane set on": ([], "UPDATE audit_lane SET counter = counter + 1", 13),
    "a row of the index of persons deleted": (
        [],
        'DELETE FROM audit_subject WHERE "index" = 6',
        6,
    ),
    "a row of the index of persons moved": (
        [],
        'UPDATE audit_subject SET "index" = 3 WHERE "index" = 9',
        3,
    ),
    "a row of the index of persons added": (
        [],
        'INSERT INTO audit_subject (person, year, "index") VALUES ({other}, 2026, 8)',
        8,
    ),
    "the index of persons said to cover more than there is": (
        [],
        "UPDATE audit_head SET indexed = 14",
        13,
    ),
    "the index of persons said to cover less than nothing": (
        [],
        "UPDATE audit_head SET indexed = -1",
        13,
    ),
}


async def written(at: Bench) -> None:
    for _ in range(WRITTEN):
        await at.ledger.append(draft(of=subjects(1)))
    await at.ledger.index_persons()


async def tamper(at: Bench, statements: Sequence[str]) -> None:
    """Change what nobody may change."""
    other = "x'" + "ab" * 16 + "'" if at.sqlite else "'\\x" + "ab" * 16 + "'::bytea"
    await at.run(
        *TRIGGERS[at.sqlite], *(statement.replace("{other}", other) for statement in statements)
    )


@pytest.mark.parametrize("how", TAMPERED)
async def test_a_tampered_log_is_broken_at_the_index(
    how: str, database_url: str, tmp_path: Path
) -> None:
    first, statement, index = TAMPERED[how]
    async with bench(database_url, tmp_path) as at:
        await written(at)
        assert [type(one) for one in await verify_ledger(at.database)] == [Intact]
        await tamper(at, [*first, statement])
        broken = (await verify_ledger(at.database))[-1]
        assert isinstance(broken, Broken)
        assert broken.index == index


async def test_head_frontier_and_records_set_back_together_are_found_by_the_lane(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        await written(at)
        tree = Frontier()
        for record in reversed(await at.ledger.page(after=(2026, 10), limit=50)):
            tree.append(leaf_hash(record.body))
        state = {"size": tree.size, "root": tree.root(), "frontier": tree.serialise()}

        def set_back(session: Session) -> None:
            session.execute(text('DELETE FROM audit_record WHERE "index" >= 10'))
            session.execute(text('DELETE FROM audit_subject WHERE "index" >= 10'))
            session.execute(
                text(
                    "UPDATE audit_head SET size = :size, indexed = :size, root = :root, "
                    "frontier = :frontier"
                ),
                state,
            )

        await tamper(at, [])
        await at.database.write(set_back)
        broken = (await verify_ledger(at.database))[-1]
        assert broken == Broken(
            "demo/audit/2026",
            10,
            f"the last record of lane {at.ledger.lane} is missing: head and records were set back",
        )
        # What an unsigned log cannot show: the lane set back as well.
        await at.run("UPDATE audit_lane SET counter = 10")
        assert [type(one) for one in await verify_ledger(at.database)] == [Intact]


async def test_a_fault_in_an_older_year_is_named_in_that_year_s_log(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        await written(at)
        await at.ledger.append(draft(time=NOW.replace(year=2027)))
        await tamper(at, ['DELETE FROM audit_record WHERE year = 2026 AND "index" = 3'])
        (broken,) = await verify_ledger(at.database)
        assert (broken.log, getattr(broken, "index", None)) == ("demo/audit/2026", 3)


async def test_a_year_s_log_replaced_as_a_whole_breaks_the_next_one(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        await at.ledger.append(draft(time=NOW.replace(year=2027)))
        await at.ledger.append(draft(time=NOW.replace(year=2028)))
        await tamper(
            at,
            [
                "DELETE FROM audit_head WHERE year = 2027",
                "DELETE FROM audit_record WHERE year = 2027",
            ],
        )
        (broken,) = await verify_ledger(at.database)
        assert (broken.log, getattr(broken, "index", None)) == ("demo/audit/2028", 0)


async def test_a_log_without_records_is_not_broken(database_url: str, tmp_path: Path) -> None:
    async with bench(database_url, tmp_path) as at:
        assert await verify_ledger(at.database) == ()


async def test_progress_is_told_page_by_page(sqlite_url: str, tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    async with bench(sqlite_url, tmp_path) as at:

        def load(session: Session) -> None:
            at.ledger.append_within(session, [draft() for _ in range(PAGE)])

        await at.database.write(load)
        await verify_ledger(at.database, lambda done, total: told.append((done, total)))
    assert told == [(PAGE, PAGE + 1), (PAGE + 1, PAGE + 1)]


async def test_verification_beside_a_writer_finds_nothing_wrong(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        await written(at)
        load = asyncio.create_task(written(at))
        verdicts = [await verify_ledger(at.database) for _ in range(5)]
        await load
    assert all(isinstance(one, Intact) for verdict in verdicts for one in verdict)


async def test_a_person_deleted_from_a_large_index_is_found(
    sqlite_url: str, tmp_path: Path
) -> None:
    async with bench(sqlite_url, tmp_path) as at:

        def load(session: Session) -> None:
            at.ledger.append_within(session, [draft(of=subjects(1)) for _ in range(4201)])

        await at.database.write(load)
        await at.ledger.index_persons()
        await at.run('DELETE FROM audit_subject WHERE "index" = 4201')
        broken = (await verify_ledger(at.database))[-1]
    assert isinstance(broken, Broken)
    assert broken.index == 4201


async def test_what_the_index_of_persons_does_not_cover_yet_is_not_missing_from_it(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        await written(at)
        await at.ledger.append(draft(of=subjects(1)))
        assert [type(one) for one in await verify_ledger(at.database)] == [Intact]
        # Set back: look-ups ask the records instead, nothing is lost and nothing is wrong.
        await at.run("UPDATE audit_head SET indexed = 3")
        assert [type(one) for one in await verify_ledger(at.database)] == [Intact]


async def test_an_index_said_to_cover_what_it_lacks_is_broken_at_the_first_record_it_lacks(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        await written(at)
        await at.ledger.append(draft())
        for _ in range(3):
            await at.ledger.append(draft(of=subjects(1)))
        await at.run("UPDATE audit_head SET indexed = 16")
        assert (await verify_ledger(at.database))[-1] == Broken(
            "demo/audit/2026", 14, "the index of persons does not agree with the body"
        )


async def test_an_entry_added_ahead_of_the_index_is_found_once_the_index_covers_it(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        await written(at)
        await at.ledger.append(draft(of=subjects(1)))
        await tamper(
            at, ['INSERT INTO audit_subject (person, year, "index") VALUES ({other}, 2026, 13)']
        )
        assert [type(one) for one in await verify_ledger(at.database)] == [Intact]
        await at.ledger.index_persons()
        broken = (await verify_ledger(at.database))[-1]
        assert isinstance(broken, Broken)
        assert broken.index == 13
