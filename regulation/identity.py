"""Correcting a name or an ID number: what two officials have to bring (articles 11, 28, 30).

What was recorded is to be true (article 11), and nobody alone may change whom a file is about
(article 30 item 5): one official enters the correction, a second one enters the same again from the
papers, within some working days (`Values.proposal_working_days`). Until then nothing changes.

Never: sees a name or a number; who calls it has compared them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from regulation.calendar import Deadline, WorkingCalendar
from regulation.evidence import Proves, proves
from regulation.outcome import Actor, Decision, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters


@dataclass(frozen=True, slots=True, kw_only=True)
class Correction:
    """What an official entered: whether it changes anything, by which papers, with a reason."""

    official: str
    changes: bool
    of_another: bool
    """Whether the number is that of another file."""
    materials: frozenset[str]
    reasoned: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """What a first official has entered: who, until when it holds, and whether it is the same."""

    official: str
    until: date
    same: bool


def propose_until(
    day: date, calendar: WorkingCalendar, parameters: Parameters = AS_ISSUED
) -> Deadline:
    """Return the last day on which what is proposed on `day` may be confirmed."""
    return calendar.add_working_days(day, parameters.values.proposal_working_days)


def judge_proposed_identity(
    entered: Correction, until: Deadline, parameters: Parameters = AS_ISSUED
) -> Decision:
    """Judge a correction as a first official enters it: it waits for the second one."""
    reasons = _faults(entered)
    if reasons:
        return _blocked(reasons, parameters)
    return Decision(
        outcome=Outcome.PENDING,
        articles=("11", "30"),
        deadline=until,
        who=Actor.RECEIVING_OFFICE,
        version=parameters.version,
    )


def judge_confirmed_identity(
    entered: Correction,
    proposed: Proposed | None,
    *,
    day: date,
    parameters: Parameters = AS_ISSUED,
) -> Decision:
    """Judge the second entry of a correction; all that stands against it is told at once.

    `proposed` is None where nothing waits for a second official.
    """
    if proposed is None:
        return _blocked((Reason.NOTHING_PROPOSED,), parameters)
    own = (
        (Reason.PROPOSAL_EXPIRED, day > proposed.until),
        (Reason.SAME_OFFICIAL, entered.official.strip() == proposed.official.strip()),
        (Reason.PROPOSAL_DIFFERS, not proposed.same),
    )
    reasons = (*(reason for reason, holds in own if holds), *_faults(entered))
    if reasons:
        return _blocked(reasons, parameters)
    return Decision(
        outcome=Outcome.RECORDED,
        articles=("11", "30"),
        who=Actor.RECEIVING_OFFICE,
        version=parameters.version,
    )


def _faults(entered: Correction) -> tuple[Reason, ...]:
    found = (
        (Reason.NOTHING_CHANGED, not entered.changes),
        (Reason.NUMBER_OF_ANOTHER, entered.of_another),
        (Reason.IDENTITY_PROOF_MISSING, not proves(entered.materials, Proves.IDENTITY)),
        (Reason.CORRECTION_WITHOUT_REASON, not entered.reasoned),
    )
    return tuple(reason for reason, holds in found if holds)


def _blocked(reasons: Sequence[Reason], parameters: Parameters) -> Decision:
    return Decision(
        outcome=Outcome.BLOCKED,
        reasons=tuple(reasons),
        articles=("11", "30"),
        who=Actor.RECEIVING_OFFICE,
        version=parameters.version,
    )
