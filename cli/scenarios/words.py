"""The words of scenario files and what the product calls the same: the one table between them.

`cli.scenarios.wordings` has the sentences.

Never: decides anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from regulation.endorsement import Review
from regulation.fees import Chargeable
from regulation.outcome import Actor, Gap, Outcome, Reason
from regulation.permit import CancelGround
from regulation.replacement import ReplacementReason
from regulation.settlement import Area, HukouKind
from regulation.third_party import Reporter
from schema.errors import Code

ACTIONS: Final = dict.fromkeys(
    [
        "register_residence",
        "apply_permit",
        "supply_missing",
        "no_application",
        "issue_card",
        "render_card",
        "endorse",
        "report_address_change",
        "report_departure",
        "replace_card",
        "cancel_permit",
        "settlement_check",
        "charge_fee",
        "report_hire",
        "report_lease",
        "report_brokerage",
        "record_tenant",
        "record_custody",
        "query_status",
        "query_temporary_permit",
        "query_person",
        "list_entitlements",
        "query_entitlement",
        "holder_access_log",
        "statistics",
        "statistics_staffing",
        "compute_deadline",
        "tamper",
    ]
)
"""Every action."""

OUTCOMES: Final[Mapping[Outcome, str]] = {
    each: "approved" if each is Outcome.ENDORSED else each.value for each in Outcome
}
"""What a decision is called."""

REASONS: Final = frozenset(
    [
        "SAME_COUNTY_HUKOU",
        "THREE_DISTRICT_EXCLUSION",
        "NOT_REGISTERED",
        "RESIDENCE_UNDER_HALF_YEAR",
        "NO_QUALIFYING_CONDITION",
        "NOT_MAINLAND_HUKOU_CITIZEN",
        "ALREADY_HOLDS_PERMIT",
        "APPLICATION_PENDING",
        "WINDOW_NOT_OPEN",
        "POLICE_REVIEW_MISSING",
        "ADDRESS_CHANGE_NOT_REPORTED",
        "FREE_BY_ART_21",
        "REFUSAL_WITHOUT_REASON",
        "CONDITION_STILL_MET",
        "PURPOSE_MISSING",
        "PURPOSE_NOT_OF_DEPARTMENT",
        "WITHHOLDING_FORBIDDEN_ART_27",
        "NOT_WHOLE_FAMILY",
        "NOT_URBAN_OR_TOWN",
        "NOT_RURAL_PASTORAL",
        "NOT_IN_FORCE",
        "ID_CHECK_DIGIT",
        "ID_SEX_MISMATCH",
        "PERMIT_LAPSED",
    ]
)
"""The reasons that the format has a code for; the product's others may be named too."""

REFUSALS: Final[Mapping[str, Reason]] = {
    Code.PURPOSE_REQUIRED.name: Reason.PURPOSE_MISSING,
    Code.PURPOSE_NOT_ALLOWED.name: Reason.PURPOSE_NOT_OF_DEPARTMENT,
}
"""Why the service refuses a request, as the Measures say it (article 28)."""

MATERIALS: Final[Mapping[str, str]] = {
    "id_card": "resident_id_card",
    "driver_licence": "driving_licence",
    "purchase_contract_house": "purchase_contract",
    "lodging_letter": "lodging_letter_landlord",
    "employment_letter": "employer_letter",
    "school_record": "school_certificate",
    "title_deed": "property_title",
}
"""Other words for materials; all others have the product's own codes."""

CONTENTS: Final[Mapping[str, Gap]] = {
    "name": Gap.NAME,
    "sex": Gap.SEX,
    "ethnicity": Gap.ETHNICITY,
    "birth_date": Gap.BIRTH_DATE,
    "citizen_id": Gap.CITIZEN_ID,
    "hukou_address": Gap.HUKOU_ADDRESS,
    "current_address": Gap.CURRENT_ADDRESS,
    "residence_reason": Gap.RESIDENCE_REASON,
    "reason_for_residence": Gap.RESIDENCE_REASON,
    "workplace": Gap.WORKPLACE,
    "employer": Gap.WORKPLACE,
    "contact": Gap.CONTACT,
    "phone": Gap.CONTACT,
}
"""The contents of a registration (article 11)."""

