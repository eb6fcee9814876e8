"""The day's turn: what dates alone change is appended once, whoever turns and whatever breaks."""

import asyncio
import subprocess
import sys
from contextlib import AsyncExitStack
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

import orjson
import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from db.database import DatabaseSettings
from db.day_turn import DayTurns, Turned
from db.facts import Cancel, Issue, NewPerson
from db.ledger import Ledger
from db.ledger_reads import LedgerReads
from db.session import open_database
from regulation.permit import CancelGround
from tests import builders
from tests.builders import OFFICE, TODAY
from tests.db.feeds import ACTIVE, DAY, NOT_ACTIVE, feed, noon, turn_all
from tests.db.turn_load import EXPIRY, HOLDERS, holders, root

ROOT = Path(__file__).parents[2]


def until(number: int, last: date, *, first: date | None = None) -> NewPerson:
    """A holder whose permit is valid until a day."""
    issue = Issue(happened_on=first or last - timedelta(days=365), valid_to=last, office=OFFICE)
    return builders.person(number, acts=[issue])


async def test_a_permit_is_told_of_on_the_day_after_its_last_and_not_before(
    database_url: str, tmp_path: Path
) -> None:
    async with feed(database_url, tmp_path, [until(1, TODAY)]) as at:
        await at.begin(TODAY - DAY)
        assert await at.turn(TODAY) == [Turned(day=TODAY, changes=0, unread=0)]
        assert await at.said() == []
        assert await at.turn(TODAY + DAY) == [Turned(day=TODAY + DAY, changes=1, unread=0)]
        assert await at.said() == [(NOT_ACTIVE, TODAY + DAY)]


async def test_a_permit_from_a_future_day_is_told_of_on_that_day(
    database_url: str, tmp_path: Path
) -> None:
    begins = TODAY + 3 * DAY
    async with feed(database_url, tmp_path, [until(1, TODAY + 300 * DAY, first=begins)]) as at:
        await at.begin(TODAY)
        await at.turn(begins - DAY)
        assert await at.said() == []
        await at.turn(begins)
        assert await at.said() == [(ACTIVE, begins)]


async def test_after_a_stop_every_missed_day_is_turned_in_order(
    database_url: str, tmp_path: Path
) -> None:
    persons = [until(number, TODAY + number * DAY) for number in (3, 1, 2)]
    async with feed(database_url, tmp_path, persons) as at:
        await at.begin(TODAY)
        ended = await at.turn(TODAY + 4 * DAY)
        assert [(turned.day, turned.changes) for turned in ended] == [
            (TODAY + DAY, 0),
            (TODAY + 2 * DAY, 1),
            (TODAY + 3 * DAY, 1),
            (TODAY + 4 * DAY, 1),
        ]
        assert await at.said() == [(NOT_ACTIVE, TODAY + days * DAY) for days in (2, 3, 4)]


async def test_the_leap_day_turns_like_any_other(database_url: str, tmp_path: Path) -> None:
    leap = date(2028, 2, 29)
    async with feed(database_url, tmp_path, [until(1, leap - DAY), until(2, leap)]) as at:
        await at.begin(leap - DAY)
        await at.turn(leap + DAY)
        assert await at.said() == [(NOT_ACTIVE, leap), (NOT_ACTIVE, leap + DAY)]


async def test_a_cancelled_permit_does_not_lapse_as_well(database_url: str, tmp_path: Path) -> None:
    holder = until(1, TODAY + DAY)
    cancel = Cancel(happened_on=TODAY, ground=CancelGround.OTHER, office=OFFICE)
    async with feed(database_url, tmp_path, [holder]) as at:
        await at.begin(TODAY)
        await at.act(holder, cancel, at=noon(TODAY))
        await at.turn(TODAY + 2 * DAY)
        assert await at.said() == [(NOT_ACTIVE, TODAY)]


async def test_a_clock_that_jumps_back_turns_nothing(database_url: str, tmp_path: Path) -> None:
    async with feed(database_url, tmp_path, [until(1, TODAY)]) as at:
        await at.begin(TODAY)
        await at.turn(TODAY + DAY)
        for earlier in (TODAY + DAY, TODAY, TODAY - 40 * DAY):
            assert await at.turn(earlier) == []
        assert await at.turn(TODAY + DAY) == []
        assert await at.said() == [(NOT_ACTIVE, TODAY + DAY)]
        assert await at.turned_through() == TODAY + DAY


async def test_a_feed_begins_with_its_first_day_and_tells_nothing_of_the_past(
    database_url: str, tmp_path: Path
) -> None:
    async with feed(database_url, tmp_path, [until(1, TODAY - DAY), until(2, TODAY)]) as at:
        assert await at.turn(TODAY) == []
        assert await at.said() == []


@pytest.mark.parametrize("batch", [1, 3, 7, 8, 500])
async def test_a_turn_in_batches_passes_over_nobody(
    batch: int, database_url: str, tmp_path: Path
) -> None:
    async with feed(database_url, tmp_path, [until(number, TODAY) for number in range(7)]) as at:
        await at.begin(TODAY)
        (ended,) = await at.turn(TODAY + DAY, batch=batch)
        assert ended == Turned(day=TODAY + DAY, changes=7, unread=0)
        entries = await at.entries()
        assert len({entry.person for entry in entries}) == len(entries) == 7


