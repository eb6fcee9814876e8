"""Coercion agrees with graphql-core on every input type, and its refusals hold no value."""

import traceback
from typing import Any

import pytest
from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    OperationDefinitionNode,
    get_argument_values,
    get_variable_values,
    is_input_type,
    parse,
    parse_type,
    type_from_ast,
)
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from schema.coercion import CoercionError, compile_arguments, compile_variables
from tests.schema.questions import Writer, values, written
from tests.schema.views import FULL

SENTINEL = "哨兵-150402199001019964"

INPUT_TYPES = {
    name: type_
    for name, type_ in FULL.type_map.items()
    if is_input_type(type_) and not name.startswith("__")
}
WRAPPERS = ["{}", "{}!", "[{}]", "[{}!]", "[{}!]!", "[[{}]!]"]
KEYS = sorted({key for type_ in INPUT_TYPES.values() for key in getattr(type_, "fields", ())})

CALLED = [
    (owner, name)
    for owner, type_ in FULL.type_map.items()
    if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType) and not owner.startswith("__")
    for name, field in type_.fields.items()
    if field.args
]

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["ACTIVE", "ASC", "VALID_TO", "2026-11-22", "2026-02-30", SENTINEL, "", "7"]),
    lambda below: (
        st.lists(below, max_size=3)
        | st.dictionaries(st.sampled_from([*KEYS, SENTINEL]), below, max_size=4)
    ),
    max_leaves=8,
)
"""Whatever a body can hold."""

MANY = settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])


def input_type(text: str) -> Any:
    return type_from_ast(FULL, parse_type(text))


def operation(document: str) -> OperationDefinitionNode:
    (found,) = parse(document).definitions
    assert isinstance(found, OperationDefinitionNode)
    return found


def agree(document: str, given_values: dict[str, Any]) -> str:
    definitions = operation(document).variable_definitions or ()
    theirs = get_variable_values(FULL, definitions, given_values)
    try:
        ours = compile_variables(FULL, definitions).coerce(given_values)
    except CoercionError:
        assert isinstance(theirs, list)
        return "refused"
    assert not isinstance(theirs, list)
    assert ours == theirs.coerced
    assert repr(ours) == repr(theirs.coerced)  # 1, 1.0 and True are equal and not the same
    return "taken"


@pytest.mark.parametrize("name", INPUT_TYPES)
@MANY
@given(drawn=st.data())
def test_a_variable_is_taken_or_refused_as_graphql_core_does(
    name: str, drawn: st.DataObject
) -> None:
    text = drawn.draw(st.sampled_from(WRAPPERS)).format(name)
    sent = drawn.draw(JSON | values(input_type(text)))
    event(agree(f"query($v: {text}) {{ __typename }}", {"v": sent}))


@pytest.mark.parametrize("name", INPUT_TYPES)
@MANY
@given(drawn=st.data())
def test_a_default_stands_in_as_graphql_core_lets_it(name: str, drawn: st.DataObject) -> None:
    text = drawn.draw(st.sampled_from(WRAPPERS)).format(name)
    type_ = input_type(text)
    default = written(drawn.draw(values(type_)), type_)
    sent = drawn.draw(st.just({}) | st.fixed_dictionaries({"v": st.none() | values(type_)}))
    event(agree(f"query($v: {text} = {default}) {{ __typename }}", sent))


@pytest.mark.parametrize(
    ("text", "what"),
    [("Int", "taken"), ("Int!", "refused"), ("[Int!]!", "refused"), ("VerifyRow", "taken")],
)
def test_an_absent_variable_is_not_null(text: str, what: str) -> None:
    document = f"query($v: {text}) {{ __typename }}"
    assert agree(document, {}) == what
    if what == "taken":
        definitions = operation(document).variable_definitions or ()
        assert compile_variables(FULL, definitions).coerce({}) == {}


