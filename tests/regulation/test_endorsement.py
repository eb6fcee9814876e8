"""The yearly endorsement: window, review, conditions, grace (articles 14, 20; R7 to R12)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulation.calendar import mainland_calendar
from regulation.endorsement import (
    EndorsementDecision,
    EndorsementRequest,
    Review,
    decide_endorsement,
    judge_review,
)
from regulation.evidence import QualifyingCondition
from regulation.history import Endorsed, PermitIssued, Registered, standing
from regulation.outcome import Actor, Gap, Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters
from regulation.permit import CancelGround, PermitStatus, PermitValidity, first_expiry

_CALENDAR = mainland_calendar()
_HOUSING = frozenset({QualifyingCondition.HOUSING})
_CLOCK = date(2023, 10, 9)
_HELD = EndorsementRequest(
    permit=PermitValidity(valid_from=date(2024, 11, 20), valid_to=date(2025, 11, 20)),
    clock_start=_CLOCK,
    review=Review.PASSED,
    conditions=_HOUSING,
    hukou="150429",
    division="150402",
    materials=frozenset({"residence_permit", "condition_evidence"}),
)


def _decide(
    request: EndorsementRequest, day: date, parameters: Parameters = AS_ISSUED
) -> EndorsementDecision:
    return decide_endorsement(request, day=day, calendar=_CALENDAR, parameters=parameters)


def test_a_day_before_the_window_it_is_refused_and_says_when_it_opens() -> None:
    early = _decide(_HELD, date(2025, 10, 20))
    assert (early.outcome, early.reasons) == (Outcome.REFUSED, (Reason.WINDOW_NOT_OPEN,))
    assert early.window == (date(2025, 10, 21), date(2025, 11, 20))
    assert early.earliest == date(2025, 10, 21)
    assert early.valid_to == date(2025, 11, 20)
    assert early.status is PermitStatus.ACTIVE


@pytest.mark.parametrize(
    ("day", "found", "reason", "expected"),
    [
        (date(2025, 10, 20), Review.PASSED, "", (Outcome.REFUSED, (Reason.WINDOW_NOT_OPEN,))),
        (date(2025, 10, 21), Review.PASSED, "", (Outcome.RECORDED, ())),
        (date(2026, 3, 1), Review.ADDRESS_DIFFERS, "", (Outcome.RECORDED, ())),
        (date(2025, 10, 21), Review.FAILED, "moved away", (Outcome.RECORDED, ())),
        (
            date(2025, 10, 21),
            Review.FAILED,
            " ",
            (Outcome.BLOCKED, (Reason.REFUSAL_WITHOUT_REASON,)),
        ),
    ],
    ids=["a day early", "window opens", "after the grace", "failed", "failed without a reason"],
)
def test_a_review_is_recorded_in_the_window_and_a_failed_one_with_its_reason(
    day: date, found: Review, reason: str, expected: tuple[Outcome, tuple[Reason, ...]]
) -> None:
    judged = judge_review(_HELD.permit, found, reason=reason, day=day)
    assert (judged.outcome, judged.reasons) == expected
    if judged.reasons == (Reason.WINDOW_NOT_OPEN,):
        assert judged.earliest == date(2025, 10, 21)


def test_no_permit_and_a_cancelled_one_are_not_reviewed() -> None:
    day = date(2025, 11, 1)
    cancelled = PermitValidity(
        valid_from=date(2024, 11, 20),
        valid_to=date(2025, 11, 20),
        cancelled_on=day,
        ground=CancelGround.LOCAL_HUKOU,
    )
    for permit, why in ((None, Reason.NO_PERMIT), (cancelled, Reason.PERMIT_CANCELLED)):
        judged = judge_review(permit, Review.PASSED, reason="", day=day)
        assert (judged.outcome, judged.reasons) == (Outcome.REFUSED, (why,))


@pytest.mark.parametrize(
    ("day", "before", "expiry", "clock"),
    [
        (date(2025, 10, 21), PermitStatus.ACTIVE, date(2026, 11, 20), _CLOCK),
        (date(2025, 11, 20), PermitStatus.ACTIVE, date(2026, 11, 20), _CLOCK),
        (date(2025, 11, 21), PermitStatus.SUSPENDED, date(2026, 11, 20), _CLOCK),
        (date(2025, 12, 22), PermitStatus.SUSPENDED, date(2026, 11, 20), _CLOCK),
        (date(2025, 12, 23), PermitStatus.SUSPENDED, date(2026, 12, 23), date(2025, 12, 23)),
        (date(2028, 2, 29), PermitStatus.SUSPENDED, date(2029, 2, 28), date(2028, 2, 29)),
    ],
)
def test_an_endorsement_adds_a_year_and_after_the_grace_restarts_the_clock(
    day: date, before: PermitStatus, expiry: date, clock: date
) -> None:
    made = _decide(_HELD, day)
    assert (made.outcome, made.status_before) == (Outcome.ENDORSED, before)
    assert (made.status, made.valid_to, made.clock_start) == (PermitStatus.ACTIVE, expiry, clock)
    assert (Mark.CLOCK_RESTARTED in made.marks) is (clock == day)
    assert made.fee is not None
    assert made.fee.free
    named = {applied.id for applied in made.readings}
    assert ("R10" in named) is (clock == day)


def test_after_one_endorsement_the_next_window_is_a_year_away() -> None:
    again = replace(
        _HELD, permit=PermitValidity(valid_from=date(2024, 11, 20), valid_to=date(2026, 11, 20))
    )
    assert _decide(again, date(2025, 11, 10)).reasons == (Reason.WINDOW_NOT_OPEN,)


def test_without_the_officers_review_it_waits_and_nothing_changes() -> None:
    waits = _decide(replace(_HELD, review=None), date(2025, 11, 10))
    assert (waits.outcome, waits.reasons) == (Outcome.PENDING, (Reason.POLICE_REVIEW_MISSING,))
    assert waits.valid_to == date(2025, 11, 20)
    assert waits.who is Actor.COMMUNITY_OFFICER
    assert waits.deadline is not None
    assert waits.deadline.day == date(2025, 11, 20)


def test_in_the_grace_a_missing_review_waits_until_the_grace_ends() -> None:
    waits = _decide(replace(_HELD, review=None), date(2025, 12, 1))
    assert waits.deadline is not None
    assert waits.deadline.day == date(2025, 12, 22)
    assert waits.status is PermitStatus.SUSPENDED


def test_without_any_condition_it_is_refused_in_writing_and_opens_a_proceeding() -> None:
    gone = replace(
        _HELD,
        conditions=frozenset(),
        review=Review.FAILED,
        review_reason="no employment, housing or schooling",
    )
    refused = _decide(gone, date(2025, 11, 10))
    assert (refused.outcome, refused.reasons) == (
        Outcome.REFUSED,
        (Reason.NO_QUALIFYING_CONDITION,),
    )
    assert refused.proceeding == "23(2)"
    assert Mark.REASON_IN_WRITING in refused.marks
    assert refused.valid_to == date(2025, 11, 20)
    assert refused.status is PermitStatus.ACTIVE


@pytest.mark.parametrize(
    ("hukou", "division", "reason"),
    [
        ("150402", "150402", Reason.SAME_COUNTY_HUKOU),
        ("150403", "150402", Reason.THREE_DISTRICT_EXCLUSION),
    ],
)
def test_a_hukou_that_excludes_a_permit_excludes_its_endorsement(
    hukou: str, division: str, reason: Reason
) -> None:
    both = replace(_HELD, hukou=hukou, division=division, conditions=frozenset())
    refused = _decide(both, date(2025, 11, 10))
    assert refused.reasons == (reason, Reason.NO_QUALIFYING_CONDITION)
    assert refused.proceeding == "23(2)"


def test_a_negative_review_refuses_only_with_its_reason() -> None:
    silent = _decide(replace(_HELD, review=Review.FAILED), date(2025, 11, 10))
    assert (silent.outcome, silent.reasons) == (
        Outcome.BLOCKED,
        (Reason.REFUSAL_WITHOUT_REASON,),
    )
    said = replace(_HELD, review=Review.FAILED, review_reason="does not live there")
    refused = _decide(said, date(2025, 11, 10))
    assert (refused.outcome, refused.reasons) == (Outcome.REFUSED, (Reason.POLICE_REVIEW_FAILED,))
    assert refused.proceeding is None


@pytest.mark.parametrize(
    "changes",
    [
        {"review": Review.ADDRESS_DIFFERS},
        {"unreported_move": date(2025, 11, 3)},
        {"review": Review.ADDRESS_DIFFERS, "unreported_move": date(2025, 11, 3)},
    ],
)
def test_an_address_that_was_never_reported_comes_first(changes: dict[str, object]) -> None:
    moved = replace(_HELD, **changes)  # type: ignore[arg-type]  # fields by name
    waits = _decide(moved, date(2025, 11, 10))
    assert (waits.outcome, waits.reasons) == (
        Outcome.PENDING,
        (Reason.ADDRESS_CHANGE_NOT_REPORTED,),
    )
    assert waits.who is Actor.HOLDER
    assert waits.articles == ("19", "20")
    anyway = _decide(moved, date(2025, 11, 10), AS_ISSUED.reading(R12="endorse-anyway"))
    assert anyway.outcome is Outcome.ENDORSED


def test_all_that_has_to_come_first_is_told_at_once() -> None:
    nothing = replace(
        _HELD, review=None, unreported_move=date(2025, 11, 3), materials=frozenset({"photo"})
    )
    waits = _decide(nothing, date(2025, 11, 10))
    assert waits.outcome is Outcome.INCOMPLETE
    assert waits.reasons == (
        Reason.ADDRESS_CHANGE_NOT_REPORTED,
        Reason.MATERIALS_MISSING,
        Reason.POLICE_REVIEW_MISSING,
    )
    assert waits.missing == (Gap.RESIDENCE_PERMIT, Gap.CONDITION_EVIDENCE)
    assert waits.deadline is not None
    assert waits.deadline.day == date(2025, 11, 12)


@pytest.mark.parametrize(
    ("materials", "missing"),
    [
        ({"residence_permit", "lease_contract"}, ()),
        ({"residence_permit", "photo"}, (Gap.CONDITION_EVIDENCE,)),
        ({"labour_contract"}, (Gap.RESIDENCE_PERMIT,)),
    ],
)
def test_the_file_holds_the_permit_and_evidence_of_one_condition(
    materials: set[str], missing: tuple[Gap, ...]
) -> None:
    decision = _decide(replace(_HELD, materials=frozenset(materials)), date(2025, 11, 10))
    assert decision.missing == missing
    assert (decision.outcome is Outcome.ENDORSED) is not bool(missing)


def test_what_is_no_permit_any_more_is_not_endorsed() -> None:
    none = _decide(replace(_HELD, permit=None), date(2025, 11, 10))
    assert (none.outcome, none.reasons) == (Outcome.REFUSED, (Reason.NO_PERMIT,))
    cancelled = PermitValidity(
        valid_from=date(2024, 11, 20),
        valid_to=date(2025, 11, 20),
        cancelled_on=date(2025, 6, 10),
        ground=CancelGround.OTHER,
    )
    over = _decide(replace(_HELD, permit=cancelled), date(2025, 11, 10))
    assert (over.outcome, over.reasons) == (Outcome.REFUSED, (Reason.PERMIT_CANCELLED,))
    assert over.status is PermitStatus.CANCELLED


@pytest.mark.parametrize(
    ("day", "outcome"),
    [(date(2025, 12, 22), Outcome.ENDORSED), (date(2025, 12, 23), Outcome.REFUSED)],
)
def test_r10_read_otherwise_a_permit_that_lapsed_is_not_endorsed(
    day: date, outcome: Outcome
) -> None:
    decision = _decide(_HELD, day, AS_ISSUED.reading(R10="lapses"))
    assert decision.outcome is outcome
    assert (decision.reasons == (Reason.PERMIT_LAPSED,)) is (outcome is Outcome.REFUSED)


@pytest.mark.parametrize(
    ("clock", "outcome"),
    [(date(2025, 5, 10), Outcome.ENDORSED), (date(2025, 5, 11), Outcome.REFUSED)],
)
def test_r12_read_otherwise_a_clock_under_half_a_year_ends_the_permit(
    clock: date, outcome: Outcome
) -> None:
    restarted = replace(_HELD, clock_start=clock)
    decision = _decide(restarted, date(2025, 11, 10), AS_ISSUED.reading(R12="ends-permit"))
    assert decision.outcome is outcome
    assert _decide(restarted, date(2025, 11, 10)).outcome is Outcome.ENDORSED


def test_a_grace_that_rests_on_an_unknown_holiday_notice_is_provisional() -> None:
    # S + 30 is Saturday 2029-02-10.
    permit = PermitValidity(valid_from=date(2028, 1, 10), valid_to=date(2029, 1, 10))
    for day, provisional in ((10, False), (12, True), (13, True)):
        decision = _decide(replace(_HELD, permit=permit), date(2029, 2, day))
        assert (Mark.PROVISIONAL in decision.marks) is provisional


@settings(deadline=None)
@given(st.dates(date(2019, 1, 1), date(2022, 12, 31)), st.lists(st.integers(-30, 500), max_size=5))
def test_decisions_and_history_agree_however_late_and_often(
    issued: date, delays: list[int]
) -> None:
    registered = issued - timedelta(days=400)
    events: list[Registered | PermitIssued | Endorsed] = [
        Registered(happened_on=registered, reported_on=registered, division="150402"),
        PermitIssued(happened_on=issued, valid_to=first_expiry(issued)),
    ]
    for delay in delays:
        now = standing(events, _CALENDAR)
        assert now.permit is not None
        day = max(now.permit.valid_to + timedelta(days=delay), issued)
        request = replace(_HELD, permit=now.permit, clock_start=now.clock_start)
        made = _decide(request, day)
        assert made.outcome is Outcome.ENDORSED
        assert made.valid_to is not None
        events.append(Endorsed(happened_on=day, valid_to=made.valid_to))
        after = standing(events, _CALENDAR)
        assert after.clock_start == made.clock_start
        assert after.status_on(day) is PermitStatus.ACTIVE
