"""The data minimisation table (articles 5, 10, 15–20, 24, 26, 28, 30 of the Measures), every cell.

V is shown whole, M masked, Y a yes or no, — never; Q is given by who asks and not returned; M* is
"changed on …" without the place. A column names every path of the schema that belongs to it, the
value itself first; "V alone" opens that one.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Final

import pytest

from policies.catalogue import Kind
from policies.permission import Action, Effect, Path, Rendering
from policies.table import Policies
from tests.policies.city import CATALOGUE, POLICIES, TODAY

COLUMNS: Final[Mapping[str, tuple[str, ...]]] = {
    "name+ID": ("Person.name", "Person.idNumber"),
    "active": ("Permit.active",),
    "expiry": ("Permit.status", "Permit.validTo", "Permit.suspendedFrom", "Permit.cancelledOn"),
    "cancel reason": ("Permit.cancelGround",),
    "division": ("Residence.division",),
    "address": ("Residence.address", "Residence.within"),
    "in catchment": ("Person.inCatchment",),
    "clock": ("Residence.clockStart", "Residence.continuousAtLeast"),
    "birth date": ("Person.birthDate", "Person.ageAtLeast"),
    "sex, ethnicity": ("Person.sex", "Person.ethnicity"),
    "photo": ("Person.photo",),
    "phone": ("Person.phone",),
    "workplace, reason": ("Person.workplace", "Residence.reason"),
    "evidence": (
        "Permit.evidence", "Evidence.condition", "Evidence.kind", "Evidence.issuer",
        "Evidence.presentedOn",
    ),
    "history": (
        "Residence.history", "AddressPeriod.division", "AddressPeriod.address",
        "AddressPeriod.from", "AddressPeriod.changedOn",
    ),
    "hukou": ("Person.hukouAddress", "Person.hukouCounty"),
}  # fmt: skip

BESIDE: Final = {
    "Person.id", "Person.residence", "Person.permit", "Permit.id", "Permit.number",
    "Residence.registeredOn", "Residence.arrivedOn", "Residence.late", "Permit.issuedOn",
    "Permit.validFrom", "Permit.issuingOffice", "Permit.entitlements", "Permit.entitled",
    "Permit.holder", "Permit.phase",
}  # fmt: skip
"""Paths that are no column of the table: the way to one, and the numbers and days of a file."""

NEVER: Final = dict.fromkeys(COLUMNS, "—")
PARTNER: Final = NEVER | {"name+ID": "Q", "active": "Y"}
HEALTH: Final = PARTNER | {"division": "V township", "birth date": "Y"}
CIVIL: Final = PARTNER | {"division": "V county", "clock": "Y", "birth date": "Y"}
VEHICLES: Final = PARTNER | {"division": "V", "address": "V alone"}
CASE: Final = dict.fromkeys(COLUMNS, "V") | {"history": "M*", "in catchment": "—"}
LIST: Final = NEVER | {
    "name+ID": "M", "active": "V", "expiry": "V", "division": "V", "address": "M", "phone": "M",
}  # fmt: skip
"""A work list is a desk's row with the person masked; what a file holds, an open case opens."""

COMMITTEE: Final = PARTNER | {"address": "Y", "birth date": "Y"}
"""What a residents' committee would see; it is off until the city decides otherwise."""

ISSUE: Final = dict.fromkeys(COLUMNS, "V") | {
    "in catchment": "—", "phone": "—", "workplace, reason": "—",
}  # fmt: skip
SETTLEMENT: Final = NEVER | {
    "name+ID": "V", "active": "V", "division": "V", "address": "V alone", "clock": "V",
    "hukou": "V",
}  # fmt: skip
"""That residence was unbroken is the yes or no of the clock; no former address is named."""