@pytest.mark.parametrize(("owner", "name"), CALLED)
@MANY
@given(drawn=st.data())
def test_arguments_are_those_of_graphql_core(owner: str, name: str, drawn: st.DataObject) -> None:
    field: GraphQLField = FULL.type_map[owner].fields[name]  # type: ignore[attr-defined] # has fields
    writer = Writer(drawn.draw, FULL, set())
    arguments = writer._arguments(field.args)
    so_far = writer._so_far
    head = f"({', '.join(so_far.definitions)})" if so_far.definitions else ""
    asked = operation(f"query {head} {{ {name}{arguments} }}")
    variables = get_variable_values(FULL, asked.variable_definitions or (), so_far.variables)
    assert not isinstance(variables, list)
    (node,) = asked.selection_set.selections
    assert isinstance(node, FieldNode)
    compiled = compile_arguments(field, node)
    try:
        theirs = get_argument_values(field, node, variables)
    except GraphQLError:
        assert not isinstance(compiled, dict)
        with pytest.raises(GraphQLError):
            compiled(variables.coerced)
        event("refused")
        return
    ours = compiled if isinstance(compiled, dict) else compiled(variables.coerced)
    assert repr(sorted(ours.items())) == repr(sorted(theirs.items()))
    event("constant" if isinstance(compiled, dict) else "of variables")


@pytest.mark.parametrize("name", INPUT_TYPES)
@MANY
@given(drawn=st.data())
def test_a_refusal_holds_no_value(name: str, drawn: st.DataObject) -> None:
    text = drawn.draw(st.sampled_from(WRAPPERS)).format(name)
    definitions = operation(f"query($v: {text}) {{ __typename }}").variable_definitions or ()
    sent = drawn.draw(
        st.recursive(
            st.just(SENTINEL),
            lambda below: (
                st.lists(below, min_size=1, max_size=2)
                | st.dictionaries(st.sampled_from([*KEYS, SENTINEL]), below, min_size=1, max_size=3)
            ),
            max_leaves=5,
        )
    )
    try:
        compile_variables(FULL, definitions).coerce({"v": sent})
    except CoercionError as error:
        told = [str(error), repr(error), error.place, *traceback.format_exception(error)]
        assert SENTINEL not in "\n".join(told)
        event("refused")


@pytest.mark.parametrize(
    ("text", "sent", "place", "expected"),
    [
        ("[VerifyRow!]!", [{"ref": "a"}, {"ref": 1}], "$v[1].ref", "String"),
        ("[VerifyRow!]!", [{"ref": None}], "$v[0].ref", "String!"),
        ("[VerifyRow!]!", [{}], "$v[0].ref", "String!"),
        ("[VerifyRow!]!", [{"ref": "a", "no": 1}], "$v[0]", "VerifyRow"),
        (
            "[VerifyRow!]!",
            [{"ref": "a", "anyOf": [{"idNumber": "x", "name": []}]}],
            "$v[0].anyOf[0].name",
            "String",
        ),
        ("[VerifyRow!]!", [{"ref": "a", "on": "2026-02-30"}], "$v[0].on", "Date"),
        ("VerifyRow!", None, "$v", "VerifyRow!"),
        ("PersonOrder", {"field": "VALID"}, "$v.field", "PersonSort"),
        ("PersonOrder", {"direction": "ASC"}, "$v.field", "PersonSort!"),
        ("Int", 2**31, "$v", "Int"),
        ("Int", True, "$v", "Int"),
        ("ID", 1.5, "$v", "ID"),
    ],
)
def test_a_refusal_names_the_place_and_what_belongs_there(
    text: str, sent: object, place: str, expected: str
) -> None:
    definitions = operation(f"query($v: {text}) {{ __typename }}").variable_definitions or ()
    with pytest.raises(CoercionError) as caught:
        compile_variables(FULL, definitions).coerce({"v": sent})
    assert (caught.value.place, caught.value.expected) == (place, expected)


def test_a_variable_that_must_be_there_is_named() -> None:
    definitions = operation("query($v: Int!) { __typename }").variable_definitions or ()
    with pytest.raises(CoercionError) as caught:
        compile_variables(FULL, definitions).coerce({})
    assert (caught.value.place, caught.value.expected) == ("$v", "Int!")
    assert caught.value.missing
