"""Document + view → plan: which rows, which sealed groups, how values become the answer.

Planning is authorisation: only what the view holds can be planned, and only what is planned can
be fetched. `@skip` and `@include` choose a variant of the plan, so a plan itself has no branches;
variants of one document share its parsing, validation and authorisation (ADR 0003).
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from graphql import (
    BooleanValueNode,
    DirectiveNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLString,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
)

from policies.catalogue import Kind
from policies.permission import Action, DisclosedField, Path, Rendering
from resolvers.plan import ChildKind
from schema.catalogue import declaration, grant_of
from schema.coercion import Arguments, compile_arguments
from schema.sources import Children, Derived, Item, Source
from schema.view import View

TYPENAME = "__typename"
INTROSPECTION = frozenset({"__schema", "__type"})
MUTATION = "Mutation"

_STRING = GraphQLNonNull(GraphQLString)

Conditions = frozenset[str]
"""The names of the Boolean variables that are true, among those that conditions use."""


class UnplannedError(ValueError):
    """The planner does not know this piece of a document; it never guesses."""


@dataclass(frozen=True, slots=True, eq=False)
class Selected:
    """One response key of an object: where its value comes from and how it is shown.

    `arguments` is the constant arguments, or the number of the closure that makes them for each
    call; `selections` are the fields of each object type that the value can have.
    """

    key: str
    name: str
    owner: str
    type: GraphQLOutputType
    source: Source | None
    kind: Kind
    rendering: Rendering
    arguments: dict[str, object] | int
    selections: Mapping[str, tuple["Selected", ...]]


@dataclass(frozen=True, slots=True)
class Needs:
    """What a selection reads of a person's record: groups of the record itself, children."""

    groups: tuple[str, ...]
    children: tuple[ChildKind, ...]
    fields: tuple[DisclosedField, ...]


@dataclass(frozen=True, slots=True)
class Tree:
    """A planned operation before it is told which rows to read."""

    roots: tuple[Selected, ...]
    arguments: tuple[Arguments, ...]
    mutates: bool = False


def condition_names(
    operation: OperationDefinitionNode, fragments: Mapping[str, FragmentDefinitionNode]
) -> frozenset[str]:
    """The Boolean variables on which `@skip` and `@include` depend in an operation."""
    names: set[str] = set()
    seen: set[str] = set()
    stack: list[SelectionSetNode] = [operation.selection_set]
    while stack:
        for node in stack.pop().selections:
            for directive in node.directives or ():
                names.update(_variables_of(directive))
            if isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if name not in seen and name in fragments:
                    seen.add(name)
                    stack.append(fragments[name].selection_set)
            elif isinstance(node, FieldNode | InlineFragmentNode) and node.selection_set:
                stack.append(node.selection_set)
    return frozenset(names)


def _variables_of(directive: DirectiveNode) -> Iterator[str]:
    for argument in directive.arguments or ():
        if isinstance(argument.value, VariableNode):
            yield argument.value.name.value


