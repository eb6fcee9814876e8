"""A view holds what its table grants and nothing else, whatever the table grants."""

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    build_schema,
    execute_sync,
    get_introspection_query,
    get_named_type,
    parse,
    print_schema,
    validate_schema,
)
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from policies.permission import Action, Path, Rendering
from schema.catalogue import declaration, grant_of
from schema.persons import SORT_GRANTS, PersonSort
from schema.view import View, build_view
from tests.schema.views import DESK_LIST, EDUCATION, EVERY_GRANT, FULL, NO_PURPOSE, VIEWS, table_of

Grants = frozenset[tuple[Path, Action]]

SETTINGS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])

grants: st.SearchStrategy[Grants] = st.one_of(
    st.frozensets(st.sampled_from(EVERY_GRANT)),
    # Almost everything, so that single gaps are met too.
    st.frozensets(st.sampled_from(EVERY_GRANT), max_size=8).map(
        lambda gone: frozenset(EVERY_GRANT) - gone
    ),
)

FULL_TEXT = print_schema(FULL)


def view_with(held: Grants) -> View:
    return build_view(FULL, table_of(held))


def named_types(schema: GraphQLSchema) -> list[GraphQLNamedType]:
    return [type_ for name, type_ in schema.type_map.items() if not name.startswith("__")]


def check_granted(view: View) -> None:
    for type_ in named_types(view.schema):
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
            assert type_.fields, f"{type_} is empty"
            for name, field in type_.fields.items():
                full = FULL.type_map[type_.name].fields[name]  # type: ignore[attr-defined] # same class
                grant = grant_of(type_.name, name, declaration(type_.name, name, full))
                assert grant is None or view.table.decide(*grant).granted, f"{type_}.{name}"
                assert str(field.type) == str(full.type)
        elif isinstance(type_, GraphQLEnumType):
            assert type_.values, f"{type_} is empty"
            if type_.name == PersonSort.__name__:
                for name in type_.values:
                    assert view.table.decide(*SORT_GRANTS[PersonSort[name]]).granted
        else:
            assert isinstance(type_, GraphQLScalarType)


@SETTINGS
@given(held=grants)
def test_everything_in_a_view_is_granted_or_governed_by_nobody(held: Grants) -> None:
    check_granted(view_with(held))


@SETTINGS
@given(held=grants)
def test_a_granted_field_is_there_unless_what_it_leads_to_is_empty(held: Grants) -> None:
    view = view_with(held)
    seen = view.schema.type_map
    for owner in named_types(FULL):
        if not isinstance(owner, GraphQLObjectType):
            continue
        for name, field in owner.fields.items():
            grant = grant_of(owner.name, name, declaration(owner.name, name, field))
            inside = seen.get(owner.name)
            if inside is None or (grant is not None and grant not in held):
                continue
            assert isinstance(inside, GraphQLObjectType)
            leads = get_named_type(field.type)
            needs = [
                get_named_type(argument.type)
                for argument in field.args.values()
                if isinstance(argument.type, GraphQLNonNull)
            ]
            whole = all(_stands(seen, type_) for type_ in [leads, *needs])
            assert (name in inside.fields) is whole, f"{owner}.{name}"


def _stands(seen: dict[str, GraphQLNamedType], type_: GraphQLNamedType) -> bool:
    return isinstance(type_, GraphQLScalarType | GraphQLEnumType) or type_.name in seen


@SETTINGS
@given(held=grants)
def test_a_view_is_a_valid_schema_that_prints_and_parses_back(held: Grants) -> None:
    view = view_with(held)
    assert validate_schema(view.schema) == []
    text = print_schema(view.schema)
    assert print_schema(build_schema(text)) == text


@SETTINGS
@given(held=grants)
def test_no_argument_or_field_leads_out_of_the_view(held: Grants) -> None:
    view = view_with(held)
    seen = view.schema.type_map
    for type_ in named_types(view.schema):
        for field in getattr(type_, "fields", {}).values():
            inner = get_named_type(field.type)
            assert seen[inner.name] is inner
            for argument in getattr(field, "args", {}).values():
                inner = get_named_type(argument.type)
                assert seen[inner.name] is inner


@SETTINGS
@given(held=grants)
def test_introspection_tells_of_nothing_that_is_hidden(held: Grants) -> None:
    view = view_with(held)
    hidden = [name for name in FULL.type_map if name not in view.schema.type_map]
    asked = " ".join(f't{n}: __type(name: "{name}") {{ name }}' for n, name in enumerate(hidden))
    if hidden:
        result = execute_sync(view.schema, parse(f"{{ {asked} }}"))
        assert set((result.data or {}).values()) == {None}
    told = execute_sync(view.schema, parse(get_introspection_query()))
    assert told.errors is None
    assert told.data is not None
    told_types = {type_["name"]: type_ for type_ in told.data["__schema"]["types"]}
    assert told_types.keys() == view.schema.type_map.keys()
    for name, type_ in told_types.items():
        members = (type_["fields"] or []) + (type_["inputFields"] or [])
        names = {member["name"] for member in members}
        if not name.startswith("__"):
            assert names == set(getattr(view.schema.type_map[name], "fields", {}))


