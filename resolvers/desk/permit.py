"""A permit at a desk: endorsed, replaced, cancelled (articles 14, 18, 20, 23, 30)."""

from dataclasses import dataclass, field, replace

from db.desk import Done, File, Written
from db.facts import Act, Cancel, Endorse, Replace, Reviewed
from regulation.cancellation import (
    CancellationDecision,
    CancellationFacts,
    Proceeding,
    decide_cancellation,
)
from regulation.endorsement import (
    EndorsementDecision,
    EndorsementRequest,
    Review,
    decide_endorsement,
    judge_review,
)
from regulation.evidence import QualifyingCondition
from regulation.id_number import IdNumber
from regulation.outcome import Actor, Decision, Mark, Outcome, Reason
from regulation.permit import CancelGround
from regulation.replacement import ReplacementDecision, ReplacementReason, decide_replacement
from resolvers.desk.acting import (
    Acting,
    Desk,
    explained,
    known_materials,
    recorder,
    rejected,
    untimely,
)

ENDORSE = "Mutation.endorsePermits"
REVIEW = "Mutation.reviewEndorsement"
REPLACE = "Mutation.replaceCard"
CANCEL = "Mutation.cancelPermit"


@dataclass(frozen=True, slots=True, kw_only=True)
class Endorsing:
    """What an endorsement is asked for with, and what the community police officer found.

    `conditions` are those that still hold, None where the review says so; `hukou` is the present
    one where it differs from the register's; `reviewer` is the officer who looked. A
    review that the officer recorded (`review`) stands before what the office reports of one.
    """

    review: Review | None
    review_reason: str = field(default="", repr=False)
    reviewer: str | None = None
    conditions: frozenset[QualifyingCondition] | None = None
    materials: frozenset[str] | None = None
    unreported_move: bool = False
    hukou: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelling:
    """On what ground a permit is to be cancelled, what was done before, and the reasons."""

    ground: CancelGround
    proceeding: Proceeding
    reason: str = field(default="", repr=False)
    conditions: frozenset[QualifyingCondition] = frozenset()
    division: str | None = None
    hukou: str | None = None
    hukou_before: str | None = None


async def review(
    desk: Desk, acting: Acting, number: IdNumber, found: Review, reason: str
) -> Done[Decision]:
    """Record what the community police officer found, for the endorsement that follows (20)."""

    def decide(file: File | None) -> Written[Decision]:
        decision = untimely(Decision, desk, acting, file) or judge_review(
            None if file is None else file.standing.permit,
            found,
            reason=reason,
            day=acting.day,
            parameters=desk.on(acting.day),
        )
        acts: list[Act] = []
        if file is not None and decision.outcome is Outcome.RECORDED:
            note = {"reason": reason, **explained(decision)}
            acts = [
                Reviewed(
                    happened_on=acting.day,
                    found=found.value,
                    office=acting.office,
                    desk=acting.at_desk(note),
                )
            ]
        return Written(decision=decision, acts=acts, record=recorder(desk, acting, REVIEW))

    return await desk.files.act(desk.ring.id_number_tag(number), decide, acting.terms)


async def endorse(
    desk: Desk, acting: Acting, number: IdNumber, given: Endorsing
) -> Done[EndorsementDecision]:
    """Endorse a permit, or say what stands against it (articles 14, 20)."""

    def decide(file: File | None) -> Written[EndorsementDecision]:
        permit = None if file is None else file.standing.permit
        endorsing = _with_the_officers_review(file, given)
        review = endorsing.review
        if endorsing.unreported_move and review is Review.PASSED:
            review = Review.ADDRESS_DIFFERS
        early = untimely(EndorsementDecision, desk, acting, file)
        if early is None and not known_materials(endorsing.materials or ()):
            early = rejected(EndorsementDecision, desk, acting, Reason.EVIDENCE_NOT_ACCEPTED)
        decision = (
            early
            or _without_registration(desk, acting, file)
            or decide_endorsement(
                EndorsementRequest(
                    permit=permit,
                    clock_start=None if file is None else file.standing.clock_start,
                    review=review,
                    review_reason=endorsing.review_reason,
                    conditions=endorsing.conditions,
                    hukou=endorsing.hukou or (None if file is None else file.hukou_county),
                    division=None if file is None else file.division,
                    materials=endorsing.materials,
                ),
                day=acting.day,
                calendar=desk.calendar,
                parameters=desk.on(acting.day),
            )
        )
        acts: list[Act] = []
        if file is not None and decision.outcome is Outcome.ENDORSED and decision.valid_to:
            note = {
                "materials": sorted(endorsing.materials or ()),
                "review": None if review is None else review.value,
                "reviewer": endorsing.reviewer,
                **explained(decision),
            }
            acts = [
                Endorse(
                    happened_on=acting.day,
                    valid_to=decision.valid_to,
                    office=acting.office,
                    desk=acting.at_desk(note),
                )
            ]
        return Written(decision=decision, acts=acts, record=recorder(desk, acting, ENDORSE))

    return await desk.files.act(desk.ring.id_number_tag(number), decide, acting.terms)


