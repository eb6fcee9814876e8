"""The words of scenario files and what the product calls the same: the one table between them.

Where the format has a sentence and the product a code, the sentence is understood by the words that
carry its meaning, and shown in the wording of the published scenarios.

Never: decides anything.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from regulation.cancellation import LEGAL_BASIS
from regulation.endorsement import Review
from regulation.fees import Chargeable
from regulation.outcome import Actor, Gap, Outcome, Reason
from regulation.permit import CancelGround
from regulation.replacement import ReplacementReason
from regulation.scope import Route
from regulation.services import SERVICES as ALL_SERVICES
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

EVENTS: Final = dict.fromkeys(
    ("hukou_registered", "moved", "left_region", "endorsed", "card_replaced", "other")
)
"""What `events` may tell."""

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
    "human_resources": "employment",
    "labour": "employment",
    "employment": "employment",
    "health": "health",
    "civil_affairs": "civil-affairs",
    "justice": "justice",
    "exit_entry": "exit-entry",
    "id_card": "id-card-office",
    "vehicle": "vehicle-office",
    "market_regulation": "market-regulation",
    "residents": "residents-committee",
    "hukou": "hukou-police",
    "finance": "finance",
    "development_reform": "development-reform",
    "development_and_reform": "development-reform",
    "statistics": "statistics",
    "receiving": "receiving-office",
    "community": "community-police",
    "auditor": "auditor",
}
_KIND_OF_OFFICE: Final = re.compile(
    r"_(bureau|office|centre|center|commission|department|agency|committee|police|officer)$"
)
AGGREGATES_FOR: Final = frozenset({"finance", "development-reform", "statistics"})
"""Whom aggregates serve (articles 4 and 5)."""


def who(word: str) -> str | None:
    """Return the product's name for whoever acts or asks, None where there is no such actor."""
    if word in AGENTS or word in PARTIES:
        return word
    return department(word)


def department(word: str) -> str | None:
    """Return the department that a word like `education_bureau` means."""
    return _DEPARTMENTS.get(word) or _DEPARTMENTS.get(_KIND_OF_OFFICE.sub("", word))


