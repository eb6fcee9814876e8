"""Which changes a view tells: places only at the level that the purpose shows (article 28)."""

from dataclasses import replace
from types import MappingProxyType

import pytest

from policies.permission import Path, Rendering, Scope
from regulation.told import YES_OR_NO, ChangeKind
from schema.documents import Documents
from schema.steps import make_operation
from schema.view import View, build_view
from tests.schema.views import EDUCATION, EVERY_GRANT, EVERYTHING, FULL, table_of, view_of

DIVISION = Path("Residence.division")
COUNTY = YES_OR_NO | {ChangeKind.COUNTY_CHANGED}
TOWNSHIP = COUNTY | {ChangeKind.TOWNSHIP_CHANGED}


def told(view: View) -> frozenset[ChangeKind]:
    prepared = Documents().prepare("{changes{nodes{kind}}}", None, view)
    (step,) = make_operation(prepared.tree(frozenset()), view).plan.steps
    return step.tells


def view(rendering: Rendering | None, scope: Scope = Scope.OPEN_CASE) -> View:
    grants = [grant for grant in EVERY_GRANT if rendering is not None or grant[0] != DIVISION]
    table = table_of(grants, renderings={DIVISION: rendering or Rendering.PLAIN})
    rows = {**table.rows, "Change": frozenset({scope})}
    digest = f"{rendering} {scope} {table.digest}"
    return build_view(FULL, replace(table, rows=MappingProxyType(rows), digest=digest))


@pytest.mark.parametrize(
    ("rendering", "kinds"),
    [
        (None, YES_OR_NO),
        (Rendering.COUNTY, COUNTY),
        (Rendering.TOWNSHIP, TOWNSHIP),
        (Rendering.PLAIN, TOWNSHIP),
    ],
)
def test_who_sees_no_place_is_told_of_no_move_and_who_sees_counties_of_those_alone(
    rendering: Rendering | None, kinds: frozenset[ChangeKind]
) -> None:
    assert told(view(rendering)) == kinds


@pytest.mark.parametrize("scope", [scope for scope in Scope if scope is not Scope.OPEN_CASE])
def test_without_cases_of_its_own_a_role_is_told_nothing(scope: Scope) -> None:
    assert told(view(Rendering.PLAIN, scope)) == frozenset()
    assert told(EVERYTHING) == frozenset()


def test_what_the_shipped_rules_tell() -> None:
    assert told(EDUCATION) == TOWNSHIP
    assert told(view_of("social-insurance", "social-insurance-enrolment")) == COUNTY
    assert told(view_of("housing", "housing-support")) == COUNTY


def test_a_case_is_named_to_follow_but_not_to_ask_what_has_changed() -> None:
    def needs_case(document: str) -> bool:
        prepared = Documents().prepare(document, None, EDUCATION)
        return make_operation(prepared.tree(frozenset()), EDUCATION).needs_case

    followed = 'mutation{followCase(input:{ref:"1",until:"",presented:{idNumber:"",name:""}}){ref}}'
    assert not needs_case("{changes{nodes{kind}}}")
    assert needs_case(followed)
    assert needs_case('{changes{nodes{kind}} person(idNumber:"",name:""){__typename}}')
