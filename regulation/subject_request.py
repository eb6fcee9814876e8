"""What a person may ask about his or her own data, and how it is answered (PIPL articles 44 to 50).

A request is filed at the desk by the person, a guardian or a trustee; it gets a day until which it
is answered, and an answer with reasons. A refusal, in whole or in part, names its reasons and the
remedies. Whether data are corrected or deleted is decided by two officials (article 30 item 5).
How a request stands is a fold over its steps. PIPL is the 个人信息保护法.

Never: says that data were deleted (no erasure is recorded here), or lets a request lapse with time.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from regulation.calendar import Deadline, WorkingCalendar
from regulation.duties import Refusal, faults_of_refusal, judge_correction
from regulation.outcome import Actor, Decision, Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters


class Right(StrEnum):
    """What is asked for; each right is an article of PIPL."""

    VIEW = "view"
    COPY = "copy"
    CORRECT = "correct"
    DELETE = "delete"
    EXPLAIN = "explain"
    OBJECT = "object"

    @property
    def article(self) -> str:
        """The article that gives it."""
        return f"PIPL {_RIGHTS[self]}"

    @property
    def needs_two(self) -> bool:
        """Whether its answer takes two officials (article 30 item 5)."""
        return self in {Right.CORRECT, Right.DELETE}


_RIGHTS: Final = {
    Right.VIEW: 45,
    Right.COPY: 45,
    Right.CORRECT: 46,
    Right.DELETE: 47,
    Right.EXPLAIN: 48,
    Right.OBJECT: 44,
}
_PROCEDURE: Final = "PIPL 50"

GROUNDS: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        Reason.KEPT_BY_LAW: "PIPL 47",
        Reason.SECRET_BY_LAW: "PIPL 45",
        Reason.DATA_FOUND_CORRECT: "PIPL 46",
        Reason.NEEDED_FOR_DUTY: "PIPL 13",
        Reason.DATA_OF_OTHERS: "PIPL 44",
        Reason.DATA_NOT_HELD: "PIPL 45",
    }
)
"""On what a request may be refused in whole or in part, and the article that allows it."""

ADMITTED: Final = frozenset({Actor.APPLICANT, Actor.GUARDIAN, Actor.TRUSTEE})
"""Who may file: PIPL article 49 lets relatives ask after a death, which is not recorded here."""


class Answer(StrEnum):
    """How a request is answered."""

    GRANTED = "granted"
    PARTLY = "partly"
    REFUSED = "refused"


class RequestStep(StrEnum):
    """What happens to a request."""

    FILED = "filed"
    ENTERED = "entered"
    """One official has entered an answer that another must confirm."""
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"


class RequestState(StrEnum):
    """How a request stands."""

    OPEN = "open"
    ENTERED = "entered"
    ANSWERED = "answered"
    WITHDRAWN = "withdrawn"

    @property
    def is_open(self) -> bool:
        """Whether it still waits for its answer."""
        return self in {RequestState.OPEN, RequestState.ENTERED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """One step of a request; an answer has its outcome and grounds."""

    step: RequestStep
    day: date
    official: str
    answer: Answer | None = None
    grounds: frozenset[Reason] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestStanding:
    """How a request stands after its steps; `answer` is the last that was entered or given."""

    state: RequestState
    filed_on: date
    closed_on: date | None
    answer: Taken | None


class NoRequestError(ValueError):
    """The steps don't begin with a filing, or go on after the end."""


def request_standing(steps: Sequence[Taken]) -> RequestStanding:
    """Fold the steps of a request, in their order.

    Raises:
        NoRequestError: they are not those of a request.
    """
    if not steps or steps[0].step is not RequestStep.FILED:
        raise NoRequestError("a request begins with its filing")
    state, closed, answer = RequestState.OPEN, None, None
    for taken in steps[1:]:
        if not state.is_open or taken.step is RequestStep.FILED:
            raise NoRequestError("nothing follows the end of a request")
        state = RequestState(taken.step.value)
        answer = answer if taken.answer is None else taken
        closed = None if state.is_open else taken.day
    return RequestStanding(state=state, filed_on=steps[0].day, closed_on=closed, answer=answer)


def answer_by(
    filed_on: date, calendar: WorkingCalendar, parameters: Parameters = AS_ISSUED
) -> Deadline:
    """Return the last day to answer a request (PIPL article 50 says "promptly" and no number)."""
    return calendar.add_working_days(filed_on, parameters.values.subject_request_working_days)


