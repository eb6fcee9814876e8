"""A forbidden path is named wherever it hides, before anything is validated or read."""

from typing import Any

import pytest
from graphql import GraphQLObjectType, parse, type_from_ast
from hypothesis import given, settings
from hypothesis import strategies as st

from policies.permission import Action, Path
from schema.authorise import Forbidden, forbidden_input, forbidden_paths
from schema.coercion import CoercionError
from schema.documents import (
    Documents,
    ForbiddenDocumentError,
    Prepared,
    RefusedDocumentError,
)
from schema.errors import Code
from schema.service import _forbidden_variables
from schema.view import View, build_view
from tests.schema.questions import questions
from tests.schema.views import (
    DESK_LIST,
    EDUCATION,
    EVERY_GRANT,
    EVERYTHING,
    FULL,
    NO_PURPOSE,
    VIEWS,
    table_of,
)


def without(*grants: tuple[str, Action]) -> View:
    """Everything but these grants."""
    gone = {(Path(path), action) for path, action in grants}
    assert gone <= set(EVERY_GRANT)
    return build_view(FULL, table_of(grant for grant in EVERY_GRANT if grant not in gone))


NO_PHONE = without(("Person.phone", Action.READ))
NO_NUMBER = without(("Permit.number", Action.READ))
NO_FILTERS = without(("Person.idNumber", Action.FILTER), ("Residence.division", Action.FILTER))
NO_SORT = without(("Permit.validTo", Action.SORT))
NO_SORTS = without(("Permit.validTo", Action.SORT), ("Residence.registeredOn", Action.SORT))
NO_COUNT = without(("Query.persons", Action.COUNT))
NO_VERIFY = without(("Query.verify", Action.CALL))


def refused(view: View, document: str) -> list[tuple[str, Action, bool]]:
    """The uses that a document is refused for: path, action, whether it is an argument."""
    with pytest.raises(ForbiddenDocumentError) as caught:
        Documents().prepare(document, None, view)
    assert list(caught.value.uses) == forbidden_paths(parse(document), view)
    return [(use.path, use.action, use.argument) for use in caught.value.uses]


WHO = 'person(idNumber: "x", name: "x")'


@pytest.mark.parametrize(
    "document",
    [
        f"{{ {WHO} {{ phone }} }}",
        f"{{ {WHO} {{ name: phone }} }}",
        f"{{ {WHO} {{ ... {{ phone }} }} }}",
        f"{{ {WHO} {{ ... on Person {{ phone }} }} }}",
        f"{{ {WHO} {{ ... on Node {{ ... on Person {{ phone }} }} }} }}",
        f"{{ {WHO} {{ ...F }} }} fragment F on Person {{ sex phone }}",
        f"{{ {WHO} {{ ...F }} }} fragment F on Person {{ ...G }} fragment G on Person {{ phone }}",
        f"{{ {WHO} {{ phone @skip(if: true) }} }}",
        f"{{ {WHO} {{ phone @include(if: false) }} }}",
        f"query($no: Boolean!) {{ {WHO} @include(if: $no) {{ phone }} }}",
        f"{{ {WHO} {{ ... @skip(if: true) {{ phone }} }} }}",
        f"{{ {WHO} {{ ...F @skip(if: true) }} }} fragment F on Person {{ phone }}",
        '{ node(id: "x") { ... on Person { phone } } }',
        '{ node(id: "x") { ...F } } fragment F on Node { ...G } fragment G on Person { phone }',
        "{ persons { nodes { phone } } }",
        "{ persons { edges { node { phone } } } }",
        "query A { viewer { client } } query B { persons { nodes { phone } } }",
    ],
)
def test_a_forbidden_field_is_found_wherever_it_hides(document: str) -> None:
    assert refused(NO_PHONE, document) == [("Person.phone", Action.READ, False)]


def test_a_forbidden_field_of_an_interfaces_other_type_is_found() -> None:
    document = '{ node(id: "x") { id ... on Permit { number } ... on Person { phone } } }'
    assert refused(NO_NUMBER, document) == [("Permit.number", Action.READ, False)]