async def test_two_processes_turn_a_day_together_and_tell_everybody_once(
    database_url: str, tmp_path: Path
) -> None:
    async with feed(database_url, tmp_path, [until(number, TODAY) for number in range(30)]) as at:
        await at.begin(TODAY)
        async with AsyncExitStack() as also:
            other = at.store.database
            if other.kind == "postgresql":  # on SQLite another process can't even open it
                where = DatabaseSettings(url=database_url, home=tmp_path)
                other = await also.enter_async_context(await open_database(where))
            ledger = Ledger(other, deployment=at.store.ring.deployment)
            turns = [at.turns(batch=4), DayTurns(other, at.store.ring, ledger, batch=4)]
            ended = await asyncio.gather(*(turn_all(one, TODAY + 2 * DAY) for one in turns))
        assert sorted(turned.day for each in ended for turned in each) == [
            TODAY + DAY,
            TODAY + 2 * DAY,
        ]
        entries = await at.entries()
        assert [entry.number for entry in entries] == list(range(1, 31))
        assert len({entry.person for entry in entries}) == 30


async def test_desks_that_act_while_a_day_turns_neither_lose_nor_double_a_change(
    database_url: str, tmp_path: Path
) -> None:
    persons = [until(number, TODAY) for number in range(24)]
    day = TODAY + DAY
    cancel = Cancel(happened_on=day, ground=CancelGround.OTHER, office=OFFICE)
    async with feed(database_url, tmp_path, persons) as at:
        await at.begin(TODAY)
        await asyncio.gather(
            at.turn(day, batch=2), *(at.act(one, cancel, at=noon(day)) for one in persons)
        )
        entries = await at.entries()
        assert [(entry.kind, entry.day) for entry in entries] == [(NOT_ACTIVE, day)] * 24
        assert len({entry.person for entry in entries}) == 24


def start(url: str, home: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.db.turn_load", url, str(home)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


@pytest.mark.parametrize("after", [1, 5])
async def test_a_process_killed_in_the_middle_of_a_turn_leaves_no_gap_and_nothing_double(
    after: int, database_url: str, tmp_path: Path
) -> None:
    async with builders.opened(database_url, tmp_path, root=root()) as store:
        await store.register(*holders())
    process = start(database_url, tmp_path)
    assert process.stdout is not None
    assert len(list(islice(process.stdout, after))) == after
    process.kill()
    process.wait()
    process.stdout.close()
    async with builders.opened(database_url, tmp_path, root=root()) as store:
        ledger = Ledger(store.database, deployment=store.ring.deployment)
        (ended,) = await turn_all(DayTurns(store.database, store.ring, ledger), EXPIRY + DAY)
        assert ended.changes == HOLDERS

        def told(session: Session) -> list[tuple[int, bytes]]:
            rows = session.execute(text("SELECT number, person FROM change ORDER BY number"))
            return [(row[0], bytes(row[1])) for row in rows]

        found = await store.database.read(told)
        assert [number for number, _ in found] == list(range(1, HOLDERS + 1))
        assert len({person for _, person in found}) == HOLDERS


async def test_a_turned_day_is_a_record_of_the_log_with_counts_and_nobody(
    database_url: str, tmp_path: Path
) -> None:
    async with feed(database_url, tmp_path, [until(1, TODAY), until(2, TODAY)]) as at:
        await at.begin(TODAY)
        await at.turn(TODAY + 2 * DAY, batch=1)
        page = await LedgerReads(at.store.database).page(after=None, limit=10)
        found = [orjson.loads(record.body) for record in reversed(page)]
        bodies = [body for body in found if body["action"] == "day.turned"]
        assert [body["decision"] for body in bodies] == [
            f"day:{TODAY + DAY} changes:2 unread:0 last:2",
            f"day:{TODAY + 2 * DAY} changes:0 unread:0 last:2",
        ]
        for body in bodies:
            assert body["actor"]["client"] == "juzhu"
            assert "subjects" not in body


async def test_a_row_altered_by_hand_is_counted_and_told_nothing_of(
    database_url: str, tmp_path: Path
) -> None:
    async with feed(database_url, tmp_path, [until(1, TODAY), until(2, TODAY + 9 * DAY)]) as at:
        await at.begin(TODAY)
        altered = text("UPDATE person_now SET valid_to = :day WHERE valid_to > :day")
        values = {"day": TODAY.isoformat()}
        await at.store.database.write(lambda session: session.execute(altered, values))
        (ended,) = await at.turn(TODAY + DAY)
        assert (ended.changes, ended.unread) == (1, 1)
        assert await at.said() == [(NOT_ACTIVE, TODAY + DAY)]


async def test_what_is_older_than_the_days_it_is_kept_is_taken_away_and_no_number_given_again(
    database_url: str, tmp_path: Path
) -> None:
    persons = [until(number, TODAY + number * DAY) for number in range(4)]
    async with feed(database_url, tmp_path, persons) as at:
        await at.begin(TODAY)
        await at.turn(TODAY + 3 * DAY)
        turns = at.turns(batch=1)
        while await turns.prune(TODAY + 3 * DAY, TODAY + 3 * DAY):
            pass
        assert [entry.number for entry in await at.entries()] == [3]
        assert await turns.prune(TODAY + 3 * DAY, TODAY + 3 * DAY) == 0
        await at.turn(TODAY + 4 * DAY)
        assert [entry.number for entry in await at.entries()] == [3, 4]


@pytest.mark.parametrize("column", ["valid_from", "valid_to"])
async def test_who_is_due_is_found_by_an_index(
    column: str, sqlite_url: str, tmp_path: Path
) -> None:
    async with feed(sqlite_url, tmp_path) as at:
        plan = (
            "EXPLAIN QUERY PLAN SELECT person FROM person_now"
            " WHERE valid_from = '2026-01-01' OR valid_to = '2025-12-31' ORDER BY person LIMIT 5"
        )
        rows = await at.store.database.read(
            lambda session: [str(row) for row in session.execute(text(plan))]
        )
        assert any(f"ix_person_now_{column}_person" in row for row in rows), rows
