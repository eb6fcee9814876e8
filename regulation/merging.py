"""Merging two files of one person, and splitting them again (articles 17, 23, 30).

One person has one permit, and so one file. Two officials merge two files; of the one that is merged
into the other nothing goes on: so it may hold no permit that is not cancelled, wait for none, and
leave no request about its data unanswered.
A split is a merge undone: both go on with what happened to each.

Never: sees a name or a number, or says whose a file is.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from regulation.calendar import Deadline
from regulation.evidence import Proves, proves
from regulation.identity import Proposed
from regulation.outcome import Actor, Decision, Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters

_ARTICLES = ("17", "23", "30")


@dataclass(frozen=True, slots=True, kw_only=True)
class Joining:
    """What an official entered, and what stands in both files.

    `holds` and `other_holds` say which has a permit that is not cancelled, `other_applies` that the
    file to be absorbed waits for one, `other_asks` that its person waits for an answer to a request
    about the data in it, `of_another` that its number is somebody else's by now,
    `longer` that its time of residence began earlier.
    """

    official: str
    materials: frozenset[str]
    reasoned: bool
    same_file: bool = False
    holds: bool = False
    other_holds: bool = False
    other_applies: bool = False
    other_asks: bool = False
    of_another: bool = False
    longer: bool = False


def judge_proposed_joining(
    entered: Joining, until: Deadline, parameters: Parameters = AS_ISSUED
) -> Decision:
    """Judge a merge or a split as a first official enters it: it waits for the second one."""
    reasons = _faults(entered)
    if reasons:
        return _blocked(reasons, parameters)
    return Decision(
        outcome=Outcome.PENDING,
        articles=_ARTICLES,
        deadline=until,
        who=Actor.RECEIVING_OFFICE,
        marks=_marks(entered),
        version=parameters.version,
    )


def judge_confirmed_joining(
    entered: Joining,
    proposed: Proposed | None,
    *,
    day: date,
    parameters: Parameters = AS_ISSUED,
) -> Decision:
    """Judge the second entry; all that stands against it is told at once."""
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
        articles=_ARTICLES,
        who=Actor.RECEIVING_OFFICE,
        marks=_marks(entered),
        version=parameters.version,
    )


def _faults(entered: Joining) -> tuple[Reason, ...]:
    found = (
        (Reason.SAME_FILE, entered.same_file),
        (Reason.BOTH_HOLD_PERMITS, entered.holds and entered.other_holds),
        (Reason.HOLDER_GOES_ON, entered.other_holds and not entered.holds),
        (Reason.APPLICATION_PENDING, entered.other_applies),
        (Reason.REQUEST_OPEN, entered.other_asks),
        (Reason.NUMBER_OF_ANOTHER, entered.of_another),
        (Reason.IDENTITY_PROOF_MISSING, not proves(entered.materials, Proves.IDENTITY)),
        (Reason.CORRECTION_WITHOUT_REASON, not entered.reasoned),
    )
    return tuple(reason for reason, holds in found if holds)


def _marks(entered: Joining) -> tuple[Mark, ...]:
    """A person looks at what the clock of the file that goes on does not count."""
    return (Mark.MANUAL_REVIEW,) if entered.longer else ()


def _blocked(reasons: Sequence[Reason], parameters: Parameters) -> Decision:
    return Decision(
        outcome=Outcome.BLOCKED,
        reasons=tuple(reasons),
        articles=_ARTICLES,
        who=Actor.RECEIVING_OFFICE,
        version=parameters.version,
    )
