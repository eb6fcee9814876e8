"""The state of a residence permit on a day (articles 17, 20, 23).

A permit's dates say all: `status` is a pure function of them and the day. It agrees with the
comparison that SQL makes on the stored dates,

    valid_from <= day AND day <= valid_to AND NOT (cancelled_on IS NOT NULL AND cancelled_on <= day)

so a permit cancelled on a day is not active on that day. `PermitValidity` holds the dates after the
permit's last event; `PermitLife` keeps every period, so that a gap closed by a late endorsement
still shows on the days that it had.

Never: looks at the clock, recomputes a printed validity, or lets a permit end by itself. However
late, an expired permit is suspended, not cancelled (reading R10, unless it is read otherwise).
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from regulation.calendar import Deadline, WorkingCalendar
from regulation.dates import add_years
from regulation.parameters import AS_ISSUED, Parameters

WINDOW = timedelta(days=AS_ISSUED.values.window_days)
"""Article 20: endorsed within the 30 days before expiry."""

_DAY = timedelta(days=1)
_SHORTENED = (2, 28)
_LEAP_DAY = (2, 29)


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


class PermitStage(StrEnum):
    """Where in its year a permit is; for desks only, other departments see active or not."""

    PENDING = "pending"
    ACTIVE = "active"
    WINDOW = "window"
    GRACE = "grace"
    LAPSED = "lapsed"
    CANCELLED = "cancelled"


class CancelGround(StrEnum):
    """Why a permit was cancelled: the four items of article 23."""

    FALSE_MATERIALS = "false_materials"
    NO_LONGER_QUALIFIES = "no_longer_qualifies"
    LOCAL_HUKOU = "local_hukou"
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitValidity:
    """First and last day of validity, both included, and the day of cancellation.

    `lapses_on` is set only where R10 is read so that a permit ends by itself after the grace.
    """

    valid_from: date
    valid_to: date
    cancelled_on: date | None = None
    ground: CancelGround | None = None
    lapses_on: date | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitLife:
    """One permit from its issue: its periods of validity, both days included, and its end.

    `ended_on` is the first day on which it is cancelled.
    """

    periods: tuple[tuple[date, date], ...]
    ended_on: date | None = None

    @property
    def begins(self) -> date:
        """The day of issue."""
        return self.periods[0][0]

    def status(self, day: date) -> PermitStatus:
        """Return what the permit was, is or will be on `day`, past or future."""
        if self.ended_on is not None and self.ended_on <= day:
            return PermitStatus.CANCELLED
        for first, last in reversed(self.periods):
            if day >= first:
                return PermitStatus.ACTIVE if day <= last else PermitStatus.SUSPENDED
        return PermitStatus.PENDING


def status_on(lives: Sequence[PermitLife], day: date) -> PermitStatus | None:
    """Return what a person's permit was, is or will be on `day`; None before the first.

    The latest permit speaks from its first day on: there is one at a time (article 17).
    """
    for life in reversed(lives):
        if life.begins <= day:
            return life.status(day)
    return None


def first_expiry(issued_on: date, parameters: Parameters = AS_ISSUED) -> date:
    """Return the last day of a permit issued on this day: one year on (article 17, R8).

    To print with; afterwards the printed date governs.
    """
    return _expiry(issued_on, parameters.values.validity_years, parameters)


def status(validity: PermitValidity, day: date) -> PermitStatus:
    """Return what the permit is on `day` (articles 17, 20, 23; readings R8, R9)."""
    if validity.cancelled_on is not None and validity.cancelled_on <= day:
        return PermitStatus.CANCELLED
    if day < validity.valid_from:
        return PermitStatus.PENDING
    if day <= validity.valid_to:
        return PermitStatus.ACTIVE
    if validity.lapses_on is not None and validity.lapses_on <= day:
        return PermitStatus.CANCELLED
    return PermitStatus.SUSPENDED


def is_active(validity: PermitValidity, day: date) -> bool:
    """Whether the permit gives anything on `day`."""
    return status(validity, day) is PermitStatus.ACTIVE


def stage(
    validity: PermitValidity,
    day: date,
    calendar: WorkingCalendar,
    parameters: Parameters = AS_ISSUED,
) -> PermitStage:
    """Return where in its year the permit is on `day` (article 20; R7, R9)."""
    now = status(validity, day)
    if now is PermitStatus.ACTIVE:
        opened = day >= window_opens(validity, parameters)
        return PermitStage.WINDOW if opened else PermitStage.ACTIVE
    if now is PermitStatus.SUSPENDED:
        kept = day <= grace_ends(validity, calendar, parameters).day
        return PermitStage.GRACE if kept else PermitStage.LAPSED
    return PermitStage(now.value)


def suspended_from(validity: PermitValidity) -> date:
    """Return the first day without function unless endorsed: the day after expiry (R9)."""
    return validity.valid_to + _DAY


def window_opens(validity: PermitValidity, parameters: Parameters = AS_ISSUED) -> date:
    """Return the first day of the endorsement window (articles 14, 20; R7).

    The window ends with the last day of validity.
    """
    opens = validity.valid_to - timedelta(days=parameters.values.window_days)
    return opens + _DAY if parameters.chosen("R7") == "expiry-29" else opens


def grace_last_day(validity: PermitValidity, parameters: Parameters = AS_ISSUED) -> date:
    """Return the thirtieth day after the suspension, be it a day off or not (article 20, R9).

    The day of suspension is not counted (R5).
    """
    last = suspended_from(validity) + timedelta(days=parameters.values.grace_days)
    return last - _DAY if parameters.chosen("R9") == "s+29" else last


def grace_ends(
    validity: PermitValidity, calendar: WorkingCalendar, parameters: Parameters = AS_ISSUED
) -> Deadline:
    """Return the last day on which an endorsement keeps the residence clock (article 20, R9).

    A day off rolls to the next working day (R6).
    """
    return act_by(grace_last_day(validity, parameters), calendar, parameters)


def with_lapse(
    validity: PermitValidity, calendar: WorkingCalendar, parameters: Parameters = AS_ISSUED
) -> PermitValidity:
    """Return the validity with the day on which it ends by itself, where R10 is read so."""
    if parameters.chosen("R10") != "lapses":
        return validity
    return replace(validity, lapses_on=grace_ends(validity, calendar, parameters).day + _DAY)


def act_by(last: date, calendar: WorkingCalendar, parameters: Parameters = AS_ISSUED) -> Deadline:
    """Return the last day of a limit for an act of a person, rolled over days off (R6)."""
    if parameters.chosen("R6") == "no-roll":
        return Deadline(last, provisional=False)
    return calendar.roll_forward(last)


def expiry_endorsed(
    validity: PermitValidity,
    day: date,
    calendar: WorkingCalendar,
    parameters: Parameters = AS_ISSUED,
) -> date:
    """Return the last day of validity after an endorsement on `day` (articles 14, 20; R10, R11).

    Old expiry and a year in the window and the grace; later, a year from the endorsement, or a
    permit endorsed very late would come back expired.

    Raises:
        WindowNotOpenError: the window is not open yet.
    """
    if day < window_opens(validity, parameters):
        raise WindowNotOpenError
    match parameters.chosen("R11"):
        case "old-expiry":
            from_old = True
        case "endorsement-day":
            from_old = False
        case _:
            from_old = day <= grace_ends(validity, calendar, parameters).day
    years = parameters.values.validity_years
    if not from_old:
        return add_years(day, years)
    extended = add_years(validity.valid_to, years)
    if parameters.chosen("R4") == "anchored" and (extended.month, extended.day) == _SHORTENED:
        # The day of issue is remembered: 29 February comes back in the next leap year.
        anchored = _expiry(
            validity.valid_from, extended.year - validity.valid_from.year, parameters
        )
        return anchored if (anchored.month, anchored.day) == _LEAP_DAY else extended
    return extended


def _expiry(issued_on: date, years: int, parameters: Parameters) -> date:
    corresponding = add_years(issued_on, years)
    return corresponding - _DAY if parameters.chosen("R8") == "day-before" else corresponding
