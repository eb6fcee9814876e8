"""Fees (article 21; R21)."""

from dataclasses import replace

import pytest

from regulation.fees import Chargeable, fee_for, judge_charge
from regulation.outcome import Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters, Values

_FREE = (
    Chargeable.REGISTRATION,
    Chargeable.FIRST_APPLICATION,
    Chargeable.REAPPLICATION,
    Chargeable.ADDRESS_CHANGE,
    Chargeable.ENDORSEMENT,
    Chargeable.EXCHANGE_CHANGED_DATA,
)
_COST = (Chargeable.REPLACEMENT_LOST, Chargeable.REPLACEMENT_DAMAGED)
_PRICED = replace(
    AS_ISSUED,
    values=replace(Values(), replacement_fee_fen=2000),
    bases=(("replacement_fee_fen", "price notice 9"),),
)


@pytest.mark.parametrize("service", _FREE)
def test_s27_what_is_free_cannot_be_charged(service: Chargeable) -> None:
    for parameters in (AS_ISSUED, _PRICED):
        judged = judge_charge(service, fen=1000, parameters=parameters)
        assert (judged.outcome, judged.reasons) == (Outcome.BLOCKED, (Reason.FREE_BY_ART_21,))
        assert (judged.fee.free, judged.fee.fen) == (True, 0)
        nothing = judge_charge(service, fen=0, parameters=parameters)
        assert nothing.outcome is Outcome.ACCEPTED


@pytest.mark.parametrize("service", _COST)
def test_s33_a_new_card_for_one_lost_or_damaged_costs_the_published_rate(
    service: Chargeable,
) -> None:
    assert judge_charge(service, fen=2000, parameters=_PRICED).outcome is Outcome.ACCEPTED
    above = judge_charge(service, fen=2001, parameters=_PRICED)
    assert (above.outcome, above.reasons) == (Outcome.BLOCKED, (Reason.FEE_ABOVE_RATE,))
    assert fee_for(service, _PRICED).basis == "price notice 9"


@pytest.mark.parametrize("service", _COST)
def test_without_a_published_rate_nothing_can_be_charged(service: Chargeable) -> None:
    judged = judge_charge(service, fen=1)
    assert judged.reasons == (Reason.FEE_WITHOUT_BASIS,)
    assert (judged.fee.free, judged.fee.fen) == (False, None)


@pytest.mark.parametrize("service", Chargeable)
@pytest.mark.parametrize("parameters", [AS_ISSUED, _PRICED])
def test_less_than_nothing_is_never_charged(service: Chargeable, parameters: Parameters) -> None:
    judged = judge_charge(service, fen=-1, parameters=parameters)
    assert (judged.outcome, judged.reasons) == (Outcome.BLOCKED, (Reason.FEE_WITHOUT_BASIS,))


def test_read_by_the_national_regulation_an_exchange_costs_too() -> None:
    every = _PRICED.reading(R21="every-card")
    assert fee_for(Chargeable.EXCHANGE_CHANGED_DATA, every).fen == 2000
    assert fee_for(Chargeable.ENDORSEMENT, every).free
    assert fee_for(Chargeable.REAPPLICATION, every).free


def test_every_service_is_free_or_costs() -> None:
    assert {*_FREE, *_COST} == set(Chargeable)