POLICE: Final = {"sex, ethnicity": "—", "hukou": "—"}
TABLE: Final[Mapping[tuple[str, str], Mapping[str, str]]] = {
    ("education", "school-place"): PARTNER
    | {"division": "V township", "address": "Y", "clock": "Y", "in catchment": "Y"},
    ("social-insurance", "social-insurance-enrolment"): PARTNER | {"division": "V county"},
    ("housing", "housing-support"): PARTNER | {"division": "V county", "clock": "Y"},
    ("human-resources", "equal-employment"): PARTNER | {"division": "V county"},
    ("human-resources", "employment-services"): PARTNER | {"division": "V county"},
    ("human-resources", "vocational-qualification"): PARTNER | {"division": "V county"},
    ("housing-fund", "housing-fund"): PARTNER,
    ("health", "public-health"): HEALTH,
    ("health", "family-planning"): HEALTH,
    ("health", "birth-registration"): HEALTH,
    ("civil-affairs", "social-aid"): CIVIL,
    ("civil-affairs", "elder-care"): CIVIL,
    ("civil-affairs", "marriage-registration"): CIVIL,
    ("justice", "legal-aid"): PARTNER,
    ("culture-sport", "culture-and-sport"): PARTNER,
    ("exit-entry", "exit-entry-documents"): PARTNER | {"division": "V county"},
    ("id-office", "identity-card"): PARTNER | {"division": "V county"},
    ("vehicle-office", "vehicle-registration"): VEHICLES,
    ("vehicle-office", "driving-licence"): VEHICLES,
    ("market-regulation", "business-registration"): PARTNER,
    ("residents-committee", "committee-election"): NEVER,
    ("receiving-office", "residence-registration"): CASE,
    ("receiving-office", "permit-application"): CASE,
    ("receiving-office", "card-replacement"): CASE,
    ("receiving-office", "address-change"): CASE,
    ("receiving-office", "annual-endorsement"): CASE,
    ("receiving-office", "desk-list"): LIST,
    ("community-police", "annual-endorsement"): CASE | POLICE,
    ("community-police", "desk-list"): LIST | POLICE,
    ("hukou-police", "household-settlement"): SETTLEMENT,
    ("public-security", "permit-issue"): ISSUE,
    ("public-security", "permit-cancellation"): ISSUE,
    ("auditor", "privacy-audit"): NEVER,
    ("receiving-office", "subject-rights"): CASE,
    ("receiving-office", "population-statistics"): NEVER,
    ("community-police", "population-statistics"): NEVER,
    ("statistics", "population-statistics"): NEVER,
    ("development-reform", "population-statistics"): NEVER,
    ("finance", "population-statistics"): NEVER,
}
CELLS: Final = [
    (role, purpose, column, cell)
    for (role, purpose), cells in TABLE.items()
    for column, cell in cells.items()
]
ANSWERS: Final = {
    "active": "Permit.active",
    "address": "Residence.within",
    "in catchment": "Person.inCatchment",
    "clock": "Residence.continuousAtLeast",
    "birth date": "Person.ageAtLeast",
}
MASKS: Final = {
    "Person.name": Rendering.SURNAME_ONLY,
    "Person.idNumber": Rendering.LAST4,
    "Person.phone": Rendering.LAST4,
    "Residence.address": Rendering.TOWNSHIP,
}


def opened(column: str, cell: str) -> Mapping[str, Rendering]:
    """Which paths of a column a cell opens, and how they are shown."""
    paths = COLUMNS[column]
    match cell:
        case "—" | "Q":
            return {}
        case "V":
            return dict.fromkeys(paths, Rendering.PLAIN)
        case "V alone":
            return {paths[0]: Rendering.PLAIN}
        case "V township" | "V county":
            return dict.fromkeys(paths, Rendering(cell.removeprefix("V ")))
        case "Y":
            return {ANSWERS[column]: Rendering.PLAIN}
        case "M*":
            return dict.fromkeys(("Residence.history", "AddressPeriod.changedOn"), Rendering.PLAIN)
        case _:
            assert cell == "M"
            return {path: MASKS[path] for path in paths if path in MASKS}


