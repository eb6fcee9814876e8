"""Which documents a table leaves: a kind needs every field that it prints, and unmasked."""

import pytest

from policies.permission import Action, Path, Rendering, Scope
from policies.table import PurposeRefusedError
from schema.printed import CALL, DocumentKind, leaves
from schema.view import build_view
from tests.policies.city import TODAY
from tests.schema.views import EVERY_GRANT, FULL, POLICIES, table_of, view_of

KINDS = {kind.value for kind in DocumentKind}
NAMED = {kind.value for kind in DocumentKind} - {"card-contents", "subject-report"}
EVERY = leaves(build_view(FULL, table_of(EVERY_GRANT)))
MORE = {
    kind: {str(field.path) for field in EVERY[kind].disclosure.fields}
    - {str(CALL), "Person.name", "Person.idNumber"}
    for kind in ("card-contents", "subject-report")
}
"""What the two documents print that show more than name and number."""


def left(*, without: str = "", renderings: dict[Path, Rendering] | None = None) -> set[str]:
    grants = (grant for grant in EVERY_GRANT if grant[0] != without)
    return set(leaves(build_view(FULL, table_of(grants, renderings=renderings or {}))))


def test_with_every_grant_every_kind_is_printed() -> None:
    assert left() == KINDS


@pytest.mark.parametrize("path", [str(CALL), "Person.name", "Person.idNumber"])
def test_without_call_name_or_number_nothing_is_printed(path: str) -> None:
    assert left(without=path) == set()


@pytest.mark.parametrize("path", sorted(set().union(*MORE.values())))
def test_without_a_field_only_what_shows_it_is_not_printed(path: str) -> None:
    assert left(without=path) == KINDS - {kind for kind, paths in MORE.items() if path in paths}


def test_a_masked_name_is_not_printed_plain() -> None:
    masked = {Path("Person.name"): Rendering.SURNAME_ONLY}
    assert left(renderings=masked) == set()


def test_a_receipt_opens_no_more_than_name_and_number() -> None:
    found = leaves(view_of("receiving-office", "permit-application"))
    for kind in NAMED:
        assert found[kind].load.groups == {"core"}
        assert found[kind].disclosure.groups == {"core"}
    assert found["card-contents"].load.groups == {"core", "contact", "residence"}
    assert found["card-contents"].disclosure.groups == {"core", "contact", "residence", "photo"}


def test_only_persons_of_an_open_case_are_reached() -> None:
    found = leaves(view_of("receiving-office", "permit-application"))
    assert {leave.load.scopes for leave in found.values()} == {frozenset({Scope.OPEN_CASE})}


def may_print(role: str, purpose: str) -> bool:
    try:
        table = POLICIES.table({role}, purpose, TODAY)
    except PurposeRefusedError:
        return False
    return table.decide(CALL, Action.CALL).granted


def test_a_report_about_oneself_is_printed_for_nothing_but_the_persons_rights() -> None:
    kinds = {
        purpose: set(leaves(view_of("receiving-office", purpose)))
        for purpose in ("permit-application", "card-replacement", "subject-rights")
    }
    assert [purpose for purpose, found in kinds.items() if "subject-report" in found] == [
        "subject-rights"
    ]


def test_only_the_receiving_office_may_print_and_only_what_it_hands_over() -> None:
    every = ((role, purpose) for role in POLICIES.roles for purpose in POLICIES.purposes)
    may = {pair for pair in every if may_print(*pair)}
    purposes = ("permit-application", "card-replacement", "subject-rights")
    assert may == {("receiving-office", purpose) for purpose in purposes}
