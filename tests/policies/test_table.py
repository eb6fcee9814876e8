"""Policies and tables: refusals, days, several roles, disclosures, what a digest stands for."""

import ast
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path as FilePath

import pytest

from policies.lint import SHIPPED
from policies.permission import Action, DisclosedField, Effect, Path, Reason, Rendering, Scope
from policies.renderings import MaskKindError, mask
from policies.ruleset import Department, RuleSet
from policies.table import (
    FieldTable,
    NotGrantedError,
    Policies,
    PurposeRefusal,
    PurposeRefusedError,
    UnknownRoleError,
)
from tests.policies.city import CATALOGUE, POLICIES, TODAY, rewrite, shipped_copy, small_city
from tests.policies.test_oracle import SMALL, field_rule, role, rule_set

ACTIVE = Path("Permit.active")
NAME = Path("Person.name")
DAY = timedelta(days=1)
LAST = date(2026, 6, 30)
LATER = TODAY + timedelta(days=30)


def small(rules: RuleSet) -> Policies:
    return Policies(rules, SMALL)


# --- who may ask ---------------------------------------------------------------------------------


def test_an_unknown_role_is_refused() -> None:
    with pytest.raises(UnknownRoleError, match=r"roles\.csv"):
        POLICIES.table({"education", "stranger"}, "school-place", TODAY)


def test_an_unknown_purpose_is_refused_as_unknown() -> None:
    with pytest.raises(PurposeRefusedError, match=r"purposes\.csv") as refused:
        POLICIES.table({"education"}, "curiosity", TODAY)
    assert refused.value.reason is PurposeRefusal.UNKNOWN


def test_another_roles_purpose_is_refused_as_such() -> None:
    with pytest.raises(PurposeRefusedError) as refused:
        POLICIES.table({"education"}, "housing-support", TODAY)
    assert refused.value.reason is PurposeRefusal.NOT_OF_ROLE


def test_nobody_in_particular_may_name_a_purpose() -> None:
    with pytest.raises(PurposeRefusedError):
        POLICIES.table((), "school-place", TODAY)


def test_without_roles_and_purpose_there_is_a_table_that_grants_nothing() -> None:
    table = POLICIES.table((), None, TODAY)
    assert not table.decisions
    assert table.scopes("Person") == {Scope.NONE}


def test_who_inherits_a_role_may_name_its_purposes() -> None:
    rules = rule_set((field_rule(),), roles=(role("a"), role("head", ["a"])))
    narrowed = RuleSet(
        fields=rules.fields, rows=(), roles=rules.roles, departments=(),
        purposes={"p": POLICIES.purposes["school-place"]},
    )  # fmt: skip
    with pytest.raises(PurposeRefusedError):
        small(narrowed).table({"head"}, "p", TODAY)
    assert small(rules).table({"head"}, "p", TODAY).decide(ACTIVE, Action.READ).granted


# --- days ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "reason", "until"),
    [
        (date(2025, 12, 31), Reason.NO_GRANT, date(2025, 12, 31)),
        (date(2026, 1, 1), Reason.GRANTED, LAST),
        (LAST, Reason.GRANTED, LAST),
        (LAST + DAY, Reason.EXPIRED, None),
    ],
)
def test_a_grant_stands_from_its_first_to_its_last_day(
    day: date, reason: Reason, until: date | None
) -> None:
    policies = small(rule_set((field_rule(until=LAST),)))
    decision = policies.table({"a"}, "p", day).decide(ACTIVE, Action.READ)
    assert (decision.reason, decision.until) == (reason, until)


def test_an_expired_grant_names_the_rule_that_ended() -> None:
    policies = small(rule_set((field_rule(7, until=LAST),)))
    decision = policies.table({"a"}, "p", LAST + DAY).decide(ACTIVE, Action.READ)
    assert decision.rules == ("a.csv:7",)
    assert decision.because == ("reason 7",)
    assert decision.rendering is None


def test_an_ended_deny_is_no_grant_that_expired() -> None:
    policies = small(rule_set((field_rule(effect=Effect.DENY, until=LAST),)))
    decision = policies.table({"a"}, "p", LAST + DAY).decide(ACTIVE, Action.READ)
    assert (decision.reason, decision.rules) == (Reason.NO_GRANT, ())


