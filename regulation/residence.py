"""How long somebody has lived here (articles 2, 15, 22; readings R1 to R4).

Never: counts days, or decides on an application; a period is one of its conditions.
"""

from datetime import date

from regulation.dates import add_months

HALF_A_YEAR = 6
"""Months: half a year is six calendar months (R2)."""


def completed_on(clock_start: date, *, months: int) -> date:
    """Return the first day on which `months` are full: the corresponding day itself (R3, R4).

    Not rolled to a working day (R6): nothing has to be done on it.
    """
    return add_months(clock_start, months)


def continuous_at_least(clock_start: date, *, months: int, day: date) -> bool:
    """Whether residence has lasted `months` on `day`."""
    return day >= completed_on(clock_start, months=months)
