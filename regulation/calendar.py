"""Working days of mainland China (工作日): weekdays, days off and make-up working days (调休上班).

The days come from the State Council's yearly notices as the chinesecalendar library carries them.
A year without a notice is reckoned by weekdays alone and the answer says so: `provisional`
(reading R30). So is the last week of December until the next year's notice is known, because a
notice may reach back over New Year: that of 2019 moved working days of December 2018.

Never: guesses at coming holidays, or passes a provisional answer off as final.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from chinese_calendar.constants import holidays, workdays

_DAY = timedelta(days=1)
_SATURDAY = 5
_DECEMBER = 12
_LAST_WEEK = 25


@dataclass(frozen=True, slots=True)
class Deadline:
    """A reckoned day; provisional if a year on the way had no notice yet."""

    day: date
    provisional: bool


@dataclass(frozen=True, slots=True)
class WorkingCalendar:
    """Days off and make-up working days of the years whose notice is known.

    A weekday is a working day unless it is in `days_off`; a Saturday or Sunday is one only in
    `make_up_days`.
    """

    years: frozenset[int]
    days_off: frozenset[date]
    make_up_days: frozenset[date]

    def is_known(self, day: date) -> bool:
        """Whether every notice that can say something about `day` is known."""
        if day.month == _DECEMBER and day.day >= _LAST_WEEK and day.year + 1 not in self.years:
            return False
        return day.year in self.years

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
        provisional = False
        left = n
        while left:
            day += _DAY
            provisional = provisional or not self.is_known(day)
            left -= self.is_working_day(day)
        return Deadline(day, provisional)

    def roll_forward(self, day: date) -> Deadline:
        """Return `day`, or the next working day where `day` is a day off (R6)."""
        provisional = not self.is_known(day)
        while not self.is_working_day(day):
            day += _DAY
            provisional = provisional or not self.is_known(day)
        return Deadline(day, provisional)


def mainland_calendar() -> WorkingCalendar:
    """Return the calendar of every year whose notice the library carries."""
    return WorkingCalendar(
        years=frozenset(day.year for day in holidays),
        days_off=frozenset(holidays),
        make_up_days=frozenset(workdays),
    )
