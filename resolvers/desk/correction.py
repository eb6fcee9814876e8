"""Corrections that departments ask for: requested by pointing at an answer, decided at a desk.

Articles 28 and 30. A request is taken up in the same way whatever the row holds that it points at,
so that pointing tells nothing. Deciding corrects nothing: it names the act that did.
"""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date
from enum import StrEnum
from typing import Final
from uuid import uuid4

from audit.entry import Draft
from db.casefile import case_digest
from db.corrections import CorrectionSaid, NewCorrection, NextCorrectionStep, StoredCorrection
from db.desk import Answer, Done, File, NotReachedError, Written
from db.in_force import VOIDED
from db.pointed import Asker, PointedAt, Pointer
from regulation.correction import (
    CorrectionStep,
    CorrectionTaken,
    Pointing,
    ProposedRuling,
    Ruling,
    answer_changed,
    judge_pointing,
    judge_ruling,
)
from regulation.outcome import Decision, Outcome, Reason
from regulation.permit import PermitStatus, status
from resolvers.desk.acting import Acting, Desk, recorder, untimely
from resolvers.desk.form import Presented
from resolvers.kinds import CORRECTION_ID

REQUESTING: Final = "requestCorrection"
REQUEST: Final = f"Mutation.{REQUESTING}"
DECIDE: Final = "Mutation.decideCorrection"
MOST_POSITION: Final = 3000
"""A call of `verify` presents at most a thousand rows of three persons."""


class Row(StrEnum):
    """Which rows of an answer a position counts."""

    CONFIRMED = "confirmed"
    NOT_CONFIRMED = "not_confirmed"


_ENDED: Final = frozenset({Outcome.ANSWERED, Outcome.NOT_MET})


@dataclass(frozen=True, slots=True, kw_only=True)
class GivenRuling:
    """A decision as it was filled in; `act` is the version that the correcting act gave the file.

    Its repr shows no words.
    """

    ruling: Ruling
    grounds: frozenset[Reason]
    act: int | None
    words: str = field(default="", repr=False)


async def request(desk: Desk, acting: Acting, pointer: Pointer, reason: str) -> Done[Decision]:
    """Take a department's request up, with the day until which it is decided.

    Raises:
        NotReachedError: there is no such answer of this department, purpose and case.
    """
    context = acting.context
    asker = Asker(
        department=context.caller.department,
        purpose=context.purpose or "",
        case=case_digest(desk.ring, context.case or ""),
    )

    def decide(answer: Answer) -> Written[Decision]:
        decision = judge_pointing(
            Pointing(
                answered_on=answer.at.day,
                waiting=answer.waiting,
                known=answer.known is not None,
            ),
            day=acting.day,
            calendar=desk.calendar,
            parameters=desk.on(acting.day),
        )
        deadline, new = decision.deadline, None
        if decision.outcome is Outcome.ACCEPTED and deadline is not None:
            taken = CorrectionTaken(
                step=CorrectionStep.REQUESTED,
                day=acting.day,
                official=context.caller.official,
            )
            new = NewCorrection(
                id=uuid4().bytes,
                asker=asker,
                pointer=pointer,
                at=answer.at,
                about=answer.about,
                due_on=deadline.day,
                said=CorrectionSaid(taken=taken, words=reason),
            )
        record = _pointing_at(answer.at, recorder(desk, acting, REQUEST))
        return Written(decision=decision, record=record, correction=new)

    return await desk.files.on_answer(pointer, asker, acting.day, decide, acting.terms)


def _pointing_at(
    at: PointedAt, record: Callable[[Decision, bytes | None], Draft]
) -> Callable[[Decision, bytes | None], Draft]:
    """Let a record name whom the row names, or the tag of who was not found there."""

    def named(decision: Decision, _person: bytes | None) -> Draft:
        draft = record(decision, at.person)
        return replace(draft, missed=() if at.tag is None else (at.tag,))

    return named


async def decide(
    desk: Desk,
    acting: Acting,
    presented: Presented | None,
    correction: str,
    given: GivenRuling,
) -> Done[Decision]:
    """Decide a request, or enter the decision that another official must confirm (article 30).

    Raises:
        NotReachedError: the person is not reached under the case, or it is no request about them;
            or nobody is presented and somebody is matched.
    """
    named = desk.ring.global_ids.decode(acting.context.caller.department, correction)
    if named is None or named[0] != CORRECTION_ID:
        raise NotReachedError

    def ruled(found: StoredCorrection, file: File | None) -> Written[Decision]:
        standing, entered = found.standing, found.standing.ruling
        if entered is not None and not desk.serves(acting.context, entered.official):
            standing = replace(standing, ruling=None)
        decision = untimely(Decision, desk, acting, None) or judge_ruling(
            standing,
            _proposed(acting, found, file, given),
            day=acting.day,
            due_on=found.due_on,
            parameters=desk.on(acting.day),
        )
        step: CorrectionStep | None = None
        if decision.outcome in _ENDED:
            step = CorrectionStep.DECIDED
        elif decision.outcome is Outcome.HELD_FOR_REVIEW:
            step = CorrectionStep.ENTERED
        next_step: NextCorrectionStep | None = None
        if step is not None:
            said = CorrectionSaid(taken=_taken(acting, step, found, file, given), words=given.words)
            next_step = NextCorrectionStep(correction=found, said=said)
        record = recorder(desk, acting, DECIDE, f"ruling:{given.ruling.value}")
        return Written(decision=decision, record=record, correction=next_step)

    tag = None if presented is None else desk.ring.id_number_tag(presented.number)
    return await desk.files.on_correction(tag, named[1], ruled, acting.terms)


def _proposed(
    acting: Acting, found: StoredCorrection, file: File | None, given: GivenRuling
) -> ProposedRuling:
    return ProposedRuling(
        ruling=given.ruling,
        grounds=given.grounds,
        reasoned=bool(given.words),
        official=acting.context.caller.official,
        identified=file is not None,
        act=given.act,
        made=file is not None and given.act is not None and _made(file, given.act, found),
    )


def _made(file: File, act: int, found: StoredCorrection) -> bool:
    """Whether an act gave the file this version since the request, and was not voided itself."""
    events = file.sources.events
    voided = {event["voids"] for event in events if event["kind"] == VOIDED}
    return act not in voided and any(
        event["version"] == act and str(event["recorded_at"]) >= found.requested_at
        for event in events
    )


def _taken(
    acting: Acting,
    step: CorrectionStep,
    found: StoredCorrection,
    file: File | None,
    given: GivenRuling,
) -> CorrectionTaken:
    decided = step is CorrectionStep.DECIDED
    return CorrectionTaken(
        step=step,
        day=acting.day,
        official=acting.context.caller.official,
        ruling=given.ruling,
        grounds=given.grounds,
        act=given.act,
        changed=decided
        and answer_changed(
            given.ruling, confirmed=found.confirmed, active=_active(file, acting.context.today)
        ),
    )


def _active(file: File | None, day: date) -> bool:
    permit = None if file is None else file.standing.permit
    return permit is not None and status(permit, day) is PermitStatus.ACTIVE