def judge_filing(
    right: Right,
    *,
    by: Actor,
    day: date,
    calendar: WorkingCalendar,
    parameters: Parameters = AS_ISSUED,
) -> Decision:
    """Judge a request that is filed on `day` (PIPL articles 44 to 48, 50; article 28)."""
    if by not in ADMITTED:
        return Decision(
            outcome=Outcome.REFUSED,
            reasons=(Reason.AGENT_NOT_ADMITTED,),
            articles=("28", right.article, "PIPL 49"),
            who=Actor.APPLICANT,
            marks=(Mark.REASON_IN_WRITING,),
            version=parameters.version,
        )
    deadline = answer_by(day, calendar, parameters)
    marks = [Mark.PROVISIONAL] if deadline.provisional else []
    if by is not Actor.APPLICANT:
        marks.append(Mark.CHECK_AGENT)
    return Decision(
        outcome=Outcome.ACCEPTED,
        articles=("28", right.article, _PROCEDURE),
        readings=parameters.readings.applied("R5"),
        deadline=deadline,
        who=Actor.RECEIVING_OFFICE,
        marks=tuple(marks),
        version=parameters.version,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """An answer as an official enters it; `reasoned` says whether it has reasons in words."""

    answer: Answer
    grounds: frozenset[Reason]
    reasoned: bool
    official: str

    @property
    def in_order(self) -> tuple[Reason, ...]:
        """The grounds in the order of the table."""
        return tuple(reason for reason in GROUNDS if reason in self.grounds)


def judge_answer(
    right: Right,
    found: RequestStanding,
    proposed: Proposed,
    *,
    day: date,
    due_on: date,
    parameters: Parameters = AS_ISSUED,
) -> Decision:
    """Judge an answer: a refusal with reasons, a correction or deletion by two officials.

    Held until another official enters the same answer on the same grounds (article 30 item 5).
    """
    stands = _stands(right, found, day, parameters) or _faulty(right, proposed, parameters)
    if stands is not None:
        return stands
    entered = found.answer
    confirms = (
        entered is not None
        and entered.answer is proposed.answer
        and entered.grounds == proposed.grounds
    )
    waits: Reason | None = None
    if right.needs_two:
        waits = judge_correction(
            entered_by=entered.official if entered and confirms else proposed.official,
            confirmed_by=proposed.official if confirms else None,
        )
    if waits is not None:
        return Decision(
            outcome=Outcome.HELD_FOR_REVIEW,
            reasons=(waits,),
            articles=(right.article, "30"),
            who=Actor.RECEIVING_OFFICE,
            version=parameters.version,
        )
    return _answered(right, proposed, late=day > due_on, parameters=parameters)


def _answered(right: Right, proposed: Proposed, *, late: bool, parameters: Parameters) -> Decision:
    granted = proposed.answer is Answer.GRANTED
    reasons = proposed.in_order
    marks = {Mark.LATE: late, Mark.REASON_IN_WRITING: not granted}
    outcomes = {
        Answer.GRANTED: Outcome.ANSWERED,
        Answer.PARTLY: Outcome.PARTLY_GRANTED,
        Answer.REFUSED: Outcome.REFUSED,
    }
    own = (right.article, _PROCEDURE, *(GROUNDS[reason] for reason in reasons))
    return Decision(
        outcome=outcomes[proposed.answer],
        reasons=reasons,
        articles=tuple(dict.fromkeys(own)),
        who=Actor.APPLICANT,
        marks=tuple(mark for mark, holds in marks.items() if holds),
        version=parameters.version,
    )


def judge_withdrawal(
    right: Right,
    found: RequestStanding,
    *,
    by: Actor,
    day: date,
    parameters: Parameters = AS_ISSUED,
) -> Decision:
    """Judge the withdrawal of a request by whoever may file one, before it is answered."""
    stands = _stands(right, found, day, parameters)
    if stands is not None:
        return stands
    admitted = by in ADMITTED
    return Decision(
        outcome=Outcome.RECORDED if admitted else Outcome.REFUSED,
        reasons=() if admitted else (Reason.AGENT_NOT_ADMITTED,),
        articles=(right.article, _PROCEDURE),
        who=None if admitted else Actor.APPLICANT,
        version=parameters.version,
    )


def _stands(
    right: Right, found: RequestStanding, day: date, parameters: Parameters
) -> Decision | None:
    """What stands against any further step: the end, or a day before the filing."""
    early = day < found.filed_on
    if not early and found.state.is_open:
        return None
    return Decision(
        outcome=Outcome.REJECTED_INPUT if early else Outcome.NONE,
        reasons=(Reason.DATES_OUT_OF_ORDER if early else Reason.REQUEST_CLOSED,),
        articles=(right.article,),
        who=Actor.RECEIVING_OFFICE if early else None,
        version=parameters.version,
    )


def _faulty(right: Right, proposed: Proposed, parameters: Parameters) -> Decision | None:
    """What an answer lacks: reasons for a refusal, an official; or that it can't be true."""
    reasons: tuple[Reason, ...] = ()
    if proposed.answer is not Answer.GRANTED:
        words = "given" if proposed.reasoned else ""
        given = Refusal(reasons=proposed.in_order, written_reason=words, official=proposed.official)
        reasons = faults_of_refusal(given)
    elif proposed.grounds:
        reasons = (Reason.GROUND_NOT_GIVEN,)
    if right is Right.DELETE and proposed.answer is not Answer.REFUSED:
        reasons = (*reasons, Reason.ERASURE_NOT_RECORDED)
    if not reasons:
        return None
    return Decision(
        outcome=Outcome.BLOCKED,
        reasons=reasons,
        articles=(right.article, "30"),
        who=Actor.RECEIVING_OFFICE,
        version=parameters.version,
    )
