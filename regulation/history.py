"""From a person's dated events to where they stand (articles 2, 17, 18, 19, 20, 23, 32).

`standing` is a pure fold over events in the order in which the office acted: the residence clock,
the registration and the permit, with every change of the clock and every period of every permit.
The clock starts with the registration (R1) or with a temporary permit that it continues (R24); it
starts again with a move reported after more than a month (R12), an endorsement after the grace
(R10) and a new registration. Timely moves and endorsements, new cards and cancellations leave it
alone (R13, R20, R23). Where a reading is chosen otherwise, so is what it says.

Never: looks at the clock on the wall, decides whether an act may be done, or reads an event that
cannot have happened: `HistoryError` says at which place the sequence breaks.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from itertools import zip_longest

from regulation.calendar import WorkingCalendar
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
    acted_on,
)
from regulation.fold import Fold, ImpossibleError
from regulation.parameters import AS_ISSUED, Parameters, Schedule
from regulation.permit import PermitLife, PermitStatus, PermitValidity, status_on
from regulation.residence import ClockChange, clock_on

__all__ = [
    "CardReplaced",
    "Endorsed",
    "Event",
    "HistoryError",
    "Moved",
    "PermitBrought",
    "PermitCancelled",
    "PermitIssued",
    "Registered",
    "RegistrationClosed",
    "Standing",
    "TemporaryPermitHeld",
    "acted_on",
    "standing",
]


_LATEST_MOVE = "latest-move"


class HistoryError(ValueError):
    """The events cannot have happened in this order. Positions count from 1."""

    def __init__(self, position: int, event: Event, problem: str) -> None:
        super().__init__(
            f"event {position} ({type(event).__name__}) {problem}: correct the recorded events"
        )
        self.position = position


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Where a person stands after all events, and how it came about.

    `permit` is the latest one, also when cancelled; `permits` are all with their periods.
    `provisional` says that the clock rests on a deadline in a year without a holiday notice (R30).
    """

    registered_on: date | None = None
    division: str | None = None
    address_from: date | None = None
    clock_start: date | None = None
    permit: PermitValidity | None = None
    provisional: bool = False
    clock: tuple[ClockChange, ...] = ()
    permits: tuple[PermitLife, ...] = ()

    @property
    def restarts(self) -> tuple[ClockChange, ...]:
        """Every change by which the clock, once it had run, began afresh."""
        starts = [change for change in self.clock if change.start is not None]
        return tuple(starts[1:])

    def status_on(self, day: date) -> PermitStatus | None:
        """Return what the permit was, is or will be on `day`; None before the first."""
        return status_on(self.permits, day)

    def clock_on(self, day: date) -> date | None:
        """Return the day from which residence counted, as it stood at the end of `day`."""
        return clock_on(self.clock, day)


def standing(
    events: Iterable[Event],
    calendar: WorkingCalendar,
    policy: Parameters | Schedule = AS_ISSUED,
) -> Standing:
    """Fold the events, given in the order in which the office acted.

    Each act is judged by what held on its day, where `policy` is a city's dated one.

    Raises:
        HistoryError: the events cannot have happened so.
    """
    fold = Fold(calendar)
    last = date.min
    for position, event in enumerate(_judged(events, policy), start=1):
        acted = acted_on(event)
        if acted < last:
            raise HistoryError(position, event, "lies before the one that precedes it")
        last = acted
        try:
            fold.apply(event, _on(policy, acted))
        except ImpossibleError as error:
            raise HistoryError(position, event, str(error)) from None
    return Standing(
        registered_on=fold.registered_on,
        division=fold.division,
        address_from=fold.address_from,
        clock_start=fold.clock_start,
        permit=fold.permit,
        provisional=fold.provisional,
        clock=tuple(fold.clock),
        permits=fold.lives(),
    )


def _judged(events: Iterable[Event], policy: Parameters | Schedule) -> Iterable[Event]:
    """Of moves declared on one day keep the latest, where R12 is read so; else keep them all."""
    if not isinstance(policy, Schedule) and policy.chosen("R12") != _LATEST_MOVE:
        return events
    every = list(events)
    return [
        event
        for event, following in zip_longest(every, every[1:])
        if not (
            isinstance(event, Moved)
            and isinstance(following, Moved)
            and event.reported_on == following.reported_on
            and event.happened_on <= following.happened_on
            and _on(policy, event.reported_on).chosen("R12") == _LATEST_MOVE
        )
    ]


def _on(policy: Parameters | Schedule, day: date) -> Parameters:
    return policy.on(day)
