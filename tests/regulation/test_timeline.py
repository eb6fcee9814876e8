"""Status and clock on any day, past and future, and why the clock stands where it does.

Articles 17, 19, 20, 23, 32; readings R1, R9, R10, R12, R13, R20, R23, R24.
"""

from calendar import monthrange
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import pytest
from hypothesis import given, settings

from regulation.calendar import WorkingCalendar
from regulation.history import (
    CardReplaced,
    Endorsed,
    Event,
    HistoryError,
    Moved,
    PermitBrought,
    PermitCancelled,
    PermitIssued,
    Registered,
    RegistrationClosed,
    Standing,
    TemporaryPermitHeld,
    acted_on,
    standing,
)
from regulation.permit import CancelGround, PermitStatus, PermitValidity, first_expiry, status
from regulation.residence import ClockReason
from tests.regulation.lives import CALENDAR, lives

_DAY = timedelta(days=1)
_HONGSHAN, _HEXIGTEN = "150402", "150425"
_REGISTERED = Registered(
    happened_on=date(2023, 10, 9), reported_on=date(2023, 10, 9), division=_HONGSHAN
)
_ISSUED = PermitIssued(happened_on=date(2024, 11, 20), valid_to=date(2025, 11, 20))
_HOLDER: tuple[Event, ...] = (_REGISTERED, _ISSUED)


def _stand(*events: Event) -> Standing:
    return standing(events, CALENDAR)


def _endorsed(day: date, expiry: date) -> Endorsed:
    return Endorsed(happened_on=day, valid_to=expiry)


def _why(now: Standing) -> list[tuple[date, date | None, ClockReason]]:
    return [(change.on, change.start, change.reason) for change in now.clock]


_TWICE_LATE = _stand(
    *_HOLDER,
    _endorsed(date(2026, 1, 15), date(2027, 1, 15)),
    _endorsed(date(2027, 3, 1), date(2028, 3, 1)),
)


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2024, 11, 19), None),
        (date(2024, 11, 20), PermitStatus.ACTIVE),
        (date(2025, 11, 20), PermitStatus.ACTIVE),
        (date(2025, 11, 21), PermitStatus.SUSPENDED),
        (date(2026, 1, 14), PermitStatus.SUSPENDED),
        (date(2026, 1, 15), PermitStatus.ACTIVE),
        (date(2027, 1, 15), PermitStatus.ACTIVE),
        (date(2027, 1, 16), PermitStatus.SUSPENDED),
        (date(2027, 2, 28), PermitStatus.SUSPENDED),
        (date(2027, 3, 1), PermitStatus.ACTIVE),
        (date(2028, 3, 1), PermitStatus.ACTIVE),
        (date(2028, 3, 2), PermitStatus.SUSPENDED),
        (date(2040, 1, 1), PermitStatus.SUSPENDED),
    ],
)
def test_a_gap_that_a_late_endorsement_closed_still_shows_on_its_days(
    day: date, expected: PermitStatus | None
) -> None:
    assert _TWICE_LATE.status_on(day) is expected


def test_two_late_endorsements_in_a_row_restart_the_clock_twice() -> None:
    assert _why(_TWICE_LATE) == [
        (date(2023, 10, 9), date(2023, 10, 9), ClockReason.REGISTERED),
        (date(2026, 1, 15), date(2026, 1, 15), ClockReason.ENDORSED_AFTER_GRACE),
        (date(2027, 3, 1), date(2027, 3, 1), ClockReason.ENDORSED_AFTER_GRACE),
    ]
    assert [change.on for change in _TWICE_LATE.restarts] == [date(2026, 1, 15), date(2027, 3, 1)]
    assert _TWICE_LATE.clock_start == date(2027, 3, 1)


@pytest.mark.parametrize(
    ("day", "start"),
    [
        (date(2023, 10, 8), None),
        (date(2023, 10, 9), date(2023, 10, 9)),
        (date(2026, 1, 14), date(2023, 10, 9)),
        (date(2026, 1, 15), date(2026, 1, 15)),
        (date(2027, 2, 28), date(2026, 1, 15)),
        (date(2030, 1, 1), date(2027, 3, 1)),
    ],
)
def test_the_clock_of_a_past_day_is_what_it_was_then(day: date, start: date | None) -> None:
    assert _TWICE_LATE.clock_on(day) == start


def test_an_endorsement_in_the_grace_closes_the_gap_and_keeps_the_clock() -> None:
    now = _stand(*_HOLDER, _endorsed(date(2025, 12, 22), date(2026, 11, 20)))
    assert now.status_on(date(2025, 12, 21)) is PermitStatus.SUSPENDED
    assert now.status_on(date(2025, 12, 22)) is PermitStatus.ACTIVE
    assert now.restarts == ()


