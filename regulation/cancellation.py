"""Cancelling a permit (article 23; readings R10, R14, R23).

Four grounds, each its own item: (1) got with false materials, (2) no longer qualifying, (3) local
hukou, (4) other. Before (1) and (2) the holder is told and heard, a named official decides, in
writing, with reasons and remedies. Item (2) fails while one condition still holds and the place of
residence does not itself exclude a permit. Registration and clock go on (R23).

Never: cancels by itself or by lapse of time, or computes a penalty (article 29 refers to the
national Regulation).
"""

from dataclasses import dataclass, replace
from datetime import date

from regulation.divisions import COUNTY_DIGITS
from regulation.eligibility import excluded_by_hukou
from regulation.evidence import QualifyingCondition
from regulation.moving import CITY, INNER_MONGOLIA
from regulation.outcome import Actor, Decision, Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters
from regulation.permit import CancelGround, PermitStatus, PermitValidity, status

LEGAL_BASIS = {
    CancelGround.FALSE_MATERIALS: "23(1)",
    CancelGround.NO_LONGER_QUALIFIES: "23(2)",
    CancelGround.LOCAL_HUKOU: "23(3)",
    CancelGround.OTHER: "23(4)",
}
"""The item of article 23 for each ground."""

_HEARD = frozenset({CancelGround.FALSE_MATERIALS, CancelGround.NO_LONGER_QUALIFIES})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proceeding:
    """What has been done before the decision; nothing is taken as done.

    `heard`: the holder was told of the ground and could answer. `official_named`: somebody decides
    and signs. `reasoned`: the reasons are in writing. `remedies_named`: so are the remedies.
    """

    heard: bool = False
    official_named: bool = False
    reasoned: bool = False
    remedies_named: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationFacts:
    """What a cancellation is judged by.

    `conditions` are those that still hold, `division` the present place of residence, which may lie
    outside the region. `hukou` is the current one and `hukou_before` the one before it changed,
    None where it did not.
    """

    permit: PermitValidity | None
    clock_start: date | None = None
    conditions: frozenset[QualifyingCondition] = frozenset()
    division: str | None = None
    hukou: str | None = None
    hukou_before: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CancellationDecision(Decision):
    """A cancellation, or what stands against it; permit and clock as they stand afterwards.

    What becomes of the card and whom the case is referred to are marks.
    """

    legal_basis: str | None = None
    status: PermitStatus | None = None
    clock_start: date | None = None


def decide_cancellation(
    facts: CancellationFacts,
    ground: CancelGround,
    proceeding: Proceeding,
    *,
    day: date,
    parameters: Parameters = AS_ISSUED,
) -> CancellationDecision:
    """Judge the cancellation of a permit on `day` (article 23)."""
    permit = facts.permit
    now = CancellationDecision(
        outcome=Outcome.BLOCKED,
        articles=(LEGAL_BASIS[ground],),
        readings=parameters.readings.applied("R23"),
        who=Actor.RECEIVING_OFFICE,
        version=parameters.version,
        legal_basis=LEGAL_BASIS[ground],
        status=None if permit is None else status(permit, day),
        clock_start=facts.clock_start,
    )
    if permit is None:
        return replace(now, reasons=(Reason.NO_PERMIT,))
    if now.status is PermitStatus.CANCELLED:
        return replace(now, reasons=(Reason.PERMIT_CANCELLED,))
    against = _ground_fails(facts, ground) or _steps_missing(ground, proceeding)
    if against:
        return replace(now, reasons=against)
    return replace(
        now,
        outcome=Outcome.CANCELLED,
        articles=_articles(ground),
        reasons=why_disqualified(facts) if ground is CancelGround.NO_LONGER_QUALIFIES else (),
        marks=_marks(ground),
        status=PermitStatus.CANCELLED,
        clock_start=day
        if parameters.chosen("R23") == "from-cancellation" and facts.clock_start is not None
        else facts.clock_start,
    )


def why_disqualified(facts: CancellationFacts) -> tuple[Reason, ...]:
    """Return why somebody no longer qualifies (article 23 item 2); nothing while they do."""
    reasons = list[Reason]()
    if facts.division and not facts.division.startswith(INNER_MONGOLIA):
        reasons.append(Reason.LEFT_THE_REGION)
    elif facts.division and facts.hukou:
        excluded = excluded_by_hukou(hukou=facts.hukou, division=facts.division)
        if excluded is not None:
            reasons.append(excluded)
    if not facts.conditions:
        reasons.append(Reason.NO_QUALIFYING_CONDITION)
    return tuple(reasons)


def has_local_hukou(facts: CancellationFacts) -> bool:
    """Whether the hukou was moved here (article 23 item 3: 转办本市常住户口).

    That is into the county of residence, or into the city from outside it. Somebody whose hukou
    goes from one other county of the city to another still lives outside it.
    """
    if facts.hukou is None or not facts.hukou.startswith(CITY):
        return False
    if facts.division and facts.hukou[:COUNTY_DIGITS] == facts.division[:COUNTY_DIGITS]:
        return True
    return facts.hukou_before is not None and not facts.hukou_before.startswith(CITY)


def _ground_fails(facts: CancellationFacts, ground: CancelGround) -> tuple[Reason, ...]:
    if ground is CancelGround.NO_LONGER_QUALIFIES and not why_disqualified(facts):
        return (Reason.CONDITION_STILL_MET,)
    if ground is CancelGround.LOCAL_HUKOU and not has_local_hukou(facts):
        return (Reason.GROUND_NOT_GIVEN,)
    return ()


def _steps_missing(ground: CancelGround, proceeding: Proceeding) -> tuple[Reason, ...]:
    """Return every step that is missing, at once (articles 23, 30; R23)."""
    against_holder = ground in _HEARD
    steps = (
        (Reason.HEARING_MISSING, proceeding.heard or not against_holder),
        (Reason.OFFICIAL_NOT_NAMED, proceeding.official_named),
        (Reason.REFUSAL_WITHOUT_REASON, proceeding.reasoned or ground is CancelGround.LOCAL_HUKOU),
        (Reason.REMEDIES_NOT_NAMED, proceeding.remedies_named or not against_holder),
    )
    return tuple(reason for reason, done in steps if not done)


def _articles(ground: CancelGround) -> tuple[str, ...]:
    basis = LEGAL_BASIS[ground]
    if ground is CancelGround.FALSE_MATERIALS:
        return (basis, "29")
    return (basis, "22") if ground is CancelGround.LOCAL_HUKOU else (basis,)


def _marks(ground: CancelGround) -> tuple[Mark, ...]:
    """Say what becomes of the card (articles 22, 29) and that reasons are in writing."""
    if ground is CancelGround.FALSE_MATERIALS:
        return (Mark.CONFISCATE_CARD, Mark.REFER, Mark.REASON_IN_WRITING)
    if ground is CancelGround.NO_LONGER_QUALIFIES:
        return (Mark.COLLECT_CARD, Mark.REASON_IN_WRITING)
    return (Mark.COLLECT_CARD,)
