"""Requests about one's own data (PIPL articles 44 to 50): receipt, reasons, two officials."""

from dataclasses import replace
from datetime import date

import pytest

from regulation.calendar import mainland_calendar
from regulation.outcome import Actor, Decision, Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED
from regulation.subject_request import (
    GROUNDS,
    Answer,
    NoRequestError,
    Proposed,
    RequestState,
    RequestStep,
    Right,
    Taken,
    answer_by,
    judge_answer,
    judge_filing,
    judge_withdrawal,
    request_standing,
)

CALENDAR = mainland_calendar()
FILED = date(2026, 3, 2)
DUE = date(2026, 3, 23)
"""Fifteen working days after Monday, 2 March 2026."""

FILING = Taken(step=RequestStep.FILED, day=FILED, official="clerk-1")


def entered(answer: Answer, *grounds: Reason, by: str = "clerk-1") -> Taken:
    return Taken(
        step=RequestStep.ENTERED, day=FILED, official=by, answer=answer, grounds=frozenset(grounds)
    )


def answered(
    right: Right,
    answer: Answer,
    *grounds: Reason,
    by: str = "clerk-1",
    steps: tuple[Taken, ...] = (FILING,),
    day: date = DUE,
    reasoned: bool = False,
) -> Decision:
    proposed = Proposed(answer=answer, grounds=frozenset(grounds), reasoned=reasoned, official=by)
    return judge_answer(right, request_standing(steps), proposed, day=day, due_on=DUE)


def test_it_is_answered_within_fifteen_working_days_unless_the_city_sets_another_figure() -> None:
    assert answer_by(FILED, CALENDAR).day == DUE
    values = replace(AS_ISSUED.values, subject_request_working_days=5)
    assert answer_by(FILED, CALENDAR, replace(AS_ISSUED, values=values)).day == date(2026, 3, 9)
    assert "[LEGAL]" in AS_ISSUED.basis_of("subject_request_working_days")


@pytest.mark.parametrize("right", list(Right))
@pytest.mark.parametrize("by", [Actor.APPLICANT, Actor.GUARDIAN, Actor.TRUSTEE])
def test_a_request_is_accepted_from_the_person_a_guardian_or_a_trustee(
    right: Right, by: Actor
) -> None:
    decision = judge_filing(right, by=by, day=FILED, calendar=CALENDAR)
    assert decision.outcome is Outcome.ACCEPTED
    assert decision.deadline is not None
    assert decision.deadline.day == DUE
    assert right.article in decision.articles
    assert (Mark.CHECK_AGENT in decision.marks) is (by is not Actor.APPLICANT)


def test_a_close_relative_files_none_as_no_death_is_recorded_here() -> None:
    decision = judge_filing(Right.VIEW, by=Actor.CLOSE_RELATIVE, day=FILED, calendar=CALENDAR)
    assert (decision.outcome, decision.reasons) == (Outcome.REFUSED, (Reason.AGENT_NOT_ADMITTED,))
    assert decision.goes_against


@pytest.mark.parametrize("right", [Right.VIEW, Right.COPY, Right.EXPLAIN, Right.OBJECT])
def test_one_official_answers_what_changes_nothing(right: Right) -> None:
    decision = answered(right, Answer.GRANTED)
    assert (decision.outcome, decision.reasons) == (Outcome.ANSWERED, ())
    assert not decision.goes_against


@pytest.mark.parametrize("answer", [Answer.PARTLY, Answer.REFUSED])
def test_a_refusal_in_whole_or_in_part_names_a_reason(answer: Answer) -> None:
    blocked = answered(Right.VIEW, answer)
    assert (blocked.outcome, blocked.reasons) == (
        Outcome.BLOCKED,
        (Reason.REFUSAL_WITHOUT_REASON,),
    )
    by_code = answered(Right.VIEW, answer, Reason.SECRET_BY_LAW)
    in_words = answered(Right.VIEW, answer, reasoned=True)
    assert by_code.goes_against
    assert in_words.goes_against
    assert by_code.remedies()
    assert by_code.reasons == (Reason.SECRET_BY_LAW,)
    assert Mark.REASON_IN_WRITING in by_code.marks


def test_what_is_granted_has_no_ground_of_refusal() -> None:
    decision = answered(Right.VIEW, Answer.GRANTED, Reason.DATA_NOT_HELD)
    assert (decision.outcome, decision.reasons) == (Outcome.BLOCKED, (Reason.GROUND_NOT_GIVEN,))


