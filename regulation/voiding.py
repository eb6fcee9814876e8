"""Voiding a slip at a desk: what stands against undoing an act (article 30 items 1 and 5).

The Measures forbid tampering and say nothing of slips. So nothing is taken away: a void is an act
of its own beside the one that it undoes, by a second official of the same office, with a reason,
within some working days (`Values.void_working_days`). Acts are undone from the last one backwards:
an earlier one is what the later ones were decided by.

Never: looks at what was said of a person, or lets a void be undone.
"""

from dataclasses import dataclass
from datetime import date

from regulation.calendar import WorkingCalendar
from regulation.outcome import Actor, Decision, Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneAct:
    """An act as it was recorded at a desk.

    `is_last` says that nothing that is in force came after it; `prints` that a card says so,
    `by_two` that two officials did it.
    """

    official: str
    office: str
    recorded_on: date
    is_last: bool
    is_void: bool = False
    is_voided: bool = False
    by_two: bool = False
    prints: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Voiding:
    """Who voids, where, why, and whether the card that says so is at the office."""

    official: str
    office: str
    reasoned: bool
    card_with_office: bool = False


def judge_void(
    act: DoneAct | None,
    voiding: Voiding,
    *,
    day: date,
    calendar: WorkingCalendar,
    parameters: Parameters = AS_ISSUED,
) -> Decision:
    """Judge whether an act may be voided; all that stands against it is told at once.

    `act` is None where the file has no act of that version that was done at a desk.
    """
    if act is None:
        return _refused((Reason.NO_SUCH_ACT,), parameters)
    # What can never be undone is not mended by another official or a card.
    final = [
        reason
        for reason, holds in (
            (Reason.VOID_OF_VOID, act.is_void),
            (Reason.ALREADY_VOIDED, act.is_voided),
            (Reason.TAKES_TWO_OFFICIALS, act.by_two),
        )
        if holds
    ]
    if final:
        return _refused(tuple(final), parameters)
    until = calendar.add_working_days(act.recorded_on, parameters.values.void_working_days)
    reasons = tuple(
        reason
        for reason, holds in (
            (Reason.LATER_ACT_STANDS, not act.is_last),
            (Reason.SAME_OFFICIAL, voiding.official.strip() == act.official.strip()),
            (Reason.OTHER_OFFICE, voiding.office != act.office),
            (Reason.VOID_WITHOUT_REASON, not voiding.reasoned),
            (Reason.VOID_TOO_LATE, day > until.day),
            (Reason.CARD_HANDED_OUT, act.prints and not voiding.card_with_office),
        )
        if holds
    )
    marks = (Mark.PROVISIONAL,) if until.provisional else ()
    if reasons:
        return _refused(reasons, parameters, marks)
    return Decision(
        outcome=Outcome.RECORDED,
        articles=("30",),
        who=Actor.RECEIVING_OFFICE,
        marks=marks,
        version=parameters.version,
    )


def _refused(
    reasons: tuple[Reason, ...], parameters: Parameters, marks: tuple[Mark, ...] = ()
) -> Decision:
    return Decision(
        outcome=Outcome.BLOCKED,
        reasons=reasons,
        articles=("30",),
        who=Actor.RECEIVING_OFFICE,
        marks=marks,
        version=parameters.version,
    )
