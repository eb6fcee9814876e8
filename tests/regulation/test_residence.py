"""Half a year, three years, ages: both sides of the day (articles 2, 15, 22; R3, R4, R29)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.age import age_at_least
from regulation.residence import HALF_A_YEAR, completed_on, continuous_at_least

_DAY = timedelta(days=1)
_DAYS = st.dates(date(1900, 1, 1), date(2150, 12, 31))


@pytest.mark.parametrize(
    ("start", "full"),
    [
        (date(2024, 9, 2), date(2025, 3, 2)),
        (date(2024, 8, 31), date(2025, 2, 28)),
        (date(2023, 8, 31), date(2024, 2, 29)),
        (date(2024, 2, 29), date(2024, 8, 29)),
    ],
)
def test_half_a_year_is_full_on_the_corresponding_day_itself(start: date, full: date) -> None:
    assert completed_on(start, months=HALF_A_YEAR) == full
    assert continuous_at_least(start, months=HALF_A_YEAR, day=full)
    assert not continuous_at_least(start, months=HALF_A_YEAR, day=full - _DAY)


def test_three_years_are_full_on_the_exact_day() -> None:
    start = date(2023, 3, 15)
    assert continuous_at_least(start, months=36, day=date(2026, 3, 15))
    assert not continuous_at_least(start, months=36, day=date(2026, 3, 14))


@pytest.mark.parametrize(
    ("birth", "years", "birthday"),
    [
        (date(2010, 9, 17), 14, date(2024, 9, 17)),
        (date(2010, 9, 17), 16, date(2026, 9, 17)),
        (date(2008, 2, 29), 16, date(2024, 2, 29)),
        (date(2008, 2, 29), 18, date(2026, 2, 28)),
    ],
)
def test_an_age_is_reached_on_the_birthday(birth: date, years: int, birthday: date) -> None:
    assert age_at_least(birth, years=years, day=birthday)
    assert not age_at_least(birth, years=years, day=birthday - _DAY)


@given(_DAYS, st.integers(1, 480), st.integers(0, 4000))
def test_a_period_once_full_stays_full(start: date, months: int, later: int) -> None:
    full = completed_on(start, months=months)
    assert continuous_at_least(start, months=months, day=full + timedelta(days=later))
    assert not continuous_at_least(start, months=months, day=full - timedelta(days=later + 1))


@given(_DAYS, st.integers(1, 40), st.integers(0, 20000))
def test_who_has_an_age_has_every_lower_one(birth: date, years: int, lived: int) -> None:
    day = birth + timedelta(days=lived)
    if age_at_least(birth, years=years + 1, day=day):
        assert age_at_least(birth, years=years, day=day)