def _without_registration(
    desk: Desk, acting: Acting, file: File | None
) -> EndorsementDecision | None:
    """Who is registered no more lives nowhere that could be endorsed (articles 10, 20)."""
    if file is None or file.standing.permit is None or file.standing.registered_on is not None:
        return None
    return EndorsementDecision(
        outcome=Outcome.REFUSED,
        reasons=(Reason.NOT_REGISTERED,),
        articles=("10", "20"),
        who=Actor.HOLDER,
        marks=(Mark.REASON_IN_WRITING,),
        version=desk.on(acting.day).version,
    )


def _with_the_officers_review(file: File | None, given: Endorsing) -> Endorsing:
    """Take the review that the officer recorded, where there is one, for that which is reported."""
    row = None if file is None else file.reviewed
    if row is None:
        return given
    return replace(
        given,
        review=Review(str(row["ground"])),
        # Why is sealed in the review's own event, which was not recorded without it.
        review_reason=REVIEW,
        reviewer=str(row["official"]),
    )


async def replace_card(
    desk: Desk,
    acting: Acting,
    number: IdNumber,
    reason: ReplacementReason,
    *,
    old_card_returned: bool = False,
) -> Done[ReplacementDecision]:
    """Take an application for a new card of the same permit (articles 17, 18, 21)."""

    def decide(file: File | None) -> Written[ReplacementDecision]:
        early = untimely(ReplacementDecision, desk, acting, file)
        decision = early or decide_replacement(
            None if file is None else file.standing.permit,
            reason,
            day=acting.day,
            clock_start=None if file is None else file.standing.clock_start,
            old_card_returned=old_card_returned,
            parameters=desk.on(acting.day),
        )
        acts: list[Act] = []
        if file is not None and decision.outcome is Outcome.ACCEPTED:
            note = {"reason": reason.value, **explained(decision)}
            acts = [
                Replace(happened_on=acting.day, office=acting.office, desk=acting.at_desk(note))
            ]
        return Written(decision=decision, acts=acts, record=recorder(desk, acting, REPLACE))

    return await desk.files.act(desk.ring.id_number_tag(number), decide, acting.terms)


async def cancel(
    desk: Desk, acting: Acting, number: IdNumber, cancelling: Cancelling
) -> Done[CancellationDecision]:
    """Cancel a permit on one of the four grounds, or say what stands against it (article 23)."""

    def decide(file: File | None) -> Written[CancellationDecision]:
        early = untimely(CancellationDecision, desk, acting, file)
        decision = early or decide_cancellation(
            CancellationFacts(
                permit=None if file is None else file.standing.permit,
                clock_start=None if file is None else file.standing.clock_start,
                conditions=cancelling.conditions,
                division=cancelling.division or (None if file is None else file.division),
                hukou=cancelling.hukou or (None if file is None else file.hukou_county),
                hukou_before=cancelling.hukou_before,
            ),
            cancelling.ground,
            cancelling.proceeding,
            day=acting.day,
            parameters=desk.on(acting.day),
        )
        acts: list[Act] = []
        if file is not None and decision.outcome is Outcome.CANCELLED:
            note = {**explained(decision), "inWords": cancelling.reason}
            acts = [
                Cancel(
                    happened_on=acting.day,
                    ground=cancelling.ground,
                    office=acting.office,
                    desk=acting.at_desk(note),
                )
            ]
        return Written(decision=decision, acts=acts, record=recorder(desk, acting, CANCEL))

    return await desk.files.act(desk.ring.id_number_tag(number), decide, acting.terms)
