"""A new card for a lost or damaged one, or for changed data (article 18; readings R20, R21).

The permit stays the same: validity, suspension and clock are unchanged (R20). Whoever exchanges a
card hands in the old one; a lost card is void from the report of its loss. Promptly (及时) is no
number, so nothing here is late.

Never: prints a card, or says what it costs beyond what the city has entered.
"""

from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum

from regulation.fees import Chargeable, Fee, fee_for
from regulation.issue import issue_due
from regulation.outcome import Actor, Decision, Gap, Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters
from regulation.permit import PermitStatus, PermitValidity, status


class ReplacementReason(StrEnum):
    """Why a new card is wanted."""

    LOST = "lost"
    DAMAGED = "damaged"
    DATA_CHANGED = "data_changed"


_CHARGED = {
    ReplacementReason.LOST: Chargeable.REPLACEMENT_LOST,
    ReplacementReason.DAMAGED: Chargeable.REPLACEMENT_DAMAGED,
    ReplacementReason.DATA_CHANGED: Chargeable.EXCHANGE_CHANGED_DATA,
}


class OldCard(StrEnum):
    """What becomes of the old card."""

    VOID = "void"
    HANDED_IN = "handed_in"


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplacementDecision(Decision):
    """Whether a new card is made; permit and clock as they stand afterwards.

    `valid_to` is None where a new year begins with the issue of the new card (R20, read otherwise).
    `fee` is the cost fee (工本费), None where nothing is accepted.
    """

    receipt: bool = False
    issue_due: date | None = None
    old_card: OldCard | None = None
    fee: Fee | None = None
    status: PermitStatus | None = None
    valid_to: date | None = None
    clock_start: date | None = None


def decide_replacement(
    permit: PermitValidity | None,
    reason: ReplacementReason,
    *,
    day: date,
    clock_start: date | None,
    old_card_returned: bool,
    parameters: Parameters = AS_ISSUED,
) -> ReplacementDecision:
    """Judge an application for a new card, filed on `day` (articles 17, 18, 21)."""
    now = ReplacementDecision(
        outcome=Outcome.REFUSED,
        articles=("18",),
        readings=parameters.readings.applied("R20"),
        marks=(Mark.REASON_IN_WRITING,),
        clock_start=clock_start,
        status=None if permit is None else status(permit, day),
        valid_to=None if permit is None else permit.valid_to,
        version=parameters.version,
    )
    if permit is None:
        return replace(now, reasons=(Reason.NO_PERMIT,))
    if now.status is PermitStatus.CANCELLED:
        by_itself = permit.cancelled_on is None or permit.cancelled_on > day
        ended = Reason.PERMIT_LAPSED if by_itself else Reason.PERMIT_CANCELLED
        return replace(now, reasons=(ended,))
    lost = reason is ReplacementReason.LOST
    if not lost and not old_card_returned:
        return replace(
            now,
            outcome=Outcome.INCOMPLETE,
            reasons=(Reason.OLD_CARD_NOT_RETURNED,),
            missing=(Gap.OLD_CARD,),
            marks=(),
            who=Actor.HOLDER,
        )
    return _accepted(now, reason, day, parameters)


def _accepted(
    now: ReplacementDecision, reason: ReplacementReason, day: date, parameters: Parameters
) -> ReplacementDecision:
    """Accept: the card within 30 days of it, not rolled over days off (article 17, R6, R19)."""
    due = issue_due(day, parameters)
    new_year = parameters.chosen("R20") == "new-year"
    return replace(
        now,
        outcome=Outcome.ACCEPTED,
        articles=("17", "18", "21"),
        readings=parameters.readings.applied("R19", "R20", "R21"),
        marks=(),
        deadline=due,
        who=Actor.RECEIVING_OFFICE,
        receipt=True,
        issue_due=due.day,
        old_card=OldCard.VOID if reason is ReplacementReason.LOST else OldCard.HANDED_IN,
        fee=fee_for(_CHARGED[reason], parameters),
        valid_to=None if new_year else now.valid_to,
    )
