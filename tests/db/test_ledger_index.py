"""The index of persons follows the log; look-ups are exact at every moment, covered or not."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import product
from pathlib import Path
from typing import TypeVar
from uuid import UUID

import pytest
from sqlalchemy import Dialect, func, select
from sqlalchemy.orm import Session

from db.database import Database, Prepared, Row
from db.errors import DatabaseDamagedError, DatabaseError
from db.ledger_index import BYTES, ENTRIES, RECORDS, PersonIndex
from db.ledger_reads import LedgerReads
from db.models import AuditHead, AuditSubject
from tests.audit.drafts import NOW, draft, subjects
from tests.db.ledgers import Bench, bench, count, sizes
from tests.db.test_ledger_faults import killing, lock_held_elsewhere, raising, renamed

T = TypeVar("T")
ONE, OTHER, NOBODY = (UUID(int=number, version=4).bytes for number in (1, 2, 3))
NAMED: tuple[list[bytes], ...] = ([ONE], [], [OTHER, ONE], [OTHER], [ONE, ONE], [])
"""Whom the records of each of two years name, from index 1 on."""


async def two_years(at: Bench) -> None:
    for year in (2026, 2027):
        for persons in NAMED:
            await at.ledger.append(draft(persons=persons, time=NOW.replace(year=year)))


def expected(person: bytes) -> list[tuple[int, int]]:
    return [
        (year, index)
        for year in (2027, 2026)
        for index in range(len(NAMED), 0, -1)
        if person in NAMED[index - 1]
    ]


async def pages(
    reads: LedgerReads, person: bytes, limit: int, after: tuple[int, int] | None = None
) -> list[list[tuple[int, int]]]:
    """Every page of a person's records, each asked for after the last one of the page before."""
    found = []
    while page := await reads.of_person(person, after=after, limit=limit):
        places = [(record.year, record.index) for record in page]
        found.append(places)
        after = places[-1]
    return found


def cut(places: Sequence[tuple[int, int]], limit: int) -> list[list[tuple[int, int]]]:
    return [list(places[start : start + limit]) for start in range(0, len(places), limit)]


async def covered(database: Database) -> list[int]:
    return await database.read(
        lambda session: list(session.scalars(select(AuditHead.indexed).order_by(AuditHead.year)))
    )


async def followed(at: Bench, until: list[int]) -> None:
    """Wait until the index covers so many records of each year by itself."""
    async with asyncio.timeout(8):
        while await covered(at.database) != until:  # noqa: ASYNC110 - what another task wrote is polled
            await asyncio.sleep(0.02)


async def entries(database: Database) -> int:
    return await database.read(
        lambda session: session.scalar(select(func.count()).select_from(AuditSubject)) or 0
    )


class Between(Database):
    """The same database, where something else happens after the n-th statement of a look-up."""

    def __init__(self, database: Database, after: int, act: Callable[[], Awaitable[None]]) -> None:
        self.kind = database.kind
        self._database = database
        self._left = after
        self._act = act

    async def write(self, work: Callable[[Session], T]) -> T:
        return await self._database.write(work)

    async def read(self, work: Callable[[Session], T]) -> T:
        return await self._database.read(work)

    async def watch(self, work: Callable[[Session], T]) -> T:
        return await self._database.watch(work)

    async def fetch(self, statement: Prepared, parameters: Mapping[str, object]) -> Sequence[Row]:
        return await self._database.fetch(statement, parameters)

    async def scan(self, statement: Prepared, parameters: Mapping[str, object]) -> Sequence[Row]:
        rows = await self._database.scan(statement, parameters)
        self._left -= 1
        if self._left == 0:
            await self._act()
        return rows

    async def close(self) -> None:
        """The test closes the one behind it."""

    @property
    def dialect(self) -> Dialect:
        return self._database.dialect