def test_an_endorsement_on_the_first_suspended_day_leaves_no_gap() -> None:
    now = _stand(*_HOLDER, _endorsed(date(2025, 11, 21), date(2026, 11, 20)))
    (life,) = now.permits
    assert life.periods == ((date(2024, 11, 20), date(2026, 11, 20)),)


def test_an_endorsement_on_the_second_suspended_day_leaves_one_day() -> None:
    now = _stand(*_HOLDER, _endorsed(date(2025, 11, 22), date(2026, 11, 20)))
    (life,) = now.permits
    assert life.periods == (
        (date(2024, 11, 20), date(2025, 11, 20)),
        (date(2025, 11, 22), date(2026, 11, 20)),
    )
    assert now.status_on(date(2025, 11, 21)) is PermitStatus.SUSPENDED


def test_every_change_of_the_clock_names_article_reading_and_both_languages() -> None:
    late = Moved(happened_on=date(2025, 3, 3), reported_on=date(2025, 5, 20), division=_HEXIGTEN)
    (restart,) = _stand(*_HOLDER, late).restarts
    assert (restart.on, restart.reason) == (date(2025, 5, 20), ClockReason.MOVE_REPORTED_LATE)
    assert (restart.reason.article, restart.reason.reading) == ("19", "R12")
    for reason in ClockReason:
        assert reason.article.isdecimal()
        assert reason.reading.startswith("R")
        assert reason.zh
        assert reason.en


def test_a_registration_after_a_closed_one_is_a_restart_with_no_clock_between() -> None:
    now = _stand(
        *_HOLDER,
        RegistrationClosed(happened_on=date(2025, 6, 12)),
        Registered(happened_on=date(2025, 8, 1), reported_on=date(2025, 8, 1), division=_HONGSHAN),
    )
    assert now.clock_on(date(2025, 6, 11)) == date(2023, 10, 9)
    assert now.clock_on(date(2025, 6, 12)) is None
    assert now.clock_on(date(2025, 7, 31)) is None
    assert now.clock_on(date(2025, 8, 1)) == date(2025, 8, 1)
    assert [change.reason for change in now.restarts] == [ClockReason.REGISTERED]


def test_a_new_permit_speaks_from_its_issue_and_the_cancelled_one_until_then() -> None:
    now = _stand(
        *_HOLDER,
        PermitCancelled(happened_on=date(2025, 6, 10), ground=CancelGround.OTHER),
        PermitIssued(happened_on=date(2025, 9, 18), valid_to=date(2026, 9, 18)),
    )
    assert now.status_on(date(2025, 6, 9)) is PermitStatus.ACTIVE
    assert now.status_on(date(2025, 6, 10)) is PermitStatus.CANCELLED
    assert now.status_on(date(2025, 9, 17)) is PermitStatus.CANCELLED
    assert now.status_on(date(2025, 9, 18)) is PermitStatus.ACTIVE
    assert now.restarts == ()


@pytest.mark.parametrize(
    ("reported", "start", "reason"),
    [
        (date(2025, 6, 19), date(2025, 6, 10), ClockReason.CAME_WITH_PERMIT),
        (date(2025, 7, 10), date(2025, 6, 10), ClockReason.CAME_WITH_PERMIT),
        (date(2025, 7, 11), date(2025, 7, 11), ClockReason.MOVE_REPORTED_LATE),
    ],
)
def test_a_permit_from_another_league_stays_valid_and_the_time_here_starts_with_the_move(
    reported: date, start: date, reason: ClockReason
) -> None:
    brought = PermitBrought(
        happened_on=date(2025, 6, 10),
        reported_on=reported,
        division="150404",
        valid_from=date(2025, 3, 31),
        valid_to=date(2026, 3, 31),
    )
    now = _stand(brought)
    assert now.permit == PermitValidity(valid_from=date(2025, 3, 31), valid_to=date(2026, 3, 31))
    assert _why(now) == [(reported, start, reason)]
    # It was valid before it came here, and is endorsed like any other.
    assert now.status_on(date(2025, 4, 1)) is PermitStatus.ACTIVE
    endorsed = _stand(brought, _endorsed(date(2026, 3, 31), date(2027, 3, 31)))
    assert endorsed.clock_start == start


