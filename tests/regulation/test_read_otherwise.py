"""Clock and permit where a reading is chosen otherwise: what changes, and on which day."""

from datetime import date

import pytest

from regulation.history import (
    CardReplaced,
    Endorsed,
    Event,
    HistoryError,
    Moved,
    PermitCancelled,
    PermitIssued,
    Registered,
    Standing,
    TemporaryPermitHeld,
    standing,
)
from regulation.parameters import AS_ISSUED, Parameters, Schedule
from regulation.permit import (
    CancelGround,
    PermitStatus,
    PermitValidity,
    expiry_endorsed,
    first_expiry,
    grace_ends,
    is_active,
    status,
    window_opens,
)
from regulation.residence import ClockReason, completed_on, continuous_at_least
from tests.regulation.lives import CALENDAR

_HONGSHAN, _HEXIGTEN = "150402", "150425"
_PERMIT = PermitValidity(valid_from=date(2024, 11, 20), valid_to=date(2025, 11, 20))
_REGISTERED = Registered(
    happened_on=date(2023, 10, 9), reported_on=date(2023, 10, 9), division=_HONGSHAN
)
_HOLDER: tuple[Event, ...] = (
    _REGISTERED,
    PermitIssued(happened_on=date(2024, 11, 20), valid_to=date(2025, 11, 20)),
)


def _read(reading: str, choice: str) -> Parameters:
    return AS_ISSUED.reading(**{reading: choice})


def _stand(parameters: Parameters, *events: Event) -> Standing:
    return standing(events, CALENDAR, parameters)


@pytest.mark.parametrize(
    ("choice", "registered", "start"),
    [
        ("arrival", date(2025, 6, 19), date(2025, 6, 10)),
        ("arrival", date(2025, 9, 1), date(2025, 6, 10)),
        ("arrival-if-timely", date(2025, 6, 19), date(2025, 6, 10)),
        ("arrival-if-timely", date(2025, 6, 20), date(2025, 6, 20)),
    ],
)
def test_r1_the_clock_may_start_with_the_arrival(
    choice: str, registered: date, start: date
) -> None:
    event = Registered(happened_on=date(2025, 6, 10), reported_on=registered, division=_HONGSHAN)
    now = _stand(_read("R1", choice), event)
    assert now.clock_start == start
    assert now.clock_on(registered) == start
    assert _stand(AS_ISSUED, event).clock_start == registered


def test_r3_a_period_may_be_full_a_day_later() -> None:
    readings = _read("R3", "next-day").readings
    start = date(2024, 9, 2)
    assert completed_on(start, months=6, readings=readings) == date(2025, 3, 3)
    for day, full in ((date(2025, 3, 2), False), (date(2025, 3, 3), True)):
        assert continuous_at_least(start, months=6, day=day, readings=readings) is full


def test_r4_extensions_may_come_back_to_29_february() -> None:
    parameters = _read("R4", "anchored")
    permit = PermitValidity(valid_from=date(2024, 2, 29), valid_to=date(2027, 2, 28))
    day = date(2027, 2, 28)
    assert expiry_endorsed(permit, day, CALENDAR) == date(2028, 2, 28)
    assert expiry_endorsed(permit, day, CALENDAR, parameters) == date(2028, 2, 29)
    # Issued on another day, or extended into a common year: no other day to come back to.
    other = PermitValidity(valid_from=date(2023, 2, 28), valid_to=date(2027, 2, 28))
    assert expiry_endorsed(other, day, CALENDAR, parameters) == date(2028, 2, 28)
    common = PermitValidity(valid_from=date(2024, 2, 29), valid_to=date(2026, 2, 28))
    assert expiry_endorsed(common, date(2026, 2, 28), CALENDAR, parameters) == date(2027, 2, 28)


def test_r6_the_last_day_may_stay_where_it_is() -> None:
    parameters = _read("R6", "no-roll")
    assert grace_ends(_PERMIT, CALENDAR).day == date(2025, 12, 22)
    assert grace_ends(_PERMIT, CALENDAR, parameters).day == date(2025, 12, 21)
    assert not grace_ends(_PERMIT, CALENDAR.through(2024), parameters).provisional
    moved = Moved(happened_on=date(2025, 9, 1), reported_on=date(2025, 10, 9), division=_HEXIGTEN)
    assert _stand(AS_ISSUED, _REGISTERED, moved).clock_start == date(2023, 10, 9)
    assert _stand(parameters, _REGISTERED, moved).clock_start == date(2025, 10, 9)


