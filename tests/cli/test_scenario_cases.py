"""Cases of our own beside the published ones: other persons, days, offices, words."""

from collections.abc import Mapping
from typing import Any

import pytest

from tests.cli.scenario_bench import Bench

Said = Mapping[str, Any]

_FILE = ["resident_id_card", "photo", "lease_contract"]
_AT_HOME = {"person": "P02", "hukou_division": "150429", "residence_division": "150402"}
_HOLDER = _AT_HOME | {
    "residence_clock_start": "2023-10-09",
    "permit": {"state": "active", "valid_to": "2026-11-20"},
}
_EXPIRED = _HOLDER | {"permit": {"valid_to": "2025-08-20"}}
_FROM_HARBIN = {"person": "P10", "hukou_division": "230102", "residence_division": "150402"}
_ELDERLY = {"person": "P14", "hukou_division": "150422", "residence_division": "150402"}
_TEMPORARY = {
    "person": "P16",
    "hukou_division": "150424",
    "residence_division": "150402",
    "conditions": ["housing"],
    "temporary_permit": {"from": "2017-03-06", "to": "2017-09-05"},
}


def _apply(day: str, **more: object) -> Said:
    return {"action": "apply_permit", "date": day, "materials": _FILE, **more}


def _register(day: str, **more: object) -> Said:
    papers = ["resident_id_card", "lease_contract"]
    return {"action": "register_residence", "date": day, "materials": papers, **more}


def _move(day: str, **more: object) -> Said:
    papers = ["resident_id_card", "proof_of_new_residence"]
    return {"action": "report_address_change", "date": day, "materials": papers, **more}


def _ask(by: str, purpose: str | None, *fields: str) -> Said:
    who = {"action": "query_person", "date": "2025-09-18", "by": by, "purpose": purpose}
    return who | {"fields": list(fields)}


