"""The data-minimisation table, cell by cell, written down a second time from the regulation.

V plain · Y yes or no · M masked · — never · M* previous addresses only as "changed on".
"""

import pytest

from policies.permission import Action, Path, Reason, Rendering, Scope
from policies.table import FieldTable
from tests.policies.city import CATALOGUE, POLICIES, TODAY

COLUMNS = {
    "name and number": ("Person.name", "Person.idNumber"),
    "active": ("Permit.active",),
    "expiry": (
        "Permit.status", "Permit.validFrom", "Permit.validTo", "Permit.suspendedFrom",
        "Permit.cancelledOn", "Permit.cancelGround",
    ),
    "division": ("Residence.division",),
    "address": ("Residence.address",),
    "clock": ("Residence.clockStart",),
    "birth date": ("Person.birthDate", "Person.ageAtLeast"),
    "sex and ethnicity": ("Person.sex", "Person.ethnicity"),
    "photo": ("Person.photo",),
    "phone": ("Person.phone",),
    "workplace and reason": ("Person.workplace", "Residence.reason"),
    "evidence": (
        "Permit.evidence", "Evidence.condition", "Evidence.kind", "Evidence.issuer",
        "Evidence.presentedOn",
    ),
    "address history": (
        "AddressPeriod.address", "AddressPeriod.division", "AddressPeriod.from",
    ),
    "hukou address": ("Person.hukouAddress", "Person.hukouCounty"),
}  # fmt: skip

PARTNERS: dict[tuple[str, str], tuple[str | None, set[str]]] = {
    ("education", "school-place"): (
        "township",
        {"Residence.within", "Residence.continuousAtLeast", "Person.inCatchment"},
    ),
    ("social-insurance", "social-insurance-enrolment"): ("county", set()),
    ("housing", "housing-support"): ("county", {"Residence.continuousAtLeast"}),
    ("human-resources", "equal-employment"): ("county", set()),
    ("human-resources", "employment-services"): ("county", set()),
    ("human-resources", "vocational-qualification"): ("county", set()),
    ("housing-fund", "housing-fund"): (None, set()),
    ("health", "public-health"): ("township", {"Person.ageAtLeast"}),
    ("health", "family-planning"): ("township", {"Person.ageAtLeast"}),
    ("health", "birth-registration"): ("township", {"Person.ageAtLeast"}),
    ("civil-affairs", "social-aid"): (
        "county",
        {"Residence.continuousAtLeast", "Person.ageAtLeast"},
    ),
    ("civil-affairs", "elder-care"): (
        "county",
        {"Residence.continuousAtLeast", "Person.ageAtLeast"},
    ),
    ("civil-affairs", "marriage-registration"): (
        "county",
        {"Residence.continuousAtLeast", "Person.ageAtLeast"},
    ),
    ("justice", "legal-aid"): (None, set()),
    ("culture-sport", "culture-and-sport"): (None, set()),
    ("exit-entry", "exit-entry-documents"): ("county", set()),
    ("id-office", "identity-card"): ("county", set()),
    ("vehicle-office", "vehicle-registration"): ("plain", set()),
    ("vehicle-office", "driving-licence"): ("plain", set()),
    ("market-regulation", "business-registration"): (None, set()),
}
FOLLOWING = {"education", "social-insurance", "housing"}
ANSWERS = {
    "Residence.within", "Residence.continuousAtLeast", "Person.ageAtLeast", "Permit.active",
    "Permit.entitled", "Person.inCatchment",
}  # fmt: skip
DESK_CASES = {
    "receiving-office": (
        "residence-registration", "permit-application", "card-replacement", "address-change",
        "annual-endorsement", "subject-rights",
    ),
    "community-police": ("annual-endorsement",),
}  # fmt: skip
NEVER_FOR_POLICE = {"sex and ethnicity", "hukou address"}


def table(role: str, purpose: str) -> FieldTable:
    return POLICIES.table({role}, purpose, TODAY)


def seen(table_: FieldTable, path: str) -> Rendering | None:
    return table_.decide(Path(path), Action.READ).rendering


def granted(table_: FieldTable) -> set[str]:
    return {path for (path, _), decision in table_.decisions.items() if decision.granted}


@pytest.mark.parametrize(("role", "purpose"), list(PARTNERS))
def test_a_partner_sees_its_cells_and_none_else(role: str, purpose: str) -> None:
    _, answers = PARTNERS[role, purpose]
    rest = {path for paths in COLUMNS.values() for path in paths}
    rest -= {"Permit.active", "Residence.division"} | answers
    if role == "vehicle-office":
        rest.remove("Residence.address")  # printed in its register
    held = table(role, purpose)
    assert granted(held) & rest == set()
    assert granted(held) & ANSWERS == {"Permit.active", "Permit.entitled", *answers}


