"""What nobody may do with a permit, and what is owed (articles 27 to 30)."""

from dataclasses import replace
from datetime import date

import pytest

from regulation.duties import (
    ForbiddenAct,
    Refusal,
    Remedy,
    ShownCard,
    faults_of_refusal,
    judge_authenticity,
    judge_correction,
    judge_custody,
    judge_query,
    judge_refusal,
    refer,
)
from regulation.outcome import Actor, Decision, Mark, Outcome, Reason

_CARD = ShownCard(
    permit_number="150402000001",
    valid_from=date(2025, 3, 20),
    valid_to=date(2026, 3, 20),
    name_key="测试乙二",
)
_NAMED = Refusal(reasons=(Reason.NOT_REGISTERED,), official="c-17")
_ACCEPTED = Decision(outcome=Outcome.ACCEPTED, articles=("16",))
_INELIGIBLE = Decision(
    outcome=Outcome.NOT_ELIGIBLE, articles=("2",), reasons=(Reason.SAME_COUNTY_HUKOU,)
)


def test_s61_custody_of_a_permit_is_never_recorded() -> None:
    judged = judge_custody()
    assert judged.outcome is Outcome.DENIED
    assert judged.reasons == (Reason.WITHHOLDING_FORBIDDEN_ART_27,)


def test_a_card_is_authentic_only_if_it_agrees_in_everything() -> None:
    assert judge_authenticity(_CARD, _CARD).outcome is Outcome.MET
    forged = replace(_CARD, valid_to=date(2030, 1, 1))
    unknown = judge_authenticity(_CARD, None)
    assert judge_authenticity(forged, _CARD) == unknown
    assert (unknown.outcome, unknown.reasons) == (Outcome.NOT_MET, (Reason.NOT_AUTHENTIC,))
    assert repr(_CARD) == "ShownCard()"


@pytest.mark.parametrize(
    ("act", "article", "national", "confiscated"),
    [
        (ForbiddenAct.FRAUD, "29(1)", "18", True),
        (ForbiddenAct.LETTING_LENDING_TRANSFER, "29(2)", "18", False),
        (ForbiddenAct.WITHHOLDING, "29(3)", "18", False),
        (ForbiddenAct.USING_ANOTHERS, "29(4)", "19", False),
        (ForbiddenAct.TRADING_OR_USING_FORGED, "29(5)", "19", True),
    ],
)
def test_a_forbidden_act_is_referred_and_no_fine_is_reckoned(
    act: ForbiddenAct, article: str, national: str, *, confiscated: bool
) -> None:
    referral = refer(act)
    assert (act.article, referral.national_article) == (article, national)
    assert referral.who is Actor.PUBLIC_SECURITY
    assert Mark.REFER in referral.marks
    assert (Mark.CONFISCATE_CARD in referral.marks) is confiscated


@pytest.mark.parametrize(
    ("refusal", "faults"),
    [
        (_NAMED, ()),
        (replace(_NAMED, reasons=(), written_reason="lease is void"), ()),
        (replace(_NAMED, reasons=(), written_reason=" "), (Reason.REFUSAL_WITHOUT_REASON,)),
        (replace(_NAMED, official=" "), (Reason.OFFICIAL_NOT_NAMED,)),
        (replace(_NAMED, remedies=()), (Reason.REMEDIES_NOT_NAMED,)),
        (Refusal(), (Reason.REFUSAL_WITHOUT_REASON, Reason.OFFICIAL_NOT_NAMED)),
    ],
)
def test_a_refusal_names_its_reason_its_official_and_the_remedies(
    refusal: Refusal, faults: tuple[Reason, ...]
) -> None:
    assert faults_of_refusal(refusal) == faults
    judged = judge_refusal(_INELIGIBLE, refusal)
    assert judged.outcome is (Outcome.BLOCKED if faults else Outcome.NOT_ELIGIBLE)


def test_s17_a_refusal_without_a_reason_is_blocked() -> None:
    judged = judge_refusal(_ACCEPTED, Refusal(official="c-17"))
    assert (judged.outcome, judged.reasons) == (Outcome.BLOCKED, (Reason.REFUSAL_WITHOUT_REASON,))


def test_refusing_whom_the_rules_would_accept_is_held_for_another_official() -> None:
    judged = judge_refusal(_ACCEPTED, _NAMED)
    assert judged.outcome is Outcome.HELD_FOR_REVIEW
    assert judged.reasons == (Reason.REFUSAL_OF_ELIGIBLE, Reason.NOT_REGISTERED)
    assert judged.marks == (Mark.MANUAL_REVIEW,)


def test_a_refusal_keeps_the_reasons_of_the_rules_and_adds_the_officials() -> None:
    judged = judge_refusal(_INELIGIBLE, _NAMED)
    assert judged.reasons == (Reason.SAME_COUNTY_HUKOU, Reason.NOT_REGISTERED)
    assert judged.marks == (Mark.REASON_IN_WRITING,)
    assert all((remedy.zh, remedy.en) for remedy in Remedy)


def test_a_correction_takes_two_officials() -> None:
    assert judge_correction(entered_by="a", confirmed_by="b") is None
    for entered, confirmed, reason in (
        ("a", "a", Reason.SAME_OFFICIAL),
        ("a", " a ", Reason.SAME_OFFICIAL),
        ("a", None, Reason.SAME_OFFICIAL),
        ("a", "", Reason.SAME_OFFICIAL),
        (" ", "b", Reason.OFFICIAL_NOT_NAMED),
    ):
        assert judge_correction(entered_by=entered, confirmed_by=confirmed) is reason


def test_s57_s58_a_department_asks_for_a_purpose_of_its_own() -> None:
    duties = ("24(8)",)
    assert judge_query("24(8)", duties).outcome is Outcome.ANSWERED
    assert judge_query(None, duties).reasons == (Reason.PURPOSE_MISSING,)
    assert judge_query(" ", duties).reasons == (Reason.PURPOSE_MISSING,)
    assert judge_query("25(3)", duties).reasons == (Reason.PURPOSE_NOT_OF_DEPARTMENT,)
