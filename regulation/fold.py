"""One step of a history: what an event does to registration, clock and permit.

`regulation.history` applies the events in their order and freezes what comes of it.

Never: skips an event that does not fit what stands: `ImpossibleError` says why it doesn't.
"""

from datetime import date, timedelta

from regulation.calendar import Deadline, WorkingCalendar
from regulation.dates import add_months
from regulation.events import (
    CardReplaced,
    Endorsed,
    Event,
    Moved,
    PermitBrought,
    PermitCancelled,
    PermitIssued,
    Registered,
    RegistrationClosed,
    TemporaryPermitHeld,
)
from regulation.parameters import AS_ISSUED, Parameters
from regulation.permit import (
    PermitLife,
    PermitValidity,
    act_by,
    first_expiry,
    grace_last_day,
    window_opens,
    with_lapse,
)
from regulation.registration import declare_by
from regulation.residence import ClockChange, ClockReason
from regulation.temporary_permit import TemporaryPermit, bridged_start

_DAY = timedelta(days=1)
_COUNTY_DIGITS = 6
_INNER_MONGOLIA = "15"


class ImpossibleError(Exception):
    """An event that does not fit what stands; the history adds where."""


class Fold:
    """What stands after the events so far. Mutable, because a history is folded on every read."""

    __slots__ = (
        "_calendar",
        "_ends",
        "_parameters",
        "_periods",
        "_temporary",
        "address_from",
        "clock",
        "clock_start",
        "division",
        "permit",
        "provisional",
        "registered_on",
    )

    def __init__(self, calendar: WorkingCalendar) -> None:
        self._calendar = calendar
        self._parameters = AS_ISSUED
        self._temporary: TemporaryPermit | None = None
        self._periods: list[list[tuple[date, date]]] = []
        self._ends: list[date | None] = []
        self.registered_on: date | None = None
        self.division: str | None = None
        self.address_from: date | None = None
        self.clock_start: date | None = None
        self.clock: list[ClockChange] = []
        self.permit: PermitValidity | None = None
        self.provisional = False

    def lives(self) -> tuple[PermitLife, ...]:
        """Return every permit with its periods, the latest last."""
        return tuple(
            PermitLife(periods=tuple(periods), ended_on=ended)
            for periods, ended in zip(self._periods, self._ends, strict=True)
        )

    def apply(self, event: Event, parameters: Parameters) -> None:
        """Take one event, by what held on the day of the act.

        Raises:
            ImpossibleError: it does not fit.
        """
        self._parameters = parameters
        # The most frequent first: every read of a person folds a life.
        match event:
            case Endorsed():
                self._endorsed(event)
            case Moved():
                self._moved(event)
            case Registered():
                self._registered(event)
            case PermitIssued():
                self._issued(event)
            case CardReplaced():
                self._replaced(event)
            case PermitCancelled():
                self._cancelled(event)
            case RegistrationClosed():
                self._closed(event)
            case PermitBrought():
                self._brought(event)
            case TemporaryPermitHeld():
                self._held_temporary(event)

    # --- registration and clock ------------------------------------------------------------------

    def _registered(self, event: Registered) -> None:
        """Article 10; R1: the clock starts on the day of registration, not of arrival."""
        self._no_registration()
        _declared_after(event)
        self._take_address(event)
        self.registered_on = event.reported_on
        if self._temporary is not None:
            # Article 32, R24: the time under a temporary permit counts on.
            start = bridged_start(
                self._temporary,
                acted_on=event.reported_on,
                calendar=self._calendar,
                parameters=self._parameters,
            )
            self._temporary = None
            if start is not None:
                self._start(event.reported_on, start, ClockReason.TEMPORARY_PERMIT_CONTINUED)
                return
        start, provisional = event.reported_on, False
        match self._parameters.chosen("R1"):
            case "arrival":
                start = event.happened_on
            case "arrival-if-timely":
                limit = declare_by(event.happened_on, self._calendar)
                provisional = limit.provisional
                start = event.happened_on if event.reported_on <= limit.day else event.reported_on
            case _:
                pass
        self._start(event.reported_on, start, ClockReason.REGISTERED, provisional=provisional)

    def _brought(self, event: PermitBrought) -> None:
        """Article 19; R13: the permit stays valid, the time in Chifeng starts with the move."""
        self._no_registration()
        _declared_after(event)
        if not event.valid_from <= event.happened_on:
            raise ImpossibleError("brings a permit that was issued after the move")
        self._take_address(event)
        self.registered_on = event.reported_on
        limit = self._in_time(
            add_months(event.happened_on, self._parameters.values.move_months), event.reported_on
        )
        kept = event.reported_on <= limit.day
        start = event.happened_on if kept else event.reported_on
        reason = ClockReason.CAME_WITH_PERMIT if kept else ClockReason.MOVE_REPORTED_LATE
        self._start(event.reported_on, start, reason, provisional=limit.provisional)
        self._new_permit(event.valid_from, event.valid_to)

    def _moved(self, event: Moved) -> None:
        """Article 19 paragraph 2; R12: unreported for more than a month, the time counts afresh."""
        self._registration()
        _declared_after(event)
        if self.address_from is not None and event.happened_on < self.address_from:
            raise ImpossibleError("leaves an address before it was taken")
        if not event.division.startswith(_INNER_MONGOLIA):
            raise ImpossibleError("leads out of Inner Mongolia, which ends the registration")
        county = (self.division or event.division)[:_COUNTY_DIGITS]
        self._take_address(event)
        limit = self._in_time(
            add_months(event.happened_on, self._parameters.values.move_months), event.reported_on
        )
        if event.reported_on > limit.day:
            self._start(
                event.reported_on,
                event.reported_on,
                ClockReason.MOVE_REPORTED_LATE,
                provisional=limit.provisional,
            )
        elif (
            self._parameters.chosen("R13") == "county-half-year"
            and event.division[:_COUNTY_DIGITS] != county
        ):
            self._start(event.reported_on, event.reported_on, ClockReason.COUNTY_CHANGED)
        else:
            self.provisional = self.provisional or limit.provisional

    def _held_temporary(self, event: TemporaryPermitHeld) -> None:
        """Article 32: remembered until residence is registered; one follows on another."""
        self._no_registration()
        _prints_later(event)
        begins = event.happened_on
        earlier = self._temporary
        if earlier is not None and begins <= earlier.valid_to + _DAY:
            begins = earlier.valid_from
        self._temporary = TemporaryPermit(valid_from=begins, valid_to=event.valid_to)

    def _closed(self, event: RegistrationClosed) -> None:
        self._registration()
        self.registered_on = self.division = self.address_from = None
        self._start(event.happened_on, None, ClockReason.REGISTRATION_CLOSED)

    # --- permit ----------------------------------------------------------------------------------

    def _issued(self, event: PermitIssued) -> None:
        """Article 17: one person, one permit, from the day of issue; the clock is left alone."""
        self._registration()
        if self._lives_on(event.happened_on):
            raise ImpossibleError("comes while another permit is not cancelled")
        _prints_later(event)
        self._new_permit(event.happened_on, event.valid_to)

    def _endorsed(self, event: Endorsed) -> None:
        """Article 20; R10: after the grace the function comes back and the clock starts afresh."""
        self._registration()
        permit = self._living_permit(event.happened_on)
        if event.happened_on < window_opens(permit, self._parameters):
            raise ImpossibleError("comes before the endorsement window")
        _prints_later(event)
        limit = self._in_time(grace_last_day(permit, self._parameters), event.happened_on)
        self._extend(permit, event.happened_on, event.valid_to)
        if event.happened_on > limit.day:
            self._start(
                event.happened_on,
                event.happened_on,
                ClockReason.ENDORSED_AFTER_GRACE,
                provisional=limit.provisional,
            )
        else:
            self.provisional = self.provisional or limit.provisional

    def _replaced(self, event: CardReplaced) -> None:
        """Article 18, R20: a new card of the same permit; dates and clock stay."""
        permit = self._living_permit(event.happened_on)
        if self._parameters.chosen("R20") == "new-year":
            expiry = first_expiry(event.happened_on, self._parameters)
            self._extend(permit, event.happened_on, expiry)

    def _cancelled(self, event: PermitCancelled) -> None:
        """Article 23, R23: the registration stands and its clock runs on."""
        permit = self._living_permit(event.happened_on)
        self.permit = PermitValidity(
            valid_from=permit.valid_from,
            valid_to=permit.valid_to,
            cancelled_on=event.happened_on,
            ground=event.ground,
        )
        self._ends[-1] = event.happened_on
        if self._parameters.chosen("R23") == "from-cancellation" and self.registered_on is not None:
            self._start(event.happened_on, event.happened_on, ClockReason.PERMIT_CANCELLED)

    # --- what they share -------------------------------------------------------------------------

    def _take_address(self, event: Registered | Moved | PermitBrought) -> None:
        self.division, self.address_from = event.division, event.happened_on

    def _start(
        self, on: date, start: date | None, reason: ClockReason, *, provisional: bool = False
    ) -> None:
        self.clock_start, self.provisional = start, provisional
        self.clock.append(ClockChange(on=on, start=start, reason=reason, provisional=provisional))

    def _new_permit(self, valid_from: date, valid_to: date) -> None:
        self._periods.append([(valid_from, valid_to)])
        self._ends.append(None)
        self._print(valid_from, valid_to)

    def _extend(self, permit: PermitValidity, day: date, valid_to: date) -> None:
        """Go on from `day`: the last period where it has not ended, else a new one."""
        periods = self._periods[-1]
        first, last = periods[-1]
        if day <= last + _DAY:
            periods[-1] = (first, valid_to)
        else:
            periods.append((day, valid_to))
        self._print(permit.valid_from, valid_to)

    def _print(self, valid_from: date, valid_to: date) -> None:
        validity = PermitValidity(valid_from=valid_from, valid_to=valid_to)
        self.permit = with_lapse(validity, self._calendar, self._parameters)
        self._ends[-1] = self.permit.lapses_on

    def _in_time(self, last: date, day: date) -> Deadline:
        """The limit as it is for an act on `day`; what needs no rolling rests on no notice."""
        if day <= last:
            return Deadline(last, provisional=False)
        return act_by(last, self._calendar, self._parameters)

    def _no_registration(self) -> None:
        if self.registered_on is not None:
            raise ImpossibleError("comes while a registration stands")

    def _registration(self) -> None:
        if self.registered_on is None:
            raise ImpossibleError("needs a registration that stands")

    def _lives_on(self, day: date) -> bool:
        permit = self.permit
        return (
            permit is not None
            and permit.cancelled_on is None
            and (permit.lapses_on is None or day < permit.lapses_on)
        )

    def _living_permit(self, day: date) -> PermitValidity:
        if self.permit is None or not self._lives_on(day):
            raise ImpossibleError("needs a permit that is not cancelled")
        return self.permit


def _declared_after(event: Registered | Moved | PermitBrought) -> None:
    if event.reported_on < event.happened_on:
        raise ImpossibleError("is declared before it happened")


def _prints_later(event: PermitIssued | Endorsed | TemporaryPermitHeld) -> None:
    if event.valid_to <= event.happened_on:
        raise ImpossibleError("prints an expiry that is not later")
