"""The city's entitlements as counts: what is told, and what no line gives away."""

from datetime import date

import pytest

from db.standings import Stood
from regulation import divisions
from regulation.permit import PermitStatus
from regulation.roll_out import read_roll_out
from regulation.services import SERVICES
from resolvers.entitlements import Counted, EntitlementTables, is_offered, tables_of

DAY = date(2026, 11, 20)
COUNTIES = [county.code for county in divisions.COUNTIES]
ITEM = next(service.code for service in SERVICES if not service.guaranteed)
SCHOOL = "24(4)"


def stood(county: str, status: PermitStatus | None, start: date | None = None) -> Stood:
    return Stood(county, status, start)


def told(*given: tuple[int, Stood], roll_out: str = "") -> EntitlementTables:
    counted = Counted()
    for count, one in given:
        counted.add([one] * count, DAY)
    return tables_of(counted, DAY, read_roll_out(roll_out))


def services(tables: EntitlementTables, code: str) -> dict[tuple[str | None, str], int | None]:
    return {
        (line.division, line.answer): line.persons
        for line in tables.services
        if line.service == code
    }


def test_the_active_are_entitled_and_all_others_are_not() -> None:
    tables = told(
        *((100, stood(county, PermitStatus.ACTIVE)) for county in COUNTIES),
        *((20, stood(county, PermitStatus.SUSPENDED)) for county in COUNTIES),
        *((40, stood(county, None)) for county in COUNTIES),
        *((30, stood(county, PermitStatus.CANCELLED)) for county in COUNTIES),
    )
    found = services(tables, SCHOOL)
    assert found["150402", "yes"] == 100
    assert found["150402", "no"] == 90
    assert found["150402", "not_guaranteed"] == 0
    assert services(tables, ITEM)["150402", "not_guaranteed"] == 100


def test_an_item_of_article_26_is_a_yes_where_it_was_introduced() -> None:
    introduced = (
        f'[[roll_out]]\nitem = "{ITEM}"\ndivision = "150403"\nfrom = 2026-11-20\nbasis = "甲"\n'
    )
    each = [(100, stood(county, status)) for county in COUNTIES for status in (None, *PermitStatus)]
    tables = told(*each, roll_out=introduced)
    found = services(tables, ITEM)
    assert (found["150403", "yes"], found["150403", "not_guaranteed"]) == (100, 0)
    assert (found["150404", "yes"], found["150404", "not_guaranteed"]) == (0, 100)


@pytest.mark.parametrize(("active", "shown"), [(9, None), (10, 10), (14, 10), (15, 20)])
def test_fewer_than_ten_are_withheld_and_others_shown_to_the_nearest_ten(
    active: int, shown: int | None
) -> None:
    full = [(200, stood(county, status)) for county in COUNTIES for status in (None, *PermitStatus)]
    given = [
        (active if one == stood("150402", PermitStatus.ACTIVE) else count, one)
        for count, one in full
    ]
    tables = told(*given)
    assert services(tables, SCHOOL)["150402", "yes"] == shown
    assert services(tables, SCHOOL)["150403", "yes"] == 200
    city = services(tables, SCHOOL)[None, "yes"]
    assert city == (None if shown is None else 11 * 200 + shown)


def test_nothing_of_a_county_is_told_by_what_is_told_of_services() -> None:
    tables = told(
        (500, stood("150402", PermitStatus.ACTIVE)), (3, stood("150402", PermitStatus.SUSPENDED))
    )
    by_holding = {
        (line.division, line.what): line.persons for line in tables.permits if line.division
    }
    for line in tables.services:
        if line.division is not None and line.answer == "yes":
            assert line.persons in (0, by_holding[line.division, "active"])
    assert services(tables, SCHOOL)["150402", "no"] is None


@pytest.mark.parametrize(
    ("start", "clock"),
    [
        (None, "none"),
        (date(2026, 5, 21), "under-half-a-year"),
        (date(2026, 5, 20), "half-a-year"),
        (date(2023, 11, 21), "half-a-year"),
        (date(2023, 11, 20), "three-years"),
    ],
)
def test_the_clock_is_told_in_bands(start: date | None, clock: str) -> None:
    counted = Counted()
    counted.add([stood("150402", None, start)], DAY)
    assert counted.clocks == {("150402", clock): 1}


def test_the_same_lines_stand_whatever_was_counted() -> None:
    nobody, somebody = told(), told((500, stood("150402", PermitStatus.ACTIVE)))
    assert [line[:3] for line in nobody.services] == [line[:3] for line in somebody.services]
    assert all(line.persons is None for line in nobody.permits)
    assert len(nobody.services) == 27 * 3 * 13


@pytest.mark.parametrize(
    ("day", "offered"),
    [
        (DAY, True),
        (date(2027, 1, 1), True),
        (date(2026, 11, 19), False),
        (date(2026, 11, 2), False),
    ],
)
def test_no_two_days_of_ones_choice_can_be_subtracted(day: date, *, offered: bool) -> None:
    assert is_offered(day, DAY) is offered
