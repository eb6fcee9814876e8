"""Whatever the printed schema names is described in Chinese and in English."""

import re
from collections.abc import Iterator

import pytest
from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    build_schema,
    is_introspection_type,
    is_specified_scalar_type,
)

from regulation.entitlement import Because
from schema.root import printed_schema

SCHEMA = build_schema(printed_schema())


def _below(type_: GraphQLNamedType) -> Iterator[tuple[str, str | None]]:
    if isinstance(type_, GraphQLEnumType):
        for name, value in type_.values.items():
            yield f"{type_.name}.{name}", value.description
    elif isinstance(type_, GraphQLInputObjectType):
        for name, inner in type_.fields.items():
            yield f"{type_.name}.{name}", inner.description
    elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
        for name, field in type_.fields.items():
            yield f"{type_.name}.{name}", field.description
            for argument, given in field.args.items():
                yield f"{type_.name}.{name}({argument})", given.description


def _described() -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for type_ in SCHEMA.type_map.values():
        if not is_introspection_type(type_) and not is_specified_scalar_type(type_):
            found[type_.name] = type_.description
            found.update(_below(type_))
    return found


DESCRIBED = _described()


@pytest.mark.parametrize("place", list(DESCRIBED))
def test_every_type_field_argument_and_value_has_a_chinese_and_an_english_description(
    place: str,
) -> None:
    chinese, _, english = (DESCRIBED[place] or "").partition("\n\n")
    assert re.search("[一-鿿]", chinese)
    assert re.search("[A-Za-z]{2}", english)
    assert not re.search("[一-鿿]", english)


def test_the_statuses_and_answers_that_articles_define_cite_them() -> None:
    for name in ("PermitStatus", "EntitlementAnswer", "VerifyAnswer"):
        type_ = SCHEMA.type_map[name]
        assert isinstance(type_, GraphQLEnumType)
        for value in type_.values.values():
            chinese, _, english = (value.description or "").partition("\n\n")
            assert re.search(r"第[0-9–、]+条", chinese)
            assert "(article" in english


def test_every_reason_of_an_entitlement_is_told_with_its_article() -> None:
    chinese, _, english = (DESCRIBED["Entitlement.because"] or "").partition("\n\n")
    for because in Because:
        assert re.search(rf"{because.value} [^；]*（第.*?条）[；。]", chinese)
        assert re.search(rf"{because.value}: [^.]*\(articles? [^)]*\)\.", english)
