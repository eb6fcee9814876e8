"""A new card (article 18; R19, R20, R21)."""

from datetime import date

import pytest

from regulation.fees import Chargeable, fee_for
from regulation.outcome import Gap, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters, Values
from regulation.permit import CancelGround, PermitStatus, PermitValidity
from regulation.replacement import (
    OldCard,
    ReplacementDecision,
    ReplacementReason,
    decide_replacement,
)

_DAY = date(2025, 6, 10)
_CLOCK = date(2023, 10, 9)
_PERMIT = PermitValidity(valid_from=date(2025, 11, 20), valid_to=date(2026, 11, 20))
_LOST, _DAMAGED = ReplacementReason.LOST, ReplacementReason.DAMAGED


def _decide(
    reason: ReplacementReason,
    *,
    permit: PermitValidity | None = _PERMIT,
    returned: bool = False,
    parameters: Parameters = AS_ISSUED,
) -> ReplacementDecision:
    return decide_replacement(
        permit,
        reason,
        day=_DAY,
        clock_start=_CLOCK,
        old_card_returned=returned,
        parameters=parameters,
    )


def test_a_lost_card_is_void_and_a_new_one_due_within_thirty_days() -> None:
    made = _decide(_LOST)
    assert (made.outcome, made.receipt) == (Outcome.ACCEPTED, True)
    assert made.issue_due == date(2025, 7, 10)
    assert made.old_card is OldCard.VOID
    assert made.fee is not None
    assert not made.fee.free
    assert made.clock_start == _CLOCK


def test_a_damaged_card_is_handed_in() -> None:
    made = _decide(_DAMAGED, returned=True)
    assert (made.outcome, made.old_card) == (Outcome.ACCEPTED, OldCard.HANDED_IN)
    assert made.valid_to == date(2026, 11, 20)
    kept = _decide(_DAMAGED)
    assert (kept.outcome, kept.missing) == (Outcome.INCOMPLETE, (Gap.OLD_CARD,))
    assert kept.reasons == (Reason.OLD_CARD_NOT_RETURNED,)
    assert kept.receipt is False


def test_a_card_with_changed_data_is_exchanged_free_of_charge() -> None:
    changed = ReplacementReason.DATA_CHANGED
    made = _decide(changed, returned=True)
    assert made.outcome is Outcome.ACCEPTED
    assert made.fee == fee_for(Chargeable.EXCHANGE_CHANGED_DATA)
    assert made.fee.free
    assert _decide(changed).outcome is Outcome.INCOMPLETE
    every = _decide(changed, returned=True, parameters=AS_ISSUED.reading(R21="every-card"))
    assert every.fee is not None
    assert not every.fee.free


@pytest.mark.parametrize("fee", [None, 2000])
def test_the_fee_is_what_the_city_has_entered(fee: int | None) -> None:
    parameters = Parameters(values=Values(replacement_fee_fen=fee))
    made = _decide(_LOST, parameters=parameters)
    assert made.fee is not None
    assert made.fee.fen == fee


@pytest.mark.parametrize(
    ("expired", "expected"),
    [(date(2025, 6, 10), PermitStatus.ACTIVE), (date(2025, 6, 9), PermitStatus.SUSPENDED)],
)
def test_a_new_card_changes_neither_validity_nor_suspension(
    expired: date, expected: PermitStatus
) -> None:
    permit = PermitValidity(valid_from=date(2024, 6, 10), valid_to=expired)
    made = _decide(_LOST, permit=permit)
    assert (made.outcome, made.status, made.valid_to) == (Outcome.ACCEPTED, expected, expired)


def test_read_otherwise_a_new_year_begins_with_the_new_card() -> None:
    made = _decide(_LOST, parameters=AS_ISSUED.reading(R20="new-year"))
    assert (made.outcome, made.valid_to) == (Outcome.ACCEPTED, None)


def test_read_otherwise_the_card_is_due_within_fifteen_days() -> None:
    made = _decide(_LOST, parameters=AS_ISSUED.reading(R19="15-days"))
    assert made.issue_due == date(2025, 6, 25)


def test_there_is_no_new_card_for_a_permit_that_is_none() -> None:
    assert _decide(_LOST, permit=None).reasons == (Reason.NO_PERMIT,)
    cancelled = PermitValidity(
        valid_from=date(2025, 1, 1),
        valid_to=date(2026, 1, 1),
        cancelled_on=_DAY,
        ground=CancelGround.OTHER,
    )
    refused = _decide(_LOST, permit=cancelled)
    assert (refused.outcome, refused.reasons) == (Outcome.REFUSED, (Reason.PERMIT_CANCELLED,))
    lapsed = PermitValidity(
        valid_from=date(2024, 1, 1), valid_to=date(2025, 1, 1), lapses_on=date(2025, 2, 6)
    )
    assert _decide(_LOST, permit=lapsed).reasons == (Reason.PERMIT_LAPSED,)
