"""A column of the log that holds a value of another type is a fault with its index, no defect.

SQLite keeps any value in any column, and its own replace() makes a text of bytes; PostgreSQL does
so only where an administrator changes the column itself.
"""

from pathlib import Path

import pytest

from audit.canonical import load_canonical
from audit.persons import persons_of
from audit.verify import Broken, Intact
from db.errors import AuditDamagedError
from db.ledger_check import verify_ledger
from db.ledger_reads import LedgerReads
from tests.db.ledgers import bench
from tests.db.test_ledger_check import WRITTEN, tamper, written

END = WRITTEN + 1

TAMPERED = {
    "a body that replace() made a text": (
        "UPDATE audit_record SET body = replace(body, 'a', 'b') WHERE \"index\" = 5",
        5,
    ),
    "a body that is no UTF-8 text": (
        "UPDATE audit_record SET body = CAST(x'ff' AS TEXT) WHERE \"index\" = 5",
        5,
    ),
    "a leaf hash that replace() made a text": (
        "UPDATE audit_record SET leaf_hash = replace(leaf_hash, x'00', x'01') WHERE \"index\" = 5",
        5,
    ),
    "a body that is a number": ('UPDATE audit_record SET body = 7 WHERE "index" = 5', 5),
    "an index that is a word": ('UPDATE audit_record SET "index" = \'x\' WHERE "index" = 5', 5),
    "an index between two": ('UPDATE audit_record SET "index" = 5.5 WHERE "index" = 5', 5),
    "a record added under a word": (
        (
            "INSERT INTO audit_record SELECT year, 'sentinel', leaf_hash, body FROM audit_record "
            'WHERE "index" = 5'
        ),
        END,
    ),
    "a record added under no year": (
        (
            "INSERT INTO audit_record SELECT 'sentinel', 3, leaf_hash, body FROM audit_record "
            'WHERE "index" = 5'
        ),
        END,
    ),
    "a head's frontier that is a text": ("UPDATE audit_head SET frontier = 'abc'", END),
    "a head's frontier that is no UTF-8 text": (
        "UPDATE audit_head SET frontier = CAST(x'ff' AS TEXT)",
        END,
    ),
    "a head's root that is a text": ("UPDATE audit_head SET root = 'abc'", END),
    "a head's size that is a word": ("UPDATE audit_head SET size = 'abc'", 0),
    "a head's count of the index that is a word": ("UPDATE audit_head SET indexed = 'abc'", END),
    "a head's log that is bytes": ("UPDATE audit_head SET log = x'ff'", END),
    "a head's year that is a word": ("UPDATE audit_head SET year = 'abc'", END),
    "a lane that is bytes": ("UPDATE audit_lane SET lane = x'ff'", END),
    "a lane's counter that is a word": ("UPDATE audit_lane SET counter = 'abc'", END),
    "an entry of the index of persons under a word": (
        'UPDATE audit_subject SET "index" = \'abc\' WHERE "index" = 6',
        6,
    ),
    "an entry of the index of persons between two": (
        'UPDATE audit_subject SET "index" = 6.5 WHERE "index" = 6',
        6,
    ),
    "an entry of the index of persons whose person is a text": (
        "UPDATE audit_subject SET person = 'abc' WHERE \"index\" = 6",
        6,
    ),
    "an entry of the index of persons before the first record": (
        'INSERT INTO audit_subject SELECT person, year, -1 FROM audit_subject WHERE "index" = 6',
        END,
    ),
    "an entry of the index of persons before the first record of no log": (
        'INSERT INTO audit_subject SELECT person, 1999, -1 FROM audit_subject WHERE "index" = 6',
        END,
    ),
    "an entry of the index of persons added under a word": (
        "INSERT INTO audit_subject SELECT person, year, 'x' FROM audit_subject WHERE \"index\" = 6",
        END,
    ),
}


@pytest.mark.parametrize("how", TAMPERED)
async def test_a_value_of_another_type_is_broken_at_the_index(
    how: str, sqlite_url: str, tmp_path: Path
) -> None:
    statement, index = TAMPERED[how]
    async with bench(sqlite_url, tmp_path) as at:
        await written(at)
        assert [type(one) for one in await verify_ledger(at.database)] == [Intact]
        await tamper(at, ["PRAGMA ignore_check_constraints = ON", statement])
        broken = (await verify_ledger(at.database))[-1]
        assert isinstance(broken, Broken)
        assert broken.index == index
        assert "sentinel" not in broken.why


COLUMNS = {
    "a column of bodies made text": (
        "ALTER TABLE audit_record ALTER COLUMN body TYPE text USING encode(body, 'escape')",
        0,
    ),
    "a column of frontiers made text": (
        "ALTER TABLE audit_head ALTER COLUMN frontier TYPE text USING encode(frontier, 'hex')",
        END,
    ),
}


@pytest.mark.parametrize("how", COLUMNS)
async def test_a_column_of_another_type_is_broken_at_the_index(
    how: str, postgres_url: str, tmp_path: Path
) -> None:
    statement, index = COLUMNS[how]
    async with bench(postgres_url, tmp_path) as at:
        await written(at)
        await tamper(at, ["DROP INDEX ix_audit_record_register_changes", statement])
        broken = (await verify_ledger(at.database))[-1]
        assert isinstance(broken, Broken)
        assert broken.index == index


@pytest.mark.parametrize("made", ["replace(body, 'a', 'b')", "CAST(x'ff' AS TEXT)", "7"])
async def test_a_page_over_a_damaged_record_is_refused_as_damaged(
    made: str, sqlite_url: str, tmp_path: Path
) -> None:
    async with bench(sqlite_url, tmp_path) as at:
        await written(at)
        reads = LedgerReads(at.database)
        (record,) = await reads.page(after=(2026, 6), limit=1)
        (person,) = persons_of(load_canonical(record.body))
        await tamper(at, [f'UPDATE audit_record SET body = {made} WHERE "index" = 5'])  # noqa: S608 - words of this test
        assert len(await reads.page(after=None, limit=END - 6)) == END - 6
        with pytest.raises(AuditDamagedError) as raised:
            await reads.page(after=None, limit=END)
        assert "verify" in raised.value.hint
        with pytest.raises(AuditDamagedError):
            await reads.of_person(person, after=None, limit=END)
