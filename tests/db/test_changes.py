"""What an act at a desk appends to the feed: in its transaction, in order, once."""

import asyncio
from dataclasses import replace
from datetime import datetime, time
from pathlib import Path

import pytest
from sqlalchemy import text

from db.errors import RowTamperedError
from db.facts import Cancel, Endorse, Issue, Move, NewPerson, Replace
from regulation.dates import SHANGHAI
from regulation.history import HistoryError
from regulation.permit import CancelGround, first_expiry
from tests import builders
from tests.builders import OFFICE, OTHER_COUNTY, OTHER_TOWNSHIP, TODAY, TOWNSHIP
from tests.db.feeds import ACTIVE, DAY, NOT_ACTIVE, Feed, feed, noon

HERE = builders.COUNTY
EXPIRY = builders.issued(builders.ISSUED_ACTIVE).valid_to
CANCEL = Cancel(happened_on=TODAY, ground=CancelGround.OTHER, office=OFFICE)
ISSUE = Issue(happened_on=TODAY, valid_to=first_expiry(TODAY), office=OFFICE)


def move(county: str, township: str) -> Move:
    return Move(
        happened_on=TODAY,
        reported_on=TODAY,
        county=county,
        township=township,
        address="赤峰市测试路1号",
        office=OFFICE,
    )


@pytest.mark.parametrize(
    ("new", "act", "kinds"),
    [
        (builders.person(), ISSUE, [ACTIVE]),
        (builders.active(), CANCEL, [NOT_ACTIVE]),
        (builders.active(), move(OTHER_COUNTY, OTHER_TOWNSHIP), ["county-changed"]),
        (builders.active(), move(HERE, f"{HERE}002"), ["township-changed"]),
        (builders.active(), move(HERE, TOWNSHIP), []),
        (builders.active(), Replace(happened_on=TODAY, office=OFFICE), []),
        (builders.suspended(), CANCEL, []),
        (builders.suspended(), move(OTHER_COUNTY, OTHER_TOWNSHIP), []),
        (
            builders.suspended(),
            Endorse(happened_on=TODAY, valid_to=first_expiry(TODAY), office=OFFICE),
            [ACTIVE],
        ),
        (builders.person(), move(OTHER_COUNTY, OTHER_TOWNSHIP), []),
    ],
    ids=[
        "issued",
        "cancelled",
        "another county",
        "another township",
        "another house",
        "a new card",
        "cancelled while suspended",
        "moved while suspended",
        "endorsed late",
        "moved without a permit",
    ],
)
async def test_an_act_appends_what_partners_could_be_told_otherwise(
    new: NewPerson, act: Issue, kinds: list[str], database_url: str, tmp_path: Path
) -> None:
    async with feed(database_url, tmp_path, [new]) as at:
        await at.begin(TODAY)
        await at.act(new, act, at=noon(TODAY))
        assert await at.said() == [(kind, TODAY) for kind in kinds]


async def test_storing_persons_in_bulk_appends_nothing(database_url: str, tmp_path: Path) -> None:
    async with feed(database_url, tmp_path, [builders.active(1), builders.cancelled(2)]) as at:
        assert await at.said() == []


async def test_a_person_stored_at_a_desk_with_an_active_permit_is_told_of(
    database_url: str, tmp_path: Path
) -> None:
    async with feed(database_url, tmp_path) as at:
        await at.act(builders.active(1), at=noon(TODAY))
        await at.act(builders.person(2), at=noon(TODAY))
        assert await at.said() == [(ACTIVE, TODAY)]


async def test_an_act_that_does_not_stand_leaves_no_change(
    database_url: str, tmp_path: Path
) -> None:
    holder = builders.active()
    early = replace(CANCEL, happened_on=builders.ISSUED_ACTIVE - DAY)
    async with feed(database_url, tmp_path, [holder]) as at:
        with pytest.raises(HistoryError):
            await at.act(holder, early, at=noon(TODAY))
        assert await at.said() == []
        await at.act(holder, CANCEL, at=noon(TODAY))
        assert await at.said() == [(NOT_ACTIVE, TODAY)]