REVIEWS: Final[Mapping[str, Review]] = {
    "passed": Review.PASSED,
    "failed": Review.FAILED,
    "address differs": Review.ADDRESS_DIFFERS,
    "address_differs": Review.ADDRESS_DIFFERS,
}
GROUNDS: Final[Mapping[str, CancelGround]] = {
    **{each.value: each for each in CancelGround},
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
HUKOU_KINDS: Final[Mapping[str, HukouKind]] = {each.value: each for each in HukouKind}
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


@dataclass(frozen=True, slots=True)
class Wording:
    """How a code is said: the pattern by which a sentence is understood, and the sentence."""

    pattern: str
    code: str
    sentence: str


def _article(item: str) -> Wording:
    return Wording(rf"(?<![\d(]){re.escape(item)}(?![\d(])", item, f"art {item}")


RATE: Final = "rate"
NEW_YEAR: Final = "new_year"
WORDINGS: Final[Mapping[str, tuple[Wording, ...]]] = {
    "route": (
        Wording(r"foreign|stateless", Route.FOREIGNERS, Route.FOREIGNERS.en),
        Wording(
            r"hong ?kong|macao|taiwan|\bHK\b|港澳台",
            Route.HONG_KONG_MACAO_TAIWAN,
            Route.HONG_KONG_MACAO_TAIWAN.en,
        ),
        Wording(r"hukou office|without .*hukou", Route.NO_MAINLAND_HUKOU, "the hukou office"),
    ),
    "told": (Wording(r"on the spot", "at_once", "on the spot, all missing items at once"),),
    "address_proof": (
        Wording(r"reused|again from|registration", "reused", "reused from registration"),
        Wording(r"given|fresh|submitted|new", "given", "given with the application"),
    ),
    "fee": (
        Wording(r"cost fee|published .*rate", RATE, "cost fee at the published national rate"),
    ),
    "flag": (
        Wording(r"manual review", "manual_review", "manual review of all evidence"),
        Wording(r"overdue|overrun", "overdue", "overdue"),
        Wording(r"\blate\b", "late", "late"),
        Wording(r"provisional", "provisional", "provisional"),
    ),
    "continuity": (
        Wording(r"broken|restart|afresh|interrupt", "broken", "broken"),
        Wording(r"kept|continu|unbroken", "kept", "kept"),
    ),
    "guidance": (
        Wording(
            r"report the (address )?change|change .*first",
            Reason.ADDRESS_CHANGE_NOT_REPORTED,
            "report the change first (may be done in the same visit)",
        ),
        Wording(r"endors.*replac|replac", Reason.ALREADY_HOLDS_PERMIT, "endorse or replace it"),
        Wording(r"window|opens", Reason.WINDOW_NOT_OPEN, "come back when the window is open"),
        Wording(r"review", Reason.POLICE_REVIEW_MISSING, "the community officer reviews first"),
        Wording(r"declare|regist", Reason.NOT_REGISTERED, "declare residence first"),
        Wording(r"half year|wait", Reason.RESIDENCE_UNDER_HALF_YEAR, "come back after half a year"),
    ),
    "next_step": (
        Wording(r"23\(2\)|cancellation", "23(2)", "cancellation proceeding (art 23(2))"),
    ),
    "old_card": (
        Wording(r"void|invalid", "void", "void"),
        Wording(r"hand|return|collect|taken", "handed_in", "handed in"),
    ),
    "legal_basis": tuple(_article(item) for item in LEGAL_BASIS.values()),
    "card": (
        Wording(r"confiscat", "confiscate_card", "confiscate (art 29)"),
        Wording(r"collect", "collect_card", "collect (art 22)"),
    ),
    "refer_to": (
        Wording(r"art(icle)?\.? 18", "18", "public security bureau, national Regulation art 18"),
        Wording(r"art(icle)?\.? 19", "19", "public security bureau, national Regulation art 19"),
    ),
    "note": (
        Wording(
            r"other settlement",
            Reason.NOT_RURAL_PASTORAL,
            "other settlement policies are outside these Measures",
        ),
        Wording(
            r"policy outside|depends on policy|step by step|programme",
            "not_guaranteed",
            "depends on policy outside these Measures",
        ),
        Wording(r"indication", "indication", "an indication, no decision"),
        Wording(r"not by virtue|without (a|the) permit", "no", "not by virtue of the permit"),
    ),
    "basis": tuple(
        _article(item) for item in (*(each.article for each in ALL_SERVICES), "24", "25", "26")
    ),
    "kind": (Wording(r"aggregate", "aggregate", "aggregate counts only"),),
    "permit_prospect": (
        Wording(r"^(none|no)\b", "none", "none"),
        Wording(r"possible|yes|after|later", "possible", "possible"),
    ),
    "fields": (Wording(r"ten items plus", "more", "the ten items plus others"),),
    "valid_to": (Wording(r"year from the new", NEW_YEAR, "one year from the new issue date"),),
}
"""Keys of `then` whose values are sentences."""


def understood(key: str, sentence: str) -> str | None:
    """Return the code that a sentence means under this key, None where none is known."""
    for wording in WORDINGS.get(key, ()):
        if re.search(wording.pattern, sentence, re.IGNORECASE):
            return wording.code
    return None


def spoken(key: str, code: object) -> object:
    """Return a code as the published scenarios would say it."""
    for wording in WORDINGS.get(key, ()):
        if wording.code == code:
            return wording.sentence
    return code


NOT_A_SWITCH: Final = ""
ALTERNATIVES: Final[tuple[tuple[str, str, str], ...]] = (
    ("R1", r"7|seven|if registered", "arrival-if-timely"),
    ("R1", r"arrival", "arrival"),
    ("R3", r"next day|24:00|strict|day after", "next-day"),
    ("R4", r"anchor|original day", "anchored"),
    ("R6", r"no roll|not roll|online", "no-roll"),
    ("R7", r"29", "expiry-29"),
    ("R8", r"first day|day earlier|day before", "day-before"),
    ("R9", r"29|is counted", "s+29"),
    ("R10", r"by itself|laps|new half year", "lapses"),
    ("R11", r"old expiry", "old-expiry"),
    ("R11", r"day of endorsement|endorsement day", "endorsement-day"),
    ("R12", r"latest", "latest-move"),
    ("R12", r"old address|discrepancy", "endorse-anyway"),
    ("R12", r"half year|23\(2\)", "ends-permit"),
    ("R13", r"this banner|half a year in", "county-half-year"),
    ("R14", r"not registered|not 流动人口", "no-registration"),
    ("R16", r"trustee|as .*registration", "as-registration"),
    ("R17", r"fresh proof|always required|again", "fresh-proof"),
    ("R18", r"incomplete.*first|gaps first", "incompleteness-first"),
    ("R19", r"15", "15-days"),
    ("R20", r"new year|year from issue", "new-year"),
    ("R21", r"every|all|663", "every-card"),
    ("R23", r"cancellation", "from-cancellation"),
    ("R24", r"no time limit|no limit|without .*limit", "no-limit"),
    ("R24", r"at .*expiry", "at-expiry"),
    ("R25", r"06-23|23 June|after the 30th", "2017-06-23"),
    ("R26", r"lease start|start of the lease", "from-lease-start"),
    ("R26", r"analogy|7 working days", "landlord-seven-days"),
    ("R28", r"art\.? 13", "issue-date-on-card"),
    ("R28", r"others refused|catchment|account of|supervisor|44|unsuppressed", NOT_A_SWITCH),
    ("R29", r"reject", "contradictions-rejected"),
    ("R29", r"day after", "day-after-birthday"),
    ("R30", r"weekends and statutory", "statutory-days"),
    ("R31", r"down", "rounded-down"),
)
"""Which choice of a reading an alternative's sentence means; the first that fits."""


def choice_of(readings: tuple[str, ...], sentence: str) -> tuple[str, str] | None:
    """Return the reading and the choice that an alternative means, None where none is known."""
    for reading, pattern, choice in ALTERNATIVES:
        if reading in readings and re.search(pattern, sentence, re.IGNORECASE):
            return reading, choice
    return None
