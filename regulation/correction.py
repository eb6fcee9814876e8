"""Corrections that partner departments ask for (articles 28 and 30): requested, decided, told.

A department points at an answer that it has reason to think wrong; the desk decides, by two
officials (article 30 item 5). What the department is told is what its answers may tell it anyway:
until the last day nothing but a change, and after it that the answer stands. How a request stands
is a fold over its steps.

Never: corrects anything, or says to a department whether somebody is known (article 28).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from regulation.calendar import Deadline, WorkingCalendar
from regulation.duties import Refusal, faults_of_refusal, judge_correction
from regulation.outcome import Actor, Decision, Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters

GROUNDS: Final[Mapping[Reason, str]] = MappingProxyType(
    {
        Reason.REGISTER_FOUND_CORRECT: "30",
        Reason.PRESENTED_OTHERWISE: "28",
        Reason.HOLDER_NOT_IDENTIFIED: "28",
    }
)
"""On what a correction may be refused, and the article that each rests on."""


class Ruling(StrEnum):
    """How a request is decided."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


class CorrectionStep(StrEnum):
    """What happens to a request."""

    REQUESTED = "requested"
    MATCHED = "matched"
    """The holder came to a desk, and the request is known to be about that person."""
    ENTERED = "entered"
    """One official has entered a decision that another must confirm."""
    DECIDED = "decided"


class CorrectionStatus(StrEnum):
    """How a request stands at the desks."""

    OPEN = "open"
    ENTERED = "entered"
    DECIDED = "decided"

    @property
    def is_open(self) -> bool:
        """Whether it still waits for its decision."""
        return self is not CorrectionStatus.DECIDED


class ToldOfCorrection(StrEnum):
    """What the department that asked is told."""

    OPEN = "open"
    CHANGED = "changed"
    STANDS = "stands"


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionTaken:
    """One step; a decision has its ruling and grounds.

    `act` is the version of the file that the correcting act gave it; `changed` says that the
    department's answer is another since.
    """

    step: CorrectionStep
    day: date
    official: str
    ruling: Ruling | None = None
    grounds: frozenset[Reason] = frozenset()
    act: int | None = None
    changed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionStanding:
    """How a request stands after its steps; `ruling` is the last that was entered or given."""

    status: CorrectionStatus
    requested_on: date
    closed_on: date | None
    ruling: CorrectionTaken | None

    @property
    def changed(self) -> bool:
        """Whether the department's answer is another since the decision."""
        return self.closed_on is not None and self.ruling is not None and self.ruling.changed


class NoCorrectionError(ValueError):
    """The steps don't begin with a request, or go on after the decision."""


def correction_standing(steps: Sequence[CorrectionTaken]) -> CorrectionStanding:
    """Fold the steps of a request, in their order.

    Whoever is matched anew begins anew: a decision that was entered of another or of nobody is
    not that person's.

    Raises:
        NoCorrectionError: they are not those of a request.
    """
    if not steps or steps[0].step is not CorrectionStep.REQUESTED:
        raise NoCorrectionError("a correction begins with its request")
    status, closed, ruling = CorrectionStatus.OPEN, None, None
    for taken in steps[1:]:
        if not status.is_open or taken.step is CorrectionStep.REQUESTED:
            raise NoCorrectionError("nothing follows the decision of a correction")
        if taken.step is CorrectionStep.MATCHED:
            status, ruling = CorrectionStatus.OPEN, None
            continue
        status, ruling = CorrectionStatus(taken.step.value), taken
        closed = None if status.is_open else taken.day
    return CorrectionStanding(
        status=status, requested_on=steps[0].day, closed_on=closed, ruling=ruling
    )


def decide_by(
    requested_on: date, calendar: WorkingCalendar, parameters: Parameters = AS_ISSUED
) -> Deadline:
    """Return the last day to decide a request (article 30 sets no number of days)."""
    return calendar.add_working_days(requested_on, parameters.values.correction_working_days)


@dataclass(frozen=True, slots=True, kw_only=True)
class Pointing:
    """What a request is judged by.

    `answered_on` is the day of the answer that it points at, `waiting` how many requests of the
    department's purpose wait, as it is told of them; `known` says that it was asked before.
    """

    answered_on: date
    waiting: int
    known: bool


