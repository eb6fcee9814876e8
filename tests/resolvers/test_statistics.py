"""The tables of statistics: always the same lines, one table's counts never the other's key."""

from datetime import date
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from db.statistics import Counting, Counts
from policies.permission import Scope
from policies.suppression import LEAST
from regulation import divisions
from regulation.parameters import AS_ISSUED
from resolvers.statistics import HOLDINGS, MONTHS, STATES, Statistics, Tables, tables_of
from tests import builders
from tests.builders import COUNTY, OTHER_COUNTY, TODAY, TOWNSHIP

EVERYWHERE = frozenset({Scope.ALL})
OWN = frozenset({Scope.OWN_DIVISION})
PLACES = [
    township.code
    for county in divisions.COUNTIES
    for township in divisions.townships(county.code)[:3]
]
POPULATION = st.dictionaries(
    st.tuples(st.sampled_from(PLACES), st.sampled_from(HOLDINGS)), st.integers(0, 700)
)


def persons(registered: dict[tuple[str, str], int]) -> Tables:
    return tables_of(Counts(registered=registered, applications={}), TODAY)


def county(tables: Tables, code: str) -> int | None:
    return next(line.persons for line in tables.registered if line.division == code)


def persons_of(tables: Tables) -> list[int | None]:
    registered = [line.persons for line in tables.registered]
    return registered + [line.persons for line in tables.permits]


def test_the_lines_are_the_same_whatever_was_counted() -> None:
    empty = persons({})
    full = persons({(place, holding): 100 for place in PLACES for holding in HOLDINGS})
    lines = [
        [
            [line.division for line in tables.registered],
            [line[:2] for line in tables.permits],
            [line[:3] for line in tables.applications],
            [line.division for line in tables.coordinators],
        ]
        for tables in (empty, full)
    ]
    assert lines[0] == lines[1]
    counties = len(divisions.COUNTIES)
    assert len(empty.permits) == counties * len(HOLDINGS)
    assert len(empty.applications) == 1 + counties * (1 + MONTHS * (1 + len(STATES)))
    assert {line.persons for line in empty.registered} == {None}
    assert {line.required for line in empty.coordinators} == {None}


def test_a_year_of_months_ends_with_this_one() -> None:
    months = sorted({line.month for line in persons({}).applications if line.month})
    assert (months[0], months[-1], len(months)) == ("2025-12", "2026-11", 12)
    january = tables_of(Counts(registered={}, applications={}), date(2027, 1, 1))
    assert {line.month for line in january.applications} >= {"2026-02", "2027-01"}


@settings(deadline=None)
@given(POPULATION)
def test_a_county_that_is_withheld_is_withheld_in_every_table(
    registered: dict[tuple[str, str], int],
) -> None:
    tables = persons(registered)
    for code in {line.division for line in tables.permits}:
        shown = [line.persons for line in tables.permits if line.division == code]
        below = [
            line.persons
            for line in tables.registered
            if line.division is not None and divisions.within(line.division, code)
        ]
        (staff,) = [line.required for line in tables.coordinators if line.division == code]
        if county(tables, code) is None:
            assert set(shown) == set(below) == {staff} == {None}
        else:
            assert staff is not None


@settings(deadline=None)
@given(POPULATION)
def test_no_count_is_shown_that_is_not_a_multiple_of_ten(
    registered: dict[tuple[str, str], int],
) -> None:
    tables = persons(registered)
    for count in persons_of(tables):
        assert count is None or (count > 0 and count % LEAST == 0)


@pytest.mark.parametrize(
    ("population", "required"), [(10, 1), (500, 1), (501, 2), (1000, 2), (1001, 3)]
)
def test_a_county_needs_a_coordinator_for_each_500_begun(population: int, required: int) -> None:
    others = {(place, "none"): 20 for place in PLACES if not place.startswith(COUNTY)}
    tables = persons({(TOWNSHIP, "none"): population, **others})
    needed = {line.division: line.required for line in tables.coordinators}
    assert needed[COUNTY] == required


def test_another_reading_of_the_ratio_counts_otherwise() -> None:
    readings = AS_ISSUED.readings.choosing({"R31": "rounded-down"})
    counts = Counts(registered={(place, "none"): 300 for place in PLACES}, applications={})
    parameters = type(AS_ISSUED)(readings=readings, values=AS_ISSUED.values)
    tables = tables_of(counts, TODAY, parameters)
    needed = {line.division: line.required for line in tables.coordinators}
    assert needed[COUNTY] == 1


def test_who_lives_in_no_known_township_is_in_no_table() -> None:
    tables = persons({("999999999", "none"): 1000, (TOWNSHIP, "unheard-of"): 1000})
    assert set(persons_of(tables)) == {None}


@pytest.mark.parametrize(
    ("scopes", "division", "reached"),
    [
        (EVERYWHERE, None, {None, COUNTY, TOWNSHIP, OTHER_COUNTY}),
        (OWN, COUNTY, {COUNTY, TOWNSHIP}),
        (OWN, TOWNSHIP, {TOWNSHIP}),
        (OWN | EVERYWHERE, COUNTY, {COUNTY, TOWNSHIP}),
        (OWN, None, None),
        (frozenset({Scope.NONE}), COUNTY, None),
        (EVERYWHERE | {Scope.OPEN_CASE}, COUNTY, None),
        (frozenset[Scope](), COUNTY, None),
    ],
)
async def test_a_caller_reaches_the_lines_of_its_scopes(
    tmp_path: Path,
    sqlite_url: str,
    scopes: frozenset[Scope],
    division: str | None,
    reached: set[str | None] | None,
) -> None:
    async with builders.opened(sqlite_url, tmp_path) as store:
        tables = await Statistics(Counting(store.database)).tables(TODAY, scopes, division)
    if tables is None:
        assert reached is None
        return
    assert reached is not None
    named = {line.division for line in tables.registered}
    assert named & {None, COUNTY, TOWNSHIP, OTHER_COUNTY} == reached
    assert {line.division for line in tables.permits} <= named
    assert {line.division for line in tables.applications} <= named
    assert {line.division for line in tables.coordinators} <= named


async def test_a_day_has_one_table_and_the_next_day_another(
    tmp_path: Path, database_url: str
) -> None:
    async with builders.opened(database_url, tmp_path) as store:
        statistics = Statistics(Counting(store.database))
        await store.register(*(builders.person(number) for number in range(12)))
        first = await statistics.tables(TODAY, EVERYWHERE, None)
        await store.register(*(builders.person(number) for number in range(12, 40)))
        again = await statistics.tables(TODAY, EVERYWHERE, None)
        tomorrow = date.fromordinal(TODAY.toordinal() + 1)
        later = await statistics.tables(tomorrow, EVERYWHERE, None)
    assert first is not None
    assert later is not None
    assert first == again
    assert (first.registered[0].persons, later.registered[0].persons) == (10, 40)
    assert (first.day, later.day) == ("2026-11-20", "2026-11-21")


async def test_after_a_fault_the_next_who_asks_has_it_counted(
    tmp_path: Path, sqlite_url: str
) -> None:
    async with builders.opened(sqlite_url, tmp_path) as store:
        closed = Statistics(Counting(store.database))
        await store.database.close()
        for _ in range(2):
            with pytest.raises(Exception, match="closed"):
                await closed.tables(TODAY, EVERYWHERE, None)