def test_a_fragment_that_nobody_spreads_uses_nothing() -> None:
    document = "{ viewer { client } } fragment F on Person { phone }"
    with pytest.raises(RefusedDocumentError) as caught:
        Documents().prepare(document, None, NO_PHONE)
    assert caught.value.troubles[0].code is Code.VALIDATION_FAILED


@pytest.mark.parametrize(
    ("document", "path"),
    [
        (f"{{ {WHO} {{ sex }} }}", "Person.sex"),
        ("{ persons { totalCount } }", "Query.persons"),
        ('{ permit(number: "x") { number } }', "Query.permit"),
        ('{ node(id: "x") { id } }', "Query.node"),
        ("{ accessLog { nodes { index } } }", "Query.accessLog"),
    ],
)
def test_what_another_department_may_is_refused_with_its_path(document: str, path: str) -> None:
    ((found, _, argument), *_) = refused(EDUCATION, document)
    assert (found, argument) == (path, False)


def test_a_total_needs_its_own_grant() -> None:
    assert refused(NO_COUNT, "{ persons { totalCount } }") == [
        ("Query.persons", Action.COUNT, True)
    ]
    assert forbidden_paths(parse("{ persons { nodes { id } } }"), NO_COUNT) == []


@pytest.mark.parametrize(
    ("view", "document", "uses"),
    [
        (
            NO_FILTERS,
            '{ persons(filter: { idNumber: "x" }) { nodes { id } } }',
            [("Person.idNumber", Action.FILTER)],
        ),
        (
            NO_FILTERS,
            "query($n: String) { persons(filter: { idNumber: $n }) { nodes { id } } }",
            [("Person.idNumber", Action.FILTER)],
        ),
        (
            NO_FILTERS,
            '{ persons(filter: { county: "150402", township: "150402001" }) { nodes { id } } }',
            [("Residence.division", Action.FILTER)],
        ),
        (
            NO_FILTERS,
            'query($f: PersonFilter = { county: "x" }) { persons(filter: $f) { nodes { id } } }',
            [("Residence.division", Action.FILTER)],
        ),
        (
            NO_SORT,
            "{ persons(orderBy: [{ field: VALID_TO }]) { nodes { id } } }",
            [("Permit.validTo", Action.SORT)],
        ),
        (
            NO_SORT,
            "{ persons(orderBy: { field: VALID_TO }) { nodes { id } } }",
            [("Permit.validTo", Action.SORT)],
        ),
        (
            NO_SORT,
            "query($s: PersonSort = VALID_TO) { persons(orderBy: { field: $s }) { nodes { id } } }",
            [("Permit.validTo", Action.SORT)],
        ),
        (
            NO_SORTS,
            "query($o: [PersonOrder!]) { persons(orderBy: $o) { nodes { id } } }",
            [("Residence.registeredOn", Action.SORT), ("Permit.validTo", Action.SORT)],
        ),
        (
            NO_SORTS,
            "query($s: PersonSort!) { persons(orderBy: { field: $s }) { nodes { id } } }",
            [("Residence.registeredOn", Action.SORT), ("Permit.validTo", Action.SORT)],
        ),
        (
            NO_SORTS,
            "{ persons(orderBy: [{ field: REGISTERED_ON }]) { nodes { id } } }",
            [("Residence.registeredOn", Action.SORT)],
        ),
    ],
)
def test_a_forbidden_filter_or_sort_is_named_as_an_argument(
    view: View, document: str, uses: list[tuple[str, Action]]
) -> None:
    assert refused(view, document) == [(path, action, True) for path, action in uses]


def test_an_argument_that_is_hidden_as_a_whole_is_refused() -> None:
    hidden = without(*((path, action) for path, action in EVERY_GRANT if action is Action.FILTER))
    for document in (
        "query($f: PersonFilter) { persons(filter: $f) { nodes { id } } }",
        '{ persons(filter: { status: ACTIVE, county: "x" }) { nodes { id } } }',
    ):
        assert ("Residence.division", Action.FILTER, True) in refused(hidden, document)


