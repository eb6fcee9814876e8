"""Working days across the holidays (articles 6, 8, 10, 19; R5, R6, R30)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.calendar import (
    Deadline,
    WorkingCalendar,
    calendar_as_read,
    mainland_calendar,
)
from regulation.parameters import RECOMMENDED

_CALENDAR = mainland_calendar()
_DAYS = st.dates(date(2017, 1, 1), date(2035, 12, 31))


@pytest.mark.parametrize(
    ("start", "last"),
    [
        # Spring Festival, with make-up Saturdays and Sundays.
        (date(2026, 2, 13), date(2026, 3, 2)),
        (date(2025, 1, 24), date(2025, 2, 10)),
        (date(2024, 2, 6), date(2024, 2, 21)),
        (date(2018, 2, 9), date(2018, 2, 24)),
        # National Day 2025, Labour Day 2026, an ordinary week.
        (date(2025, 9, 26), date(2025, 10, 13)),
        (date(2026, 4, 29), date(2026, 5, 12)),
        (date(2025, 6, 10), date(2025, 6, 19)),
    ],
)
def test_seven_working_days_leave_out_days_off_and_count_make_up_days(
    start: date, last: date
) -> None:
    assert _CALENDAR.add_working_days(start, 7) == Deadline(last, provisional=False)


@pytest.mark.parametrize(
    ("day", "worked"),
    [
        (date(2024, 2, 9), True),  # New Year's Eve 2024: leave was only encouraged.
        (date(2025, 1, 28), False),
        (date(2026, 2, 14), True),
        (date(2026, 2, 15), False),
        (date(2026, 2, 24), True),
        (date(2018, 12, 29), True),
        (date(2018, 12, 31), False),
    ],
)
def test_a_day_is_worked_as_the_notice_says(day: date, *, worked: bool) -> None:
    assert _CALENDAR.is_known(day)
    assert _CALENDAR.is_working_day(day) is worked


def test_a_day_off_rolls_to_the_next_working_day_and_a_working_day_stays() -> None:
    assert _CALENDAR.roll_forward(date(2025, 10, 1)) == Deadline(date(2025, 10, 9), False)
    assert _CALENDAR.roll_forward(date(2025, 9, 30)) == Deadline(date(2025, 9, 30), False)
    assert _CALENDAR.roll_forward(date(2025, 9, 28)) == Deadline(date(2025, 9, 28), False)


def test_a_year_without_notice_gives_a_provisional_answer_by_weekdays() -> None:
    assert not _CALENDAR.is_known(date(2029, 2, 9))
    seven = _CALENDAR.add_working_days(date(2029, 2, 9), 7)
    assert seven == Deadline(date(2029, 2, 20), provisional=True, missing=(2029,))
    assert _CALENDAR.roll_forward(date(2029, 2, 10)) == Deadline(date(2029, 2, 12), True, (2029,))


def _known_through(year: int) -> WorkingCalendar:
    return WorkingCalendar(years=frozenset({year}), days_off=frozenset(), make_up_days=frozenset())


def test_the_last_week_of_december_waits_for_the_next_years_notice() -> None:
    calendar = _known_through(2025)
    assert calendar.is_known(date(2025, 12, 24))
    assert not calendar.is_known(date(2025, 12, 25))
    assert _CALENDAR.is_known(date(2025, 12, 31))


def test_a_period_that_only_ends_in_an_unknown_year_is_provisional() -> None:
    calendar = _known_through(2025)
    assert calendar.add_working_days(date(2025, 12, 15), 7) == Deadline(date(2025, 12, 24), False)
    later = calendar.add_working_days(date(2025, 12, 16), 7)
    assert later == Deadline(date(2025, 12, 25), provisional=True, missing=(2026,))
    over = calendar.add_working_days(date(2026, 12, 30), 2)
    assert over == Deadline(date(2027, 1, 1), provisional=True, missing=(2026, 2027))


def test_read_otherwise_statutory_days_make_a_final_answer_that_names_the_year() -> None:
    calendar = _CALENDAR.with_statutory_days()
    # Spring Festival 2029 is 13 February: the 12th to the 15th are off, nothing is moved.
    seven = calendar.add_working_days(date(2029, 2, 9), 7)
    assert seven == Deadline(date(2029, 2, 26), provisional=False, missing=(2029,))
    known = calendar.add_working_days(date(2026, 2, 13), 7)
    assert known == Deadline(date(2026, 3, 2), provisional=False)


@pytest.mark.parametrize("year", range(2027, 2041))
def test_a_year_has_thirteen_statutory_days_less_those_that_coincide(year: int) -> None:
    days = {day for day in _CALENDAR.with_statutory_days().days_off if day.year == year}
    # Mid-autumn falls into National Day in 2028, 2031 and 2039.
    assert len(days) == (12 if year in {2028, 2031, 2039} else 13)


def test_the_next_years_notice_is_wanted_from_1_december() -> None:
    calendar = _known_through(2025)
    assert calendar.notices_wanted(date(2025, 11, 30)) == ()
    assert calendar.notices_wanted(date(2025, 12, 1)) == (2026,)
    assert calendar.notices_wanted(date(2026, 1, 1)) == (2026,)
    assert calendar.notices_wanted(date(2026, 12, 1)) == (2026, 2027)


def test_a_calendar_is_taken_back_to_an_older_notice() -> None:
    older = _CALENDAR.through(2025)
    assert older.is_known(date(2025, 6, 1))
    assert not older.is_known(date(2026, 6, 1))
    assert older.is_working_day(date(2026, 2, 17))
    assert older.notices_wanted(date(2025, 12, 1)) == (2026,)


@pytest.mark.parametrize("n", [0, -1])
def test_a_period_without_working_days_is_refused(n: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        _CALENDAR.add_working_days(date(2025, 6, 10), n)


@given(_DAYS, st.integers(1, 30))
def test_a_period_holds_exactly_its_working_days(day: date, n: int) -> None:
    last = _CALENDAR.add_working_days(day, n).day
    between = [day + timedelta(days=i) for i in range(1, (last - day).days + 1)]
    assert sum(map(_CALENDAR.is_working_day, between)) == n
    assert _CALENDAR.is_working_day(last)


@given(_DAYS)
def test_rolling_ends_on_the_first_working_day(day: date) -> None:
    rolled = _CALENDAR.roll_forward(day).day
    assert rolled >= day
    assert _CALENDAR.is_working_day(rolled)
    assert not any(
        _CALENDAR.is_working_day(day + timedelta(days=i)) for i in range((rolled - day).days)
    )


@given(_DAYS, st.integers(1, 30))
def test_a_later_start_never_ends_a_period_earlier(day: date, n: int) -> None:
    next_day = day + timedelta(days=1)
    assert _CALENDAR.add_working_days(day, n).day <= _CALENDAR.add_working_days(next_day, n).day


def test_read_otherwise_a_year_without_notice_is_final() -> None:
    arrived = date(2029, 2, 9)
    recommended = calendar_as_read(_CALENDAR).add_working_days(arrived, 7)
    assert (recommended.provisional, recommended.missing) == (True, (2029,))
    otherwise = RECOMMENDED.choosing({"R30": "statutory-days"})
    reckoned = calendar_as_read(_CALENDAR, otherwise).add_working_days(arrived, 7)
    assert (reckoned.provisional, reckoned.missing) == (False, (2029,))
    # Spring Festival, 12 to 15 February, is off; no day is moved to make up for it.
    assert reckoned.day == date(2029, 2, 26)