GAPS: Final[Mapping[str, str]] = {
    **MATERIALS,
    **{word: gap.value for word, gap in CONTENTS.items()},
    "proof_of_condition": Gap.CONDITION_EVIDENCE.value,
    "proof_of_new_residence": Gap.PROOF_OF_RESIDENCE.value,
    "identity_proof": Gap.PROOF_OF_IDENTITY.value,
    "residence_proof": Gap.PROOF_OF_RESIDENCE.value,
    "address_proof": Gap.PROOF_OF_ADDRESS.value,
}
"""Other words for what is missing."""

EVENTS: Final[Mapping[str, str]] = {
    "hukou_registered": "hukou",
    "hukou_moved": "hukou",
    "moved": "moved",
    "left_region": "left",
    "moved_away": "left",
    "card_replaced": "card_replaced",
    "card_lost": "",
    "card_damaged": "",
    "job_lost": "",
    "lease_ended": "",
    "left_school": "",
    "death": "",
    "surrender": "",
    "duplicate": "",
}
"""What `events` may tell; the last ones change nothing until an action follows on them."""

AGENTS: Final[Mapping[str, Actor]] = {
    "self": Actor.APPLICANT,
    "applicant": Actor.APPLICANT,
    "person": Actor.APPLICANT,
    "holder": Actor.HOLDER,
    "guardian": Actor.GUARDIAN,
    "trustee": Actor.TRUSTEE,
    "close_relative": Actor.CLOSE_RELATIVE,
}
"""Who may stand at a desk."""

PARTIES: Final[Mapping[str, Reporter]] = {each.value: each for each in Reporter}
"""Who reports under articles 6 to 9; none of them may ask for anything."""

_DEPARTMENTS: Final[Mapping[str, str]] = {
    "education": "education",
    "social_insurance": "social-insurance",
    "medical_insurance": "social-insurance",
    "housing": "housing",
    "housing_fund": "housing-fund",
    "provident_fund": "housing-fund",
    "culture_sport": "culture-sport",
    "culture_and_sport": "culture-sport",
    "human_resources": "human-resources",
    "labour": "human-resources",
    "employment": "human-resources",
    "health": "health",
    "civil_affairs": "civil-affairs",
    "justice": "justice",
    "exit_entry": "exit-entry",
    "id_card": "id-office",
    "vehicle": "vehicle-office",
    "market_regulation": "market-regulation",
    "residents": "residents-committee",
    "hukou": "hukou-police",
    "finance": "finance",
    "development_reform": "development-reform",
    "development_and_reform": "development-reform",
    "statistics": "statistics",
    "receiving": "receiving-office",
    "public_security": "receiving-office",
    "police": "receiving-office",
    "community": "community-police",
    "auditor": "auditor",
}
_KIND_OF_OFFICE: Final = re.compile(
    r"_(bureau|office|centre|center|commission|department|agency|committee|police|officer)$"
)
AGGREGATES_FOR: Final = frozenset({"finance", "development-reform", "statistics"})
"""Whom aggregates serve (articles 4 and 5)."""


OUTSIDERS: Final = frozenset({"commercial_service", "bank", "school", "company", "neighbour"})
"""Others who may ask, and are told nothing without the holder (article 26 paragraph 2, 28)."""


def who(word: str) -> str | None:
    """Return the product's name for whoever acts or asks, None where there is no such actor."""
    if word in AGENTS or word in PARTIES or word in OUTSIDERS:
        return word
    return department(word)


def department(word: str) -> str | None:
    """Return the department that a word like `education_bureau` means."""
    return _DEPARTMENTS.get(word) or _DEPARTMENTS.get(_KIND_OF_OFFICE.sub("", word))


