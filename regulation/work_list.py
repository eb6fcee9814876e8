"""Where permits and applications stand for work lists, as bounds on stored days (articles 17, 20).

A list of a million rows can't ask the calendar for each: the last days of validity that lie in a
phase on a day are one unbroken stretch, and its ends are found here by the same functions that
judge a single permit. Whoever lists compares a stored day with them.

Never: lets a permit into two phases on one day, or reads the law again: `regulation.permit` does.
"""

from bisect import bisect_left
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from regulation.calendar import WorkingCalendar
from regulation.issue import issue_warning
from regulation.parameters import AS_ISSUED, Parameters
from regulation.permit import (
    PermitStatus,
    PermitValidity,
    grace_ends,
    status,
    window_opens,
)

ENTERING: Final = timedelta(days=7)
"""How far ahead a desk looks for windows that will open; a habit of offices, not of the law."""

_DAY: Final = timedelta(days=1)
_LONGEST_HOLIDAY: Final = 60
"""More days than any days off that a grace could roll over."""


class Phase(StrEnum):
    """What a permit asks of a desk."""

    ENTERING_WINDOW = "entering_window"
    IN_WINDOW = "in_window"
    IN_GRACE = "in_grace"
    LAPSED = "lapsed"


@dataclass(frozen=True, slots=True)
class Expiries:
    """A stretch of last days of validity, both ends included; open to the past where None."""

    first: date | None
    last: date

    def holds(self, day: date) -> bool:
        """Whether a last day of validity lies in it."""
        return day <= self.last and (self.first is None or self.first <= day)


def expiries(
    phase: Phase, day: date, calendar: WorkingCalendar, parameters: Parameters = AS_ISSUED
) -> Expiries:
    """Return the last days of validity of the permits in a phase on `day` (article 20; R6, R7, R9).

    The window is open from its first day to the last of validity; the grace runs from the
    suspension to its last day, rolled over days off; then the permit has lapsed.
    """
    match phase:
        case Phase.ENTERING_WINDOW:
            now, soon = (_last_open(each, parameters) for each in (day, day + ENTERING))
            return Expiries(now + _DAY, soon)
        case Phase.IN_WINDOW:
            return Expiries(day, _last_open(day, parameters))
        case Phase.IN_GRACE:
            return Expiries(_first_in_grace(day, calendar, parameters), day - _DAY)
        case Phase.LAPSED:
            return Expiries(None, _first_in_grace(day, calendar, parameters) - _DAY)


def warned_through(day: date, parameters: Parameters = AS_ISSUED) -> date:
    """Return the latest day of acceptance whose warning has come by `day` (article 17; R19).

    What was accepted by then, and is not overdue, is due soon.
    """
    return day - (issue_warning(day, parameters) - day)


def phase_of(
    validity: PermitValidity,
    day: date,
    calendar: WorkingCalendar,
    parameters: Parameters = AS_ISSUED,
) -> Phase | None:
    """Return what a permit asks of a desk on `day`, None where nothing (article 20; R6, R7, R9)."""
    match status(validity, day):
        case PermitStatus.ACTIVE:
            if window_opens(validity, parameters) <= day:
                return Phase.IN_WINDOW
            soon = window_opens(validity, parameters) <= day + ENTERING
            return Phase.ENTERING_WINDOW if soon else None
        case PermitStatus.SUSPENDED:
            kept = day <= grace_ends(validity, calendar, parameters).day
            return Phase.IN_GRACE if kept else Phase.LAPSED
        case _:
            return None


def _last_open(day: date, parameters: Parameters) -> date:
    """The latest last day of validity whose window has opened by `day`."""

    def waits(expiry: date) -> bool:
        return window_opens(_valid_to(expiry), parameters) > day

    return _first(waits, day, day + timedelta(days=parameters.values.window_days + 2)) - _DAY


def _first_in_grace(day: date, calendar: WorkingCalendar, parameters: Parameters) -> date:
    """The earliest last day of validity whose grace has not ended before `day`."""

    def kept(expiry: date) -> bool:
        return day <= grace_ends(_valid_to(expiry), calendar, parameters).day

    longest = timedelta(days=parameters.values.grace_days + _LONGEST_HOLIDAY)
    return _first(kept, day - longest, day)


def _first(holds: Callable[[date], bool], first: date, last: date) -> date:
    """The first day of a stretch on which something holds that then goes on holding."""
    days = range(first.toordinal(), last.toordinal())
    found = bisect_left(days, True, key=lambda each: holds(date.fromordinal(each)))
    return first + timedelta(days=found)


def _valid_to(expiry: date) -> PermitValidity:
    return PermitValidity(valid_from=expiry, valid_to=expiry)
