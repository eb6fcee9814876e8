"""One caller's part of the schema.

What a field table does not grant does not exist in its view: not in introspection, arguments,
filter inputs, enum values or sort keys. Views are built from the one Strawberry schema and share
nothing executable with each other; a view never decides anything that its table did not.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
    GraphQLSchema,
    get_named_type,
    is_non_null_type,
)

from policies.permission import Action, Path, Rendering
from policies.table import FieldTable
from schema.catalogue import declaration, grant_of
from schema.persons import SORT_GRANTS, PersonSort

_SORTS = PersonSort.__name__


class EmptyViewError(RuntimeError):
    """A table grants nothing at all; check the rules of the role."""


@dataclass(frozen=True, slots=True, eq=False)
class View:
    """A filtered schema and the table that it was built from."""

    schema: GraphQLSchema
    full: GraphQLSchema
    table: FieldTable

    def rendering(self, owner: str, name: str) -> Rendering:
        """How a field of this view is shown."""
        grant = grant_of(owner, name, declaration(owner, name, self._field(owner, name)))
        if grant is None:
            return Rendering.PLAIN
        return self.table.decide(*grant).rendering or Rendering.PLAIN

    def _field(self, owner: str, name: str) -> GraphQLField:
        type_ = self.full.type_map[owner]
        if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            raise TypeError(f"{owner} has no fields of its own.")
        field: GraphQLField = type_.fields[name]
        return field


def _granted(table: FieldTable, grant: tuple[Path, Action] | None) -> bool:
    return grant is None or table.decide(*grant).granted


def _visible(full: GraphQLSchema, table: FieldTable) -> dict[str, set[str]]:
    """Type → the names of its fields (or enum values) that the table leaves, to a fixpoint."""
    names: dict[str, set[str]] = {}
    for owner, type_ in full.type_map.items():
        if isinstance(
            type_, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType
        ) and not owner.startswith("__"):
            fields: Mapping[str, GraphQLField | GraphQLInputField] = type_.fields
            names[owner] = {
                name
                for name, field in fields.items()
                if _granted(table, grant_of(owner, name, declaration(owner, name, field)))
            }
        elif isinstance(type_, GraphQLEnumType) and owner == _SORTS:
            names[owner] = {
                sort.name for sort, grant in SORT_GRANTS.items() if table.decide(*grant).granted
            }
    while _prune(full, names):
        pass
    return names


def _prune(full: GraphQLSchema, names: dict[str, set[str]]) -> bool:
    """One pass: drop emptied types and every field that needs one; whether anything changed."""

    def exists(type_: GraphQLNamedType) -> bool:
        return type_.name not in names or bool(names[type_.name])

    changed = False
    for owner, kept in names.items():
        type_ = full.type_map[owner]
        if isinstance(type_, GraphQLEnumType):
            continue
        if isinstance(type_, GraphQLInterfaceType):
            shared = {
                name
                for name in kept
                if any(
                    name in names[implementer.name]
                    for implementer in full.get_implementations(type_).objects
                )
            }
            gone = kept - shared
        else:
            gone = {name for name in kept if not _stands(type_, name, exists)}
        if isinstance(type_, GraphQLInputObjectType) and any(
            is_non_null_type(field.type) and (name not in kept or name in gone)
            for name, field in type_.fields.items()
        ):
            gone = set(kept)
        if gone:
            names[owner] = kept - gone
            changed = True
    return changed


def _stands(type_: GraphQLNamedType, name: str, exists: Callable[[GraphQLNamedType], bool]) -> bool:
    if isinstance(type_, GraphQLInputObjectType):
        return exists(get_named_type(type_.fields[name].type))
    if not isinstance(type_, GraphQLObjectType):
        raise TypeError(f"{type_} has no fields to prune.")
    field = type_.fields[name]
    if not exists(get_named_type(field.type)):
        return False
    return all(
        exists(get_named_type(argument.type)) or not is_non_null_type(argument.type)
        for argument in field.args.values()
    )


class _Builder:
    """Copies the visible part of the full schema, each named type once."""

    def __init__(self, full: GraphQLSchema, names: dict[str, set[str]]) -> None:
        self._full = full
        self._names = names
        self._types: dict[str, GraphQLNamedType] = {}

    def schema(self) -> GraphQLSchema:
        """The view's schema."""
        query = self._full.query_type
        if query is None or not self._names.get(query.name):
            raise EmptyViewError("This view has no query; grant the role at least one field.")
        root = self._named(query)
        implementers = [
            self._named(type_)
            for type_ in self._full.type_map.values()
            if isinstance(type_, GraphQLObjectType) and self._implements(type_)
        ]
        acts = self._full.mutation_type
        called = None if acts is None or not self._names.get(acts.name) else self._named(acts)
        return GraphQLSchema(
            query=root,  # type: ignore[arg-type]  # `_named` keeps the class of its argument
            mutation=called,  # type: ignore[arg-type]  # as above
            types=implementers,
            directives=self._full.directives,
            description=self._full.description,
            extensions=self._full.extensions,
        )

    def _implements(self, type_: GraphQLObjectType) -> list[GraphQLInterfaceType]:
        kept = self._names.get(type_.name, set())
        return [
            interface
            for interface in type_.interfaces
            if self._names[interface.name] and self._names[interface.name] <= kept
        ]

    def _exists(self, type_: GraphQLNamedType) -> bool:
        return type_.name not in self._names or bool(self._names[type_.name])

    def _named(self, type_: GraphQLNamedType) -> GraphQLNamedType:
        if isinstance(type_, GraphQLScalarType) or type_.name.startswith("__"):
            return type_
        found = self._types.get(type_.name)
        if found is None:
            found = self._types[type_.name] = self._copy(type_)
        return found

    def _copy(self, type_: GraphQLNamedType) -> GraphQLNamedType:
        kwargs: dict[str, Any] = dict(type_.to_kwargs())
        kept = self._names.get(type_.name)
        if isinstance(type_, GraphQLEnumType):
            if kept is not None:
                kwargs["values"] = {n: v for n, v in type_.values.items() if n in kept}
            return type(type_)(**self._enum_class(type_), **kwargs)
        if isinstance(type_, GraphQLInputObjectType):
            fields = {n: f for n, f in type_.fields.items() if n in (kept or set())}
            kwargs["fields"] = lambda: {n: self._input_field(f) for n, f in fields.items()}
            return GraphQLInputObjectType(**kwargs)
        if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            outputs = {n: f for n, f in type_.fields.items() if n in (kept or set())}
            kwargs["fields"] = lambda: {n: self._field(f) for n, f in outputs.items()}
            if isinstance(type_, GraphQLObjectType):
                interfaces = self._implements(type_)
                kwargs["interfaces"] = lambda: [self._named(item) for item in interfaces]
                kwargs["is_type_of"] = None
                return GraphQLObjectType(**kwargs)
            kwargs["resolve_type"] = None
            return GraphQLInterfaceType(**kwargs)
        raise TypeError(f"A view can't hold {type_.name}: this kind of type is not planned.")

    @staticmethod
    def _enum_class(type_: GraphQLEnumType) -> dict[str, Any]:
        # Strawberry's own enum class turns names into Python members and asks for its definition.
        definition = type_.extensions.get("strawberry-definition")
        return {} if definition is None else {"enum": definition}

    def _type(self, type_: Any) -> Any:
        if isinstance(type_, GraphQLNonNull):
            return GraphQLNonNull(self._type(type_.of_type))
        if isinstance(type_, GraphQLList):
            return GraphQLList(self._type(type_.of_type))
        return self._named(type_)

    def _field(self, field: GraphQLField) -> GraphQLField:
        kwargs: dict[str, Any] = dict(field.to_kwargs())
        kwargs["type_"] = self._type(field.type)
        kwargs["args"] = {
            name: self._argument(argument)
            for name, argument in field.args.items()
            if self._exists(get_named_type(argument.type))
        }
        kwargs["resolve"] = None
        return GraphQLField(**kwargs)

    def _argument(self, argument: GraphQLArgument) -> GraphQLArgument:
        kwargs: dict[str, Any] = dict(argument.to_kwargs())
        kwargs["type_"] = self._type(argument.type)
        return GraphQLArgument(**kwargs)

    def _input_field(self, field: GraphQLInputField) -> GraphQLInputField:
        kwargs: dict[str, Any] = dict(field.to_kwargs())
        kwargs["type_"] = self._type(field.type)
        return GraphQLInputField(**kwargs)


def build_view(full: GraphQLSchema, table: FieldTable) -> View:
    """The part of the schema that a table grants.

    Raises:
        EmptyViewError: nothing is left to query.

    """
    return View(schema=_Builder(full, _visible(full, table)).schema(), full=full, table=table)