@pytest.mark.parametrize(
    ("registered", "start"),
    [
        (date(2017, 6, 30), date(2017, 3, 6)),
        (date(2017, 9, 5), date(2017, 3, 6)),
        # 30 days after expiry is 5 October, in the National Day holidays: the 9th is worked.
        (date(2017, 10, 9), date(2017, 3, 6)),
        (date(2017, 10, 10), date(2017, 10, 10)),
        (date(2018, 2, 1), date(2018, 2, 1)),
    ],
)
def test_a_temporary_permit_that_is_continued_in_time_starts_the_clock(
    registered: date, start: date
) -> None:
    now = _stand(
        TemporaryPermitHeld(happened_on=date(2017, 3, 6), valid_to=date(2017, 9, 5)),
        Registered(happened_on=registered, reported_on=registered, division=_HONGSHAN),
    )
    assert now.clock_start == start
    continued = now.clock[0].reason is ClockReason.TEMPORARY_PERMIT_CONTINUED
    assert continued is (start == date(2017, 3, 6))
    assert now.restarts == ()


def test_temporary_permits_that_follow_on_each_other_count_from_the_first() -> None:
    registered = Registered(
        happened_on=date(2018, 3, 1), reported_on=date(2018, 3, 1), division=_HONGSHAN
    )
    first = TemporaryPermitHeld(happened_on=date(2016, 9, 6), valid_to=date(2017, 3, 5))
    next_day = TemporaryPermitHeld(happened_on=date(2017, 3, 6), valid_to=date(2018, 3, 5))
    later = TemporaryPermitHeld(happened_on=date(2017, 3, 7), valid_to=date(2018, 3, 5))
    assert _stand(first, next_day, registered).clock_start == date(2016, 9, 6)
    assert _stand(first, later, registered).clock_start == date(2017, 3, 7)


_IMPOSSIBLE: dict[str, tuple[Event, ...]] = {
    "a move out of Inner Mongolia": (
        _REGISTERED,
        Moved(happened_on=date(2025, 6, 1), reported_on=date(2025, 6, 2), division="110105"),
    ),
    "a permit brought while registered": (
        _REGISTERED,
        PermitBrought(
            happened_on=date(2025, 6, 1),
            reported_on=date(2025, 6, 2),
            division=_HONGSHAN,
            valid_from=date(2025, 1, 1),
            valid_to=date(2026, 1, 1),
        ),
    ),
    "a permit brought before it was issued": (
        PermitBrought(
            happened_on=date(2025, 6, 1),
            reported_on=date(2025, 6, 2),
            division=_HONGSHAN,
            valid_from=date(2025, 6, 2),
            valid_to=date(2026, 6, 2),
        ),
    ),
    "a temporary permit while registered": (
        _REGISTERED,
        TemporaryPermitHeld(happened_on=date(2024, 1, 1), valid_to=date(2024, 6, 1)),
    ),
    "a temporary permit that expires at once": (
        TemporaryPermitHeld(happened_on=date(2017, 3, 6), valid_to=date(2017, 3, 6)),
    ),
}


@pytest.mark.parametrize("events", list(_IMPOSSIBLE.values()), ids=list(_IMPOSSIBLE))
def test_events_that_cannot_have_happened_are_refused(events: tuple[Event, ...]) -> None:
    with pytest.raises(HistoryError) as caught:
        _stand(*events)
    assert caught.value.position == len(events)


# --- properties ----------------------------------------------------------------------------------


@dataclass
class _Person:
    """A life lived day by day, without any fold: what the text says happens on each day."""

    calendar: WorkingCalendar
    clock: date | None = None
    valid_to: date | None = None
    state: PermitStatus | None = None
    suspended_days: int = 0
    grace_is_over: bool = False

    def live(self, day: date) -> None:
        if self.state is PermitStatus.ACTIVE and self.valid_to is not None and day > self.valid_to:
            self.state, self.suspended_days, self.grace_is_over = PermitStatus.SUSPENDED, 0, False
        elif self.state is PermitStatus.SUSPENDED:
            self.suspended_days += 1
            # The thirtieth day, and the days off after it, still belong to the grace.
            worked_before = self.calendar.is_working_day(day - _DAY)
            if self.suspended_days > 30 and worked_before:
                self.grace_is_over = True

    def act(self, event: Event, day: date) -> None:
        match event:
            case Registered():
                self.clock = day
            case PermitBrought():
                self.clock = event.happened_on if self._within_a_month(event, day) else day
                self.valid_to, self.state = event.valid_to, PermitStatus.ACTIVE
            case Moved():
                if not self._within_a_month(event, day):
                    self.clock = day
            case PermitIssued():
                self.valid_to, self.state = event.valid_to, PermitStatus.ACTIVE
            case Endorsed():
                if self.state is PermitStatus.SUSPENDED and self.grace_is_over:
                    self.clock = day
                self.valid_to, self.state = event.valid_to, PermitStatus.ACTIVE
            case PermitCancelled():
                self.state = PermitStatus.CANCELLED
            case RegistrationClosed():
                self.clock = None
            case CardReplaced() | TemporaryPermitHeld():
                pass

    def _within_a_month(self, event: Moved | PermitBrought, day: date) -> bool:
        year, month = event.happened_on.year, event.happened_on.month + 1
        if month > 12:
            year, month = year + 1, 1
        last = date(year, month, min(event.happened_on.day, monthrange(year, month)[1]))
        while not self.calendar.is_working_day(last):
            last += _DAY
        return day <= last


