"""What the Measures cost in CPU: status, clock, deadlines and 27 entitlements of one person.

The peer beside ours is a plain walk over every day from the first event to the day asked about, as
a nightly job that keeps the state would have done it. It tells status and clock only, and must
agree on both before anything is timed.

`python -m benchmarks.measures` prints the figures; with `--batch 1000000` it decides about so many
persons in a row, with a progress bar.
"""

import argparse
import random
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from statistics import median

from tqdm import tqdm

from regulation.calendar import WorkingCalendar, mainland_calendar
from regulation.dates import add_months
from regulation.entitlement import Entitlement, entitlements
from regulation.history import (
    CardReplaced,
    Endorsed,
    Event,
    Moved,
    PermitIssued,
    Registered,
    Standing,
    acted_on,
    standing,
)
from regulation.permit import (
    PermitStatus,
    expiry_endorsed,
    first_expiry,
    grace_ends,
    status,
    suspended_from,
    window_opens,
)
from regulation.residence import HALF_A_YEAR, THREE_YEARS, completed_on

TODAY = date(2026, 11, 22)
PERSONS = 2000
BATCH = 1_000_000
ROUNDS = 9
SAMPLE = 100
_DAY = timedelta(days=1)
_COUNTIES = ("150402", "150404", "150425", "150430")

Life = tuple[Event, ...]


class DisagreementError(AssertionError):
    """The peer answers otherwise than ours: there is nothing to compare."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is told about one person on one day."""

    status: PermitStatus
    clock_start: date | None
    deadlines: tuple[date, ...]
    entitlements: tuple[Entitlement, ...]


@dataclass(frozen=True, slots=True)
class MeasureCosts:
    """Microseconds of CPU for one person, each a median; events are a mean."""

    persons: int
    events: float
    ours: float
    day_by_day: float

    @property
    def per_second(self) -> float:
        """Persons a second on one core."""
        return 1e6 / self.ours


@dataclass(frozen=True, slots=True)
class BatchCosts:
    """A batch of decisions on one core."""

    persons: int
    cpu_seconds: float


def lives(persons: int) -> list[Life]:
    """Invent holders: registered, issued, endorsed in time, in the grace or late, moved."""
    draw = random.Random(20170622)  # noqa: S311  # lives are drawn alike each time, no secret
    calendar = mainland_calendar()
    return [_life(draw, calendar) for _ in range(persons)]


def _life(draw: random.Random, calendar: WorkingCalendar) -> Life:
    day = date(2019, 1, 1) + timedelta(days=draw.randint(0, 1500))
    events: list[Event] = [
        Registered(happened_on=day, reported_on=day, division=draw.choice(_COUNTIES))
    ]
    day = add_months(day, HALF_A_YEAR) + timedelta(days=draw.randint(0, 60))
    events.append(PermitIssued(happened_on=day, valid_to=first_expiry(day)))
    while True:
        permit = standing(events, calendar).permit
        if permit is None:
            return tuple(events)
        if draw.random() < 1 / 4:
            moved = day + timedelta(days=draw.randint(1, 200))
            declared = moved + timedelta(days=draw.randint(0, 45))
            division = draw.choice(_COUNTIES)
            events.append(Moved(happened_on=moved, reported_on=declared, division=division))
        elif draw.random() < 1 / 8:
            events.append(CardReplaced(happened_on=day + timedelta(days=draw.randint(1, 200))))
        late = draw.choice((-20, -10, -1, 10, 60))
        day = max(permit.valid_to + timedelta(days=late), acted_on(events[-1]))
        if day > TODAY:
            return tuple(event for event in events if acted_on(event) <= TODAY)
        events.append(Endorsed(happened_on=day, valid_to=expiry_endorsed(permit, day, calendar)))


def ours(life: Life, calendar: WorkingCalendar) -> Told:
    """What the service works out."""
    now = standing(life, calendar)
    active = _status(now)
    return Told(
        status=active,
        clock_start=now.clock_start,
        deadlines=_deadlines(now, calendar),
        entitlements=entitlements(active=active is PermitStatus.ACTIVE),
    )