def prepared(view: View, document: str) -> Prepared:
    return Documents().prepare(document, None, view)


@pytest.mark.parametrize(
    ("view", "type_", "argument", "sent", "uses"),
    [
        (
            NO_FILTERS,
            "PersonFilter",
            "filter: $v",
            {"idNumber": "x"},
            [("Person.idNumber", Action.FILTER)],
        ),
        (
            NO_FILTERS,
            "PersonFilter",
            "filter: $v",
            {"status": ["ACTIVE"], "township": None},
            [("Residence.division", Action.FILTER)],
        ),
        (
            NO_SORT,
            "[PersonOrder!]",
            "orderBy: $v",
            [{"field": "REGISTERED_ON"}, {"field": "VALID_TO"}],
            [("Permit.validTo", Action.SORT)],
        ),
        (
            NO_SORT,
            "PersonSort!",
            "orderBy: { field: $v }",
            "VALID_TO",
            [("Permit.validTo", Action.SORT)],
        ),
    ],
)
def test_a_forbidden_path_in_a_variable_is_named_too(
    view: View, type_: str, argument: str, sent: object, uses: list[tuple[str, Action]]
) -> None:
    ready = prepared(view, f"query($v: {type_}) {{ persons({argument}) {{ nodes {{ id }} }} }}")
    with pytest.raises(CoercionError):
        ready.variables.coerce({"v": sent})
    assert _forbidden_variables(ready, {"v": sent}) == [
        Forbidden(Path(path), action, argument=True, line=None, column=None)
        for path, action in uses
    ]


def test_a_forbidden_path_is_named_once_however_often_it_is_sent() -> None:
    ready = prepared(NO_SORT, "query($v: [PersonOrder!]) { persons(orderBy: $v) { nodes { id } } }")
    sent = [{"field": "VALID_TO"}] * 1000
    assert len(_forbidden_variables(ready, {"v": sent})) == 1


def test_what_is_unknown_in_a_variable_is_no_forbidden_path() -> None:
    ready = prepared(NO_SORT, "query($v: [PersonOrder!]) { persons(orderBy: $v) { nodes { id } } }")
    for sent in ([{"field": "HEIGHT"}], [{"height": 1}], "VALID_TO", None, 7):
        assert _forbidden_variables(ready, {"v": sent}) == []


def test_lists_as_deep_as_json_allows_are_walked() -> None:
    sent: list[Any] = [{"field": "VALID_TO"}]
    for _ in range(5000):
        sent = [sent]
    order = FULL.type_map["PersonOrder"]
    assert [use.path for use in forbidden_input(sent, order, NO_SORT)] == ["Permit.validTo"]


def test_places_are_those_of_the_document() -> None:
    document = f"{{\n  {WHO} {{\n    sex\n    a: phone\n  }}\n}}"
    ((use),) = forbidden_paths(parse(document), NO_PHONE)
    assert (use.line, use.column) == (4, 5)


@pytest.mark.parametrize(
    ("document", "message"),
    [
        ("{ viewer { shoeSize } }", "Cannot query field 'shoeSize' on type 'Viewer'."),
        ("{ zebra { stripes } }", "Cannot query field 'zebra' on type 'Query'."),
        ("query($v: Shoe) { services(article: $v) { code } }", "Unknown type 'Shoe'."),
        ('{ services(size: "x") { code } }', "Unknown argument 'size' on field 'Query.services'."),
    ],
)
def test_an_unknown_name_keeps_the_standard_message(document: str, message: str) -> None:
    with pytest.raises(RefusedDocumentError) as caught:
        Documents().prepare(document, None, EDUCATION)
    trouble = caught.value.troubles[0]
    assert (trouble.code, trouble.message) == (Code.VALIDATION_FAILED, message)
    assert trouble.locations


