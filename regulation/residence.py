"""How long somebody has lived here, and why the count began when it did (articles 2, 15, 19 to 22).

The residence clock (居住期限) is a list of changes, each with its reason: `clock_on` reads it for
any day, past or future. Periods follow readings R1 to R4.

Never: counts days, or decides on an application; a period is one of its conditions.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from regulation.dates import add_months
from regulation.parameters import RECOMMENDED, Readings

HALF_A_YEAR = 6
"""Months: half a year is six calendar months (R2)."""

THREE_YEARS = 36
"""Months: settlement asks for three years (article 22)."""


class ClockReason(StrEnum):
    """Why the clock stands where it does."""

    REGISTERED = "REGISTERED"
    TEMPORARY_PERMIT_CONTINUED = "TEMPORARY_PERMIT_CONTINUED"
    CAME_WITH_PERMIT = "CAME_WITH_PERMIT"
    MOVE_REPORTED_LATE = "MOVE_REPORTED_LATE"
    COUNTY_CHANGED = "COUNTY_CHANGED"
    ENDORSED_AFTER_GRACE = "ENDORSED_AFTER_GRACE"
    PERMIT_CANCELLED = "PERMIT_CANCELLED"
    REGISTRATION_CLOSED = "REGISTRATION_CLOSED"

    @property
    def article(self) -> str:
        """The article that says so."""
        return _BASIS[self][0]

    @property
    def reading(self) -> str:
        """The reading by which it does."""
        return _BASIS[self][1]

    @property
    def zh(self) -> str:
        """The reason in Chinese."""
        return _BASIS[self][2]

    @property
    def en(self) -> str:
        """The reason in English."""
        return _BASIS[self][3]


_BASIS = {
    ClockReason.REGISTERED: ("10", "R1", "办理居住登记", "residence was registered"),
    ClockReason.TEMPORARY_PERMIT_CONTINUED: (
        "32",
        "R24",
        "暂住证期满后连续计算",
        "the time under a temporary permit counts on",
    ),
    ClockReason.CAME_WITH_PERMIT: (
        "19",
        "R13",
        "持居住证由自治区内其他盟市迁入",
        "the holder came from another league or city of Inner Mongolia",
    ),
    ClockReason.MOVE_REPORTED_LATE: (
        "19",
        "R12",
        "居住地址变更后一个月未申报，自申报之日起重新计算",
        "a move was not reported within a month: counted afresh from its report",
    ),
    ClockReason.COUNTY_CHANGED: (
        "2",
        "R13",
        "迁入其他旗县区，自申报之日起重新计算",
        "a move into another county: counted afresh from its report",
    ),
    ClockReason.ENDORSED_AFTER_GRACE: (
        "20",
        "R10",
        "中止之日起30日内未签注，自使用功能恢复之日起重新计算",
        "not endorsed within 30 days of the suspension: counted afresh from the restoration",
    ),
    ClockReason.PERMIT_CANCELLED: (
        "23",
        "R23",
        "居住证注销后重新计算",
        "the permit was cancelled: counted afresh",
    ),
    ClockReason.REGISTRATION_CLOSED: ("10", "R23", "居住登记终止", "the registration ended"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ClockChange:
    """From the day `on` residence counts from `start`, or from no day at all.

    `on` is the day on which the office acted. `provisional` says that the change, or that there was
    none, rests on a deadline in a year without a holiday notice (R30).
    """

    on: date
    start: date | None
    reason: ClockReason
    provisional: bool = False


def clock_on(changes: Sequence[ClockChange], day: date) -> date | None:
    """Return the day from which residence counted, as it stood at the end of `day`."""
    for change in reversed(changes):
        if change.on <= day:
            return change.start
    return None


def completed_on(clock_start: date, *, months: int, readings: Readings = RECOMMENDED) -> date:
    """Return the first day on which `months` are full: the corresponding day itself (R3, R4).

    Not rolled to a working day (R6): nothing has to be done on it.
    """
    full = add_months(clock_start, months)
    return full + timedelta(days=1) if readings.chosen("R3") == "next-day" else full


def continuous_at_least(
    clock_start: date, *, months: int, day: date, readings: Readings = RECOMMENDED
) -> bool:
    """Whether residence has lasted `months` on `day`."""
    return day >= completed_on(clock_start, months=months, readings=readings)