def test_a_deny_that_will_begin_ends_the_grant_the_day_before() -> None:
    deny = field_rule(2, effect=Effect.DENY, since=LAST)
    policies = small(rule_set((field_rule(1), deny)))
    decision = policies.table({"a"}, "p", TODAY.replace(month=1)).decide(ACTIVE, Action.READ)
    assert (decision.reason, decision.until) == (Reason.GRANTED, LAST - DAY)


def test_one_of_two_grants_ending_changes_nothing() -> None:
    policies = small(rule_set((field_rule(1, until=LAST), field_rule(2, pattern="Permit.*"))))
    decision = policies.table({"a"}, "p", LAST).decide(ACTIVE, Action.READ)
    assert decision.until is None
    assert decision.rules == ("a.csv:1", "a.csv:2")


def test_a_rule_until_the_last_day_of_the_calendar_is_no_fault() -> None:
    policies = small(rule_set((field_rule(until=date.max),)))
    assert policies.table({"a"}, "p", TODAY).decide(ACTIVE, Action.READ).until is None


def test_days_on_which_nothing_changes_share_one_table() -> None:
    policies = small(rule_set((field_rule(until=LAST),)))
    first = policies.table({"a"}, "p", date(2026, 1, 1))
    assert policies.table({"a"}, "p", LAST) is first
    assert policies.table({"a"}, "p", LAST + DAY) is not first
    assert policies.table({"a"}, "p", date(2025, 12, 31)) is not first


# --- decisions -----------------------------------------------------------------------------------


def test_a_path_that_no_rule_covers_is_a_no_without_rules() -> None:
    decision = POLICIES.table({"education"}, "school-place", TODAY).decide(NAME, Action.READ)
    assert (decision.reason, decision.granted) == (Reason.NO_GRANT, False)
    assert (decision.rules, decision.rendering, decision.until) == ((), None, None)


def test_a_path_of_no_schema_is_a_no() -> None:
    table = POLICIES.table({"receiving-office"}, "address-change", TODAY)
    assert not table.decide(Path("Permit.owner"), Action.READ).granted


def test_every_rule_that_matched_is_named_with_its_reason() -> None:
    deny = field_rule(3, pattern="Permit.*", effect=Effect.DENY, why="*")
    policies = small(rule_set((field_rule(1), field_rule(2, held_by="b"), deny)))
    decision = policies.table({"a", "b"}, "p", TODAY).decide(ACTIVE, Action.READ)
    assert decision.reason is Reason.EXPLICIT_DENY
    assert decision.rules == ("a.csv:1", "a.csv:2", "a.csv:3")
    assert decision.because == ("reason 1", "reason 2", "reason 3")


def test_of_two_roles_the_stricter_rendering_shows() -> None:
    rules = rule_set((field_rule(1), field_rule(2, held_by="b", rendering=Rendering.YES_NO)))
    decision = small(rules).table({"a", "b"}, "p", TODAY).decide(ACTIVE, Action.READ)
    assert decision.rendering is Rendering.YES_NO


def test_two_roles_must_hold_the_scopes_of_both() -> None:
    both = {"receiving-office", "community-police"}
    table = POLICIES.table(both, "annual-endorsement", TODAY)
    assert table.scopes("Person") == {Scope.OPEN_CASE}
    assert not table.decide(Path("Person.sex"), Action.READ).granted


def test_a_type_that_nobody_knows_has_no_rows() -> None:
    table = POLICIES.table({"auditor"}, "privacy-audit", TODAY)
    assert table.scopes("Application") == {Scope.NONE}


def test_a_grant_to_read_is_none_to_search() -> None:
    table = POLICIES.table({"receiving-office"}, "address-change", TODAY)
    assert table.decide(Path("Permit.status"), Action.READ).granted
    assert not table.decide(Path("Permit.status"), Action.FILTER).granted


# --- disclosures ---------------------------------------------------------------------------------


def desk() -> FieldTable:
    return POLICIES.table({"receiving-office"}, "address-change", TODAY)


