"""Temporary residence permits (暂住证) of the time before the Measures (article 32; reading R24).

One that is not expired stays valid. Who goes on living here after its expiry applies for a
residence permit, and the time counts on: from the old permit's first day, if it was valid when the
Measures took effect and the person registered or applied in time.

Never: issues or extends a temporary permit.
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from regulation.calendar import Deadline, WorkingCalendar
from regulation.parameters import AS_ISSUED, Parameters
from regulation.permit import act_by


class TemporaryStatus(StrEnum):
    """What a temporary permit is on a day."""

    NOT_YET_VALID = "not_yet_valid"
    VALID = "valid"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True, kw_only=True)
class TemporaryPermit:
    """First and last day of validity, both included."""

    valid_from: date
    valid_to: date


def temporary_status(permit: TemporaryPermit, day: date) -> TemporaryStatus:
    """Return what the temporary permit is on `day`: it stays valid to its end (article 32)."""
    if day < permit.valid_from:
        return TemporaryStatus.NOT_YET_VALID
    return TemporaryStatus.VALID if day <= permit.valid_to else TemporaryStatus.EXPIRED


def continued_by(
    permit: TemporaryPermit, calendar: WorkingCalendar, parameters: Parameters = AS_ISSUED
) -> Deadline | None:
    """Return the last day to register or apply so that the time counts on; None without a limit."""
    match parameters.chosen("R24"):
        case "no-limit":
            return None
        case "at-expiry":
            return Deadline(permit.valid_to, provisional=False)
        case _:
            gap = timedelta(days=parameters.values.temporary_gap_days)
            return act_by(permit.valid_to + gap, calendar, parameters)


def bridged_start(
    permit: TemporaryPermit,
    *,
    acted_on: date,
    calendar: WorkingCalendar,
    parameters: Parameters = AS_ISSUED,
) -> date | None:
    """Return the day from which residence counts for who registers or applies on `acted_on`.

    None where the temporary permit does not count: expired before the Measures took effect, or too
    long ago (article 32, R24, R25).
    """
    if not permit.valid_from <= parameters.in_force_from <= permit.valid_to:
        return None
    last = continued_by(permit, calendar, parameters)
    if acted_on < permit.valid_from or (last is not None and acted_on > last.day):
        return None
    return permit.valid_from
