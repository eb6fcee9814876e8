"""From a person's dated events to where they stand (articles 2, 17, 18, 19, 20, 23).

`standing` is a pure fold over events in the order in which the office acted: the residence clock,
the registration and the permit. The clock starts with the registration (R1); it starts again with
a move reported after more than a month (R12), an endorsement after the grace (R10) and a new
registration. Timely moves and endorsements, new cards and cancellations leave it alone (R20, R23).

Never: looks at the clock on the wall, decides whether an act may be done, or reads an event that
cannot have happened: `HistoryError` says at which place the sequence breaks.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date

from regulation.calendar import WorkingCalendar
from regulation.dates import add_months
from regulation.permit import (
    GRACE,
    CancelGround,
    PermitValidity,
    grace_ends,
    suspended_from,
    window_opens,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """Residence was registered: arrived on one day, declared on another (article 10)."""

    happened_on: date
    reported_on: date
    division: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """A change of address was declared (article 19)."""

    happened_on: date
    reported_on: date
    division: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitIssued:
    """A permit was issued; `valid_to` is the date printed on it (article 17)."""

    happened_on: date
    valid_to: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Endorsed:
    """A permit was endorsed; `valid_to` is the new date printed on it (article 20)."""

    happened_on: date
    valid_to: date


@dataclass(frozen=True, slots=True, kw_only=True)
class CardReplaced:
    """A lost or damaged card was replaced (article 18)."""

    happened_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class PermitCancelled:
    """A permit was cancelled, from this day on (article 23)."""

    happened_on: date
    ground: CancelGround


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationClosed:
    """A registration ended: the person left, died, settled, or it was false."""

    happened_on: date


Event = (
    Registered
    | Moved
    | PermitIssued
    | Endorsed
    | CardReplaced
    | PermitCancelled
    | RegistrationClosed
)


class HistoryError(ValueError):
    """The events cannot have happened in this order. Positions count from 1."""

    def __init__(self, position: int, event: Event, problem: str) -> None:
        super().__init__(
            f"event {position} ({type(event).__name__}) {problem}: correct the recorded events"
        )
        self.position = position


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a person stands after all events.

    `permit` is the latest one, also when cancelled. `provisional` says that the clock rests on a
    deadline in a year without a holiday notice (R30).
    """

    registered_on: date | None = None
    division: str | None = None
    address_from: date | None = None
    clock_start: date | None = None
    permit: PermitValidity | None = None
    provisional: bool = False


class _ImpossibleError(Exception):
    """An event that does not fit what stands; the fold adds where."""


def standing(events: Iterable[Event], calendar: WorkingCalendar) -> Standing:
    """Fold the events, given in the order in which the office acted."""
    now = Standing()
    last = date.min
    for position, event in enumerate(events, start=1):
        acted = acted_on(event)
        if acted < last:
            raise HistoryError(position, event, "lies before the one that precedes it")
        last = acted
        try:
            now = _after(now, event, calendar)
        except _ImpossibleError as error:
            raise HistoryError(position, event, str(error)) from None
    return now


def acted_on(event: Event) -> date:
    """Return the day on which the office acted: what was declared counts from its declaration."""
    if isinstance(event, Registered | Moved):
        return event.reported_on
    return event.happened_on


def _after(now: Standing, event: Event, calendar: WorkingCalendar) -> Standing:
    match event:
        case Registered():
            after = _registered(now, event)
        case Moved():
            after = _moved(now, event, calendar)
        case PermitIssued():
            after = _issued(now, event)
        case Endorsed():
            after = _endorsed(now, event, calendar)
        case CardReplaced():
            # Article 18, R20: a new card of the same permit; dates and clock stay.
            _living_permit(now)
            after = now
        case PermitCancelled():
            # R23: the registration stands and its clock runs on.
            permit = _living_permit(now)
            cancelled = replace(permit, cancelled_on=event.happened_on, ground=event.ground)
            after = replace(now, permit=cancelled)
        case RegistrationClosed():
            _registration(now)
            after = Standing(permit=now.permit)
    return after


def _registered(now: Standing, event: Registered) -> Standing:
    """Article 10; R1: the clock starts on the day of registration, not of arrival."""
    if now.registered_on is not None:
        raise _ImpossibleError("comes while a registration stands")
    _declared_after(event)
    return replace(
        now,
        registered_on=event.reported_on,
        division=event.division,
        address_from=event.happened_on,
        clock_start=event.reported_on,
        provisional=False,
    )


def _moved(now: Standing, event: Moved, calendar: WorkingCalendar) -> Standing:
    """Article 19 paragraph 2; R12: unreported for more than a month, the time counts afresh."""
    _registration(now)
    _declared_after(event)
    if now.address_from is not None and event.happened_on < now.address_from:
        raise _ImpossibleError("leaves an address before it was taken")
    moved = replace(now, division=event.division, address_from=event.happened_on)
    month_on = add_months(event.happened_on, 1)
    if event.reported_on <= month_on:
        return moved
    # R6: the month's last day rolls to the next working day.
    limit = calendar.roll_forward(month_on)
    if event.reported_on <= limit.day:
        return replace(moved, provisional=now.provisional or limit.provisional)
    return replace(moved, clock_start=event.reported_on, provisional=limit.provisional)


def _issued(now: Standing, event: PermitIssued) -> Standing:
    """Article 17: one person, one permit, from the day of issue; the clock is left alone."""
    _registration(now)
    if now.permit is not None and now.permit.cancelled_on is None:
        raise _ImpossibleError("comes while another permit is not cancelled")
    _prints_later(event)
    return replace(
        now, permit=PermitValidity(valid_from=event.happened_on, valid_to=event.valid_to)
    )


def _endorsed(now: Standing, event: Endorsed, calendar: WorkingCalendar) -> Standing:
    """Article 20; R10: after the grace the function comes back and the clock starts afresh."""
    _registration(now)
    permit = _living_permit(now)
    if event.happened_on < window_opens(permit):
        raise _ImpossibleError("comes before the endorsement window")
    _prints_later(event)
    endorsed = replace(now, permit=replace(permit, valid_to=event.valid_to))
    if event.happened_on <= suspended_from(permit) + GRACE:
        return endorsed
    limit = grace_ends(permit, calendar)
    if event.happened_on <= limit.day:
        return replace(endorsed, provisional=now.provisional or limit.provisional)
    return replace(endorsed, clock_start=event.happened_on, provisional=limit.provisional)


def _registration(now: Standing) -> None:
    if now.registered_on is None:
        raise _ImpossibleError("needs a registration that stands")


def _living_permit(now: Standing) -> PermitValidity:
    if now.permit is None or now.permit.cancelled_on is not None:
        raise _ImpossibleError("needs a permit that is not cancelled")
    return now.permit


def _declared_after(event: Registered | Moved) -> None:
    if event.reported_on < event.happened_on:
        raise _ImpossibleError("is declared before it happened")


def _prints_later(event: PermitIssued | Endorsed) -> None:
    if event.valid_to <= event.happened_on:
        raise _ImpossibleError("prints an expiry that is not later")
