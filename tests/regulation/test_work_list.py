"""A stretch of last days of validity is a phase, and every permit in it is (article 20)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.calendar import mainland_calendar
from regulation.issue import issue_marks
from regulation.outcome import Mark
from regulation.parameters import AS_ISSUED, Parameters
from regulation.permit import PermitStage, PermitValidity, stage
from regulation.work_list import (
    ENTERING,
    Expiries,
    Phase,
    expiries,
    phase_of,
    warned_through,
)

_CALENDAR = mainland_calendar()
_DAY = timedelta(days=1)
_READINGS = (
    AS_ISSUED,
    AS_ISSUED.reading(R7="expiry-29"),
    AS_ISSUED.reading(R9="s+29"),
    AS_ISSUED.reading(R6="no-roll"),
)
_STAGES = {
    PermitStage.WINDOW: Phase.IN_WINDOW,
    PermitStage.GRACE: Phase.IN_GRACE,
    PermitStage.LAPSED: Phase.LAPSED,
}


def valid_to(expiry: date) -> PermitValidity:
    return PermitValidity(valid_from=expiry - timedelta(days=365), valid_to=expiry)


@given(
    day=st.dates(date(2024, 1, 1), date(2028, 12, 31)),
    away=st.integers(-120, 60),
    parameters=st.sampled_from(_READINGS),
)
def test_a_permit_is_in_the_phase_whose_stretch_holds_its_last_day(
    day: date, away: int, parameters: Parameters
) -> None:
    permit = valid_to(day + timedelta(days=away))
    found = [
        phase
        for phase in Phase
        if expiries(phase, day, _CALENDAR, parameters).holds(permit.valid_to)
    ]
    phase = phase_of(permit, day, _CALENDAR, parameters)
    assert found == ([] if phase is None else [phase])
    judged = _STAGES.get(stage(permit, day, _CALENDAR, parameters))
    if phase is not Phase.ENTERING_WINDOW:
        assert phase is judged
    else:
        later = stage(permit, day + ENTERING, _CALENDAR, parameters)
        assert (judged, later) == (None, PermitStage.WINDOW)


@pytest.mark.parametrize("parameters", _READINGS[:1])
def test_the_window_is_entered_seven_days_ahead_and_open_on_its_thirtieth_day_before(
    parameters: Parameters,
) -> None:
    permit = valid_to(date(2026, 11, 30))
    opens = date(2026, 10, 31)
    seen = {
        day: phase_of(permit, day, _CALENDAR, parameters)
        for day in (
            opens - ENTERING - _DAY, opens - ENTERING, opens - _DAY, opens, permit.valid_to,
            permit.valid_to + _DAY,
        )
    }  # fmt: skip
    assert list(seen.values()) == [
        None, Phase.ENTERING_WINDOW, Phase.ENTERING_WINDOW, Phase.IN_WINDOW, Phase.IN_WINDOW,
        Phase.IN_GRACE,
    ]  # fmt: skip


def test_the_grace_ends_on_a_working_day_and_the_permit_has_lapsed_on_the_next() -> None:
    # Suspended from 2026-01-15; the thirtieth day after it is Saturday 14 February 2026, a
    # make-up working day. A day later falls on the first of the Spring Festival's nine days off.
    made_up, rolled = valid_to(date(2026, 1, 14)), valid_to(date(2026, 1, 15))
    ends = {date(2026, 2, 14): made_up, date(2026, 2, 24): rolled}
    for last, permit in ends.items():
        assert phase_of(permit, last, _CALENDAR) is Phase.IN_GRACE
        assert phase_of(permit, last + _DAY, _CALENDAR) is Phase.LAPSED
        assert expiries(Phase.IN_GRACE, last, _CALENDAR).holds(permit.valid_to)
        assert expiries(Phase.LAPSED, last + _DAY, _CALENDAR).holds(permit.valid_to)


def test_a_cancelled_or_coming_permit_asks_nothing() -> None:
    day = date(2026, 11, 20)
    cancelled = PermitValidity(valid_from=day - 300 * _DAY, valid_to=day, cancelled_on=day)
    coming = PermitValidity(valid_from=day + _DAY, valid_to=day + 5 * _DAY)
    assert [phase_of(each, day, _CALENDAR) for each in (cancelled, coming)] == [None, None]


def test_a_stretch_has_both_ends_and_may_be_open_to_the_past() -> None:
    first, last = date(2026, 1, 1), date(2026, 1, 3)
    assert [Expiries(first, last).holds(first + n * _DAY) for n in range(-1, 4)] == [
        False, True, True, True, False,
    ]  # fmt: skip
    assert Expiries(None, last).holds(date.min)


@pytest.mark.parametrize("parameters", [AS_ISSUED, AS_ISSUED.reading(R19="15-days")])
def test_what_was_accepted_by_the_day_of_the_warning_is_due_soon(parameters: Parameters) -> None:
    day = date(2026, 11, 20)
    last = warned_through(day, parameters)
    assert issue_marks(last, day=day, parameters=parameters) == (Mark.DUE_SOON,)
    assert issue_marks(last + _DAY, day=day, parameters=parameters) == ()