async def test_pages_are_the_same_however_far_the_index_goes(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        await two_years(at)
        index, reads = PersonIndex(at.database), LedgerReads(at.database)
        size = len(NAMED) + 1
        for year, stop in product((2026, 2027), range(size + 1)):
            await index.cover(year, start=max(stop - 1, 0), stop=stop)
            assert await covered(at.database) == ([size, stop] if year == 2027 else [stop, 0])
            for person, limit in product((ONE, OTHER, NOBODY), range(1, 9)):
                assert await pages(reads, person, limit) == cut(expected(person), limit)
        assert await sizes(at.database) == [size, size]


@pytest.mark.parametrize("after", [1, 2, 3])
async def test_a_record_that_is_indexed_in_the_middle_of_a_look_up_is_found_once(
    after: int, database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        await two_years(at)
        reads = LedgerReads(Between(at.database, after, at.ledger.index_persons))
        found = await reads.of_person(ONE, after=None, limit=50)
        assert [(one.year, one.index) for one in found] == expected(ONE)
        assert await covered(at.database) == [len(NAMED) + 1] * 2


async def test_a_record_appended_in_the_middle_of_a_look_up_leaves_no_gap(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        await at.ledger.append(draft(persons=[ONE]))

        async def act() -> None:
            for _ in range(3):
                await at.ledger.append(draft(persons=[ONE]))
            await at.ledger.append(draft(persons=[ONE], time=NOW.replace(year=2027)))
            await at.ledger.index_persons()

        for after in (1, 2, 3):
            reads = LedgerReads(Between(at.database, after, act))
            found = [one.index for one in await reads.of_person(ONE, after=(2026, 10**6), limit=99)]
            assert found == list(range(found[0], 0, -1))


async def test_look_ups_beside_a_busy_index_and_busy_writers_have_no_gap(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path, index_seconds=0.001) as at:

        async def write() -> None:
            for _ in range(60):
                await at.ledger.append(draft(of=subjects(20), persons=[ONE]))

        writing = asyncio.gather(write(), write())
        least = 0
        while not writing.done():
            found = [one.index for one in await at.ledger.of_person(ONE, after=None, limit=500)]
            assert found == list(range(len(found), 0, -1))
            assert len(found) >= least
            least = len(found)
        await writing
        await at.ledger.index_persons()
        assert await sizes(at.database) == [121]
        assert await entries(at.database) == 120 * 21


async def test_text_that_looks_like_a_person_names_nobody(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        for request in (f'"person":"{ONE.hex()}"', f'\\"person":"{ONE.hex()}"', ONE.hex()):
            await at.ledger.append(draft(request=request))
        assert await at.ledger.of_person(ONE, after=None, limit=9) == []
        await at.ledger.index_persons()
        assert await at.ledger.of_person(ONE, after=None, limit=9) == []
        assert await entries(at.database) == 0


async def test_the_index_follows_by_itself_also_what_mutations_append(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path, index_seconds=0.01) as at:
        await at.database.write(
            lambda session: at.ledger.append_within(session, [draft(of=subjects(3))])
        )
        await at.ledger.append(draft(of=subjects(2)))
        await followed(at, [3])
        assert await entries(at.database) == 5


async def test_what_was_not_indexed_before_a_stop_is_indexed_after_the_next_start(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        await two_years(at)
        assert await entries(at.database) == 0
    async with bench(database_url, tmp_path, index_seconds=0.01) as at:
        await followed(at, [len(NAMED) + 1] * 2)
        assert await sizes(at.database) == [len(NAMED) + 1] * 2


FAULTS = {
    "the index of persons is gone": renamed("audit_subject"),
    "an index row is refused": raising("INSERT", "audit_subject"),
}


@pytest.mark.parametrize("how", FAULTS)
async def test_a_fault_of_the_index_fails_no_append_is_told_once_and_is_made_up_for(
    how: str, database_url: str, tmp_path: Path
) -> None:
    told: list[str] = []
    fault = FAULTS[how]
    async with bench(
        database_url, tmp_path, index_seconds=0.01, report=lambda event, _: told.append(event)
    ) as at:
        await at.ledger.append(draft())
        await at.run(*(fault.sqlite if at.sqlite else fault.postgres))
        for _ in range(8):
            await at.ledger.append(draft(of=subjects(2)))
            await asyncio.sleep(0.03)
        with pytest.raises(DatabaseError):
            await at.ledger.index_persons()
        assert at.ledger.ready
        assert told == ["audit index does not follow"]
        await at.run(*(fault.sqlite_repair if at.sqlite else fault.postgres_repair))
        await at.ledger.append(draft(of=subjects(2)))
        await followed(at, [11])
        assert await entries(at.database) == 18
        assert await sizes(at.database) == [11]


async def test_entries_and_what_is_covered_change_together_or_not_at_all(
    database_url: str, tmp_path: Path
) -> None:
    fault = raising("UPDATE", "audit_head")
    async with bench(database_url, tmp_path) as at:
        await two_years(at)
        await at.run(*(fault.sqlite if at.sqlite else fault.postgres))
        with pytest.raises(DatabaseError):
            await at.ledger.index_persons()
        assert await entries(at.database) == 0
        assert await pages(LedgerReads(at.database), ONE, 2) == cut(expected(ONE), 2)
        await at.run(*(fault.sqlite_repair if at.sqlite else fault.postgres_repair))
        await at.ledger.index_persons()
        assert await sizes(at.database) == [len(NAMED) + 1] * 2


async def test_a_backend_killed_between_entries_and_head_leaves_neither(
    postgres_url: str, tmp_path: Path
) -> None:
    async with bench(postgres_url, tmp_path) as at:
        await two_years(at)
        await at.run(*killing("TRIGGER fault BEFORE", "UPDATE", "audit_head"))
        with pytest.raises(DatabaseError):
            await at.ledger.index_persons()
        await at.run("DROP TRIGGER fault ON audit_head", "DROP FUNCTION fault")
        assert await entries(at.database) == 0
        await at.ledger.index_persons()
        assert await pages(LedgerReads(at.database), ONE, 3) == cut(expected(ONE), 3)


async def test_two_at_once_do_no_harm(database_url: str, tmp_path: Path) -> None:
    async with bench(database_url, tmp_path) as at:
        for _ in range(40):
            await at.ledger.append(draft(of=subjects(60)))
        await asyncio.gather(*(PersonIndex(at.database).catch_up() for _ in range(3)))
        assert await entries(at.database) == 2400
        assert await sizes(at.database) == [41]


async def test_two_services_follow_one_log_on_postgres(postgres_url: str, tmp_path: Path) -> None:
    async with (
        bench(postgres_url, tmp_path, index_seconds=0.001) as one,
        bench(postgres_url, tmp_path, index_seconds=0.001) as two,
    ):
        await asyncio.gather(
            *(at.ledger.append(draft(of=subjects(30))) for _ in range(50) for at in (one, two))
        )
        await asyncio.gather(one.ledger.index_persons(), two.ledger.index_persons())
        assert await sizes(one.database) == [101]
        assert await entries(one.database) == 3000


async def test_what_is_covered_never_goes_back(database_url: str, tmp_path: Path) -> None:
    async with bench(database_url, tmp_path) as at:
        await two_years(at)
        await at.ledger.index_persons()
        assert await PersonIndex(at.database).cover(2026, start=0, stop=2) == 0
        assert await covered(at.database) == [len(NAMED) + 1] * 2


@pytest.mark.parametrize(
    ("named", "transactions"),
    [
        ([200] * 5, [3, 2, 1]),
        ([2] * (ENTRIES // 2), [ENTRIES // 2 + 1]),
        ([*[2] * (ENTRIES // 2), 1], [ENTRIES // 2 + 1, 1]),
        ([0] * (RECORDS - 1), [RECORDS]),
        ([0] * RECORDS, [RECORDS, 1]),
    ],
)
async def test_a_transaction_takes_a_bounded_number_of_entries_and_records(
    named: list[int], transactions: list[int], database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        drafts = [draft(of=subjects(number)) for number in named]
        await at.database.write(lambda session: at.ledger.append_within(session, drafts))
        told: list[int] = []
        index = PersonIndex(at.database)
        added = await index.cover(2026, start=0, stop=len(named) + 1, told=told.append)
        assert (told, added) == (transactions, sum(named))
        assert await sizes(at.database) == [len(named) + 1]


async def test_records_of_any_length_are_read_in_bounded_pieces(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        for length in (BYTES // 2, BYTES // 2, 2 * BYTES, 0, 0):
            await at.ledger.append(draft(of=subjects(1), request="x" * length))
        told: list[int] = []
        await PersonIndex(at.database).cover(2026, start=0, stop=6, told=told.append)
        assert told == [2, 1, 1, 2]
        assert await entries(at.database) == 5


@pytest.mark.parametrize(
    "how",
    [
        'DELETE FROM audit_record WHERE "index" = 2',
        'DELETE FROM audit_record WHERE "index" >= 2',
        'UPDATE audit_record SET body = {text} WHERE "index" = 2',
    ],
)
async def test_a_record_that_is_missing_or_unreadable_ends_it_and_appends_go_on(
    how: str, database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        for _ in range(3):
            await at.ledger.append(draft(of=subjects(1)))
        value = "x'5b5d'" if at.sqlite else "'[]'::bytea"
        drop = (
            ["DROP TRIGGER audit_record_no_update", "DROP TRIGGER audit_record_no_delete"]
            if at.sqlite
            else ["ALTER TABLE audit_record DISABLE TRIGGER ALL"]
        )
        await at.run(*drop, how.replace("{text}", value))
        with pytest.raises(DatabaseDamagedError, match="juzhu audit verify"):
            await at.ledger.index_persons()
        assert await covered(at.database) < [4]
        assert not await at.refused()


async def test_stopping_does_not_wait_for_an_index_that_waits_itself(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path, index_seconds=0.2) as at:
        await at.ledger.append(draft(of=subjects(1)))
        async with lock_held_elsewhere(database_url):
            await asyncio.sleep(0.5)
            async with asyncio.timeout(1):
                await at.ledger.stop()
        assert await count(at.database) == 2
