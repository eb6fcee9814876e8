"""Cancelling a permit: four grounds and what stands against each (article 23; R14, R23)."""

from dataclasses import replace
from datetime import date

import pytest

from regulation.cancellation import (
    CancellationDecision,
    CancellationFacts,
    Proceeding,
    decide_cancellation,
    has_local_hukou,
    why_disqualified,
)
from regulation.evidence import QualifyingCondition
from regulation.outcome import Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters
from regulation.permit import CancelGround, PermitStatus, PermitValidity

_DAY = date(2025, 6, 10)
_CLOCK = date(2023, 10, 9)
_HOUSING = frozenset({QualifyingCondition.HOUSING})
_DONE = Proceeding(heard=True, official_named=True, reasoned=True, remedies_named=True)
_FACTS = CancellationFacts(
    permit=PermitValidity(valid_from=date(2024, 11, 20), valid_to=date(2026, 11, 20)),
    clock_start=_CLOCK,
    conditions=_HOUSING,
    division="150402",
    hukou="150429",
)
_FALSE, _GONE = CancelGround.FALSE_MATERIALS, CancelGround.NO_LONGER_QUALIFIES
_HUKOU, _OTHER = CancelGround.LOCAL_HUKOU, CancelGround.OTHER


def _decide(
    ground: CancelGround,
    facts: CancellationFacts = _FACTS,
    proceeding: Proceeding = _DONE,
    parameters: Parameters = AS_ISSUED,
) -> CancellationDecision:
    return decide_cancellation(facts, ground, proceeding, day=_DAY, parameters=parameters)


def test_false_materials_cancel_confiscate_and_refer() -> None:
    made = _decide(_FALSE)
    assert (made.outcome, made.legal_basis) == (Outcome.CANCELLED, "23(1)")
    assert made.marks == (Mark.CONFISCATE_CARD, Mark.REFER, Mark.REASON_IN_WRITING)
    assert made.articles == ("23(1)", "29")
    assert made.status is PermitStatus.CANCELLED


def test_while_one_condition_holds_the_second_ground_fails() -> None:
    blocked = _decide(_GONE)
    assert (blocked.outcome, blocked.reasons) == (Outcome.BLOCKED, (Reason.CONDITION_STILL_MET,))
    assert blocked.status is PermitStatus.ACTIVE
    made = _decide(_GONE, replace(_FACTS, conditions=frozenset()))
    assert (made.outcome, made.legal_basis) == (Outcome.CANCELLED, "23(2)")
    assert made.reasons == (Reason.NO_QUALIFYING_CONDITION,)
    assert Mark.COLLECT_CARD in made.marks


@pytest.mark.parametrize(
    ("facts", "reason"),
    [
        (replace(_FACTS, division="110105"), Reason.LEFT_THE_REGION),
        (replace(_FACTS, division="150429"), Reason.SAME_COUNTY_HUKOU),
        (replace(_FACTS, hukou="150403"), Reason.THREE_DISTRICT_EXCLUSION),
    ],
)
def test_where_the_place_excludes_a_permit_no_condition_saves_it(
    facts: CancellationFacts, reason: Reason
) -> None:
    assert why_disqualified(facts) == (reason,)
    assert _decide(_GONE, facts).outcome is Outcome.CANCELLED


def test_another_league_of_the_region_is_no_departure() -> None:
    assert why_disqualified(replace(_FACTS, division="150502")) == ()


@pytest.mark.parametrize(
    ("facts", "local"),
    [
        (replace(_FACTS, hukou="150402", hukou_before="150429"), True),
        (replace(_FACTS, hukou="150402"), True),
        (replace(_FACTS, hukou="150425", hukou_before="110105"), True),
        (replace(_FACTS, hukou="150425", hukou_before="150429"), False),
        (replace(_FACTS, hukou="150429"), False),
        (replace(_FACTS, hukou="110105", hukou_before="150429"), False),
        (replace(_FACTS, hukou=None), False),
    ],
)
def test_local_hukou_is_one_moved_here(facts: CancellationFacts, *, local: bool) -> None:
    assert has_local_hukou(facts) is local
    made = _decide(_HUKOU, facts)
    assert (made.outcome is Outcome.CANCELLED) is local
    if local:
        assert (made.legal_basis, made.marks) == ("23(3)", (Mark.COLLECT_CARD,))
    else:
        assert made.reasons == (Reason.GROUND_NOT_GIVEN,)


def test_other_grounds_need_their_reason() -> None:
    made = _decide(_OTHER, proceeding=Proceeding(official_named=True, reasoned=True))
    assert (made.outcome, made.legal_basis) == (Outcome.CANCELLED, "23(4)")
    silent = _decide(_OTHER, proceeding=Proceeding(official_named=True))
    assert silent.reasons == (Reason.REFUSAL_WITHOUT_REASON,)


@pytest.mark.parametrize("ground", [_FALSE, _GONE])
def test_before_a_decision_against_the_holder_every_step_is_taken_or_named(
    ground: CancelGround,
) -> None:
    facts = replace(_FACTS, conditions=frozenset())
    blocked = _decide(ground, facts, Proceeding())
    assert blocked.outcome is Outcome.BLOCKED
    assert blocked.reasons == (
        Reason.HEARING_MISSING,
        Reason.OFFICIAL_NOT_NAMED,
        Reason.REFUSAL_WITHOUT_REASON,
        Reason.REMEDIES_NOT_NAMED,
    )
    assert blocked.status is PermitStatus.ACTIVE
    unheard = _decide(ground, facts, replace(_DONE, heard=False))
    assert unheard.reasons == (Reason.HEARING_MISSING,)


def test_local_hukou_needs_an_official_and_nothing_more() -> None:
    facts = replace(_FACTS, hukou="150402", hukou_before="150429")
    assert _decide(_HUKOU, facts, Proceeding()).reasons == (Reason.OFFICIAL_NOT_NAMED,)
    assert _decide(_HUKOU, facts, Proceeding(official_named=True)).outcome is Outcome.CANCELLED


def test_a_suspended_permit_can_be_cancelled_and_a_cancelled_one_cannot() -> None:
    assert _FACTS.permit is not None
    expired = replace(_FACTS, permit=replace(_FACTS.permit, valid_to=date(2025, 6, 9)))
    assert _decide(_FALSE, expired).outcome is Outcome.CANCELLED
    before = replace(_FACTS, permit=replace(_FACTS.permit, cancelled_on=_DAY))
    assert _decide(_FALSE, before).reasons == (Reason.PERMIT_CANCELLED,)
    assert _decide(_FALSE, replace(_FACTS, permit=None)).reasons == (Reason.NO_PERMIT,)


@pytest.mark.parametrize("ground", list(CancelGround))
def test_the_clock_runs_on_unless_read_otherwise(ground: CancelGround) -> None:
    facts = replace(_FACTS, conditions=frozenset(), hukou="150402", hukou_before="150429")
    assert _decide(ground, facts).clock_start == _CLOCK
    afresh = AS_ISSUED.reading(R23="from-cancellation")
    assert _decide(ground, facts, parameters=afresh).clock_start == _DAY