def shown(role: str, purpose: str, path: str, policies: Policies = POLICIES) -> Rendering | None:
    """How a path is read; of an answer, plain and yes-no are the same yes or no."""
    rendering = policies.table({role}, purpose, TODAY).decide(Path(path), Action.READ).rendering
    answer = CATALOGUE.paths[Path(path)].kind is Kind.BOOLEAN and rendering is not None
    return Rendering.PLAIN if answer else rendering


@pytest.mark.parametrize(
    ("role", "purpose", "column", "cell"),
    CELLS,
    ids=[f"{role} for {purpose}: {column} {cell}" for role, purpose, column, cell in CELLS],
)
def test_a_cell_opens_exactly_what_it_says(role: str, purpose: str, column: str, cell: str) -> None:
    seen = {path: shown(role, purpose, path) for path in COLUMNS[column]}
    granted = {path: rendering for path, rendering in seen.items() if rendering is not None}
    assert granted == opened(column, cell)


@pytest.mark.parametrize(
    ("role", "purpose", "column"),
    [(role, purpose, column) for role, purpose, column, cell in CELLS if cell in {"—", "Q"}],
)
def test_what_is_never_shown_is_never_searched(role: str, purpose: str, column: str) -> None:
    held = POLICIES.table({role}, purpose, TODAY)
    for path in COLUMNS[column]:
        for action in Action:
            assert not held.decide(Path(path), action).granted


def test_the_table_has_every_role_for_each_of_its_purposes() -> None:
    registered = {
        (role, code) for code, purpose in POLICIES.purposes.items() for role in purpose.roles
    }
    assert set(TABLE) == registered


def test_every_path_about_a_person_is_in_a_column_or_named_beside() -> None:
    named = BESIDE | {path for paths in COLUMNS.values() for path in paths}
    types = {path.partition(".")[0] for path in named}
    assert named == {path for path in CATALOGUE.paths if path.partition(".")[0] in types}


FOLLOWING: Final = {"education", "social-insurance", "housing"}
"""Departments that are told when a case that they follow has changed."""


@pytest.mark.parametrize(
    ("role", "purpose"), [key for key, cells in TABLE.items() if cells["name+ID"] == "Q"]
)
def test_who_gives_name_and_number_has_nothing_else_to_ask_by(role: str, purpose: str) -> None:
    table = POLICIES.table({role}, purpose, TODAY)
    calls = {
        path
        for path, spec in CATALOGUE.paths.items()
        if Action.CALL in spec.actions and table.decide(path, Action.CALL).granted
    }
    follows = {
        "Query.changes",
        "Mutation.followCase",
        "Mutation.unfollowCase",
        "Mutation.requestCorrection",
        "Query.corrections",
    }
    assert calls == {"Query.person", "Query.verify"} | (follows if role in FOLLOWING else set())


# --- residents' committees: off by default -------------------------------------------------------


def switched_on() -> Policies:
    """The shipped rules without the lines that keep residents' committees out."""
    rules = POLICIES.rules
    kept = [
        rule
        for rule in rules.fields
        if rule.role != "residents-committee" or rule.effect is Effect.ALLOW
    ]
    return Policies(replace(rules, fields=tuple(kept)), CATALOGUE)


def test_a_residents_committee_is_refused_everything_by_a_deny_that_can_end() -> None:
    table = POLICIES.table({"residents-committee"}, "committee-election", TODAY)
    assert not any(decision.granted for decision in table.decisions.values())
    closing = [rule for rule in POLICIES.rules.fields if rule.effect is Effect.DENY]
    assert {rule.until for rule in closing if rule.role == "residents-committee"} == {None}


@pytest.mark.parametrize("column", list(COLUMNS))
def test_a_residents_committee_that_is_switched_on_gets_three_answers(column: str) -> None:
    on = switched_on()
    seen = {
        path: shown("residents-committee", "committee-election", path, on)
        for path in COLUMNS[column]
    }
    granted = {path: rendering for path, rendering in seen.items() if rendering is not None}
    assert granted == opened(column, COMMITTEE[column])