@pytest.mark.parametrize("answer", [Answer.GRANTED, Answer.PARTLY])
def test_no_deletion_is_answered_as_done_while_none_is_recorded(answer: Answer) -> None:
    decision = answered(Right.DELETE, answer, reasoned=True)
    assert decision.outcome is Outcome.BLOCKED
    assert Reason.ERASURE_NOT_RECORDED in decision.reasons


def test_a_correction_waits_until_another_official_enters_the_same_answer() -> None:
    first = answered(Right.CORRECT, Answer.GRANTED)
    assert (first.outcome, first.reasons) == (Outcome.HELD_FOR_REVIEW, (Reason.SAME_OFFICIAL,))
    held = (FILING, entered(Answer.GRANTED))
    again = answered(Right.CORRECT, Answer.GRANTED, steps=held)
    assert again.outcome is Outcome.HELD_FOR_REVIEW
    second = answered(Right.CORRECT, Answer.GRANTED, by="clerk-2", steps=held)
    assert second.outcome is Outcome.ANSWERED


def test_another_answer_by_another_official_is_no_confirmation() -> None:
    held = (FILING, entered(Answer.REFUSED, Reason.KEPT_BY_LAW))
    other = answered(Right.DELETE, Answer.REFUSED, Reason.NEEDED_FOR_DUTY, by="clerk-2", steps=held)
    assert other.outcome is Outcome.HELD_FOR_REVIEW
    same = answered(Right.DELETE, Answer.REFUSED, Reason.KEPT_BY_LAW, by="clerk-2", steps=held)
    assert (same.outcome, same.reasons) == (Outcome.REFUSED, (Reason.KEPT_BY_LAW,))
    assert "PIPL 47" in same.articles


def test_the_last_day_is_in_time_and_the_next_is_late() -> None:
    assert Mark.LATE not in answered(Right.VIEW, Answer.GRANTED, day=DUE).marks
    assert Mark.LATE in answered(Right.VIEW, Answer.GRANTED, day=date(2026, 3, 24)).marks


def test_nothing_is_answered_before_it_was_filed() -> None:
    decision = answered(Right.VIEW, Answer.GRANTED, day=date(2026, 3, 1))
    assert decision.outcome is Outcome.REJECTED_INPUT
    assert answered(Right.VIEW, Answer.GRANTED, day=FILED).outcome is Outcome.ANSWERED


def test_a_request_ends_once() -> None:
    ended = replace(FILING, step=RequestStep.WITHDRAWN)
    found = request_standing((FILING, ended))
    assert (found.state, found.closed_on) == (RequestState.WITHDRAWN, FILED)
    late = judge_withdrawal(Right.VIEW, found, by=Actor.APPLICANT, day=DUE)
    assert (late.outcome, late.reasons) == (Outcome.NONE, (Reason.REQUEST_CLOSED,))
    after = answered(Right.VIEW, Answer.GRANTED, steps=(FILING, ended))
    assert after.reasons == (Reason.REQUEST_CLOSED,)
    still = request_standing((FILING, entered(Answer.GRANTED)))
    assert (still.state, still.closed_on) == (RequestState.ENTERED, None)
    first = judge_withdrawal(Right.CORRECT, still, by=Actor.GUARDIAN, day=DUE)
    assert first.outcome is Outcome.RECORDED
    no = judge_withdrawal(Right.CORRECT, still, by=Actor.CLOSE_RELATIVE, day=DUE)
    assert no.reasons == (Reason.AGENT_NOT_ADMITTED,)


@pytest.mark.parametrize(
    "steps",
    [
        (),
        (entered(Answer.GRANTED),),
        (FILING, FILING),
        (FILING, replace(FILING, step=RequestStep.WITHDRAWN), entered(Answer.GRANTED)),
    ],
    ids=["none", "no filing", "filed twice", "after the end"],
)
def test_steps_that_are_those_of_no_request_are_refused(steps: tuple[Taken, ...]) -> None:
    with pytest.raises(NoRequestError):
        request_standing(steps)


def test_every_ground_of_a_refusal_has_an_article_of_the_law() -> None:
    assert all(article.startswith("PIPL ") for article in GROUNDS.values())
    assert all("个人信息保护法" in each.zh or each is Reason.DATA_NOT_HELD for each in GROUNDS)
