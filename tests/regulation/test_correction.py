"""Corrections that departments ask for (articles 28, 30): two officials, a day, and silence."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from regulation.calendar import mainland_calendar
from regulation.correction import (
    CorrectionStatus,
    CorrectionStep,
    CorrectionTaken,
    NoCorrectionError,
    Pointing,
    ProposedRuling,
    Ruling,
    ToldOfCorrection,
    answer_changed,
    correction_standing,
    decide_by,
    judge_pointing,
    judge_ruling,
    told_of_correction,
)
from regulation.outcome import Decision, Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED

CALENDAR = mainland_calendar()
ASKED = date(2026, 3, 2)
DUE = date(2026, 3, 23)
"""Fifteen working days after Monday, 2 March 2026."""

NEXT = timedelta(days=1)
REQUESTED = CorrectionTaken(step=CorrectionStep.REQUESTED, day=ASKED, official="T-1")
MATCHED = CorrectionTaken(step=CorrectionStep.MATCHED, day=ASKED, official="clerk-1")
FOUND_CORRECT = frozenset({Reason.REGISTER_FOUND_CORRECT})
NOBODY = frozenset({Reason.HOLDER_NOT_IDENTIFIED})


def pointed(
    *, answered_on: date = ASKED, waiting: int = 0, known: bool = False, day: date = ASKED
) -> Decision:
    pointing = Pointing(answered_on=answered_on, waiting=waiting, known=known)
    return judge_pointing(pointing, day=day, calendar=CALENDAR)


def proposed(
    ruling: Ruling = Ruling.REFUSED,
    grounds: frozenset[Reason] = FOUND_CORRECT,
    *,
    by: str = "clerk-1",
    identified: bool = True,
    made: bool = False,
    reasoned: bool = False,
) -> ProposedRuling:
    return ProposedRuling(
        ruling=ruling,
        grounds=frozenset() if ruling is Ruling.ACCEPTED else grounds,
        reasoned=reasoned,
        official=by,
        identified=identified,
        act=2 if ruling is Ruling.ACCEPTED else None,
        made=made,
    )


def ruled(
    entry: ProposedRuling, *steps: CorrectionTaken, day: date = ASKED, due_on: date = DUE
) -> Decision:
    standing = correction_standing((REQUESTED, *steps))
    return judge_ruling(standing, entry, day=day, due_on=due_on)


def entered(
    entry: ProposedRuling, step: CorrectionStep = CorrectionStep.ENTERED
) -> CorrectionTaken:
    return CorrectionTaken(
        step=step,
        day=ASKED,
        official=entry.official,
        ruling=entry.ruling,
        grounds=entry.grounds,
        act=entry.act,
    )


def test_it_is_decided_within_fifteen_working_days_unless_the_city_sets_another_figure() -> None:
    assert decide_by(ASKED, CALENDAR).day == DUE
    values = replace(AS_ISSUED.values, correction_working_days=5)
    assert decide_by(ASKED, CALENDAR, replace(AS_ISSUED, values=values)).day == date(2026, 3, 9)
    assert "[LEGAL]" in AS_ISSUED.basis_of("correction_working_days")


def test_a_request_gets_the_day_until_which_it_is_decided() -> None:
    decision = pointed()
    assert decision.outcome is Outcome.ACCEPTED
    assert decision.deadline is not None
    assert decision.deadline.day == DUE
    assert not decision.goes_against


def test_the_ninetieth_day_after_an_answer_is_the_last_to_point_at_it() -> None:
    last = ASKED + timedelta(days=90)
    assert pointed(day=last).outcome is Outcome.ACCEPTED
    late = pointed(day=last + NEXT)
    assert (late.outcome, late.reasons) == (Outcome.BLOCKED, (Reason.ANSWER_TOO_OLD,))


def test_fifty_requests_wait_at_most() -> None:
    assert pointed(waiting=49).outcome is Outcome.ACCEPTED
    assert pointed(waiting=50).reasons == (Reason.TOO_MANY_CORRECTIONS,)


def test_what_was_requested_before_is_not_requested_again() -> None:
    again = pointed(known=True, waiting=50, day=ASKED + timedelta(days=400))
    assert (again.outcome, again.reasons) == (
        Outcome.NONE,
        (Reason.CORRECTION_REQUESTED_BEFORE,),
    )


@pytest.mark.parametrize("ruling", list(Ruling))
def test_a_decision_waits_until_another_official_enters_the_same(ruling: Ruling) -> None:
    first = proposed(ruling, made=True)
    held = ruled(first, MATCHED)
    assert (held.outcome, held.reasons) == (Outcome.HELD_FOR_REVIEW, (Reason.SAME_OFFICIAL,))
    assert ruled(first, MATCHED, entered(first)).outcome is Outcome.HELD_FOR_REVIEW
    second = proposed(ruling, made=True, by="clerk-2")
    done = ruled(second, MATCHED, entered(first))
    expected = Outcome.ANSWERED if ruling is Ruling.ACCEPTED else Outcome.NOT_MET
    assert done.outcome is expected
    assert not done.goes_against


@pytest.mark.parametrize(
    "other",
    [
        proposed(Ruling.ACCEPTED, made=True, by="clerk-2"),
        proposed(grounds=frozenset({Reason.PRESENTED_OTHERWISE}), by="clerk-2"),
    ],
    ids=["another ruling", "another ground"],
)
def test_another_decision_of_the_second_official_confirms_nothing(other: ProposedRuling) -> None:
    assert ruled(other, MATCHED, entered(proposed())).outcome is Outcome.HELD_FOR_REVIEW


def test_another_act_confirms_nothing() -> None:
    first = proposed(Ruling.ACCEPTED, made=True)
    second = replace(first, act=3, official="clerk-2")
    assert ruled(second, MATCHED, entered(first)).outcome is Outcome.HELD_FOR_REVIEW


def test_a_refusal_needs_a_ground_or_words() -> None:
    bare = ruled(proposed(grounds=frozenset()), MATCHED)
    assert (bare.outcome, bare.reasons) == (Outcome.BLOCKED, (Reason.REFUSAL_WITHOUT_REASON,))
    worded = ruled(proposed(grounds=frozenset(), reasoned=True), MATCHED)
    assert worded.outcome is Outcome.HELD_FOR_REVIEW


def test_nothing_is_accepted_that_no_act_has_corrected() -> None:
    blocked = ruled(proposed(Ruling.ACCEPTED), MATCHED)
    assert (blocked.outcome, blocked.reasons) == (Outcome.BLOCKED, (Reason.CORRECTION_NOT_MADE,))
    grounded = replace(proposed(Ruling.ACCEPTED, made=True), grounds=FOUND_CORRECT)
    assert ruled(grounded, MATCHED).reasons == (Reason.GROUND_OF_REFUSAL_ONLY,)


def test_of_nobody_only_that_is_said_and_not_before_the_last_day() -> None:
    nobody = proposed(grounds=NOBODY, identified=False)
    early = ruled(nobody, day=DUE - NEXT)
    assert (early.outcome, early.reasons) == (Outcome.BLOCKED, (Reason.HOLDER_MAY_STILL_COME,))
    assert early.earliest == DUE
    assert ruled(nobody, day=DUE).outcome is Outcome.HELD_FOR_REVIEW
    for entry in (proposed(identified=False), proposed(Ruling.ACCEPTED, identified=False)):
        assert ruled(entry, day=DUE).reasons == (Reason.HOLDER_NOT_IDENTIFIED,)
    assert ruled(proposed(grounds=NOBODY), MATCHED, day=DUE).reasons == (Reason.HOLDER_IDENTIFIED,)


def test_a_decision_after_the_last_day_is_marked_late() -> None:
    first, second = proposed(), proposed(by="clerk-2")
    on_time = ruled(second, MATCHED, entered(first), day=DUE)
    late = ruled(second, MATCHED, entered(first), day=DUE + NEXT)
    assert Mark.LATE not in on_time.marks
    assert Mark.LATE in late.marks


def test_a_request_is_decided_once_and_not_before_it_was_made() -> None:
    decided = entered(proposed(), CorrectionStep.DECIDED)
    again = ruled(proposed(by="clerk-2"), MATCHED, decided)
    assert (again.outcome, again.reasons) == (Outcome.NONE, (Reason.CORRECTION_DECIDED,))
    early = ruled(proposed(), MATCHED, day=ASKED - NEXT)
    assert early.reasons == (Reason.DATES_OUT_OF_ORDER,)


def test_whoever_is_matched_later_is_decided_about_anew() -> None:
    nobody = proposed(grounds=NOBODY, identified=False)
    standing = correction_standing((REQUESTED, entered(nobody), MATCHED))
    assert standing.status is CorrectionStatus.OPEN
    assert standing.ruling is None
    same = ruled(replace(nobody, official="clerk-2", identified=True), entered(nobody), MATCHED)
    assert same.reasons == (Reason.HOLDER_IDENTIFIED,)


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (MATCHED,),
        (REQUESTED, REQUESTED),
        (REQUESTED, entered(proposed(), CorrectionStep.DECIDED), MATCHED),
    ],
    ids=["none", "no request", "two requests", "after the decision"],
)
def test_steps_that_are_those_of_no_correction_are_refused(
    steps: tuple[CorrectionTaken, ...],
) -> None:
    with pytest.raises(NoCorrectionError):
        correction_standing(steps)


def test_until_the_last_day_nothing_but_a_change_is_told_and_after_it_the_answer_stands() -> None:
    told = [
        told_of_correction(changed=changed, due_on=DUE, day=day)
        for changed in (False, True)
        for day in (ASKED, DUE, DUE + NEXT)
    ]
    assert told == [
        ToldOfCorrection.OPEN,
        ToldOfCorrection.OPEN,
        ToldOfCorrection.STANDS,
        *[ToldOfCorrection.CHANGED] * 3,
    ]


def test_about_a_no_a_change_is_told_only_of_an_active_holder() -> None:
    assert answer_changed(Ruling.ACCEPTED, confirmed=False, active=True)
    assert not answer_changed(Ruling.ACCEPTED, confirmed=False, active=False)
    assert answer_changed(Ruling.ACCEPTED, confirmed=True, active=False)
    assert not answer_changed(Ruling.REFUSED, confirmed=True, active=True)