CASES: Mapping[str, tuple[Said, Said, Said]] = {
    "a Hong Kong number is shown its own rules": (
        {"person": "P23", "hukou_division": None, "residence_division": "150402"},
        _apply("2025-09-18", materials=["photo", "lease_contract"]),
        {"decision": "out_of_scope", "route": "state rules on residents of Hong Kong (art 31)"},
    ),
    "a trustee registers somebody whom age keeps in": (
        _ELDERLY | {"arrival_date": "2025-09-01"},
        _register("2025-09-04", by="trustee"),
        {"decision": "recorded", "agent_role": "trustee"},
    ),
    "a trustee registers no healthy adult": (
        _FROM_HARBIN | {"arrival_date": "2025-09-01"},
        _register("2025-09-04", by="trustee"),
        {"decision": "refused", "reason_in_writing": True},
    ),
    "a close relative applies for somebody whom age keeps in": (
        _ELDERLY | {"registration_date": "2024-09-01", "conditions": ["housing"]},
        _apply("2025-09-04", by="close_relative"),
        {"decision": "accepted", "agent_role": "close_relative"},
    ),
    "late is a mark and costs nothing": (
        _FROM_HARBIN | {"arrival_date": "2025-01-24"},
        _register("2025-02-11"),
        {
            "decision": "recorded",
            "on_time": False,
            "deadline": "2025-02-10",
            "residence_clock_start": "2025-02-11",
            "fee": 0,
            "must_not": ["refuse the registration", "charge a fee", "compute a fine"],
        },
    ),
    "an application under an old temporary permit registers in time": (
        _TEMPORARY,
        _apply("2017-09-20"),
        {"decision": "accepted", "residence_clock_start": "2017-03-06"},
    ),
    "an application long after a temporary permit does not": (
        _TEMPORARY,
        _apply("2018-01-20"),
        {"decision": "not_eligible", "reasons": ["NOT_REGISTERED"]},
    ),
    "a late report before the permit restarts the half year": (
        _FROM_HARBIN
        | {
            "registration_date": "2025-01-06",
            "moved": "2025-04-08",
            "change_reported": "2025-05-20",
            "conditions": ["housing"],
        },
        _apply("2025-07-07"),
        {"decision": "not_eligible", "earliest_date": "2025-11-20"},
    ),
    "the condition that is shown is the one relied on": (
        _AT_HOME | {"registration_date": "2024-09-02", "conditions": ["housing", "employment"]},
        _apply("2025-03-03", materials=["resident_id_card", "photo", "labour_contract"]),
        {"decision": "accepted", "relied_on": "employment"},
    ),
    "a refusal of the eligible waits for another official": (
        _AT_HOME | {"registration_date": "2024-09-02", "conditions": ["housing"]},
        _apply("2025-03-03", clerk_decision="not_eligible", clerk_reasons=["lives elsewhere"]),
        {"decision": "held_for_review"},
    ),
    "a school card completes an application": (
        _AT_HOME | {"registration_date": "2024-09-02", "conditions": ["schooling"]},
        {
            "action": "supply_missing",
            "first_filing": "2025-03-03",
            "date": "2025-03-06",
            "materials": ["student_card"],
        },
        {"decision": "accepted", "relied_on": "schooling", "issue_due": "2025-04-05"},
    ),
    "an endorsement asks for evidence": (
        _AT_HOME | {"permit": {"valid_to": "2025-11-20"}},
        {
            "action": "endorse",
            "date": "2025-11-10",
            "materials": ["residence_permit"],
            "police_review": "passed",
        },
        {"decision": "incomplete", "missing": ["condition_evidence"], "valid_to": "2025-11-20"},
    ),
    "a holder who moves under the three-district clause is named the proceeding": (
        {"person": "P03", "hukou_division": "150402", "residence_division": "150425"}
        | {"permit": {"state": "active", "valid_to": "2026-11-20"}}
        | {"moved": "2025-06-10", "new_division": "150404"},
        _move("2025-06-19"),
        {"decision": "recorded", "next_step": "cancellation proceeding (art 23(2))"},
    ),
    "a holder from Tongliao who reports late keeps the permit": (
        {"person": "P13", "hukou_division": "150522", "residence_division": "150404"}
        | {"permit": {"valid_to": "2026-03-31", "issued_by_division": "150502"}}
        | {"moved": "2025-06-10"},
        _move("2025-06-20"),
        {"on_time": False, "state": "active", "residence_clock_start": "2025-06-10"},
    ),
    "who left the region qualifies no longer": (
        _HOLDER
        | {"conditions": ["housing"]}
        | {"events": [{"type": "left_region", "date": "2025-06-01", "division": "110105"}]},
        {"action": "cancel_permit", "date": "2025-06-12", "ground": "no_longer_qualifies"},
        {"decision": "cancelled", "legal_basis": "art 23(2)", "card": "collect"},
    ),
    "a lost card of a suspended permit restores nothing": (
        _EXPIRED,
        {"action": "replace_card", "date": "2025-09-10", "reason": "lost"},
        {"decision": "accepted", "state": "suspended", "valid_to": "2025-08-20"},
    ),
    "a new card for changed data is free": (
        _HOLDER,
        {
            "action": "replace_card",
            "date": "2025-06-10",
            "reason": "data_changed",
            "old_card_returned": True,
        },
        {"decision": "accepted", "fee": 0, "old_card": "handed in"},
    ),
    "a suspended permit opens nothing": (
        _EXPIRED,
        {"action": "list_entitlements", "date": "2025-09-18"},
        {"art24_answer": "no", "art25_answer": "no"},
    ),
    "a suspended permit gets the one no of all": (
        _EXPIRED,
        _ask("education_bureau", "24(4)", "permit_valid"),
        {"returned": {"permit_valid": "no"}, "logged": True, "must_not": ["say why"]},
    ),
    "nobody registered gets it too": (
        _FROM_HARBIN,
        _ask("education_bureau", "24(4)", "permit_valid"),
        {"decision": "answered", "returned": {"permit_valid": "no"}},
    ),
    "hukou police are told since when somebody lives here": (
        _HOLDER,
        _ask("hukou_police", "22", "permit_valid", "residence_clock_start", "current_address"),
        {"decision": "answered", "returned": {"residence_clock_start": "2023-10-09"}},
    ),
    "hukou police are told no birth date": (
        _HOLDER,
        _ask("hukou_police", "22", "birth_date"),
        {"decision": "denied", "denied": ["birth_date"]},
    ),
    "market regulation is told yes or no": (
        _HOLDER,
        _ask("market_regulation_bureau", "business_registration", "permit_valid"),
        {"decision": "answered", "returned": {"permit_valid": "yes"}},
    ),
    "market regulation is told no place": (
        _HOLDER,
        _ask("market_regulation_bureau", "business_registration", "residence_county"),
        {"decision": "denied", "denied": ["residence_county"]},
    ),
    "a residents' committee is told nothing": (
        _HOLDER,
        _ask("residents_committee", "26:residents_committee_election", "permit_valid"),
        {"decision": "denied", "denied": ["permit_valid"]},
    ),
    "a county is no township": (
        _HOLDER,
        _ask("social_insurance_agency", "24(2)", "permit_valid", "residence_township"),
        {"decision": "denied", "denied": ["residence_township"]},
    ),
    "another department's purpose is refused": (
        _HOLDER,
        _ask("education_bureau", "24(2)", "permit_valid"),
        {"decision": "denied", "reasons": ["PURPOSE_NOT_OF_DEPARTMENT"], "logged": True},
    ),
    "a department without a role is judged by its duties": (
        _HOLDER,
        _ask("vehicle_office", "25(3)", "permit_valid", "residence_county"),
        {"decision": "answered", "logged": True, "must_not": ["return phone"]},
    ),
    "and told no more than they need": (
        _HOLDER,
        _ask("justice_bureau", "24(9)", "permit_valid", "residence_county"),
        {"decision": "denied", "denied": ["residence_county"]},
    ),
    "a community police officer sees no ethnicity": (
        _HOLDER,
        _ask("community_police", "20", "phone", "ethnicity"),
        {"decision": "denied", "denied": ["ethnicity"]},
    ),
    "an office outside article 25 is told what the permit opens": (
        _HOLDER,
        {
            "action": "query_entitlement",
            "date": "2025-09-18",
            "by": "vehicle_office",
            "item": "25(3)",
        },
        {"answer": "yes", "basis": "art 25(3)"},
    ),
    "a department reads no holder's log": (
        _HOLDER,
        {"action": "holder_access_log", "date": "2025-09-18", "by": "education_bureau"},
        {"decision": "denied", "logged": True},
    ),
    "a changed row of a cancelled permit is found too": (
        _AT_HOME | {"permit": {"state": "cancelled", "cancelled": "2025-06-10"}},
        {"action": "tamper", "date": "2025-09-18", "field": "valid_to", "value": "2030-01-01"},
        {"detected": True, "must": ["the change shows up in the integrity check"]},
    ),
    "numbers are for those who plan and pay": (
        {"residence_division": "150402"},
        {"action": "statistics", "date": "2025-09-18", "by": "employer"},
        {"decision": "denied"},
    ),
    "a limit in a known year is computed": (
        _FROM_HARBIN | {"arrival_date": "2026-02-13"},
        {"action": "compute_deadline", "date": "2026-02-13", "rule": "art 10"},
        {"decision": "computed", "deadline": "2026-03-02"},
    ),
}


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("cases"))


@pytest.mark.parametrize("sentence", list(CASES))
def test_the_case_comes_out(bench: Bench, sentence: str) -> None:
    checked = bench.check(*CASES[sentence])
    assert checked.differences == ()
    assert checked.unchecked == ()
