"""The day's turn in the whole service: when it comes, what it logs, what its faults do not stop."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path
from typing import Any

import orjson

from tests import builders
from tests.builders import TODAY
from tests.end_to_end.house import House, Seat, house_of, on_database, prepare, started
from tests.server.real_house import settings_of

SCHOOL = Seat(department="education", purpose="school-place", case="demo-1")
VERIFY = """query($n:String!,$m:String!){
 verify(rows:[{ref:"1",presented:{idNumber:$n,name:$m}}]){answer}}"""
LAST_DAY = builders.person(1, acts=[builders.issued(TODAY.replace(year=TODAY.year - 1))])
PRESENTED = {
    "n": LAST_DAY.registration.id_number,
    "m": LAST_DAY.registration.name,
}
TO_MIDNIGHT = 8 * 3600
"""Seconds from the builders' moment, 16:00 in Shanghai."""


def turns(house: House) -> list[dict[str, Any]]:
    """The events of the log about turned days."""
    lines = [orjson.loads(line) for line in house.lines]
    return [line for line in lines if "day" in line["event"]]


async def until_events(house: House, count: int) -> list[dict[str, Any]]:
    """Wait until so many events are there."""
    async with asyncio.timeout(10):
        while len(turns(house)) < count:  # noqa: ASYNC110 - a log has nobody who tells
            await asyncio.sleep(0.05)
    return turns(house)


async def changes(house: House) -> Sequence[Sequence[object]]:
    """The feed as it stands."""
    return await on_database(house.settings, "SELECT kind, day FROM change ORDER BY number")


async def test_the_day_turns_at_midnight_in_shanghai_and_is_logged_with_counts_only(
    tmp_path: Path, database_url: str
) -> None:
    async with house_of(tmp_path, database_url, {"one": LAST_DAY}) as house:
        house.clock.seconds += TO_MIDNIGHT - 1
        await asyncio.sleep(1.5)
        assert turns(house) == []
        house.clock.seconds += 1
        (event,) = await until_events(house, 1)
        day = (TODAY + timedelta(days=1)).isoformat()
        del event["time"]
        assert event == {"event": "day turned", "day": day, "changes": 1, "unread": 0}
        assert await changes(house) == [("permit-not-active", day)]
        assert PRESENTED["n"] not in b"".join(house.lines).decode()


async def test_a_service_that_was_stopped_for_three_days_turns_them_when_it_starts(
    tmp_path: Path, database_url: str
) -> None:
    settings = settings_of(tmp_path, database_url)
    issuer, ids = await prepare(settings, {"one": LAST_DAY})
    async with started(settings, issuer, ids) as house:
        async with asyncio.timeout(10):
            while not await on_database(settings, "SELECT number FROM change_head"):  # noqa: ASYNC110 - as above
                await asyncio.sleep(0.05)
    async with started(settings, issuer, ids, after=timedelta(days=3)) as house:
        events = await until_events(house, 3)
        days = [(TODAY + timedelta(days=number)).isoformat() for number in (1, 2, 3)]
        assert [(event["day"], event["changes"]) for event in events] == [
            (days[0], 1),
            (days[1], 0),
            (days[2], 0),
        ]


async def test_a_turn_that_fails_is_told_once_stops_no_read_and_is_done_when_it_can_be(
    tmp_path: Path, database_url: str
) -> None:
    async with house_of(tmp_path, database_url, {"one": LAST_DAY}) as house:
        await house.run("ALTER TABLE day_turn RENAME TO away_day_turn")
        house.clock.seconds += TO_MIDNIGHT
        (event,) = await until_events(house, 1)
        assert event["event"] == "day not turned"
        await asyncio.sleep(1.5)
        assert len(turns(house)) == 1
        answer = await house.ask(SCHOOL, VERIFY, PRESENTED)
        assert answer.data == {"verify": [{"answer": "NO"}]}
        assert (await house.ready())[0] == 200
        await house.run("ALTER TABLE away_day_turn RENAME TO day_turn")
        *_, event = await until_events(house, 2)
        assert (event["event"], event["changes"]) == ("day turned", 1)
