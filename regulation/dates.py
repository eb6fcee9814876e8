"""Where a day begins, and adding months and years to it (Civil Code article 202, reading R4).

The result is the corresponding day; where its month has none, the month's last day. There is no
stickiness: a day shortened to 28 February stays the 28th when it is extended again.

Never: counts a month as 30 days.
"""

from calendar import monthrange
from datetime import date, datetime, timedelta, timezone
from typing import Final

SHANGHAI: Final = timezone(timedelta(hours=8), "Asia/Shanghai")
"""A day of the Measures is a day here; UTC+08:00 without summer time since 1991."""

_MONTHS = 12
_EVERY_MONTH = 28
"""The last day that every month has."""


def day_in_shanghai(instant: datetime) -> date:
    """Return the day of an aware instant, as the Measures count days."""
    return instant.astimezone(SHANGHAI).date()


def add_months(day: date, months: int) -> date:
    """Return the corresponding day `months` later, or that month's last day (R2, R4)."""
    years, month0 = divmod(day.month - 1 + months, _MONTHS)
    year, month = day.year + years, month0 + 1
    if day.day <= _EVERY_MONTH:
        return date(year, month, day.day)
    return date(year, month, min(day.day, monthrange(year, month)[1]))


def add_years(day: date, years: int) -> date:
    """Return the corresponding day `years` later: 29 February becomes the 28th (R4)."""
    return add_months(day, _MONTHS * years)