@pytest.mark.parametrize(("role", "purpose"), list(PARTNERS))
def test_a_partner_gets_every_answer_as_yes_or_no(role: str, purpose: str) -> None:
    held = table(role, purpose)
    assert {seen(held, path) for path in granted(held) & ANSWERS} == {Rendering.YES_NO}


@pytest.mark.parametrize(("role", "purpose"), list(PARTNERS))
def test_a_partner_sees_the_division_no_finer_than_its_table_says(role: str, purpose: str) -> None:
    level, _ = PARTNERS[role, purpose]
    assert seen(table(role, purpose), "Residence.division") == level


@pytest.mark.parametrize(("role", "purpose"), list(PARTNERS))
def test_a_partner_gets_no_id_no_list_and_nothing_to_search_by(role: str, purpose: str) -> None:
    held = table(role, purpose)
    assert {"Person.id", "Permit.id", "Permit.number"} & granted(held) == set()
    roots = {path for path in granted(held) if path.startswith("Query.")}
    follows = {"Query.changes", "Query.corrections"} if role in FOLLOWING else set()
    assert roots == {"Query.person", "Query.verify"} | follows
    assert {action for _, action in held.decisions} == {Action.READ, Action.CALL}


@pytest.mark.parametrize(("role", "purpose"), list(PARTNERS))
def test_a_partner_reaches_only_active_holders_whom_it_presents(role: str, purpose: str) -> None:
    held = table(role, purpose)
    both = frozenset({Scope.PRESENTED, Scope.ACTIVE_HOLDERS})
    assert held.scopes("Person") == held.scopes("Permit") == held.scopes("VerifyResult") == both
    assert held.scopes("Change") == {Scope.OPEN_CASE if role in FOLLOWING else Scope.NONE}


@pytest.mark.parametrize(("role", "purpose"), list(PARTNERS))
def test_a_partner_reads_nothing_that_is_sealed_but_what_it_gave_itself(
    role: str, purpose: str
) -> None:
    """The number of its own case and its own mark of a person (`followCase`).

    A birth date and an address are opened to answer yes or no; a vehicle register prints one.
    """
    held = table(role, purpose)
    sealed = {
        path: groups for path in granted(held) if (groups := CATALOGUE.paths[Path(path)].groups)
    }
    expected: dict[str, set[str]] = {}
    if role in FOLLOWING:
        expected |= {"Change.case": {"follow"}, "Change.ref": {"follow"}}
    if "Person.ageAtLeast" in PARTNERS[role, purpose][1]:
        expected["Person.ageAtLeast"] = {"core"}
    if role == "vehicle-office":
        expected["Residence.address"] = {"residence"}
    assert sealed == expected


DESKS = [(role, purpose) for role, purposes in DESK_CASES.items() for purpose in purposes]


@pytest.mark.parametrize(("role", "purpose"), DESKS)
@pytest.mark.parametrize("column", list(COLUMNS))
def test_a_desk_with_an_open_case_sees_its_cell(role: str, purpose: str, column: str) -> None:
    never = column == "address history" or (
        role == "community-police" and column in NEVER_FOR_POLICE
    )
    shown = {seen(table(role, purpose), path) for path in COLUMNS[column]}
    assert shown == ({None} if never else {Rendering.PLAIN})


@pytest.mark.parametrize(("role", "purpose"), DESKS)
def test_a_desk_sees_a_previous_address_only_as_changed_on(role: str, purpose: str) -> None:
    held = table(role, purpose)
    assert seen(held, "Residence.history") is Rendering.PLAIN
    periods = {path for path in granted(held) if path.startswith("AddressPeriod.")}
    assert periods == {"AddressPeriod.changedOn"}


@pytest.mark.parametrize(("role", "purpose"), DESKS)
def test_a_desk_sees_in_full_only_whom_it_has_an_open_case_for(role: str, purpose: str) -> None:
    assert table(role, purpose).scopes("Person") == {Scope.OPEN_CASE}


@pytest.mark.parametrize("role", list(DESK_CASES))
def test_a_list_is_masked_and_of_the_own_division(role: str) -> None:
    held = table(role, "desk-list")
    assert held.scopes("Person") == {Scope.OWN_DIVISION}
    masked = {
        path: seen(held, path)
        for path in ("Person.name", "Person.idNumber", "Person.phone", "Residence.address")
    }
    assert masked == {
        "Person.name": Rendering.SURNAME_ONLY,
        "Person.idNumber": Rendering.LAST4,
        "Person.phone": Rendering.LAST4,
        "Residence.address": Rendering.TOWNSHIP,
    }