async def test_a_lapse_that_no_turn_has_told_yet_is_told_before_the_act(
    database_url: str, tmp_path: Path
) -> None:
    """Stopped for days, then an endorsement before the missed days are turned: nothing is lost."""
    holder, late = builders.active(), EXPIRY + 4 * DAY
    endorsed = Endorse(happened_on=late, valid_to=first_expiry(EXPIRY), office=OFFICE)
    async with feed(database_url, tmp_path, [holder]) as at:
        await at.begin(EXPIRY)
        await at.act(holder, endorsed, at=noon(late))
        told = [(NOT_ACTIVE, EXPIRY + DAY), (ACTIVE, late)]
        assert await at.said() == told
        await at.turn(late)
        assert await at.said() == told


async def test_an_act_on_the_day_that_has_turned_adds_only_what_it_changes(
    database_url: str, tmp_path: Path
) -> None:
    holder, day = builders.active(), EXPIRY + DAY
    endorsed = Endorse(happened_on=day, valid_to=first_expiry(EXPIRY), office=OFFICE)
    async with feed(database_url, tmp_path, [holder]) as at:
        await at.begin(EXPIRY)
        await at.turn(day)
        await at.act(holder, endorsed, at=noon(day))
        assert await at.said() == [(NOT_ACTIVE, day), (ACTIVE, day)]


async def test_an_act_of_the_last_minute_that_comes_after_the_turn_corrects_what_it_told(
    database_url: str, tmp_path: Path
) -> None:
    """Endorsed at 23:59:59 on the last day, but the day turned before the act was written."""
    holder = builders.active()
    endorsed = Endorse(happened_on=EXPIRY, valid_to=first_expiry(EXPIRY), office=OFFICE)
    last_minute = datetime.combine(EXPIRY, time(23, 59, 59), SHANGHAI)
    async with feed(database_url, tmp_path, [holder]) as at:
        await at.begin(EXPIRY)
        await at.turn(EXPIRY + DAY)
        await at.act(holder, endorsed, at=last_minute)
        assert await at.said() == [(NOT_ACTIVE, EXPIRY + DAY), (ACTIVE, EXPIRY + DAY)]


async def test_a_permit_issued_on_the_day_of_a_late_turn_stands_once(
    database_url: str, tmp_path: Path
) -> None:
    new = builders.person()
    async with feed(database_url, tmp_path, [new]) as at:
        await at.begin(TODAY - DAY)
        await at.act(new, ISSUE, at=noon(TODAY))
        await at.turn(TODAY)
        assert await at.said() == [(ACTIVE, TODAY)]


async def test_a_reader_beside_twenty_acts_at_once_reads_each_change_once_and_in_order(
    database_url: str, tmp_path: Path
) -> None:
    holders = [builders.active(number) for number in range(20)]
    async with feed(database_url, tmp_path, holders) as at:
        await at.begin(TODAY)
        read: list[int] = []

        async def reader() -> None:
            while len(read) < len(holders):
                read.extend(entry.number for entry in await at.entries(read[-1] if read else 0))

        async def desk(holder: NewPerson) -> None:
            await at.act(holder, CANCEL, at=noon(TODAY))

        async with asyncio.timeout(30):
            await asyncio.gather(reader(), *(desk(holder) for holder in holders))
        assert read == list(range(1, len(holders) + 1))
        assert len({entry.person for entry in await at.entries()}) == len(holders)


async def test_an_altered_head_keeps_changes_from_being_numbered(
    database_url: str, tmp_path: Path
) -> None:
    holder = builders.active()
    async with feed(database_url, tmp_path, [holder]) as at:
        await at.begin(TODAY)
        await raise_number(at)
        with pytest.raises(RowTamperedError):
            await at.act(holder, CANCEL, at=noon(TODAY))


async def raise_number(at: Feed) -> None:
    await at.store.database.write(
        lambda session: session.execute(text("UPDATE change_head SET number = number + 7"))
    )
