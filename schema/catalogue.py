"""The catalogue: every schema path with the actions it can be granted, told as plain values.

`policies` learns from it which paths exist; it never sees a GraphQL type.
"""

from graphql import (
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
)

from policies.catalogue import Catalogue, PathSpec
from policies.permission import Action, Path
from schema.persons import SORT_GRANTS
from schema.sources import METADATA, Children, Declared, Derived, Item, Of

ROOTS = frozenset({"Query", "Mutation"})
"""Types whose fields are called, not read."""

_DEFINITION = "strawberry-definition"


class UndeclaredFieldError(TypeError):
    """A field of the schema carries no declaration, so nothing could govern it."""


def declaration(owner: str, name: str, field: GraphQLField | GraphQLInputField) -> Declared:
    """What a field declares of itself.

    Raises:
        UndeclaredFieldError: the field was made without `declared`; declare it in `schema/`.

    """
    definition = field.extensions.get(_DEFINITION)
    metadata = getattr(definition, "metadata", None) or {}
    found = metadata.get(METADATA)
    if not isinstance(found, Declared):
        raise UndeclaredFieldError(f"{owner}.{name} has no declaration: use `declared`.")
    return found


def grant_of(owner: str, name: str, field: Declared) -> tuple[Path, Action] | None:
    """Which path and action a field needs a grant for; None where it is not governed."""
    if field.grant is not None:
        return field.grant
    if not field.governed:
        return None
    return Path(f"{owner}.{name}"), Action.CALL if owner in ROOTS else Action.READ


def groups_of(field: Declared) -> frozenset[str]:
    """The sealed groups that a field reads."""
    match field.source:
        case Item(group=group):
            return frozenset({group})
        case Derived(needs=needs):
            return frozenset(need.group for need in needs if isinstance(need, Item))
        case Of(group=str(group)) | Children(group=str(group)):
            return frozenset({group})
        case _:
            return frozenset()


def catalogue(schema: GraphQLSchema) -> Catalogue:
    """Every governed path of the schema with its actions, kind and sealed groups."""
    specs: dict[Path, PathSpec] = {}
    extra: list[tuple[Path, Action]] = list(SORT_GRANTS.values())
    for owner, type_ in schema.type_map.items():
        if owner.startswith("__"):
            continue
        if isinstance(type_, GraphQLInputObjectType):
            inputs = [declaration(owner, name, field) for name, field in type_.fields.items()]
            extra.extend(field.grant for field in inputs if field.grant is not None)
        elif isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            for name, field in type_.fields.items():
                declared = declaration(owner, name, field)
                grant = grant_of(owner, name, declared)
                if grant is None:
                    continue
                if declared.grant is not None:
                    extra.append(grant)
                    continue
                path, action = grant
                specs[path] = PathSpec(
                    actions=frozenset({action}), kind=declared.kind, groups=groups_of(declared)
                )
    for path, action in extra:
        spec = specs[path]
        specs[path] = PathSpec(actions=spec.actions | {action}, kind=spec.kind, groups=spec.groups)
    return Catalogue(specs)