def slips(names: list[str]) -> list[str]:
    """Names that are nearly those, as a suggestion would complete them."""
    return [slip for name in names for slip in (name[:-1], name + "s", name[1:])]


@pytest.mark.parametrize("view", [NO_PURPOSE, EDUCATION, DESK_LIST])
def test_no_suggestion_names_a_hidden_field(view: View) -> None:
    for owner, document in [
        ("Query", "{{ {slip} }}"),
        ("Person", "{{ ...F }} fragment F on Person {{ {slip} }}"),
        ("Permit", "{{ ...F }} fragment F on Permit {{ {slip} }}"),
    ]:
        full = FULL.type_map[owner]
        seen = view.schema.type_map.get(owner)
        assert isinstance(full, GraphQLObjectType)
        held = set(seen.fields) if isinstance(seen, GraphQLObjectType) else set()
        for slip in slips(sorted(full.fields)):
            if slip in full.fields or not slip:
                continue
            with pytest.raises(RefusedDocumentError) as caught:
                Documents().prepare(document.format(slip=slip), None, view)
            for trouble in caught.value.troubles:
                for hidden in full.fields.keys() - held:
                    assert f"'{hidden}'" not in (trouble.message or "")


def test_no_suggestion_names_a_hidden_type_filter_or_sort_key() -> None:
    documents = [
        "query($v: PersonFilte) { viewer { client } }",
        "{ persons(filter: { idNumbe: 1 }) { nodes { id } } }",
        "{ persons(orderBy: { field: VALID_TOO }) { nodes { id } } }",
        "{ ... on AccessRecor { index } }",
    ]
    view = without(("Person.idNumber", Action.FILTER), ("Permit.validTo", Action.SORT))
    for document in documents:
        for seen in (view, NO_PURPOSE):
            with pytest.raises((RefusedDocumentError, ForbiddenDocumentError)) as caught:
                Documents().prepare(document, None, seen)
            if isinstance(caught.value, RefusedDocumentError):
                told = " ".join(trouble.message or "" for trouble in caught.value.troubles)
                assert "idNumber'" not in told
                assert "VALID_TO'" not in told
                if seen is NO_PURPOSE:
                    assert "PersonFilter'" not in told
                    assert "AccessRecord'" not in told


@settings(max_examples=60, deadline=None)
@given(drawn=st.data())
def test_what_a_view_holds_is_never_forbidden_in_it(drawn: st.DataObject) -> None:
    view = VIEWS[drawn.draw(st.sampled_from(sorted(VIEWS)))]
    question = drawn.draw(questions(view.schema))
    assert forbidden_paths(parse(question.document), view) == []


@settings(max_examples=60, deadline=None)
@given(drawn=st.data())
def test_a_document_is_forbidden_or_refused_or_held_by_its_view(drawn: st.DataObject) -> None:
    question = drawn.draw(questions(EVERYTHING.schema))
    view = drawn.draw(st.sampled_from([NO_PHONE, NO_FILTERS, NO_SORTS, NO_COUNT, NO_VERIFY]))
    uses = forbidden_paths(parse(question.document), view)
    try:
        Documents().prepare(question.document, None, view)
    except ForbiddenDocumentError:
        assert uses
        assert not any(view.table.decide(use.path, use.action).granted for use in uses)
    except RefusedDocumentError as error:
        hidden = ("Unknown argument", "Unknown type")  # an argument without any of its fields
        for trouble in error.troubles:
            limited = trouble.code is Code.TOO_COMPLEX
            assert limited or (trouble.message or "").startswith(hidden)
    else:
        assert uses == []


def test_every_type_of_a_variable_is_that_of_the_full_schema() -> None:
    (definition,) = parse("query($v: [PersonOrder!]) { __typename }").definitions
    node = definition.variable_definitions[0].type  # type: ignore[attr-defined] # an operation
    assert str(type_from_ast(NO_SORTS.full, node)) == "[PersonOrder!]"
    assert type_from_ast(NO_SORTS.schema, node) is None
