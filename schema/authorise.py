"""Which paths of a document the caller's view does not hold.

The walk is over the full schema, because the view does not know what it lacks. It happens before
validation and before any data is touched; each fragment is walked once per type that it is spread
on. A path that no schema has is left to validation and its standard message.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from graphql import (
    ArgumentNode,
    DocumentNode,
    EnumValueNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLType,
    InlineFragmentNode,
    ListValueNode,
    NamedTypeNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    TypeNode,
    ValueNode,
    get_named_type,
)

from policies.permission import Action, Path
from schema.catalogue import declaration, grant_of
from schema.persons import SORT_GRANTS, PersonSort
from schema.view import View


@dataclass(frozen=True, slots=True)
class Forbidden:
    """One use of a path that the view does not hold.

    `path` and `action` are what a grant would have to name; `argument` tells an input (a filter, a
    sort key) from an output; `line` and `column` say where in the document (from 1), None where
    the use stands in a variable.
    """

    path: Path
    action: Action
    argument: bool
    line: int | None
    column: int | None


def forbidden_paths(document: DocumentNode, view: View) -> list[Forbidden]:
    """Every forbidden use in a document, in document order, each path and action once."""
    walk = _Walk(document, view)
    found: dict[tuple[Path, Action], Forbidden] = {}
    for use in walk.document():
        found.setdefault((use.path, use.action), use)
    return list(found.values())


def forbidden_input(value: object, type_: GraphQLType, view: View) -> Iterator[Forbidden]:
    """Every forbidden use in a variable's value; `type_` is the type of the full schema.

    The value has been coerced to nothing yet: its lists may be as deep as JSON allows.
    """
    stack: list[tuple[object, GraphQLNamedType]] = [(value, get_named_type(type_))]
    while stack:
        given, named = stack.pop()
        if isinstance(given, list):
            stack.extend((item, named) for item in reversed(given))
        elif isinstance(named, GraphQLInputObjectType) and isinstance(given, Mapping):
            for name, field in named.fields.items():
                if name not in given:
                    continue
                if not _holds(view.schema, named, name):
                    yield from _input_uses(named, name, None)
                stack.append((given[name], get_named_type(field.type)))
        elif isinstance(named, GraphQLEnumType) and isinstance(given, str):
            yield from _enum_use(named, given, view, None)


def _holds(schema: GraphQLSchema, type_: GraphQLNamedType, name: str) -> bool:
    seen = schema.type_map.get(type_.name)
    if isinstance(seen, GraphQLObjectType | GraphQLInterfaceType | GraphQLInputObjectType):
        return name in seen.fields
    return False


def _place(node: FieldNode | ArgumentNode | ValueNode | TypeNode | None) -> tuple[int, int] | None:
    token = node.loc.start_token if node is not None and node.loc is not None else None
    return None if token is None else (token.line, token.column)


def _use(path: Path, action: Action, *, argument: bool, place: tuple[int, int] | None) -> Forbidden:
    line, column = place or (None, None)
    return Forbidden(path, action, argument, line, column)


def _input_uses(
    type_: GraphQLInputObjectType, name: str, place: tuple[int, int] | None
) -> Iterator[Forbidden]:
    """What a grant would have to name for an input field; structure names nothing itself."""
    grant = declaration(type_.name, name, type_.fields[name]).grant
    if grant is not None:
        path, action = grant
        yield _use(path, action, argument=True, place=place)


def _enum_use(
    type_: GraphQLEnumType, name: str, view: View, place: tuple[int, int] | None
) -> Iterator[Forbidden]:
    seen = view.schema.type_map.get(type_.name)
    held = isinstance(seen, GraphQLEnumType) and name in seen.values
    if type_.name == PersonSort.__name__ and name in type_.values and not held:
        path, action = SORT_GRANTS[PersonSort[name]]
        yield _use(path, action, argument=True, place=place)


def _sort_uses(place: tuple[int, int] | None) -> Iterator[Forbidden]:
    for path, action in SORT_GRANTS.values():
        yield _use(path, action, argument=True, place=place)


class _Walk:
    def __init__(self, document: DocumentNode, view: View) -> None:
        self._document = document
        self._view = view
        self._full = view.full
        self._fragments = {
            node.name.value: node
            for node in document.definitions
            if isinstance(node, FragmentDefinitionNode)
        }
        self._walked: set[tuple[str, str]] = set()

    def document(self) -> Iterator[Forbidden]:
        for node in self._document.definitions:
            if isinstance(node, OperationDefinitionNode):
                for definition in node.variable_definitions or ():
                    yield from self._variable(definition.type)
                    if definition.default_value is not None:
                        yield from self._value(
                            definition.default_value, self._named(definition.type)
                        )
                yield from self._selection(
                    node.selection_set, self._full.get_root_type(node.operation)
                )

    def _named(self, node: TypeNode) -> GraphQLNamedType | None:
        while not isinstance(node, NamedTypeNode):
            inner = getattr(node, "type", None)
            if not isinstance(inner, TypeNode):
                return None
            node = inner
        return self._full.type_map.get(node.name.value)

    def _variable(self, node: TypeNode) -> Iterator[Forbidden]:
        named = self._named(node)
        if isinstance(named, GraphQLInputObjectType) and not _holds_any(self._view.schema, named):
            for name, field in named.fields.items():
                yield from _input_uses(named, name, _place(node))
                if get_named_type(field.type).name == PersonSort.__name__:
                    yield from _sort_uses(_place(node))
        elif (
            named is not None
            and named.name == PersonSort.__name__
            and named.name not in self._view.schema.type_map
        ):
            yield from _sort_uses(_place(node))

    def _selection(
        self, selection_set: SelectionSetNode | None, type_: GraphQLNamedType | None
    ) -> Iterator[Forbidden]:
        for node in selection_set.selections if selection_set else ():
            if isinstance(node, FieldNode):
                yield from self._field(node, type_)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                yield from self._selection(
                    node.selection_set, self._named(condition) if condition else type_
                )
            elif isinstance(node, FragmentSpreadNode):
                yield from self._spread(node.name.value)

    def _spread(self, name: str) -> Iterator[Forbidden]:
        fragment = self._fragments.get(name)
        if fragment is None:
            return
        condition = self._named(fragment.type_condition)
        key = (name, condition.name if condition else "")
        if key not in self._walked:
            self._walked.add(key)
            yield from self._selection(fragment.selection_set, condition)

    def _field(self, node: FieldNode, type_: GraphQLNamedType | None) -> Iterator[Forbidden]:
        if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            return
        name = node.name.value
        field = type_.fields.get(name)
        if field is None:
            return
        if not _holds(self._view.schema, type_, name):
            yield self._output_use(type_, name, field, node)
            return
        for argument in node.arguments or ():
            definition = field.args.get(argument.name.value)
            if definition is not None:
                yield from self._value(argument.value, get_named_type(definition.type))
        yield from self._selection(node.selection_set, get_named_type(field.type))

    def _output_use(
        self,
        type_: GraphQLObjectType | GraphQLInterfaceType,
        name: str,
        field: GraphQLField,
        node: FieldNode,
    ) -> Forbidden:
        grant = grant_of(type_.name, name, declaration(type_.name, name, field))
        path, action = grant or (Path(f"{type_.name}.{name}"), Action.READ)
        return _use(path, action, argument=action is Action.COUNT, place=_place(node))

    def _value(self, node: ValueNode, type_: GraphQLNamedType | None) -> Iterator[Forbidden]:
        if isinstance(node, ListValueNode):
            for item in node.values:
                yield from self._value(item, type_)
        elif isinstance(node, ObjectValueNode) and isinstance(type_, GraphQLInputObjectType):
            for entry in node.fields:
                name = entry.name.value
                if name not in type_.fields:
                    continue
                if not _holds(self._view.schema, type_, name):
                    yield from _input_uses(type_, name, _place(entry.value))
                yield from self._value(entry.value, get_named_type(type_.fields[name].type))
        elif isinstance(node, EnumValueNode) and isinstance(type_, GraphQLEnumType):
            yield from _enum_use(type_, node.value, self._view, _place(node))


def _holds_any(schema: GraphQLSchema, type_: GraphQLInputObjectType) -> bool:
    return any(_holds(schema, type_, name) for name in type_.fields)
