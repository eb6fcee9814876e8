"""Working days of mainland China (工作日): weekdays, days off and make-up working days (调休上班).

The days come from the State Council's yearly notices as the chinesecalendar library carries them;
`regulation.notices` reads a year that the library does not have yet. A year without a notice is
reckoned by weekdays alone and the answer says so: `provisional`, and which years are `missing`
(reading R30). So is the last week of December until the next year's notice is known, because a
notice may reach back over New Year: that of 2019 moved working days of December 2018.

Never: guesses at coming holidays, or passes a provisional answer off as final.
"""

import csv
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from functools import cache
from importlib.resources import files

from chinese_calendar.constants import holidays, workdays

from regulation.parameters import RECOMMENDED, Readings

_DAY = timedelta(days=1)
_SATURDAY = 5
_DECEMBER = 12
_LAST_WEEK = 25
_FIXED = ((1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3))


@dataclass(frozen=True, slots=True)
class Deadline:
    """A reckoned day; provisional if a year on the way had no notice yet.

    `missing` names those years. They may be missing in an answer that counts as final, where R30 is
    read so that statutory holidays suffice.
    """

    day: date
    provisional: bool
    missing: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """One year's notice: days off and make-up working days, weekends need not be listed.

    A notice may name days of the neighbouring years, around New Year.
    """

    year: int
    days_off: frozenset[date]
    make_up_days: frozenset[date]


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Days off and make-up working days of the years whose notice is known.

    A weekday is a working day unless it is in `days_off`; a Saturday or Sunday is one only in
    `make_up_days`. `final` says that an answer without a notice is not provisional (R30, other
    reading).
    """

    years: frozenset[int]
    days_off: frozenset[date]
    make_up_days: frozenset[date]
    final: bool = False

    def is_known(self, day: date) -> bool:
        """Whether every notice that can say something about `day` is known."""
        return not self._missing(day, day)

    def is_working_day(self, day: date) -> bool:
        """Whether `day` is worked; a mere weekday rule where `is_known(day)` is false."""
        if day.weekday() >= _SATURDAY:
            return day in self.make_up_days
        return day not in self.days_off

    def add_working_days(self, day: date, n: int) -> Deadline:
        """Return the last day of a period of `n` working days from `day` (R5).

        The starting day is not counted, the last day is.
        """
        if n < 1:
            msg = "a period has at least one working day: pass n >= 1"
            raise ValueError(msg)
        last, left = day, n
        while left:
            last += _DAY
            left -= self.is_working_day(last)
        return self._deadline(day + _DAY, last)

    def roll_forward(self, day: date) -> Deadline:
        """Return `day`, or the next working day where `day` is a day off (R6)."""
        last = day
        while not self.is_working_day(last):
            last += _DAY
        return self._deadline(day, last)

    def with_notices(self, notices: Iterable[Notice]) -> "WorkingCalendar":
        """Return this calendar with these years; a year that it had is replaced."""
        years, days_off, make_up_days = set(self.years), set(self.days_off), set(self.make_up_days)
        for notice in notices:
            if notice.year in years:
                # The last week of December may stand in the notice of the year after.
                kept = notice.year + 1 in years
                days_off = {d for d in days_off if not _said_in(d, notice.year, kept=kept)}
                make_up_days = {d for d in make_up_days if not _said_in(d, notice.year, kept=kept)}
            years.add(notice.year)
            # A later notice has the last word on a day that two of them name.
            days_off = (days_off - notice.make_up_days) | notice.days_off
            make_up_days = (make_up_days - notice.days_off) | notice.make_up_days
        return replace(
            self,
            years=frozenset(years),
            days_off=frozenset(days_off),
            make_up_days=frozenset(make_up_days),
        )

    def with_statutory_days(self) -> "WorkingCalendar":
        """Return this calendar with the statutory holidays of years that have no notice.

        Its answers count as final (R30, other reading); they still name the years `missing`.
        """
        days = frozenset(day for day in _statutory_days() if day.year not in self.years)
        return replace(self, days_off=self.days_off | days, final=True)

    def through(self, year: int) -> "WorkingCalendar":
        """Return this calendar as it was when the notice of `year` was the newest."""
        return replace(
            self,
            years=frozenset(each for each in self.years if each <= year),
            days_off=frozenset(day for day in self.days_off if day.year <= year),
            make_up_days=frozenset(day for day in self.make_up_days if day.year <= year),
        )

    def notices_wanted(self, today: date) -> tuple[int, ...]:
        """Return the years whose notice should be loaded today and is not (R30).

        The notice of a year appears in November of the one before, so it is wanted from 1 December.
        """
        wanted = (today.year, today.year + 1) if today.month == _DECEMBER else (today.year,)
        return tuple(year for year in wanted if year not in self.years)

    def _deadline(self, first: date, last: date) -> Deadline:
        missing = self._missing(first, last)
        return Deadline(last, bool(missing) and not self.final, missing)

    def _missing(self, first: date, last: date) -> tuple[int, ...]:
        """Return the years without notice that could say something about these days."""
        until = last.year + _in_last_week(last)
        if until == first.year and until in self.years:
            return ()
        return tuple(year for year in range(first.year, until + 1) if year not in self.years)


def _in_last_week(day: date) -> bool:
    return day.month == _DECEMBER and day.day >= _LAST_WEEK


def _said_in(day: date, year: int, *, kept: bool) -> bool:
    return day.year == year and not (kept and _in_last_week(day))


@cache
def _statutory_days() -> frozenset[date]:
    """The 13 days of each year that every citizen has off, without any day moved.

    National rules on annual holidays (全国年节及纪念日放假办法) article 2, as amended for 2025.
    """
    table = files("regulation").joinpath("statutory_days.csv").read_text(encoding="ascii")
    days = set[date]()
    for row in csv.DictReader(table.splitlines()):
        spring = date.fromisoformat(row["spring_festival"])
        days |= {spring + timedelta(days=n) for n in range(-1, 3)}
        days |= {date.fromisoformat(row[name]) for name in ("qingming", "duanwu", "mid_autumn")}
        days |= {date(spring.year, month, day) for month, day in _FIXED}
    return frozenset(days)


def mainland_calendar() -> WorkingCalendar:
    """Return the calendar of every year whose notice the library carries."""
    return WorkingCalendar(
        years=frozenset(day.year for day in holidays),
        days_off=frozenset(holidays),
        make_up_days=frozenset(workdays),
    )


def calendar_as_read(
    calendar: WorkingCalendar, readings: Readings = RECOMMENDED
) -> WorkingCalendar:
    """Return the calendar by which deadlines are reckoned, as R30 is read.

    Years without a notice make an answer provisional, or statutory holidays suffice for them.
    """
    if readings.chosen("R30") == "statutory-days":
        return calendar.with_statutory_days()
    return calendar