def test_r7_the_window_may_open_a_day_later() -> None:
    assert window_opens(_PERMIT, _read("R7", "expiry-29")) == date(2025, 10, 22)


def test_r8_a_permit_may_end_a_day_earlier() -> None:
    parameters = _read("R8", "day-before")
    assert first_expiry(date(2025, 3, 20), parameters) == date(2026, 3, 19)
    assert first_expiry(date(2025, 3, 1), parameters) == date(2026, 2, 28)
    assert first_expiry(date(2023, 3, 1), parameters) == date(2024, 2, 29)


@pytest.mark.parametrize(
    ("endorsed", "restarts"), [(date(2025, 6, 16), True), (date(2025, 6, 13), False)]
)
def test_r9_the_grace_may_end_a_day_earlier(endorsed: date, *, restarts: bool) -> None:
    # Expired on 2025-05-15: S + 29 is Saturday 06-14, rolled to the 16th; S + 30 the 15th, rolled
    # to the 16th as well. Expired on the 14th: S + 29 is Friday the 13th.
    holder = (
        _REGISTERED,
        PermitIssued(happened_on=date(2024, 5, 14), valid_to=date(2025, 5, 14)),
        Endorsed(happened_on=endorsed, valid_to=date(2026, 5, 14)),
    )
    assert bool(_stand(_read("R9", "s+29"), *holder).restarts) is restarts
    assert not _stand(AS_ISSUED, *holder).restarts


def test_r10_a_permit_may_end_by_itself_after_the_grace() -> None:
    parameters = _read("R10", "lapses")
    now = _stand(parameters, *_HOLDER)
    assert now.permit is not None
    for day, expected in (
        (date(2025, 11, 20), PermitStatus.ACTIVE),
        (date(2025, 11, 21), PermitStatus.SUSPENDED),
        (date(2025, 12, 22), PermitStatus.SUSPENDED),
        (date(2025, 12, 23), PermitStatus.CANCELLED),
    ):
        assert now.status_on(day) is expected
        assert status(now.permit, day) is expected
    late = Endorsed(happened_on=date(2025, 12, 23), valid_to=date(2026, 12, 23))
    with pytest.raises(HistoryError):
        _stand(parameters, *_HOLDER, late)
    in_time = Endorsed(happened_on=date(2025, 12, 22), valid_to=date(2026, 11, 20))
    assert (
        _stand(parameters, *_HOLDER, in_time).status_on(date(2025, 12, 23)) is PermitStatus.ACTIVE
    )
    again = PermitIssued(happened_on=date(2025, 12, 23), valid_to=date(2026, 12, 23))
    renewed = _stand(parameters, *_HOLDER, again)
    assert renewed.status_on(date(2025, 12, 23)) is PermitStatus.ACTIVE
    assert renewed.permit is not None
    assert is_active(renewed.permit, date(2026, 12, 23))
    with pytest.raises(HistoryError):
        _stand(AS_ISSUED, *_HOLDER, again)


@pytest.mark.parametrize(
    ("choice", "day", "expiry"),
    [
        ("old-expiry", date(2025, 11, 20), date(2026, 11, 20)),
        ("old-expiry", date(2027, 1, 20), date(2026, 11, 20)),
        ("endorsement-day", date(2025, 11, 10), date(2026, 11, 10)),
        ("endorsement-day", date(2027, 1, 20), date(2028, 1, 20)),
    ],
)
def test_r11_the_new_expiry_may_count_from_one_day_always(
    choice: str, day: date, expiry: date
) -> None:
    assert expiry_endorsed(_PERMIT, day, CALENDAR, _read("R11", choice)) == expiry


def test_r12_only_the_latest_move_may_count() -> None:
    reported = date(2025, 5, 20)
    moves = (
        Registered(happened_on=date(2025, 1, 6), reported_on=date(2025, 1, 6), division=_HONGSHAN),
        Moved(happened_on=date(2025, 3, 3), reported_on=reported, division=_HEXIGTEN),
        Moved(happened_on=date(2025, 5, 12), reported_on=reported, division=_HONGSHAN),
    )
    parameters = _read("R12", "latest-move")
    assert _stand(AS_ISSUED, *moves).clock_start == reported
    now = _stand(parameters, *moves)
    assert now.clock_start == date(2025, 1, 6)
    assert now.division == _HONGSHAN
    # Reported on days of their own, each is the latest.
    apart = Moved(happened_on=date(2025, 5, 12), reported_on=date(2025, 5, 21), division=_HEXIGTEN)
    assert _stand(parameters, *moves[:2], apart).clock_start == reported