class Planner:
    """Plans one operation for one set of true conditions."""

    def __init__(
        self,
        view: View,
        fragments: Mapping[str, FragmentDefinitionNode],
        conditions: Conditions,
    ) -> None:
        self._view = view
        self._fragments = fragments
        self._true = conditions
        self._arguments: list[Arguments] = []

    def plan(self, operation: OperationDefinitionNode) -> Tree:
        """The selected fields of the operation, from the root down."""
        root = self._view.schema.get_root_type(operation.operation)
        if root is None:
            raise UnplannedError("A view without this root can't be planned.")
        roots = self._object(root, [operation.selection_set])
        return Tree(roots, tuple(self._arguments), mutates=root.name == MUTATION)

    def _object(
        self, type_: GraphQLObjectType, sets: Sequence[SelectionSetNode]
    ) -> tuple[Selected, ...]:
        grouped: dict[str, list[FieldNode]] = {}
        visited: set[str] = set()
        for selection_set in sets:
            self._collect(selection_set, type_, grouped, visited)
        return tuple(self._field(type_, key, nodes) for key, nodes in grouped.items())

    def _collect(
        self,
        selection_set: SelectionSetNode,
        type_: GraphQLObjectType,
        grouped: dict[str, list[FieldNode]],
        visited: set[str],
    ) -> None:
        """CollectFields of the GraphQL specification (section 6.3.2)."""
        for node in selection_set.selections:
            if not self._included(node.directives or ()):
                continue
            if isinstance(node, FieldNode):
                key = (node.alias or node.name).value
                grouped.setdefault(key, []).append(node)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                if condition is None or self._applies(condition.name.value, type_):
                    self._collect(node.selection_set, type_, grouped, visited)
            elif isinstance(node, FragmentSpreadNode):
                name = node.name.value
                if name in visited:
                    continue
                visited.add(name)
                fragment = self._fragments[name]
                if self._applies(fragment.type_condition.name.value, type_):
                    self._collect(fragment.selection_set, type_, grouped, visited)

    def _included(self, directives: Sequence[DirectiveNode]) -> bool:
        return all(
            self._truth(directive) is (directive.name.value == "include")
            for directive in directives
            if directive.name.value in {"skip", "include"}
        )

    def _truth(self, directive: DirectiveNode) -> bool:
        (argument,) = directive.arguments or ()  # validation has seen to it that there is one
        value = argument.value
        if isinstance(value, VariableNode):
            return value.name.value in self._true
        if isinstance(value, BooleanValueNode):
            return value.value
        raise UnplannedError("A condition is neither a Boolean nor a variable.")

    def _applies(self, condition: str, type_: GraphQLObjectType) -> bool:
        if condition == type_.name:
            return True
        named = self._view.schema.type_map.get(condition)
        return isinstance(named, GraphQLInterfaceType) and named in type_.interfaces

    def _field(self, owner: GraphQLObjectType, key: str, nodes: Sequence[FieldNode]) -> Selected:
        node = nodes[0]
        name = node.name.value
        if name == TYPENAME or name in INTROSPECTION:
            return _meta(owner, key, name)
        field = owner.fields[name]
        declared = declaration(owner.name, name, field)
        if declared.source is None:
            raise UnplannedError(f"{owner.name}.{name} declares no source.")
        return Selected(
            key=key,
            name=name,
            owner=owner.name,
            type=field.type,
            source=declared.source,
            kind=declared.kind,
            rendering=self._view.rendering(owner.name, name),
            arguments=self._argument_plan(field, node),
            selections=self._selections(
                field, [item.selection_set for item in nodes if item.selection_set]
            ),
        )

    def _argument_plan(self, field: GraphQLField, node: FieldNode) -> dict[str, object] | int:
        arguments = compile_arguments(field, node)
        if isinstance(arguments, dict):
            return arguments
        self._arguments.append(arguments)
        return len(self._arguments) - 1

    def _selections(
        self, field: GraphQLField, sets: Sequence[SelectionSetNode]
    ) -> dict[str, tuple[Selected, ...]]:
        named: Any = get_named_type(field.type)
        if isinstance(named, GraphQLObjectType):
            return {named.name: self._object(named, sets)}
        if isinstance(named, GraphQLInterfaceType):
            return {
                type_.name: self._object(type_, sets)
                for type_ in self._view.schema.get_implementations(named).objects
            }
        return {}


def _meta(owner: GraphQLObjectType, key: str, name: str) -> Selected:
    """A meta field (specification, section 4): it reads no data and needs no grant."""
    return Selected(
        key=key,
        name=name,
        owner=owner.name,
        type=_STRING,
        source=None,
        kind=Kind.OBJECT,
        rendering=Rendering.PLAIN,
        arguments={},
        selections={},
    )


def walk(selected: Sequence[Selected]) -> Iterator[Selected]:
    """Every selected field below, depth first."""
    for item in selected:
        yield item
        for below in item.selections.values():
            yield from walk(below)


def needs(root: Selected, view: View) -> Needs:
    """What a root field and everything below it read, and the disclosure that it makes."""
    groups: set[str] = set()
    children: set[ChildKind] = set()
    fields: dict[tuple[Path, Action], DisclosedField] = {}
    for item in walk([root]):
        if item.name.startswith("__"):
            continue
        declared = declaration(item.owner, item.name, _field_of(view, item))
        grant = grant_of(item.owner, item.name, declared)
        if grant is not None:
            fields.setdefault(grant, DisclosedField(*grant, item.rendering))
        match item.source:
            case Item(group=group):
                groups.add(group)
            case Derived(needs=parts):
                groups.update(part.group for part in parts if isinstance(part, Item))
            case Children(kind=kind):
                children.add(kind)
            case _:
                pass
    return Needs(tuple(sorted(groups)), tuple(sorted(children)), tuple(fields.values()))


def _field_of(view: View, item: Selected) -> GraphQLField:
    owner = view.schema.type_map[item.owner]
    if not isinstance(owner, GraphQLObjectType):
        raise UnplannedError(f"{item.owner} is not an object type.")
    field: GraphQLField = owner.fields[item.name]
    return field