def read(path: str, rendering: Rendering = Rendering.PLAIN) -> DisclosedField:
    return DisclosedField(Path(path), Action.READ, rendering)


def test_a_disclosure_opens_the_groups_of_its_fields_and_no_other() -> None:
    disclosure = desk().disclosure((read("Person.name"), read("Permit.active")))
    assert disclosure.groups == {"core"}
    assert disclosure.fields == (read("Person.name"), read("Permit.active"))
    assert (disclosure.revision, disclosure.purpose) == (POLICIES.revision, "address-change")


def test_a_disclosure_of_plain_columns_opens_nothing() -> None:
    assert desk().disclosure((read("Permit.active"),)).groups == frozenset()


def test_a_disclosure_of_a_field_without_a_grant_is_refused() -> None:
    table = POLICIES.table({"education"}, "school-place", TODAY)
    with pytest.raises(NotGrantedError, match=r"Person.name \(read\)"):
        table.disclosure((read("Permit.active", Rendering.YES_NO), read("Person.name")))


def test_a_disclosure_in_another_rendering_than_the_granted_is_refused() -> None:
    table = POLICIES.table({"receiving-office"}, "desk-list", TODAY)
    with pytest.raises(NotGrantedError, match="plain"):
        table.disclosure((read("Person.name"),))
    assert table.disclosure((read("Person.name", Rendering.SURNAME_ONLY),)).groups == {"core"}


def test_without_a_purpose_nothing_is_disclosed() -> None:
    with pytest.raises(NotGrantedError, match="purpose"):
        POLICIES.table((), None, TODAY).disclosure(())


def test_only_a_table_makes_a_disclosure() -> None:
    root = SHIPPED.parent
    makers = {
        path.relative_to(root).as_posix()
        for room in ("cli", "db", "policies", "resolvers", "schema", "server")
        for path in (root / room).rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Name)
        and node.func.id == "Disclosure"
    }
    assert makers == {"policies/table.py"}


# --- revision and digest -------------------------------------------------------------------------


def loaded(folder: FilePath) -> Policies:
    return Policies.load(catalogue=CATALOGUE, directory=folder)


def test_the_revision_is_that_of_the_content_wherever_it_lies(tmp_path: FilePath) -> None:
    assert loaded(shipped_copy(tmp_path)).revision == POLICIES.revision
    assert len(POLICIES.revision) == 64


SPOILED = {
    "a rule": ("rules/education.csv", "Permit.active,yes-no", "Permit.active,plain"),
    "a reason": ("rules/education.csv", "核验所出示的人", "核验当面出示的人"),
    "a scope": ("rules/auditor.csv", ",all,allow", ",none,allow"),
    "a purpose": ("purposes.csv", "安排义务教育入学", "入学"),
    "a role": ("roles.csv", "住房保障部门", "住建部门"),
    "a department": ("departments.csv", "2017-06-22", "2017-06-23"),
}


