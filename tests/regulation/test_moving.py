"""Changes of address (article 19; R4, R5, R6, R12, R13, R14)."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.calendar import mainland_calendar
from regulation.history import Moved, Registered, standing
from regulation.moving import (
    MoveDecision,
    MoveReport,
    NoMoveError,
    decide_departure,
    decide_move,
    keeps_time_until,
)
from regulation.outcome import Gap, Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters
from regulation.permit import CancelGround, PermitStatus, PermitValidity

_CALENDAR = mainland_calendar()
_CLOCK = date(2023, 10, 9)
_HONGSHAN, _YUANBAOSHAN, _SONGSHAN, _HEXIGTEN = "150402", "150403", "150404", "150425"
_TONGLIAO = "150502"
_PERMIT = PermitValidity(valid_from=date(2025, 4, 1), valid_to=date(2026, 3, 31))
_MOVED = MoveReport(
    moves=(date(2025, 6, 10),),
    to=_HONGSHAN,
    come_from=_HONGSHAN,
    clock_start=_CLOCK,
    permit=_PERMIT,
    hukou="150429",
    materials=frozenset({"resident_id_card", "proof_of_new_residence"}),
)


def _decide(report: MoveReport, day: date, parameters: Parameters = AS_ISSUED) -> MoveDecision:
    return decide_move(report, day=day, calendar=_CALENDAR, parameters=parameters)


@pytest.mark.parametrize(
    ("moved", "day", "on_time", "kept"),
    [
        # Seven working days; the corresponding day of the next month.
        (date(2025, 6, 10), date(2025, 6, 19), True, True),
        (date(2025, 6, 10), date(2025, 6, 20), False, True),
        (date(2025, 6, 10), date(2025, 7, 10), False, True),
        (date(2025, 6, 10), date(2025, 7, 11), False, False),
        # The month ends on 28 February, a Friday, and on Sunday 2026-03-01.
        (date(2025, 1, 31), date(2025, 2, 28), False, True),
        (date(2025, 1, 31), date(2025, 3, 1), False, False),
        (date(2026, 2, 1), date(2026, 3, 2), False, True),
        (date(2026, 2, 1), date(2026, 3, 3), False, False),
        # A month later lies in Spring Festival 2026: 24 February is worked.
        (date(2026, 1, 15), date(2026, 2, 24), False, True),
        (date(2026, 1, 15), date(2026, 2, 25), False, False),
        # Onto a make-up Sunday.
        (date(2024, 1, 11), date(2024, 2, 18), False, True),
        (date(2024, 1, 11), date(2024, 2, 19), False, False),
        # Over the turn of the year, and onto 29 February.
        (date(2025, 12, 5), date(2026, 1, 5), False, True),
        (date(2025, 12, 5), date(2026, 1, 6), False, False),
        (date(2024, 1, 30), date(2024, 2, 29), False, True),
        (date(2024, 1, 30), date(2024, 3, 1), False, False),
    ],
)
def test_late_after_seven_working_days_and_counted_afresh_after_a_month(
    moved: date, day: date, *, on_time: bool, kept: bool
) -> None:
    told = _decide(replace(_MOVED, moves=(moved,)), day)
    assert told.outcome is Outcome.RECORDED
    assert told.on_time is on_time
    assert (Mark.LATE in told.marks) is not on_time
    assert told.clock_start == (_CLOCK if kept else day)
    assert (Mark.CLOCK_RESTARTED in told.marks) is not kept
    assert told.fee is not None
    assert told.fee.free
    assert told.proceeding is None


def test_the_last_day_that_keeps_the_time_is_told() -> None:
    told = _decide(_MOVED, date(2025, 7, 10))
    assert told.continuity_deadline == keeps_time_until(date(2025, 6, 10), _CALENDAR)
    assert told.continuity_deadline is not None
    assert told.continuity_deadline.day == date(2025, 7, 10)
    assert told.deadline is not None
    assert told.deadline.day == date(2025, 6, 19)


def test_of_several_unreported_moves_the_earliest_is_judged() -> None:
    report = replace(
        _MOVED,
        moves=(date(2025, 5, 12), date(2025, 3, 3)),
        permit=None,
        clock_start=date(2025, 1, 6),
    )
    told = _decide(report, date(2025, 5, 20))
    assert (told.outcome, told.clock_start) == (Outcome.RECORDED, date(2025, 5, 20))
    latest = _decide(report, date(2025, 5, 20), AS_ISSUED.reading(R12="latest-move"))
    assert latest.clock_start == date(2025, 1, 6)
    assert latest.on_time is True


def test_a_move_to_another_county_keeps_the_time_unless_read_otherwise() -> None:
    report = replace(_MOVED, moves=(date(2025, 4, 8),), to=_HEXIGTEN, clock_start=date(2025, 1, 6))
    told = _decide(report, date(2025, 4, 15))
    assert told.clock_start == date(2025, 1, 6)
    assert told.competent_office == _HEXIGTEN
    assert "R13" in {applied.id for applied in told.readings}
    county = _decide(report, date(2025, 4, 15), AS_ISSUED.reading(R13="county-half-year"))
    assert county.clock_start == date(2025, 4, 15)


@pytest.mark.parametrize(
    ("day", "start"),
    [(date(2025, 6, 19), date(2025, 6, 10)), (date(2025, 7, 11), date(2025, 7, 11))],
)
def test_a_permit_from_another_league_stays_valid_and_the_time_here_starts_with_the_move(
    day: date, start: date
) -> None:
    report = replace(_MOVED, to=_SONGSHAN, come_from=_TONGLIAO, clock_start=None, hukou="150522")
    told = _decide(report, day)
    assert told.outcome is Outcome.RECORDED
    assert (told.status, told.valid_to) == (PermitStatus.ACTIVE, date(2026, 3, 31))
    assert told.new_application_needed is False
    assert told.competent_office == _SONGSHAN
    assert told.clock_start == start


def test_a_move_to_another_league_leaves_the_permit_valid() -> None:
    told = _decide(replace(_MOVED, to=_TONGLIAO), date(2025, 6, 19))
    assert (told.outcome, told.status) == (Outcome.RECORDED, PermitStatus.ACTIVE)
    assert told.competent_office == _TONGLIAO
    assert told.proceeding is None


def test_leaving_the_region_is_no_change_of_address() -> None:
    told = _decide(replace(_MOVED, to="110105"), date(2025, 6, 12))
    assert told.reasons == (Reason.LEFT_THE_REGION,)
    assert told.proceeding == "23(2)"
    assert told.articles == ("23(2)",)
    assert (told.on_time, told.deadline) == (None, None)
    assert told.status is PermitStatus.ACTIVE
    assert told == decide_departure(replace(_MOVED, to="110105"), day=date(2025, 6, 12))
    for day in (date(2025, 3, 31), date(2026, 4, 1)):
        # Issued later or suspended: it is a permit all the same.
        assert decide_departure(replace(_MOVED, to="110105"), day=day).proceeding == "23(2)"
    without = decide_departure(replace(_MOVED, to="110105", permit=None), day=date(2025, 6, 12))
    assert without.proceeding is None


def test_a_holder_who_moves_into_the_three_districts_is_recorded_and_a_proceeding_follows() -> None:
    report = replace(_MOVED, come_from=_HEXIGTEN, to=_SONGSHAN, hukou=_YUANBAOSHAN)
    told = _decide(report, date(2025, 6, 12))
    assert told.outcome is Outcome.RECORDED
    assert told.reasons == (Reason.THREE_DISTRICT_EXCLUSION,)
    assert told.proceeding == "23(2)"
    assert told.status is PermitStatus.ACTIVE
    assert told.clock_start == _CLOCK
    without = _decide(replace(report, permit=None), date(2025, 6, 12))
    assert (without.outcome, without.proceeding) == (Outcome.RECORDED, None)
    otherwise = _decide(report, date(2025, 6, 12), AS_ISSUED.reading(R14="no-registration"))
    assert otherwise.outcome is Outcome.OUT_OF_SCOPE


def test_a_holder_who_moves_to_the_hukou_county_no_longer_qualifies() -> None:
    told = _decide(replace(_MOVED, to=_HEXIGTEN, hukou=_HEXIGTEN), date(2025, 6, 12))
    assert (told.reasons, told.proceeding) == ((Reason.SAME_COUNTY_HUKOU,), "23(2)")


def test_a_late_report_does_not_end_the_permit_unless_read_so() -> None:
    assert _decide(_MOVED, date(2025, 7, 11)).proceeding is None
    ends = _decide(_MOVED, date(2025, 7, 11), AS_ISSUED.reading(R12="ends-permit"))
    assert (ends.reasons, ends.proceeding) == ((Reason.RESIDENCE_UNDER_HALF_YEAR,), "23(2)")


def test_a_suspended_permit_stays_suspended() -> None:
    expired = replace(_PERMIT, valid_to=date(2025, 6, 1))
    told = _decide(replace(_MOVED, permit=expired), date(2025, 6, 12))
    assert (told.outcome, told.status) == (Outcome.RECORDED, PermitStatus.SUSPENDED)


def test_after_a_cancellation_there_is_nothing_to_proceed_against() -> None:
    cancelled = replace(_PERMIT, cancelled_on=date(2025, 6, 1), ground=CancelGround.OTHER)
    told = _decide(replace(_MOVED, permit=cancelled, to="110105"), date(2025, 6, 12))
    assert told.proceeding is None


def test_what_cannot_be_recorded_says_why() -> None:
    future = _decide(_MOVED, date(2025, 6, 9))
    assert (future.outcome, future.reasons) == (
        Outcome.REJECTED_INPUT,
        (Reason.DATE_IN_FUTURE,),
    )
    elsewhere = _decide(replace(_MOVED, office=_HEXIGTEN), date(2025, 6, 12))
    assert (elsewhere.outcome, elsewhere.competent_office) == (Outcome.REDIRECTED, _HONGSHAN)
    unknown = _decide(replace(_MOVED, clock_start=None, permit=None), date(2025, 6, 12))
    assert (unknown.outcome, unknown.reasons) == (Outcome.REFUSED, (Reason.NOT_REGISTERED,))
    with pytest.raises(NoMoveError):
        _decide(replace(_MOVED, moves=()), date(2025, 6, 12))


@pytest.mark.parametrize(
    ("materials", "missing"),
    [
        ({"passport", "lease_contract"}, ()),
        ({"lease_contract"}, (Gap.PROOF_OF_IDENTITY,)),
        ({"resident_id_card"}, (Gap.PROOF_OF_RESIDENCE,)),
        (set[str](), (Gap.PROOF_OF_IDENTITY, Gap.PROOF_OF_RESIDENCE)),
    ],
)
def test_any_valid_proof_of_identity_and_one_of_the_new_dwelling_are_asked_for(
    materials: set[str], missing: tuple[Gap, ...]
) -> None:
    told = _decide(replace(_MOVED, materials=frozenset(materials)), date(2025, 6, 12))
    assert told.missing == missing
    assert (told.outcome is Outcome.INCOMPLETE) is bool(missing)
    assert _decide(replace(_MOVED, materials=None), date(2025, 6, 12)).missing == ()


def test_a_year_without_a_holiday_notice_makes_the_answer_provisional() -> None:
    told = _decide(replace(_MOVED, moves=(date(2029, 1, 10),)), date(2029, 1, 12))
    assert Mark.PROVISIONAL in told.marks


@given(st.dates(date(2018, 1, 1), date(2024, 12, 31)), st.integers(0, 60))
def test_decision_and_history_agree_on_the_clock(moved: date, days: int) -> None:
    day = date.fromordinal(moved.toordinal() + days)
    told = _decide(replace(_MOVED, moves=(moved,), permit=None, clock_start=date(2017, 7, 3)), day)
    registered = Registered(
        happened_on=date(2017, 7, 3), reported_on=date(2017, 7, 3), division=_HONGSHAN
    )
    event = Moved(happened_on=moved, reported_on=day, division=_HONGSHAN)
    assert standing([registered, event], _CALENDAR).clock_start == told.clock_start