def day_by_day(life: Life, calendar: WorkingCalendar) -> tuple[PermitStatus, date | None]:
    """Status and clock by a walk over every day."""
    clock: date | None = None
    valid_to = grace = date.max
    state = PermitStatus.PENDING
    left = list(reversed(life))
    day = acted_on(life[0])
    while day <= TODAY:
        if state is PermitStatus.ACTIVE and day > valid_to:
            state = PermitStatus.SUSPENDED
            grace = calendar.roll_forward(day + timedelta(days=30)).day
        while left and acted_on(left[-1]) == day:
            match left.pop():
                case Registered():
                    clock = day
                case Moved() as moved:
                    kept = calendar.roll_forward(add_months(moved.happened_on, 1)).day
                    clock = clock if day <= kept else day
                case Endorsed() as endorsed:
                    late = state is PermitStatus.SUSPENDED and day > grace
                    clock = day if late else clock
                    state, valid_to = PermitStatus.ACTIVE, endorsed.valid_to
                case PermitIssued() as issued:
                    state, valid_to = PermitStatus.ACTIVE, issued.valid_to
                case _:
                    pass
        day += _DAY
    return state, clock


def _status(now: Standing) -> PermitStatus:
    return PermitStatus.PENDING if now.permit is None else status(now.permit, TODAY)


def _deadlines(now: Standing, calendar: WorkingCalendar) -> tuple[date, ...]:
    if now.permit is None or now.clock_start is None:
        return ()
    return (
        window_opens(now.permit),
        suspended_from(now.permit),
        grace_ends(now.permit, calendar).day,
        completed_on(now.clock_start, months=HALF_A_YEAR),
        completed_on(now.clock_start, months=THREE_YEARS),
    )


def measure_costs(*, persons: int = PERSONS, rounds: int = ROUNDS) -> MeasureCosts:
    """Compare, then measure.

    Raises:
        DisagreementError: The peer does not agree.
    """
    calendar = mainland_calendar()
    every = lives(persons)
    sample = every[:SAMPLE]
    for life in sample:
        told = ours(life, calendar)
        if (told.status, told.clock_start) != day_by_day(life, calendar):
            raise DisagreementError
    return MeasureCosts(
        persons=persons,
        events=sum(map(len, every)) / persons,
        ours=_of(lambda life: ours(life, calendar), every, rounds),
        day_by_day=_of(lambda life: day_by_day(life, calendar), sample, rounds),
    )


def measure_batch(*, persons: int = BATCH) -> BatchCosts:
    """Decide about many persons in a row; lives repeat, nothing of one is kept for the next."""
    calendar = mainland_calendar()
    every = lives(min(persons, PERSONS))
    began = time.thread_time()
    with tqdm(
        total=persons, unit=" persons", file=sys.stderr, mininterval=0.5, disable=None
    ) as bar:
        for done in range(persons):
            ours(every[done % len(every)], calendar)
            if done % 1000 == 0:
                bar.update(1000)
    return BatchCosts(persons, time.thread_time() - began)


def _of(step: Callable[[Life], object], every: Sequence[Life], rounds: int) -> float:
    taken: list[float] = []
    for _ in range(rounds):
        began = time.thread_time()
        for life in every:
            step(life)
        taken.append((time.thread_time() - began) / len(every))
    return median(taken) * 1e6


def lines(costs: MeasureCosts) -> list[tuple[str, str]]:
    """The figures as pairs of a title and a value."""
    told = "status, clock, deadlines and 27 entitlements of one person"
    return [
        (f"{told}, {costs.events:.1f} events", f"{costs.ours:,.1f} µs"),
        ("the same, persons a second on one core", f"{costs.per_second:,.0f}"),
        (
            "status and clock alone, walked day by day ÷ ours",
            f"{costs.day_by_day / costs.ours:.1f}",
        ),
    ]


def batch_line(costs: BatchCosts) -> tuple[str, str]:
    """The figure of a batch as a title and a value."""
    title = f"the same for {costs.persons:,} persons in a row, CPU on one core"
    return title, f"{costs.cpu_seconds:,.0f} s"


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.measures", description=__doc__)
    parser.add_argument("--batch", type=int, metavar="PERSONS", help="decide about so many, once")
    arguments = parser.parse_args()
    if arguments.batch is not None:
        if arguments.batch < 1:
            parser.error("--batch: from 1")
        found = [batch_line(measure_batch(persons=arguments.batch))]
    else:
        found = lines(measure_costs())
    for title, value in found:
        print(f"{title}: {value}")


if __name__ == "__main__":
    main()