@pytest.mark.parametrize("name", list(SPOILED))
def test_the_revision_covers_everything_that_is_written(tmp_path: FilePath, name: str) -> None:
    file, before, after = SPOILED[name]
    path = shipped_copy(tmp_path) / file
    text = path.read_text("utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), "utf-8")
    assert loaded(tmp_path).revision != POLICIES.revision


def test_the_revision_covers_the_model() -> None:
    assert POLICIES.rules.revision("another model") != POLICIES.revision


def test_equal_tables_have_one_digest() -> None:
    again = Policies(POLICIES.rules, CATALOGUE)
    for purpose, entry in POLICIES.purposes.items():
        for code in entry.roles:
            tables = [each.table({code}, purpose, TODAY) for each in (POLICIES, again)]
            assert tables[0].digest == tables[1].digest


def test_tables_that_differ_in_anything_they_can_say_have_two_digests() -> None:
    # Two purposes with the same grants: the record of an answer must name the right one.
    tables = [
        POLICIES.table({code}, purpose, TODAY)
        for purpose, entry in POLICIES.purposes.items()
        for code in entry.roles
        if not POLICIES.roles[code].inherits  # who inherits everything says the same
    ]
    assert len({table.digest for table in tables}) == len(tables)


def test_a_changed_rule_changes_the_digest_of_its_table(tmp_path: FilePath) -> None:
    lines = "row,education,school-place,,Person,,presented,allow,2026-01-01,,a reason"
    grant = "field,education,school-place,read,Permit.active,{},,allow,2026-01-01,,a reason"
    folder = small_city(tmp_path, (lines, grant.format("plain")))
    before = loaded(folder).table({"education"}, "school-place", TODAY)
    rewrite(folder, (lines, grant.format("yes-no")))
    after = loaded(folder).table({"education"}, "school-place", TODAY)
    assert before.digest != after.digest


def test_every_granted_mask_exists() -> None:
    for rule in POLICIES.rules.fields:
        if rule.rendering not in {None, Rendering.PLAIN}:
            assert rule.rendering is not None
            shown = mask(rule.rendering, CATALOGUE.paths[Path(rule.pattern)].kind)
            assert shown("not of this kind") != "not of this kind"


def test_there_is_no_mask_for_what_hides_nothing() -> None:
    with pytest.raises(MaskKindError):
        mask(Rendering.PLAIN, CATALOGUE.paths[NAME].kind)


# --- registers -----------------------------------------------------------------------------------


def department(code: str, roles: set[str], since: date, until: date | None = None) -> Department:
    return Department(
        code=code, zh=code, en=code, roles=frozenset(roles), since=since, until=until
    )  # fmt: skip


def of_departments(*entries: Department) -> Policies:
    return small(replace(rule_set(()), departments=entries))


@pytest.mark.parametrize(
    ("department", "roles", "acting"),
    [
        ("education", {"education"}, {"education"}),
        ("education", {"auditor"}, set()),
        ("education", {"education", "auditor", "community-police"}, {"education"}),
        ("auditor", {"auditor"}, {"auditor"}),
        ("auditor", {"education"}, set()),
        ("nobody", {"nobody"}, set()),
        ("", {""}, set()),
        ("education", set(), set()),
    ],
)
def test_an_official_acts_only_as_what_the_own_department_is(
    department: str, roles: set[str], acting: set[str]
) -> None:
    assert POLICIES.acting(department, frozenset(roles), TODAY) == acting


def test_a_departments_role_holds_from_its_first_to_its_last_day() -> None:
    policies = of_departments(department("x", {"a"}, TODAY, LATER))
    days = [TODAY - DAY, TODAY, LATER, LATER + DAY]
    acting = [policies.acting("x", frozenset({"a"}), day) for day in days]
    assert acting == [set(), {"a"}, {"a"}, set()]


def test_a_department_without_a_last_day_keeps_its_role() -> None:
    policies = of_departments(department("x", {"a"}, TODAY))
    assert policies.acting("x", frozenset({"a"}), date.max) == {"a"}
    assert policies.acting("x", frozenset({"a"}), TODAY - DAY) == set()


def test_a_department_acts_as_what_all_its_entries_of_the_day_say() -> None:
    policies = of_departments(
        department("x", {"a"}, TODAY, LATER),
        department("x", {"b"}, LATER),
        department("y", {"c"}, TODAY),
    )
    every = frozenset({"a", "b", "c"})
    acting = [policies.acting("x", every, day) for day in (TODAY, LATER, LATER + DAY)]
    assert acting == [{"a"}, {"a", "b"}, {"b"}]


def test_every_department_has_the_role_of_its_name_today() -> None:
    held = {entry.code: entry.roles for entry in POLICIES.departments if entry.since <= TODAY}
    assert held == {code: frozenset({code}) for code in POLICIES.roles}


def test_a_purpose_says_its_article_and_who_may_name_it() -> None:
    purpose = POLICIES.purposes["annual-endorsement"]
    assert purpose.article == "20"
    assert purpose.roles == {"receiving-office", "community-police"}
    assert purpose.case_required


def test_every_reason_that_ships_cites_an_article() -> None:
    assert all("条" in rule.because for rule in POLICIES.rules.rows)
    missing = [rule.id for rule in POLICIES.rules.fields if "条" not in rule.because]
    assert missing == []
