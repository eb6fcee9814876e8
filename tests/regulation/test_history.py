"""From events to clock, registration and permit (articles 2, 17 to 20, 23; R1, R8 to R13, R23)."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulation.calendar import WorkingCalendar, mainland_calendar
from regulation.history import (
    CardReplaced,
    Endorsed,
    Event,
    HistoryError,
    Moved,
    PermitCancelled,
    PermitIssued,
    Registered,
    RegistrationClosed,
    Standing,
    acted_on,
    standing,
)
from regulation.parameters import AS_ISSUED, Parameters, Schedule
from regulation.permit import CancelGround, PermitStatus, PermitValidity, first_expiry, status

_CALENDAR = mainland_calendar()
_HONGSHAN, _HEXIGTEN = "150402", "150425"


def _registered(day: date, arrived: date | None = None) -> Registered:
    return Registered(happened_on=arrived or day, reported_on=day, division=_HONGSHAN)


def _moved(day: date, reported: date) -> Moved:
    return Moved(happened_on=day, reported_on=reported, division=_HEXIGTEN)


def _issued(day: date) -> PermitIssued:
    return PermitIssued(happened_on=day, valid_to=first_expiry(day))


_REGISTERED = _registered(date(2023, 10, 9))
_ISSUED = _issued(date(2024, 11, 20))
_HOLDER: tuple[Event, ...] = (_REGISTERED, _ISSUED)


def _stand(*events: Event) -> Standing:
    return standing(events, _CALENDAR)


def test_without_events_there_is_nothing() -> None:
    assert _stand() == Standing()


def test_the_clock_starts_on_the_day_of_registration_not_of_arrival() -> None:
    now = _stand(_registered(date(2024, 9, 2), arrived=date(2024, 1, 2)))
    assert now.clock_start == now.registered_on == date(2024, 9, 2)
    assert now.division == _HONGSHAN
    assert now.permit is None


def test_a_permit_is_valid_from_its_issue_to_its_printed_date() -> None:
    printed = PermitIssued(happened_on=date(2025, 3, 20), valid_to=date(2026, 3, 19))
    assert _stand(_REGISTERED, printed).permit == PermitValidity(
        valid_from=date(2025, 3, 20), valid_to=date(2026, 3, 19)
    )


@pytest.mark.parametrize(
    ("moved", "reported", "clock"),
    [
        # The corresponding day of the next month is the last, rolled where it is a day off.
        (date(2025, 6, 10), date(2025, 7, 10), date(2023, 10, 9)),
        (date(2025, 6, 10), date(2025, 7, 11), date(2025, 7, 11)),
        (date(2025, 1, 31), date(2025, 2, 28), date(2023, 10, 9)),
        (date(2025, 1, 31), date(2025, 3, 1), date(2025, 3, 1)),
        (date(2025, 9, 1), date(2025, 10, 9), date(2023, 10, 9)),
        (date(2025, 9, 1), date(2025, 10, 10), date(2025, 10, 10)),
    ],
)
def test_a_move_unreported_for_more_than_a_month_restarts_the_clock(
    moved: date, reported: date, clock: date
) -> None:
    now = _stand(_REGISTERED, _moved(moved, reported))
    assert now.clock_start == clock
    assert now.division == _HEXIGTEN
    assert now.registered_on == date(2023, 10, 9)


def test_a_restarted_clock_does_not_end_the_permit() -> None:
    now = _stand(*_HOLDER, _moved(date(2025, 3, 3), date(2025, 5, 20)))
    assert now.clock_start == date(2025, 5, 20)
    assert now.permit == _stand(*_HOLDER).permit


def test_of_several_unreported_moves_the_earliest_counts() -> None:
    reported = date(2025, 5, 20)
    now = _stand(
        _registered(date(2025, 1, 6)),
        _moved(date(2025, 3, 3), reported),
        _moved(date(2025, 5, 12), reported),
    )
    assert now.clock_start == reported
    assert now.address_from == date(2025, 5, 12)


@pytest.mark.parametrize(
    ("endorsed", "clock"),
    [
        (date(2025, 10, 21), date(2023, 10, 9)),
        (date(2025, 11, 20), date(2023, 10, 9)),
        (date(2025, 11, 21), date(2023, 10, 9)),
        (date(2025, 12, 21), date(2023, 10, 9)),
        (date(2025, 12, 22), date(2023, 10, 9)),
        (date(2025, 12, 23), date(2025, 12, 23)),
        (date(2027, 1, 20), date(2027, 1, 20)),
    ],
)
def test_an_endorsement_after_the_grace_restarts_the_clock(endorsed: date, clock: date) -> None:
    printed = date(2028, 1, 20)
    now = _stand(*_HOLDER, Endorsed(happened_on=endorsed, valid_to=printed))
    assert now.clock_start == clock
    assert now.permit is not None
    assert now.permit.valid_to == printed
    assert status(now.permit, endorsed) is PermitStatus.ACTIVE


def test_a_replaced_card_changes_nothing() -> None:
    assert _stand(*_HOLDER, CardReplaced(happened_on=date(2025, 6, 10))) == _stand(*_HOLDER)


@pytest.mark.parametrize("ground", list(CancelGround))
def test_a_cancellation_ends_the_permit_and_leaves_the_clock(ground: CancelGround) -> None:
    now = _stand(*_HOLDER, PermitCancelled(happened_on=date(2025, 6, 10), ground=ground))
    assert now.permit is not None
    assert (now.permit.cancelled_on, now.permit.ground) == (date(2025, 6, 10), ground)
    assert now.clock_start == date(2023, 10, 9)


def test_after_a_cancellation_a_new_permit_may_be_issued() -> None:
    cancelled = PermitCancelled(
        happened_on=date(2025, 6, 10), ground=CancelGround.NO_LONGER_QUALIFIES
    )
    now = _stand(*_HOLDER, cancelled, _issued(date(2025, 9, 18)))
    assert now.permit == PermitValidity(valid_from=date(2025, 9, 18), valid_to=date(2026, 9, 18))
    assert now.clock_start == date(2023, 10, 9)


def test_a_closed_registration_ends_the_clock_and_a_new_one_starts_it_afresh() -> None:
    closed = RegistrationClosed(happened_on=date(2025, 6, 12))
    now = _stand(*_HOLDER, closed)
    assert (now.registered_on, now.clock_start, now.division) == (None, None, None)
    assert now.permit == _stand(*_HOLDER).permit
    again = _stand(*_HOLDER, closed, _registered(date(2025, 8, 1)))
    assert again.clock_start == date(2025, 8, 1)


def test_a_clock_that_rests_on_an_unknown_holiday_notice_is_provisional() -> None:
    registered = _registered(date(2028, 6, 1))
    # One month on is Saturday 2029-02-10: whether Monday is worked is not known yet.
    assert _stand(registered, _moved(date(2029, 1, 10), date(2029, 2, 12))).provisional
    assert _stand(registered, _moved(date(2029, 1, 10), date(2029, 2, 13))).provisional
    assert not _stand(registered, _moved(date(2029, 1, 10), date(2029, 2, 9))).provisional
    known = WorkingCalendar(
        years=frozenset({2029, 2030}), days_off=frozenset(), make_up_days=frozenset()
    )
    moves = (registered, _moved(date(2029, 1, 10), date(2029, 2, 13)))
    assert not standing(moves, known).provisional


def test_an_endorsement_after_an_unknown_holiday_notice_is_provisional() -> None:
    # S + 30 is Saturday 2029-02-10.
    holder = (
        _registered(date(2027, 6, 1)),
        PermitIssued(happened_on=date(2028, 1, 10), valid_to=date(2029, 1, 10)),
    )
    for day, provisional in ((9, False), (10, False), (12, True), (13, True)):
        endorsed = Endorsed(happened_on=date(2029, 2, day), valid_to=date(2030, 1, 10))
        assert _stand(*holder, endorsed).provisional is provisional


_CANCELLED = PermitCancelled(happened_on=date(2025, 6, 10), ground=CancelGround.OTHER)
_IMPOSSIBLE: dict[str, tuple[Event, ...]] = {
    "a move before any registration": (_moved(date(2025, 1, 1), date(2025, 1, 2)),),
    "a permit before any registration": (_ISSUED,),
    "a card without a permit": (_REGISTERED, CardReplaced(happened_on=date(2024, 1, 1))),
    "an endorsement without a permit": (
        _REGISTERED,
        Endorsed(happened_on=date(2024, 1, 1), valid_to=date(2025, 1, 1)),
    ),
    "a cancellation without a permit": (_REGISTERED, _CANCELLED),
    "a closing without a registration": (RegistrationClosed(happened_on=date(2025, 1, 1)),),
    "events out of order": (_ISSUED, _REGISTERED),
    "an event dated before the last": (*_HOLDER, CardReplaced(happened_on=date(2024, 11, 19))),
    "two registrations at once": (_REGISTERED, _registered(date(2024, 1, 1))),
    "two permits at once": (*_HOLDER, _issued(date(2025, 1, 1))),
    "two permits at once, the first expired": (*_HOLDER, _issued(date(2026, 1, 1))),
    "a registration declared before the arrival": (
        _registered(date(2024, 1, 1), arrived=date(2024, 1, 2)),
    ),
    "a move declared before it happened": (
        _REGISTERED,
        _moved(date(2024, 1, 2), date(2024, 1, 1)),
    ),
    "a move away before the arrival": (_REGISTERED, _moved(date(2023, 10, 8), date(2023, 10, 9))),
    "a permit that expires when issued": (
        _REGISTERED,
        PermitIssued(happened_on=date(2024, 11, 20), valid_to=date(2024, 11, 20)),
    ),
    "an endorsement before the window": (
        *_HOLDER,
        Endorsed(happened_on=date(2025, 10, 20), valid_to=date(2026, 11, 20)),
    ),
    "an endorsement that expires at once": (
        *_HOLDER,
        Endorsed(happened_on=date(2025, 11, 20), valid_to=date(2025, 11, 20)),
    ),
    "an endorsement after the cancellation": (
        *_HOLDER,
        _CANCELLED,
        Endorsed(happened_on=date(2025, 11, 10), valid_to=date(2026, 11, 20)),
    ),
    "a card after the cancellation": (
        *_HOLDER,
        _CANCELLED,
        CardReplaced(happened_on=date(2025, 6, 11)),
    ),
    "a second cancellation": (*_HOLDER, _CANCELLED, _CANCELLED),
    "an endorsement after the registration was closed": (
        *_HOLDER,
        RegistrationClosed(happened_on=date(2025, 6, 12)),
        Endorsed(happened_on=date(2025, 11, 10), valid_to=date(2026, 11, 20)),
    ),
}


@pytest.mark.parametrize("events", list(_IMPOSSIBLE.values()), ids=list(_IMPOSSIBLE))
def test_events_that_cannot_have_happened_are_refused(events: tuple[Event, ...]) -> None:
    with pytest.raises(HistoryError) as caught:
        _stand(*events)
    if events[0] is not _ISSUED:
        assert caught.value.position == len(events)
    assert f"event {caught.value.position} " in str(caught.value)
    assert "202" not in str(caught.value)


@st.composite
def _histories(draw: st.DrawFn) -> list[Event]:
    day = draw(st.dates(date(2020, 1, 1), date(2021, 12, 31)))
    events: list[Event] = [_registered(day)]
    permit: PermitValidity | None = None
    for _ in range(draw(st.integers(0, 8))):
        day += timedelta(days=draw(st.integers(0, 400)))
        lag = draw(st.integers(0, 60))
        now = _stand(*events)
        permit = now.permit
        choices: list[Event] = []
        if now.address_from is not None:
            choices.append(_moved(max(now.address_from, day - timedelta(days=lag)), day))
        if permit is None or permit.cancelled_on is not None:
            choices.append(_issued(day))
        else:
            choices += [
                CardReplaced(happened_on=day),
                PermitCancelled(happened_on=day, ground=CancelGround.OTHER),
            ]
            if day >= permit.valid_to - timedelta(days=30):
                choices.append(Endorsed(happened_on=day, valid_to=first_expiry(day)))
        events.append(draw(st.sampled_from(choices)))
    return events


# No time limit for an example: a busy machine is not a wrong fold.
@settings(deadline=None)
@given(_histories())
def test_the_clock_never_runs_ahead_of_the_last_act_nor_back(events: list[Event]) -> None:
    clocks = [_stand(*events[:n]).clock_start for n in range(1, len(events) + 1)]
    known = [clock for clock in clocks if clock is not None]
    assert len(known) == len(clocks)
    assert known == sorted(known)
    assert known[-1] <= acted_on(events[-1])
    assert set(known) <= {acted_on(event) for event in events}


@settings(deadline=None)
@given(_histories())
def test_a_history_folded_twice_stands_the_same(events: list[Event]) -> None:
    assert standing(iter(events), _CALENDAR) == _stand(*events)


@pytest.mark.parametrize("policy", [AS_ISSUED, Schedule()], ids=["one policy", "a dated one"])
def test_of_whom_nothing_happened_nothing_stands(policy: Parameters | Schedule) -> None:
    now = standing((), mainland_calendar(), policy)
    assert (now.registered_on, now.clock_start, now.permit) == (None, None, None)