REVIEWS: Final[Mapping[str, Review | None]] = {
    "none": None,
    "missing": None,
    "pending": None,
    "not done": None,
    "passed": Review.PASSED,
    "failed": Review.FAILED,
    "address differs": Review.ADDRESS_DIFFERS,
    "address_differs": Review.ADDRESS_DIFFERS,
}
GROUNDS: Final[Mapping[str, CancelGround]] = {
    **{each.value: each for each in CancelGround},
    "left_region": CancelGround.NO_LONGER_QUALIFIES,
    "hukou": CancelGround.LOCAL_HUKOU,
    "death": CancelGround.OTHER,
    "surrender": CancelGround.OTHER,
    "duplicate": CancelGround.OTHER,
}
REPLACEMENTS: Final[Mapping[str, ReplacementReason]] = {
    **{each.value: each for each in ReplacementReason},
    "loss": ReplacementReason.LOST,
    "damage": ReplacementReason.DAMAGED,
    "changed_data": ReplacementReason.DATA_CHANGED,
    "exchange": ReplacementReason.DATA_CHANGED,
}
HUKOU_KINDS: Final[Mapping[str, HukouKind]] = {
    **{each.value: each for each in HukouKind},
    "rural": HukouKind.RURAL_PASTORAL,
    "pastoral": HukouKind.RURAL_PASTORAL,
}
AREAS: Final[Mapping[str, Area]] = {
    **{each.value: each for each in Area},
    "designated_town": Area.TOWN,
    "rural": Area.VILLAGE,
}
SERVICES: Final[Mapping[str, Chargeable]] = {
    **{each.value: each for each in Chargeable},
    "residence_registration": Chargeable.REGISTRATION,
    "application": Chargeable.FIRST_APPLICATION,
    "first_permit": Chargeable.FIRST_APPLICATION,
    "first_issue": Chargeable.FIRST_APPLICATION,
    "address_change_registration": Chargeable.ADDRESS_CHANGE,
    "replace_lost": Chargeable.REPLACEMENT_LOST,
    "lost": Chargeable.REPLACEMENT_LOST,
    "replacement": Chargeable.REPLACEMENT_LOST,
    "replace_damaged": Chargeable.REPLACEMENT_DAMAGED,
    "damaged": Chargeable.REPLACEMENT_DAMAGED,
    "exchange": Chargeable.EXCHANGE_CHANGED_DATA,
}


@dataclass(frozen=True, slots=True)
class Field:
    """A field that somebody asks for: its selection in the graph, the path that the rules name."""

    selection: str
    path: str
    level: str = ""
    """COUNTY or TOWNSHIP where the word asks for that much of a division."""


FIELDS: Final[Mapping[str, Field]] = {
    "permit_valid": Field("permit{active}", "Permit.active"),
    "state": Field("permit{status}", "Permit.status"),
    "valid_from": Field("permit{validFrom}", "Permit.validFrom"),
    "valid_to": Field("permit{validTo}", "Permit.validTo"),
    "issue_date": Field("permit{issuedOn}", "Permit.issuedOn"),
    "cancel_reason": Field("permit{cancelGround}", "Permit.cancelGround"),
    "evidence": Field("permit{evidence{kind}}", "Permit.evidence"),
    "residence_county": Field("residence{division{code level}}", "Residence.division", "COUNTY"),
    "residence_township": Field(
        "residence{division{code level}}", "Residence.division", "TOWNSHIP"
    ),
    "residence_division": Field("residence{division{code level}}", "Residence.division"),
    "current_address": Field("residence{address}", "Residence.address"),
    "address_history": Field("residence{history{address}}", "AddressPeriod.address"),
    "in_catchment": Field('residence{within(division:"150402")}', "Residence.within"),
    "half_year": Field("residence{continuousAtLeast(months:6)}", "Residence.continuousAtLeast"),
    "three_years": Field("residence{continuousAtLeast(months:36)}", "Residence.continuousAtLeast"),
    "residence_clock_start": Field("residence{clockStart}", "Residence.clockStart"),
    "registration_date": Field("residence{registeredOn}", "Residence.registeredOn"),
    "arrival_date": Field("residence{arrivedOn}", "Residence.arrivedOn"),
    "residence_reason": Field("residence{reason}", "Residence.reason"),
    "name": Field("name", "Person.name"),
    "citizen_id": Field("idNumber", "Person.idNumber"),
    "id_number": Field("idNumber", "Person.idNumber"),
    "sex": Field("sex", "Person.sex"),
    "ethnicity": Field("ethnicity", "Person.ethnicity"),
    "birth_date": Field("birthDate", "Person.birthDate"),
    "age_18": Field("ageAtLeast(years:18)", "Person.ageAtLeast"),
    "photo": Field("photo", "Person.photo"),
    "phone": Field("phone", "Person.phone"),
    "employer": Field("workplace", "Person.workplace"),
    "workplace": Field("workplace", "Person.workplace"),
    "hukou_address": Field("hukouAddress", "Person.hukouAddress"),
    "hukou_division": Field("hukouCounty", "Person.hukouCounty"),
}
"""What may be asked for about a person."""
