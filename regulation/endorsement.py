"""The yearly endorsement (articles 14 and 20; readings R6, R7, R9 to R12).

Looked at in this order: is there a permit, is the window open, is the person still eligible, is the
present address the reported one, is the file complete, has the community police officer reviewed
it. After the grace an endorsement still restores the function and restarts the clock; it asks for
no new half year (R10, R12), so only what holds on the day is looked at.

Never: reviews in the officer's place, ends a permit, or refuses without a reason (article 30).
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from regulation.calendar import Deadline, WorkingCalendar
from regulation.eligibility import excluded_by_hukou, half_year_full_on
from regulation.evidence import Proves, QualifyingCondition, proven, proves
from regulation.fees import Chargeable, Fee, fee_for
from regulation.outcome import Actor, Decision, Gap, Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters
from regulation.permit import (
    PermitStatus,
    PermitValidity,
    expiry_endorsed,
    grace_ends,
    grace_last_day,
    status,
    window_opens,
)
from regulation.registration import declare_by

CONDITION_GONE = "23(2)"
"""The item of article 23 under which a proceeding follows where the conditions are gone."""


class Review(StrEnum):
    """What the community police officer found (article 20); a missing review is None."""

    PASSED = "passed"
    FAILED = "failed"
    ADDRESS_DIFFERS = "address_differs"


@dataclass(frozen=True, slots=True, kw_only=True)
class EndorsementRequest:
    """What an endorsement is judged by.

    `conditions` are those that still hold; None leaves them to the review. `unreported_move` is the
    day of the earliest change of address that was never reported. `materials` are codes of
    `regulation.evidence`; None where the file is not at issue.
    """

    permit: PermitValidity | None
    clock_start: date | None
    review: Review | None
    review_reason: str = ""
    conditions: frozenset[QualifyingCondition] | None = None
    unreported_move: date | None = None
    hukou: str | None = None
    division: str | None = None
    materials: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class EndorsementDecision(Decision):
    """An endorsement, or why not; permit and clock as they stand afterwards.

    `proceeding` names the item of article 23 under which a proceeding is to be opened; `fee` says
    that an endorsement is free.
    """

    window: tuple[date, date] | None = None
    status_before: PermitStatus | None = None
    status: PermitStatus | None = None
    valid_to: date | None = None
    clock_start: date | None = None
    proceeding: str | None = None
    fee: Fee | None = None


def decide_endorsement(
    request: EndorsementRequest,
    *,
    day: date,
    calendar: WorkingCalendar,
    parameters: Parameters = AS_ISSUED,
) -> EndorsementDecision:
    """Judge an endorsement asked for on `day` (articles 14, 20)."""
    permit = request.permit
    now = _as_it_stands(request, day, parameters)
    if permit is None:
        return _refused(now, Reason.NO_PERMIT)
    ended = _ended(permit, day, calendar, parameters)
    if ended is not None:
        return replace(_refused(now, ended), status=PermitStatus.CANCELLED)
    opens = window_opens(permit, parameters)
    if day < opens:
        early = _refused(now, Reason.WINDOW_NOT_OPEN)
        last = Deadline(permit.valid_to, provisional=False)
        return replace(early, earliest=opens, deadline=last, who=Actor.HOLDER)
    gone = _gone(request, day, parameters)
    if gone:
        refused = _refused(now, *gone)
        return replace(refused, articles=("20", CONDITION_GONE), proceeding=CONDITION_GONE)
    if request.review is Review.FAILED:
        if request.review_reason.strip():
            return _refused(now, Reason.POLICE_REVIEW_FAILED)
        return replace(now, outcome=Outcome.BLOCKED, reasons=(Reason.REFUSAL_WITHOUT_REASON,))
    by = grace_ends(permit, calendar, parameters)
    if day <= permit.valid_to:
        by = Deadline(permit.valid_to, provisional=False)
    unready = _unready(request, now, by, calendar, parameters)
    return unready or _endorsed(now, permit, day, calendar, parameters)


def judge_review(
    permit: PermitValidity | None,
    found: Review,
    *,
    reason: str,
    day: date,
    parameters: Parameters = AS_ISSUED,
) -> Decision:
    """Judge whether what the community police officer found can be recorded on `day` (article 20).

    A review is made once the window is open, and a failed one needs a reason (article 30).
    """
    decision = Decision(
        outcome=Outcome.REFUSED,
        articles=("20",),
        readings=parameters.readings.applied("R7"),
        version=parameters.version,
    )
    if permit is None:
        return replace(decision, reasons=(Reason.NO_PERMIT,))
    if status(permit, day) is PermitStatus.CANCELLED:
        return replace(decision, reasons=(Reason.PERMIT_CANCELLED,))
    opens = window_opens(permit, parameters)
    if day < opens:
        return replace(decision, reasons=(Reason.WINDOW_NOT_OPEN,), earliest=opens)
    if found is Review.FAILED and not reason.strip():
        reasons = (Reason.REFUSAL_WITHOUT_REASON,)
        return replace(decision, outcome=Outcome.BLOCKED, reasons=reasons, articles=("20", "30"))
    return replace(decision, outcome=Outcome.RECORDED, who=Actor.RECEIVING_OFFICE)


def _as_it_stands(
    request: EndorsementRequest, day: date, parameters: Parameters
) -> EndorsementDecision:
    permit = request.permit
    stands = EndorsementDecision(
        outcome=Outcome.PENDING,
        articles=("20",),
        readings=parameters.readings.applied("R7"),
        clock_start=request.clock_start,
        version=parameters.version,
    )
    if permit is None:
        return stands
    before = status(permit, day)
    return replace(
        stands,
        window=(window_opens(permit, parameters), permit.valid_to),
        status_before=before,
        status=before,
        valid_to=permit.valid_to,
    )


def _refused(now: EndorsementDecision, *reasons: Reason) -> EndorsementDecision:
    return replace(now, outcome=Outcome.REFUSED, reasons=reasons, marks=(Mark.REASON_IN_WRITING,))


def _ended(
    permit: PermitValidity, day: date, calendar: WorkingCalendar, parameters: Parameters
) -> Reason | None:
    """Return why there is no permit left to endorse; by itself it ends only where R10 says so."""
    if permit.cancelled_on is not None and permit.cancelled_on <= day:
        return Reason.PERMIT_CANCELLED
    lapses = parameters.chosen("R10") == "lapses"
    if lapses and day > grace_ends(permit, calendar, parameters).day:
        return Reason.PERMIT_LAPSED
    return None


def _gone(request: EndorsementRequest, day: date, parameters: Parameters) -> list[Reason]:
    """Return which conditions of the permit are gone, all at once (article 23 item 2)."""
    gone = list[Reason]()
    if request.hukou and request.division:
        excluded = excluded_by_hukou(hukou=request.hukou, division=request.division)
        if excluded is not None:
            gone.append(excluded)
    start = request.clock_start
    if (
        parameters.chosen("R12") == "ends-permit"
        and start is not None
        and day < half_year_full_on(start, parameters)
    ):
        gone.append(Reason.RESIDENCE_UNDER_HALF_YEAR)
    if request.conditions is not None and not request.conditions:
        gone.append(Reason.NO_QUALIFYING_CONDITION)
    return gone


def _unready(
    request: EndorsementRequest,
    now: EndorsementDecision,
    by: Deadline,
    calendar: WorkingCalendar,
    parameters: Parameters,
) -> EndorsementDecision | None:
    """Return what has to come first, all at once; None where nothing has to."""
    reasons, who = list[Reason](), Actor.HOLDER
    readings = parameters.readings.applied("R7")
    differs = request.review is Review.ADDRESS_DIFFERS or request.unreported_move is not None
    if differs:
        readings = parameters.readings.applied("R7", "R12")
        if parameters.chosen("R12") != "endorse-anyway":
            reasons.append(Reason.ADDRESS_CHANGE_NOT_REPORTED)
            if request.unreported_move is not None:
                by = declare_by(request.unreported_move, calendar)
    missing = _missing(request.materials)
    if missing:
        reasons.append(Reason.MATERIALS_MISSING)
    if request.review is None:
        who = who if reasons else Actor.COMMUNITY_OFFICER
        reasons.append(Reason.POLICE_REVIEW_MISSING)
    if not reasons:
        return None
    return replace(
        now,
        outcome=Outcome.INCOMPLETE if missing else Outcome.PENDING,
        articles=("19", "20") if differs else ("20",),
        reasons=tuple(reasons),
        missing=missing,
        readings=readings,
        deadline=by,
        who=who,
        marks=(Mark.PROVISIONAL,) if by.provisional else (),
    )


def _missing(materials: frozenset[str] | None) -> tuple[Gap, ...]:
    """Return what the file lacks: the permit and evidence of one condition (article 20)."""
    if materials is None:
        return ()
    gaps = list[Gap]()
    if not proves(materials, Proves.PERMIT):
        gaps.append(Gap.RESIDENCE_PERMIT)
    if not proven(materials):
        gaps.append(Gap.CONDITION_EVIDENCE)
    return tuple(gaps)


def _endorsed(
    now: EndorsementDecision,
    permit: PermitValidity,
    day: date,
    calendar: WorkingCalendar,
    parameters: Parameters,
) -> EndorsementDecision:
    """Extend; after the grace the clock starts on the day of the endorsement (R9, R10, R11)."""
    limit = grace_ends(permit, calendar, parameters)
    restarts = day > limit.day
    marks = list[Mark]()
    if restarts:
        marks.append(Mark.CLOCK_RESTARTED)
    if limit.provisional and day > grace_last_day(permit, parameters):
        marks.append(Mark.PROVISIONAL)
    touched = ["R4", "R7", "R11"]
    if day > permit.valid_to:
        touched += ["R6", "R9"]
    if restarts:
        touched.append("R10")
    return replace(
        now,
        outcome=Outcome.ENDORSED,
        readings=parameters.readings.applied(*touched),
        marks=tuple(marks),
        status=PermitStatus.ACTIVE,
        valid_to=expiry_endorsed(permit, day, calendar, parameters),
        clock_start=day if restarts else now.clock_start,
        articles=("14", "20", "21"),
        fee=fee_for(Chargeable.ENDORSEMENT, parameters),
    )
