"""Plan and rendering against graphql-core's own executor: data byte for byte, errors as a set."""

import pytest
from graphql import print_schema
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st
from hypothesis_graphql import nodes, queries

from policies.permission import Path, Rendering
from schema.view import build_view
from tests.schema.answers import ASKED, Planned, within_limits
from tests.schema.questions import DAYS, Question, questions
from tests.schema.reference import Reference
from tests.schema.views import EVERY_GRANT, FULL, VIEWS, table_of

MASKED = build_view(
    FULL,
    table_of(
        EVERY_GRANT,
        renderings={
            Path("Person.name"): Rendering.SURNAME_ONLY,
            Path("Person.birthDate"): Rendering.YEAR,
            Path("Person.ageAtLeast"): Rendering.YES_NO,
            Path("Person.hukouCounty"): Rendering.COUNTY,
            Path("Residence.division"): Rendering.COUNTY,
            Path("Residence.address"): Rendering.COUNTY,
            Path("AddressPeriod.division"): Rendering.COUNTY,
            Path("Permit.active"): Rendering.YES_NO,
            Path("Permit.validTo"): Rendering.YEAR,
        },
    ),
)
ALL = {**VIEWS, "masks of every kind": MASKED}
PLANNED = {name: Planned(view) for name, view in ALL.items()}
REFERENCE = {name: Reference(view, ASKED, name) for name, view in ALL.items()}

SLOW = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
DAY_LITERALS = st.sampled_from(DAYS).map(nodes.String)


def agree(name: str, question: Question) -> None:
    planned = within_limits(lambda: PLANNED[name].answer(question.document, question.variables))
    if planned is None:
        event("over a limit")
        return
    data, errors = REFERENCE[name].answer(question.document, question.variables)
    assert planned[0] == data
    assert planned[1] == errors
    event("with errors" if errors else "without errors")


@pytest.mark.parametrize("name", list(ALL))
@SLOW
@given(drawn=st.data())
def test_a_planned_answer_is_the_executors_answer(name: str, drawn: st.DataObject) -> None:
    agree(name, drawn.draw(questions(ALL[name].schema)))


@pytest.mark.parametrize("name", list(ALL))
@settings(SLOW, max_examples=25)
@given(drawn=st.data())
def test_so_it_is_for_the_documents_that_a_library_thinks_of(
    name: str, drawn: st.DataObject
) -> None:
    sdl = print_schema(ALL[name].schema)
    agree(name, Question(drawn.draw(queries(sdl, custom_scalars={"Date": DAY_LITERALS})), {}))


def both(name: str, document: str, **variables: object) -> bytes:
    """The one answer of both, without errors."""
    data, errors = PLANNED[name].answer(document, dict(variables))
    assert (data, errors) == REFERENCE[name].answer(document, dict(variables))
    assert errors == frozenset()
    return data


def test_keys_stand_in_the_order_of_the_document_and_fields_merge() -> None:
    assert both(
        "registration",
        """
        { person(idNumber: "x", name: "x") { ...Late b: sex permit { number } ...Late } }
        fragment Late on Person { residence { late } permit { active number } }
        """,
    ) == (b'{"person":{"residence":{"late":false},"permit":null,"b":null}}')


def test_a_fragment_on_the_interface_applies_to_every_node_type() -> None:
    document = (
        "query($id: ID!) { node(id: $id) { __typename ...N ... on Permit { number } } } "
        "fragment N on Node { id }"
    )
    seen = {both("everything", document, id="x" * length) for length in range(1, 11)}
    assert any(b'"__typename":"Permit"' in data and b'"number"' in data for data in seen)
    assert any(b'"__typename":"Person"' in data and b'"number"' not in data for data in seen)


def test_an_interface_with_one_type_left_answers_with_that_type() -> None:
    data = both("only persons are nodes", '{ node(id: "xx") { __typename id } }')
    assert data.startswith(b'{"node":{"__typename":"Person","id":"Person:')
    assert both("only persons are nodes", '{ node(id: "x") { id } }') == b'{"node":null}'


@pytest.mark.parametrize(("yes", "data"), [(True, b'{"viewer":{"a":"client"}}'), (False, b"{}")])
def test_a_condition_decides_which_fields_there_are(yes: bool, data: bytes) -> None:  # noqa: FBT001
    document = """
        query($yes: Boolean!) { viewer @include(if: $yes) { a: client b: client @skip(if: $yes) } }
    """
    assert both("without a purpose", document, yes=yes) == data


def test_a_mask_makes_a_no_of_what_is_not_known() -> None:
    document = '{ person(idNumber: "x", name: "x") { birthDate ageAtLeast(years: 18) } }'
    assert both("registration", document) == b'{"person":{"birthDate":null,"ageAtLeast":null}}'
    assert (
        both("masks of every kind", document) == b'{"person":{"birthDate":null,"ageAtLeast":false}}'
    )


@pytest.mark.parametrize("many", [1, 2, 9])
def test_a_list_shows_each_row_as_it_would_be_shown_alone(many: int) -> None:
    """Holders and others, with and without an error in a row."""
    for field in ("late", 'within(division: "150402")', 'within(division: "nowhere")'):
        document = f"""
            query($many: Int!) {{ persons(first: $many) {{
              nodes {{ __typename id name permit {{ id active status validTo }}
                       residence {{ division {{ code name }} {field} }} }}
            }} }}
        """
        for name in ("everything", "masks of every kind"):
            planned = PLANNED[name].answer(document, {"many": many})
            assert planned == REFERENCE[name].answer(document, {"many": many})
            assert bool(planned[1]) is ("nowhere" in field)


def test_a_refused_argument_nulls_its_field_and_no_other() -> None:
    document = (
        'query($n: String = "x") { a: services(article: $n) { code } '
        "b: person(idNumber: $n, name: $n) { residence { within(division: $n) late } } }"
    )
    planned = PLANNED["everything"].answer(document, {"n": None})
    assert planned == REFERENCE["everything"].answer(document, {"n": None})
    assert planned[1] == {(("b",), "ARGUMENT_INVALID")}
    planned = PLANNED["everything"].answer(document, {})
    assert planned == REFERENCE["everything"].answer(document, {})
    assert planned[1] == {(("b", "residence", "within"), "ARGUMENT_INVALID")}
