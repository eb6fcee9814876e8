"""What is counted for statistics, on both databases (articles 4, 10, 17, 20, 23)."""

from datetime import date, timedelta
from pathlib import Path

import pytest

from db.facts import Close
from db.statistics import Counting
from tests import builders
from tests.builders import COUNTY, OFFICE, OTHER_TOWNSHIP, TODAY, TOWNSHIP
from tests.resolvers.desk.desks import office

REGISTERED = date(2025, 3, 3)
ELIGIBLE = date(2025, 9, 3)


async def test_the_registered_are_counted_by_township_and_permit(
    tmp_path: Path, database_url: str
) -> None:
    async with builders.opened(database_url, tmp_path) as store:
        await store.register(
            builders.person(1), builders.person(2), builders.active(3), builders.suspended(4),
            builders.cancelled(5), builders.elsewhere(builders.active(6)), builders.moved(7),
        )  # fmt: skip
        counted = await Counting(store.database).counts(TODAY, since=TODAY)
    assert counted.registered == {
        (TOWNSHIP, "none"): 2,
        (TOWNSHIP, "active"): 1,
        (TOWNSHIP, "suspended"): 1,
        (TOWNSHIP, "cancelled"): 1,
        (OTHER_TOWNSHIP, "active"): 2,
    }
    assert counted.applications == {}


async def test_whose_registration_is_closed_is_counted_no_more(
    tmp_path: Path, database_url: str
) -> None:
    async with builders.opened(database_url, tmp_path) as store:
        stays, leaves = await store.register(builders.active(1), builders.person(2))
        counting = Counting(store.database)
        before = await counting.counts(TODAY, since=TODAY)
        await store.act(leaves, Close(happened_on=TODAY, office=OFFICE))
        after = await counting.counts(TODAY, since=TODAY)
    assert stays != leaves
    assert before.registered == {(TOWNSHIP, "none"): 1, (TOWNSHIP, "active"): 1}
    assert after.registered == {(TOWNSHIP, "active"): 1}


@pytest.mark.parametrize(
    ("days", "status"), [(-1, "none"), (0, "active"), (365, "active"), (366, "suspended")]
)
async def test_a_permit_is_counted_by_its_status_on_the_day(
    tmp_path: Path, database_url: str, days: int, status: str
) -> None:
    day = builders.ISSUED_ACTIVE + timedelta(days=days)
    async with builders.opened(database_url, tmp_path) as store:
        await store.register(builders.active(1))
        counted = await Counting(store.database).counts(day, since=day)
    assert counted.registered == {(TOWNSHIP, status): 1}


async def test_applications_are_counted_by_county_month_and_outcome(
    tmp_path: Path, database_url: str
) -> None:
    async with office(database_url, tmp_path) as at:
        await at.register(REGISTERED)
        await at.register(REGISTERED, builders.id_number(1))
        await at.file(ELIGIBLE)
        counting = Counting(at.store.database)
        counted = await counting.counts(ELIGIBLE, since=ELIGIBLE)
        later = await counting.counts(ELIGIBLE, since=ELIGIBLE + timedelta(days=1))
    assert counted.applications == {(COUNTY, "2025-09", "accepted"): 1}
    assert later.applications == {}
