"""The three conditions and their proof (articles 10 and 15; R17)."""

import pytest

from regulation.evidence import (
    MATERIALS,
    SITUATIONS,
    Claim,
    OtherEvidence,
    Proves,
    QualifyingCondition,
    UnknownMaterialError,
    UnknownSituationError,
    address_proof_reusable,
    judge_situation,
    material,
    proven,
    proves,
    refused_evidence,
    situation,
)
from regulation.outcome import Reason
from regulation.parameters import AS_ISSUED

_E, _H, _S = QualifyingCondition


@pytest.mark.parametrize(
    ("code", "conditions"),
    [
        ("labour_contract", {_E}),
        ("appointment_letter", {_E}),
        ("employer_letter", {_E}),
        ("business_licence", {_E}),
        ("property_title", {_H}),
        ("purchase_contract", {_H}),
        ("lease_contract", {_H}),
        ("lodging_letter_landlord", {_H}),
        ("lodging_letter_employer", {_H}),
        ("lodging_letter_school", {_H}),
        ("student_card", {_S}),
        ("school_certificate", {_S}),
        ("resident_id_card", set()),
        ("photo", set()),
    ],
)
def test_each_material_proves_its_condition_and_no_other(
    code: str, conditions: set[QualifyingCondition]
) -> None:
    assert proven({code}) == conditions
    assert proves({code}, Proves.ADDRESS) is (_H in conditions)


def test_only_the_identity_card_serves_an_application_and_others_serve_a_registration() -> None:
    for code in ("household_register", "driving_licence", "passport"):
        assert proves({code}, Proves.IDENTITY)
        assert not proves({code}, Proves.ID_CARD)
    assert proves({"resident_id_card"}, Proves.ID_CARD)
    assert proves({"resident_id_card"}, Proves.IDENTITY)


@pytest.mark.parametrize(
    ("code", "alone", "with_reason"),
    [
        ("hired_by_public_body", None, None),
        ("business_in_town", None, None),
        ("farming_in_village", Reason.EVIDENCE_NOT_ACCEPTED, None),
        ("rented_dwelling", None, None),
        ("school_dormitory", None, None),
        ("other_dwelling", Reason.EVIDENCE_NOT_ACCEPTED, None),
        ("primary_school", None, None),
        ("higher_education", None, None),
        ("kindergarten", Reason.EVIDENCE_NOT_OF_CONDITION, Reason.EVIDENCE_NOT_OF_CONDITION),
        ("evening_school", Reason.EVIDENCE_NOT_OF_CONDITION, Reason.EVIDENCE_NOT_OF_CONDITION),
        ("part_time_study", Reason.EVIDENCE_NOT_OF_CONDITION, Reason.EVIDENCE_NOT_OF_CONDITION),
    ],
)
def test_a_situation_counts_or_needs_a_written_reason_or_never_counts(
    code: str, alone: Reason | None, with_reason: Reason | None
) -> None:
    assert judge_situation(code) is alone
    assert judge_situation(code, written_reason=" ") is alone
    assert judge_situation(code, written_reason="seen at the market") is with_reason
    condition = situation(code).condition
    assert Claim(condition=condition, situation=code).judge() is alone
    other = next(each for each in QualifyingCondition if each is not condition)
    misplaced = Claim(condition=other, situation=code)
    assert misplaced.judge() is Reason.EVIDENCE_NOT_OF_CONDITION


def test_a_claim_without_a_situation_is_taken_as_it_is() -> None:
    assert Claim(condition=_H).judge() is None


def test_other_evidence_counts_only_with_a_written_reason() -> None:
    silent = OtherEvidence(condition=_E, written_reason=" ")
    reasoned = OtherEvidence(condition=_E, written_reason="stall rented for three years")
    assert proven(set(), [silent]) == set()
    assert proven(set(), [reasoned]) == {_E}
    assert refused_evidence([reasoned, silent]) is Reason.EVIDENCE_NOT_ACCEPTED
    assert refused_evidence([reasoned]) is None
    assert refused_evidence([]) is None


def test_the_proof_of_address_is_used_again_while_the_address_is_unchanged() -> None:
    assert address_proof_reusable(address_unchanged=True)
    assert not address_proof_reusable(address_unchanged=False)
    fresh = AS_ISSUED.reading(R17="fresh-proof")
    assert not address_proof_reusable(address_unchanged=True, parameters=fresh)


def test_codes_are_unique_and_an_unknown_one_is_an_error() -> None:
    assert len({each.code for each in MATERIALS}) == len(MATERIALS)
    assert len({each.code for each in SITUATIONS}) == len(SITUATIONS)
    assert material("photo").proves == {Proves.PHOTO}
    with pytest.raises(UnknownMaterialError, match=r"materials\.csv"):
        material("selfie")
    with pytest.raises(UnknownMaterialError):
        proven({"selfie"})
    with pytest.raises(UnknownSituationError, match=r"situations\.csv"):
        situation("retired")


def test_every_listed_proof_of_a_condition_names_who_can_confirm_it() -> None:
    verifiers = {
        _E: {"human-resources", "market-regulation"},
        _H: {"natural-resources", "housing", "human-resources", "education"},
        _S: {"education"},
    }
    for each in MATERIALS:
        for condition in proven({each.code}):
            assert each.verifier is None or each.verifier in verifiers[condition]