@pytest.mark.parametrize("role", list(DESK_CASES))
def test_a_list_shows_nothing_sealed_in_plain(role: str) -> None:
    held = table(role, "desk-list")
    plain = {
        path
        for (path, action), decision in held.decisions.items()
        if action is Action.READ and decision.rendering is Rendering.PLAIN
    }
    assert {path for path in plain if CATALOGUE.paths[path].groups} == set()


@pytest.mark.parametrize("role", list(DESK_CASES))
def test_a_list_is_searched_sorted_and_counted_by_grants_of_their_own(role: str) -> None:
    held = table(role, "desk-list")
    search = {
        (path, action)
        for (path, action), decision in held.decisions.items()
        if decision.granted and action not in {Action.READ, Action.CALL}
    }
    if role == "receiving-office":
        search -= {
            (Path("Query.subjectRequests"), Action.COUNT),
            (Path("Query.corrections"), Action.COUNT),
            (Path("Correction.status"), Action.FILTER),
            (Path("Correction.overdue"), Action.FILTER),
        }
    assert search == {
        ("Person.idNumber", Action.FILTER),
        ("Person.name", Action.FILTER),
        ("Residence.division", Action.FILTER),
        ("Residence.registeredOn", Action.FILTER),
        ("Permit.status", Action.FILTER),
        ("Permit.validTo", Action.FILTER),
        ("Residence.registeredOn", Action.SORT),
        ("Permit.validTo", Action.SORT),
        ("Query.persons", Action.COUNT),
        ("Residence.late", Action.FILTER),
        ("Permit.phase", Action.FILTER),
        ("Query.permits", Action.COUNT),
        ("Application.state", Action.FILTER),
        ("Application.dueOn", Action.FILTER),
        ("Application.overdue", Action.FILTER),
        ("Application.dueSoon", Action.FILTER),
        ("Application.division", Action.FILTER),
        ("Query.applications", Action.COUNT),
        ("Report.state", Action.FILTER),
        ("Report.reporter", Action.FILTER),
        ("Report.timeliness", Action.FILTER),
        ("Query.reports", Action.COUNT),
    }


@pytest.mark.parametrize("purpose", ["annual-endorsement", "desk-list"])
def test_sex_ethnicity_and_hukou_are_denied_to_police_and_not_merely_ungranted(
    purpose: str,
) -> None:
    held = table("community-police", purpose)
    for column in NEVER_FOR_POLICE:
        for path in COLUMNS[column]:
            assert held.decide(Path(path), Action.READ).reason is Reason.EXPLICIT_DENY


def test_an_auditor_reads_the_log_and_no_person() -> None:
    held = table("auditor", "privacy-audit")
    types = {path.partition(".")[0] for path in granted(held)}
    assert types == {"Query", "AccessRecord", "AccessSubject", "AccessField"}
    roots = {path for path in granted(held) if path.startswith("Query.")}
    assert roots == {"Query.accessLog", "Query.accessesOf"}
    assert held.scopes("Person") == {Scope.NONE}
    assert held.scopes("AccessSubject") == {Scope.ALL}


COUNTING = {
    "receiving-office": Scope.OWN_DIVISION,
    "community-police": Scope.OWN_DIVISION,
    "statistics": Scope.ALL,
    "development-reform": Scope.ALL,
    "finance": Scope.ALL,
}


@pytest.mark.parametrize("role", list(COUNTING))
def test_who_counts_gets_tables_and_no_person(role: str) -> None:
    held = table(role, "population-statistics")
    types = {path.partition(".")[0] for path in granted(held)}
    assert types == {
        "Query", "Statistics", "RegisteredCount", "PermitCount", "ApplicationCount",
        "CoordinatorCount",
    }  # fmt: skip
    assert {path for path in granted(held) if path.startswith("Query.")} == {"Query.statistics"}
    assert held.scopes("Person") == {Scope.NONE}
    assert held.scopes("Statistics") == {COUNTING[role]}


def test_nobody_else_gets_the_tables() -> None:
    for code, purpose in POLICIES.purposes.items():
        for role in purpose.roles:
            counts = "Query.statistics" in granted(table(role, code))
            assert counts == (code == "population-statistics" and role in COUNTING)


def test_without_a_purpose_nothing_is_granted_to_anybody() -> None:
    for role in POLICIES.roles:
        assert granted(POLICIES.table({role}, None, TODAY)) == set()


def test_only_lists_audits_and_statistics_need_no_case() -> None:
    free = {code for code, purpose in POLICIES.purposes.items() if not purpose.case_required}
    assert free == {"desk-list", "privacy-audit", "population-statistics"}
