"""The state of a residence permit on a day (articles 17, 20, 23).

A permit's dates say all: `status` is a pure function of them and the day. It agrees with the
comparison that SQL makes on the stored dates,

    valid_from <= day AND day <= valid_to AND NOT (cancelled_on IS NOT NULL AND cancelled_on <= day)

so a permit cancelled on a day is not active on that day. The dates are those after the permit's
last event: a gap that a late endorsement has closed does not show in them.

Never: looks at the clock, recomputes a printed validity, or lets a permit end by itself. However
late, an expired permit is suspended, not cancelled (reading R10).
"""

from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from regulation.calendar import Deadline, WorkingCalendar
from regulation.dates import add_years

GRACE = timedelta(days=30)
"""Article 20: endorsed within 30 days of the suspension, residence counts on."""


WINDOW = timedelta(days=30)
"""Article 20: endorsed within the 30 days before expiry."""


class WindowNotOpenError(ValueError):
    """An endorsement before the window."""

    def __init__(self) -> None:
        super().__init__(
            "the endorsement window is not open: endorse from 30 days before expiry (article 20)"
        )


class PermitStatus(StrEnum):
    """What a permit is on a day."""

    ACTIVE = "active"
    SUSPENDED = "suspended"
    CANCELLED = "cancelled"
    PENDING = "pending"


class CancelGround(StrEnum):
    """Why a permit was cancelled: the four items of article 23."""

    FALSE_MATERIALS = "false_materials"
    NO_LONGER_QUALIFIES = "no_longer_qualifies"
    LOCAL_HUKOU = "local_hukou"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitValidity:
    """First and last day of validity, both included, and the day of cancellation."""

    valid_from: date
    valid_to: date
    cancelled_on: date | None = None
    ground: CancelGround | None = None


def first_expiry(issued_on: date) -> date:
    """Return the last day of a permit issued on this day: one year on (article 17, R8).

    To print with; afterwards the printed date governs.
    """
    return add_years(issued_on, 1)


def status(validity: PermitValidity, day: date) -> PermitStatus:
    """Return what the permit is on `day` (articles 17, 20, 23; readings R8, R9)."""
    if validity.cancelled_on is not None and validity.cancelled_on <= day:
        return PermitStatus.CANCELLED
    if day < validity.valid_from:
        return PermitStatus.PENDING
    if day > validity.valid_to:
        return PermitStatus.SUSPENDED
    return PermitStatus.ACTIVE


def is_active(validity: PermitValidity, day: date) -> bool:
    """Whether the permit gives anything on `day`."""
    return status(validity, day) is PermitStatus.ACTIVE


def suspended_from(validity: PermitValidity) -> date:
    """Return the first day without function unless endorsed: the day after expiry (R9)."""
    return validity.valid_to + timedelta(days=1)


def window_opens(validity: PermitValidity) -> date:
    """Return the first day of the endorsement window (articles 14, 20; R7).

    The window ends with the last day of validity.
    """
    return validity.valid_to - WINDOW


def grace_ends(validity: PermitValidity, calendar: WorkingCalendar) -> Deadline:
    """Return the last day on which an endorsement keeps the residence clock (article 20, R9).

    The day of suspension is not counted (R5); a day off rolls to the next working day (R6).
    """
    return calendar.roll_forward(suspended_from(validity) + GRACE)


def expiry_endorsed(validity: PermitValidity, day: date, calendar: WorkingCalendar) -> date:
    """Return the last day of validity after an endorsement on `day` (articles 14, 20; R10, R11).

    Old expiry and a year in the window and the grace; later, a year from the endorsement, or a
    permit endorsed very late would come back expired.
    """
    if day < window_opens(validity):
        raise WindowNotOpenError
    in_time = day <= grace_ends(validity, calendar).day
    return add_years(validity.valid_to if in_time else day, 1)