def test_r13_half_a_year_may_be_asked_for_in_each_county() -> None:
    parameters = _read("R13", "county-half-year")
    registered = Registered(
        happened_on=date(2025, 1, 6), reported_on=date(2025, 1, 6), division=_HONGSHAN
    )
    there = Moved(happened_on=date(2025, 4, 8), reported_on=date(2025, 4, 15), division=_HEXIGTEN)
    now = _stand(parameters, registered, there)
    assert now.clock_start == date(2025, 4, 15)
    assert now.restarts[0].reason is ClockReason.COUNTY_CHANGED
    within = Moved(
        happened_on=date(2025, 4, 8), reported_on=date(2025, 4, 15), division="150402003"
    )
    assert _stand(parameters, registered, within).clock_start == date(2025, 1, 6)
    assert _stand(AS_ISSUED, registered, there).clock_start == date(2025, 1, 6)


def test_r20_a_new_card_may_begin_a_new_year() -> None:
    replaced = CardReplaced(happened_on=date(2025, 6, 10))
    now = _stand(_read("R20", "new-year"), *_HOLDER, replaced)
    assert now.permit is not None
    assert now.permit.valid_to == date(2026, 6, 10)
    assert now.status_on(date(2026, 6, 10)) is PermitStatus.ACTIVE
    assert now.clock_start == date(2023, 10, 9)


def test_r23_the_time_may_count_from_the_cancellation() -> None:
    cancelled = PermitCancelled(
        happened_on=date(2025, 6, 10), ground=CancelGround.NO_LONGER_QUALIFIES
    )
    now = _stand(_read("R23", "from-cancellation"), *_HOLDER, cancelled)
    assert now.clock_start == date(2025, 6, 10)
    assert now.restarts[0].reason is ClockReason.PERMIT_CANCELLED
    assert _stand(AS_ISSUED, *_HOLDER, cancelled).restarts == ()


@pytest.mark.parametrize(
    ("choice", "registered", "continued"),
    [
        ("no-limit", date(2017, 12, 20), True),
        ("at-expiry", date(2017, 7, 9), True),
        ("at-expiry", date(2017, 7, 10), False),
        ("within-30-days", date(2017, 8, 8), True),
        ("within-30-days", date(2017, 8, 9), False),
    ],
)
def test_r24_the_gap_after_a_temporary_permit(
    choice: str, registered: date, *, continued: bool
) -> None:
    now = _stand(
        _read("R24", choice),
        TemporaryPermitHeld(happened_on=date(2017, 4, 10), valid_to=date(2017, 7, 9)),
        Registered(happened_on=registered, reported_on=registered, division=_HONGSHAN),
    )
    assert now.clock_start == (date(2017, 4, 10) if continued else registered)


@pytest.mark.parametrize(
    ("choice", "expired", "continued"),
    [
        ("2017-06-22", date(2017, 6, 21), False),
        ("2017-06-22", date(2017, 6, 22), True),
        ("2017-06-23", date(2017, 6, 22), False),
        ("2017-06-23", date(2017, 6, 23), True),
    ],
)
def test_r25_a_temporary_permit_counts_if_it_was_valid_when_the_measures_took_effect(
    choice: str, expired: date, *, continued: bool
) -> None:
    now = _stand(
        _read("R25", choice),
        TemporaryPermitHeld(happened_on=date(2016, 12, 1), valid_to=expired),
        Registered(
            happened_on=date(2017, 6, 26), reported_on=date(2017, 6, 26), division=_HONGSHAN
        ),
    )
    assert now.clock_start == (date(2016, 12, 1) if continued else date(2017, 6, 26))


def test_each_act_is_judged_by_what_held_on_its_day() -> None:
    dated = Schedule(
        (
            Parameters(
                version="2026-1",
                since=date(2026, 1, 1),
                readings=AS_ISSUED.readings.choosing({"R6": "no-roll"}),
            ),
        )
    )

    def moved(day: date, reported: date) -> Moved:
        return Moved(happened_on=day, reported_on=reported, division=_HEXIGTEN)

    # A month after 1 September 2025 and after 18 January 2026 lies in holidays.
    before = moved(date(2025, 9, 1), date(2025, 10, 9))
    after = moved(date(2026, 1, 18), date(2026, 2, 24))
    assert standing([_REGISTERED, before], CALENDAR, dated).restarts == ()
    assert standing([_REGISTERED, after], CALENDAR, AS_ISSUED).restarts == ()
    (restart,) = standing([_REGISTERED, before, after], CALENDAR, dated).restarts
    assert restart.on == date(2026, 2, 24)