def judge_pointing(
    pointing: Pointing,
    *,
    day: date,
    calendar: WorkingCalendar,
    parameters: Parameters = AS_ISSUED,
) -> Decision:
    """Judge a request for a correction by what the department knows itself (articles 28, 30)."""
    values = parameters.values
    refused: tuple[Outcome, Reason] | None = None
    if pointing.known:
        refused = Outcome.NONE, Reason.CORRECTION_REQUESTED_BEFORE
    elif day > pointing.answered_on + timedelta(days=values.correction_answer_days):
        refused = Outcome.BLOCKED, Reason.ANSWER_TOO_OLD
    elif pointing.waiting >= values.corrections_waiting_most:
        refused = Outcome.BLOCKED, Reason.TOO_MANY_CORRECTIONS
    if refused is not None:
        outcome, reason = refused
        return Decision(
            outcome=outcome,
            reasons=(reason,),
            articles=(reason.article,),
            who=Actor.DEPARTMENT,
            version=parameters.version,
        )
    deadline = decide_by(day, calendar, parameters)
    return Decision(
        outcome=Outcome.ACCEPTED,
        articles=("28", "30"),
        readings=parameters.readings.applied("R5"),
        deadline=deadline,
        who=Actor.RECEIVING_OFFICE,
        marks=(Mark.PROVISIONAL,) if deadline.provisional else (),
        version=parameters.version,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedRuling:
    """A decision as an official enters it.

    `reasoned` says whether it has reasons in words; `identified` whether the request is known to
    be about a person; `made` whether the act that it names corrected that person's file since.
    """

    ruling: Ruling
    grounds: frozenset[Reason]
    reasoned: bool
    official: str
    identified: bool
    act: int | None = None
    made: bool = False

    @property
    def in_order(self) -> tuple[Reason, ...]:
        """The grounds in the order of the table."""
        return tuple(reason for reason in GROUNDS if reason in self.grounds)


def judge_ruling(
    found: CorrectionStanding,
    proposed: ProposedRuling,
    *,
    day: date,
    due_on: date,
    parameters: Parameters = AS_ISSUED,
) -> Decision:
    """Judge a decision: accepted where an act has corrected, refused with reasons (article 30).

    Held until another official enters the same decision on the same grounds (item 5).
    """
    stands = _stands(found, day, parameters) or _unfounded(proposed, day, due_on, parameters)
    if stands is not None:
        return stands
    entered = found.ruling
    confirms = (
        entered is not None
        and entered.ruling is proposed.ruling
        and entered.grounds == proposed.grounds
        and entered.act == proposed.act
    )
    waits = judge_correction(
        entered_by=entered.official if entered and confirms else proposed.official,
        confirmed_by=proposed.official if confirms else None,
    )
    if waits is not None:
        return Decision(
            outcome=Outcome.HELD_FOR_REVIEW,
            reasons=(waits,),
            articles=("30",),
            who=Actor.RECEIVING_OFFICE,
            version=parameters.version,
        )
    refused = proposed.ruling is Ruling.REFUSED
    marks = {Mark.LATE: day > due_on, Mark.REASON_IN_WRITING: refused}
    own = ("30", *(GROUNDS[reason] for reason in proposed.in_order))
    return Decision(
        outcome=Outcome.NOT_MET if refused else Outcome.ANSWERED,
        reasons=proposed.in_order,
        articles=tuple(dict.fromkeys(own)),
        who=Actor.DEPARTMENT,
        marks=tuple(mark for mark, holds in marks.items() if holds),
        version=parameters.version,
    )


def told_of_correction(*, changed: bool, due_on: date, day: date) -> ToldOfCorrection:
    """Return what the department is told on a day (article 28).

    A decision that changes nothing is not told before the last day, and a missing one not after
    it: when a desk has found nobody, or somebody, must not show.
    """
    if changed:
        return ToldOfCorrection.CHANGED
    return ToldOfCorrection.OPEN if day <= due_on else ToldOfCorrection.STANDS


def answer_changed(ruling: Ruling, *, confirmed: bool, active: bool) -> bool:
    """Say whether a decision changes what the department would be answered (article 28).

    About a "no" it does so only where the person holds an active permit on that day: `verify`
    would tell as much. Else a "changed" would tell that the person is known.
    """
    return ruling is Ruling.ACCEPTED and (confirmed or active)


def _stands(found: CorrectionStanding, day: date, parameters: Parameters) -> Decision | None:
    """What stands against any decision: one that was given, or a day before the request."""
    early = day < found.requested_on
    if not early and found.status.is_open:
        return None
    return Decision(
        outcome=Outcome.REJECTED_INPUT if early else Outcome.NONE,
        reasons=(Reason.DATES_OUT_OF_ORDER if early else Reason.CORRECTION_DECIDED,),
        articles=("30",),
        who=Actor.RECEIVING_OFFICE if early else None,
        version=parameters.version,
    )


def _unfounded(
    proposed: ProposedRuling, day: date, due_on: date, parameters: Parameters
) -> Decision | None:
    """What a decision lacks: a person, an act that corrected, reasons for a refusal, time."""
    earliest: date | None = None
    reasons: tuple[Reason, ...] = ()
    nobody = Reason.HOLDER_NOT_IDENTIFIED in proposed.grounds
    if proposed.ruling is Ruling.ACCEPTED:
        lacks = {
            Reason.HOLDER_NOT_IDENTIFIED: not proposed.identified,
            Reason.CORRECTION_NOT_MADE: proposed.identified and not proposed.made,
            Reason.GROUND_OF_REFUSAL_ONLY: bool(proposed.grounds),
        }
        reasons = tuple(reason for reason, holds in lacks.items() if holds)
    elif nobody is proposed.identified:
        # Who was matched is not nobody; and of nobody nothing else can be said.
        reasons = (Reason.HOLDER_IDENTIFIED if nobody else Reason.HOLDER_NOT_IDENTIFIED,)
    elif nobody and day < due_on:
        reasons, earliest = (Reason.HOLDER_MAY_STILL_COME,), due_on
    else:
        words = "given" if proposed.reasoned else ""
        given = Refusal(reasons=proposed.in_order, written_reason=words, official=proposed.official)
        reasons = faults_of_refusal(given)
    if not reasons:
        return None
    return Decision(
        outcome=Outcome.BLOCKED,
        reasons=reasons,
        articles=("30",),
        earliest=earliest,
        who=Actor.RECEIVING_OFFICE,
        version=parameters.version,
    )
