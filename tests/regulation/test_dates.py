"""Months and years: the corresponding day, or the month's last (R2, R4)."""

from calendar import monthrange
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.dates import add_months, add_years, day_in_shanghai

_DAYS = st.dates(date(1900, 1, 1), date(2200, 12, 31))
_MONTHS = st.integers(0, 600)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2024, 9, 2), 6, date(2025, 3, 2)),
        (date(2024, 8, 29), 6, date(2025, 2, 28)),
        (date(2024, 8, 30), 6, date(2025, 2, 28)),
        (date(2024, 8, 31), 6, date(2025, 2, 28)),
        (date(2024, 8, 28), 6, date(2025, 2, 28)),
        (date(2023, 8, 31), 6, date(2024, 2, 29)),
        (date(2023, 8, 29), 6, date(2024, 2, 29)),
        (date(2025, 2, 28), 6, date(2025, 8, 28)),
        (date(2025, 1, 31), 1, date(2025, 2, 28)),
        (date(2025, 12, 31), 1, date(2026, 1, 31)),
        (date(2025, 5, 31), 1, date(2025, 6, 30)),
    ],
)
def test_months_lead_to_the_corresponding_day_or_the_last_of_the_month(
    day: date, months: int, expected: date
) -> None:
    assert add_months(day, months) == expected


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 3, 1, 15, 59, 59, tzinfo=UTC), date(2026, 3, 1)),
        (datetime(2026, 3, 1, 16, tzinfo=UTC), date(2026, 3, 2)),
    ],
)
def test_an_instant_falls_on_its_day_in_shanghai(instant: datetime, day: date) -> None:
    assert day_in_shanghai(instant) == day


def test_a_year_from_29_february_is_the_28th_and_stays_it() -> None:
    shortened = add_years(date(2024, 2, 29), 1)
    assert shortened == date(2025, 2, 28)
    assert add_years(date(2027, 2, 28), 1) == date(2028, 2, 28)
    assert add_years(date(2024, 2, 29), 4) == date(2028, 2, 29)


@given(_DAYS, _MONTHS)
def test_the_day_is_kept_unless_the_month_is_too_short(day: date, months: int) -> None:
    later = add_months(day, months)
    assert (later.year - day.year) * 12 + later.month - day.month == months
    last = monthrange(later.year, later.month)[1]
    assert later.day == day.day or (later.day == last < day.day)


@given(_DAYS, _MONTHS)
def test_a_later_start_never_ends_earlier(day: date, months: int) -> None:
    assert add_months(day, months) <= add_months(day + timedelta(days=1), months)


@given(_DAYS, st.integers(0, 599))
def test_more_months_end_later(day: date, months: int) -> None:
    assert add_months(day, months) < add_months(day, months + 1)


@given(_DAYS, st.integers(0, 50))
def test_a_year_is_twelve_months(day: date, years: int) -> None:
    assert add_years(day, years) == add_months(day, 12 * years)