@SETTINGS
@given(held=grants, other=grants)
def test_building_a_view_changes_neither_the_full_schema_nor_another_view(
    held: Grants, other: Grants
) -> None:
    first = view_with(held)
    text = print_schema(first.schema)
    second = view_with(other)
    assert print_schema(first.schema) == text
    assert print_schema(FULL) == FULL_TEXT
    shared = {
        name
        for name, type_ in first.schema.type_map.items()
        if second.schema.type_map.get(name) is type_
    }
    assert all(
        name.startswith("__") or isinstance(FULL.type_map[name], GraphQLScalarType)
        for name in shared
    )


@pytest.mark.parametrize("name", VIEWS)
def test_a_shipped_view_is_valid_and_holds_only_what_is_granted(name: str) -> None:
    view = VIEWS[name]
    assert validate_schema(view.schema) == []
    check_granted(view)


def test_a_view_with_every_grant_is_the_whole_schema() -> None:
    assert print_schema(VIEWS["everything"].schema) == FULL_TEXT


def test_without_a_purpose_only_the_catalogue_is_there() -> None:
    query = NO_PURPOSE.schema.query_type
    assert query is not None
    assert set(query.fields) == {"viewer", "departments", "purposes", "services", "divisions"}
    assert not {"Person", "Permit", "AccessRecord"} & NO_PURPOSE.schema.type_map.keys()


def test_a_sort_key_without_its_grant_is_gone_and_the_other_stays() -> None:
    left = view_with(frozenset(EVERY_GRANT) - {(Path("Permit.validTo"), Action.SORT)})
    sorts = left.schema.type_map["PersonSort"]
    assert isinstance(sorts, GraphQLEnumType)
    assert set(sorts.values) == {"REGISTERED_ON"}


def test_with_the_last_sort_key_goes_the_order_and_its_argument() -> None:
    left = view_with(frozenset(grant for grant in EVERY_GRANT if grant[1] is not Action.SORT))
    assert not {"PersonSort", "PersonOrder", "Direction"} & left.schema.type_map.keys()
    query = left.schema.query_type
    assert query is not None
    assert set(query.fields["persons"].args) == {"filter", "first", "after"}


def test_with_the_last_filter_goes_the_argument() -> None:
    left = view_with(frozenset(grant for grant in EVERY_GRANT if grant[1] is not Action.FILTER))
    query = left.schema.query_type
    assert query is not None
    assert set(query.fields["persons"].args) == {"orderBy", "first", "after"}
    assert not {"PersonFilter", "DateRange"} & left.schema.type_map.keys()


def test_a_filter_needs_its_own_grant_beside_that_to_read() -> None:
    left = view_with(frozenset(EVERY_GRANT) - {(Path("Person.idNumber"), Action.FILTER)})
    given_filter = left.schema.type_map["PersonFilter"]
    person = left.schema.type_map["Person"]
    assert isinstance(given_filter, GraphQLInputObjectType)
    assert isinstance(person, GraphQLObjectType)
    assert "idNumber" not in given_filter.fields
    assert "idNumber" in person.fields


def test_a_field_whose_required_argument_is_hidden_is_hidden() -> None:
    full = build_view(FULL, table_of(EVERY_GRANT)).schema  # a copy whose types may be changed
    row = full.type_map["VerifyRow"]
    assert isinstance(row, GraphQLInputObjectType)
    row.fields["ref"] = type(row.fields["ref"])(
        GraphQLNonNull(full.type_map["PersonSort"]),  # type: ignore[type-var] # an enum is an input
        extensions=row.fields["ref"].extensions,
    )
    left = build_view(full, table_of(grant for grant in EVERY_GRANT if grant[1] is not Action.SORT))
    query = left.schema.query_type
    assert query is not None
    assert "verify" not in query.fields
    assert not {"VerifyRow", "VerifyResult"} & left.schema.type_map.keys()
    assert "verify" in (full.query_type or query).fields


def test_a_view_says_how_each_field_is_shown() -> None:
    assert DESK_LIST.rendering("Person", "name") is Rendering.SURNAME_ONLY
    assert EDUCATION.rendering("Permit", "active") is Rendering.YES_NO
    assert EDUCATION.rendering("Division", "code") is Rendering.PLAIN
