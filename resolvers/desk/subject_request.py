"""Requests about one's own data at a desk (PIPL articles 44 to 50): filed, answered, withdrawn.

The record of the request and of its answer, and nothing else: data are shown, corrected or kept by
the acts and reads that are there for it. Nothing here erases anything or says that it did.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from uuid import uuid4

from db.desk import Done, File, NotReachedError, Written
from db.subject_requests import FiledRequest, NextStep, Said, StoredRequest
from regulation.id_number import IdNumber
from regulation.outcome import Decision, Outcome, Reason
from regulation.representation import agent_of
from regulation.subject_request import (
    Answer,
    Proposed,
    RequestStep,
    Right,
    Taken,
    judge_answer,
    judge_filing,
    judge_withdrawal,
)
from resolvers.desk.acting import Acting, Desk, recorder, untimely
from resolvers.kinds import SUBJECT_REQUEST_ID

FILE = "Mutation.fileSubjectRequest"
ANSWER = "Mutation.answerSubjectRequest"
WITHDRAW = "Mutation.withdrawSubjectRequest"

_ANSWERED = frozenset({Outcome.ANSWERED, Outcome.PARTLY_GRANTED, Outcome.REFUSED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Given:
    """An answer as it was filled in. Its repr shows no words."""

    answer: Answer
    grounds: frozenset[Reason]
    words: str = field(default="", repr=False)


async def file(
    desk: Desk, acting: Acting, number: IdNumber, right: Right, words: str
) -> Done[Decision]:
    """File a request: a receipt and the day of its answer, or why nobody of this kind may file.

    Raises:
        NotReachedError: the person is not reached under the case.
    """

    def decide(found: File | None) -> Written[Decision]:
        decision = untimely(Decision, desk, acting, None) or judge_filing(
            right,
            by=acting.by,
            day=acting.day,
            calendar=desk.calendar,
            parameters=desk.on(acting.day),
        )
        filed: FiledRequest | None = None
        deadline, division = decision.deadline, acting.division
        if found is not None and deadline is not None and division is not None:
            filed = FiledRequest(
                id=uuid4().bytes,
                right=right,
                division=division,
                due_on=deadline.day,
                said=_said(acting, RequestStep.FILED, words),
            )
        return Written(decision=decision, record=recorder(desk, acting, FILE), request=filed)

    return await desk.files.act(desk.ring.id_number_tag(number), decide, acting.terms)


async def answer(
    desk: Desk, acting: Acting, number: IdNumber, request: str, given: Given
) -> Done[Decision]:
    """Answer a request, or enter the answer that another official must confirm (article 30).

    Raises:
        NotReachedError: the person is not reached under the case, or has no such request.
    """
    official = acting.context.caller.official or ""

    def decide(found: StoredRequest) -> Written[Decision]:
        standing, entered = found.standing, found.standing.answer
        if entered is not None and not desk.serves(acting.context, entered.official):
            standing = replace(standing, answer=None)
        decision = untimely(Decision, desk, acting, None) or judge_answer(
            found.right,
            standing,
            Proposed(
                answer=given.answer,
                grounds=given.grounds,
                reasoned=bool(given.words),
                official=official,
            ),
            day=acting.day,
            due_on=found.due_on,
            parameters=desk.on(acting.day),
        )
        step: RequestStep | None = None
        if decision.outcome in _ANSWERED:
            step = RequestStep.ANSWERED
        elif decision.outcome is Outcome.HELD_FOR_REVIEW:
            step = RequestStep.ENTERED
        said = None if step is None else _said(acting, step, given.words, given)
        return Written(
            decision=decision,
            record=recorder(desk, acting, ANSWER),
            request=None if said is None else NextStep(request=found, said=said),
        )

    return await _on_request(desk, acting, number, request, decide)


async def withdraw(desk: Desk, acting: Acting, number: IdNumber, request: str) -> Done[Decision]:
    """Withdraw a request that is not answered yet.

    Raises:
        NotReachedError: the person is not reached under the case, or has no such request.
    """

    def decide(found: StoredRequest) -> Written[Decision]:
        decision = untimely(Decision, desk, acting, None) or judge_withdrawal(
            found.right,
            found.standing,
            by=acting.by,
            day=acting.day,
            parameters=desk.on(acting.day),
        )
        ended: NextStep | None = None
        if decision.outcome is Outcome.RECORDED:
            ended = NextStep(request=found, said=_said(acting, RequestStep.WITHDRAWN, ""))
        return Written(decision=decision, record=recorder(desk, acting, WITHDRAW), request=ended)

    return await _on_request(desk, acting, number, request, decide)


async def _on_request(
    desk: Desk,
    acting: Acting,
    number: IdNumber,
    request: str,
    decide: Callable[[StoredRequest], Written[Decision]],
) -> Done[Decision]:
    named = desk.ring.global_ids.decode(acting.context.caller.department, request)
    if named is None or named[0] != SUBJECT_REQUEST_ID:
        raise NotReachedError
    tag = desk.ring.id_number_tag(number)
    return await desk.files.on_request(tag, named[1], decide, acting.terms)


def _said(acting: Acting, step: RequestStep, words: str, given: Given | None = None) -> Said:
    agent = agent_of(acting.by)
    return Said(
        taken=Taken(
            step=step,
            day=acting.day,
            official=acting.context.caller.official or "",
            answer=None if given is None else given.answer,
            grounds=frozenset() if given is None else given.grounds,
        ),
        agent=None if agent is None else agent.value,
        words=words,
    )
