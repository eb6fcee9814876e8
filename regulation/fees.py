"""What is free and what costs a fee (article 21; reading R21).

Registration, the first permit, changes of address and endorsements are free. A new card for one
lost or damaged costs what the published rate says; the Measures name no amount, so a city enters
it with its legal reference, and until then nothing can be charged.

Never: knows an amount of its own, or takes a fee.
"""

from dataclasses import dataclass
from enum import StrEnum

from regulation.outcome import Actor, Decision, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters


class Chargeable(StrEnum):
    """What somebody might be asked to pay for."""

    REGISTRATION = "registration"
    FIRST_APPLICATION = "first_application"
    REAPPLICATION = "reapplication"
    ADDRESS_CHANGE = "address_change"
    ENDORSEMENT = "endorsement"
    REPLACEMENT_LOST = "replacement_lost"
    REPLACEMENT_DAMAGED = "replacement_damaged"
    EXCHANGE_CHANGED_DATA = "exchange_changed_data"


_COST = frozenset({Chargeable.REPLACEMENT_LOST, Chargeable.REPLACEMENT_DAMAGED})


@dataclass(frozen=True, slots=True, kw_only=True)
class Fee:
    """Whether a fee is due; `fen` is its amount, None while no rate is published."""

    free: bool
    fen: int | None
    basis: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FeeDecision(Decision):
    """Whether an amount may be charged; `fee` is what may be."""

    fee: Fee


def fee_for(service: Chargeable, parameters: Parameters = AS_ISSUED) -> Fee:
    """Return what a service costs (article 21, R21)."""
    charged = _COST
    if parameters.chosen("R21") == "every-card":
        # National Regulation article 21: whoever exchanges or replaces a permit pays its cost.
        charged |= {Chargeable.EXCHANGE_CHANGED_DATA}
    if service not in charged:
        return Fee(free=True, fen=0, basis="本办法第二十一条第一款")
    return Fee(
        free=False,
        fen=parameters.values.replacement_fee_fen,
        basis=parameters.basis_of("replacement_fee_fen"),
    )


def judge_charge(
    service: Chargeable, *, fen: int, parameters: Parameters = AS_ISSUED
) -> FeeDecision:
    """Judge whether so much may be charged: never for what is free, never above the rate (21).

    Less than nothing has no basis either: no rule knows of paying somebody.
    """
    fee = fee_for(service, parameters)
    reason = None
    if fen < 0:
        reason = Reason.FEE_WITHOUT_BASIS
    elif fen > 0 and fee.free:
        reason = Reason.FREE_BY_ART_21
    elif fen > 0 and fee.fen is None:
        reason = Reason.FEE_WITHOUT_BASIS
    elif fee.fen is not None and fen > fee.fen:
        reason = Reason.FEE_ABOVE_RATE
    return FeeDecision(
        outcome=Outcome.BLOCKED if reason else Outcome.ACCEPTED,
        reasons=(reason,) if reason else (),
        articles=("21", "30"),
        readings=parameters.readings.applied("R21"),
        who=Actor.RECEIVING_OFFICE,
        fee=fee,
        version=parameters.version,
    )
