"""Imports of different files beside each other; faults in the middle of one; on both databases."""

import asyncio
from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from db.imports import Imports
from db.ledger import Ledger
from resolvers.intake import importing
from resolvers.intake.codes import Code
from resolvers.intake.importing import Importer, Judges
from resolvers.intake.judgement import Cells, Outcome, RegisterRow
from tests.builders import CALENDAR, Store, opened
from tests.register_rows import TODAY, row

NOW = datetime(2026, 11, 22, 8, tzinfo=UTC)


@pytest.fixture
async def store(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Store]:
    monkeypatch.setattr(importing, "BATCH", 10)
    async with opened(database_url, tmp_path) as found:
        yield found


@pytest.fixture
async def importer(store: Store) -> AsyncIterator[Importer]:
    ledger = Ledger(store.database, deployment=store.ring.deployment)
    imports = Imports(store.ring, store.intake, ledger)
    yield Importer(store.database, store.ring, imports, lambda: NOW)
    await ledger.stop()


def numbered(cells: Sequence[Cells]) -> Iterator[RegisterRow]:
    yield from (RegisterRow(number, one) for number, one in enumerate(cells, 1))


async def taken(importer: Importer, rows: Iterator[RegisterRow], file: bytes) -> list[Outcome]:
    batches = Judges(today=TODAY, calendar=CALENDAR).batches(rows)
    return [outcome async for batch in importer.run(batches, file) for outcome in batch]


async def test_a_person_in_two_files_imported_at_once_is_registered_once(
    importer: Importer,
) -> None:
    cells = [row(serial) for serial in range(60)]
    one, other = await asyncio.gather(
        taken(importer, numbered(cells), b"one"),
        taken(importer, numbered(cells[::-1]), b"other"),
    )
    pairs = zip(one, reversed(other), strict=True)
    assert {frozenset((first.code, second.code)) for first, second in pairs} == {
        frozenset((Code.ACCEPTED, Code.UNCHANGED))
    }


async def test_rows_that_were_told_stand_where_reading_fails_later(
    importer: Importer,
) -> None:
    def breaking() -> Iterator[RegisterRow]:
        yield from numbered([row(serial) for serial in range(25)])
        raise RuntimeError

    with pytest.raises(RuntimeError):
        await taken(importer, breaking(), b"file")
    again = await taken(importer, numbered([row(serial) for serial in range(25)]), b"other")
    assert [outcome.code for outcome in again] == [Code.UNCHANGED] * 20 + [Code.ACCEPTED] * 5


async def test_a_file_without_rows_is_imported(importer: Importer) -> None:
    assert await taken(importer, numbered([]), b"file") == []