def _day_by_day(
    events: Sequence[Event], until: date
) -> Iterator[tuple[date, PermitStatus | None, date | None]]:
    person = _Person(CALENDAR)
    day = acted_on(events[0]) - _DAY
    first = events[0]
    if isinstance(first, PermitBrought):
        # What it was before it came is on the card: the days here begin with the declaration.
        day = min(day, first.valid_to + _DAY)
        person.valid_to, person.state = first.valid_to, PermitStatus.ACTIVE
    left = list(events)
    while day <= until:
        person.live(day)
        while left and acted_on(left[0]) == day:
            event = left.pop(0)
            if event is not first or not isinstance(first, PermitBrought):
                person.act(event, day)
            else:
                state = person.state
                person.act(event, day)
                person.state = state
        yield day, person.state, person.clock
        day += _DAY


# No time limit for an example: a busy machine is not a wrong fold.
@settings(deadline=None)
@given(lives())
def test_status_and_clock_on_every_day_are_those_of_a_life_lived_day_by_day(
    events: list[Event],
) -> None:
    now = _stand(*events)
    for day, state, clock in _day_by_day(events, acted_on(events[-1]) + timedelta(days=500)):
        assert now.status_on(day) is state or day < acted_on(events[0])
        assert now.clock_on(day) == clock or day < acted_on(events[0])


@settings(deadline=None)
@given(lives())
def test_a_day_is_not_changed_by_what_happens_after_it(events: list[Event]) -> None:
    whole = _stand(*events)
    for n in range(1, len(events)):
        known = _stand(*events[:n])
        before = acted_on(events[n]) - _DAY
        if before < acted_on(events[n - 1]):
            continue
        assert whole.clock_on(before) == known.clock_on(before)
        assert whole.status_on(before) is known.status_on(before)


@settings(deadline=None)
@given(lives())
def test_the_last_day_of_a_life_is_what_its_standing_says(events: list[Event]) -> None:
    now = _stand(*events)
    for later in (0, 1, 31, 366, 5000):
        day = acted_on(events[-1]) + timedelta(days=later)
        expected = None if now.permit is None else status(now.permit, day)
        assert now.status_on(day) is expected
        assert now.clock_on(day) == now.clock_start


@settings(deadline=None)
@given(lives())
def test_while_registered_the_clock_never_runs_back(events: list[Event]) -> None:
    now = _stand(*events)
    starts = [change.start for change in now.clock if change.start is not None]
    assert starts == sorted(starts)
    assert all(change.start is None or change.start <= change.on for change in now.clock)


@settings(deadline=None)
@given(lives())
def test_left_alone_a_permit_never_comes_back(events: list[Event]) -> None:
    now = _stand(*events)
    day = acted_on(events[-1])
    order = [PermitStatus.ACTIVE, PermitStatus.SUSPENDED, PermitStatus.CANCELLED]
    seen = [now.status_on(day + timedelta(days=30 * n)) for n in range(40)]
    ranks = [order.index(state) for state in seen if state is not None]
    assert ranks == sorted(ranks)


def test_an_endorsement_printed_shorter_than_the_old_expiry_counts_from_its_day() -> None:
    odd = _stand(*_HOLDER, _endorsed(date(2025, 11, 10), date(2025, 11, 15)))
    assert odd.status_on(date(2025, 11, 15)) is PermitStatus.ACTIVE
    assert odd.status_on(date(2025, 11, 16)) is PermitStatus.SUSPENDED


def test_a_year_on_29_february_is_lived_to_the_28th() -> None:
    issued = PermitIssued(happened_on=date(2024, 2, 29), valid_to=first_expiry(date(2024, 2, 29)))
    now = _stand(_REGISTERED, issued)
    assert now.status_on(date(2025, 2, 28)) is PermitStatus.ACTIVE
    assert now.status_on(date(2025, 3, 1)) is PermitStatus.SUSPENDED
