"""Random valid documents over a view: aliases, fragments, conditions, variables, lists, nodes."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from graphql import (
    GraphQLInterfaceType,
    GraphQLNamedType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
)
from hypothesis import strategies as st

ARGUMENTS: dict[tuple[str, str], list[tuple[str, str, Sequence[object]]]] = {
    ("Person", "ageAtLeast"): [("years", "Int!", [18, 0, 36, 151])],
    ("Residence", "continuousAtLeast"): [("months", "Int!", [6, 0, 24, 1201])],
    ("Residence", "within"): [("division", "String!", ["150402", "150430", "999999"])],
    ("Permit", "entitled"): [("service", "String!", ["24(4)", "26:elder_care", "nothing"])],
    ("Permit", "entitlements"): [("codes", "[String!]", [["24(4)"], [], None])],
}
ROOT_ARGUMENTS = {
    "person": '(idNumber: "152201199003079969", name: "测")',
    "permit": '(number: "x")',
    "node": '(id: "x")',
    "persons": "",
}
MOST_DEPTH = 6


@dataclass
class Document:
    """A document being written."""

    query: str = ""
    variables: dict[str, object] = field(default_factory=dict)


@dataclass
class _Writer:
    draw: st.DrawFn
    schema: GraphQLSchema
    variables: dict[str, tuple[str, object, str]] = field(default_factory=dict)
    fragments: list[str] = field(default_factory=list)
    aliases: int = 0

    def literal(self, value: object) -> str:
        if value is None:
            return "null"
        if isinstance(value, list):
            return "[" + ", ".join(self.literal(item) for item in value) + "]"
        return f'"{value}"' if isinstance(value, str) else str(value).lower()

    def variable(self, type_: str, value: object) -> str:
        """A variable for a value: given, by its default, or left out where it may be."""
        name = f"v{len(self.variables)}"
        way = self.draw(st.sampled_from(["given", "default"]))
        default = f" = {self.literal(value)}" if way == "default" and value is not None else ""
        declared = type_.rstrip("!") if default else type_
        self.variables[name] = (f"${name}: {declared}{default}", value, way if default else "given")
        return f"${name}"

    def condition(self) -> str:
        kind = self.draw(st.sampled_from(["", "", "", "skip", "include"]))
        if not kind:
            return ""
        value = self.draw(st.booleans())
        text = self.literal(value)
        if self.draw(st.booleans()):
            text = self.variable("Boolean!", value)
        return f" @{kind}(if: {text})"

    def arguments(self, owner: str, name: str) -> str:
        texts = []
        for argument, type_, values in ARGUMENTS.get((owner, name), []):
            value = self.draw(st.sampled_from(values))
            text = self.literal(value)
            if self.draw(st.booleans()):
                text = self.variable(type_, value)
            texts.append(f"{argument}: {text}")
        return f"({', '.join(texts)})" if texts else ""

    def selection(self, type_: GraphQLNamedType, depth: int) -> str:
        parts = [self.part(type_, depth) for _ in range(self.draw(st.integers(1, 4)))]
        return "{ " + " ".join(part for part in parts if part) + " __typename }"

    def part(self, type_: GraphQLNamedType, depth: int) -> str:
        kind = self.draw(st.sampled_from(["field", "field", "field", "inline", "named", "again"]))
        if kind == "field" or depth <= 0:
            return self.field(type_, depth)
        if kind == "again" and isinstance(type_, GraphQLObjectType):
            # The same field twice with two selections, which have to be merged.
            return self.twice(type_, depth)
        on = self.condition_type(type_)
        inner = self.selection(on, depth - 1)
        if kind == "inline":
            named = f" on {on.name}" if on is not type_ or self.draw(st.booleans()) else ""
            return f"...{named}{self.condition()} {inner}"
        name = f"F{len(self.fragments)}"
        self.fragments.append("")  # keeps the number while inner fragments are written
        self.fragments[int(name[1:])] = f"fragment {name} on {on.name} {inner}"
        return f"...{name}{self.condition()}"

    def condition_type(self, type_: GraphQLNamedType) -> GraphQLNamedType:
        if isinstance(type_, GraphQLInterfaceType):
            objects = self.schema.get_implementations(type_).objects
            return self.draw(st.sampled_from([type_, *objects]))
        return type_

    def twice(self, type_: GraphQLObjectType, depth: int) -> str:
        objects = [
            (name, field)
            for name, field in type_.fields.items()
            if isinstance(get_named_type(field.type), GraphQLObjectType)
            and (type_.name, name) not in ARGUMENTS
        ]
        if not objects:
            return self.field(type_, depth)
        name, chosen = self.draw(st.sampled_from(objects))
        inner = get_named_type(chosen.type)
        first, second = self.selection(inner, depth - 1), self.selection(inner, depth - 1)
        return f"{name} {first} {name} {second}"

    def field(self, type_: GraphQLNamedType, depth: int) -> str:
        if not isinstance(type_, GraphQLObjectType | GraphQLInterfaceType):
            raise TypeError
        name, chosen = self.draw(st.sampled_from(sorted(type_.fields.items())))
        named = get_named_type(chosen.type)
        composite = isinstance(named, GraphQLObjectType | GraphQLInterfaceType)
        if composite and depth <= 0:
            return "__typename"
        inner = " " + self.selection(named, depth - 1) if composite else ""
        # An alias of its own for each use, so that merging never meets other arguments.
        self.aliases += 1
        arguments = self.arguments(type_.name, name)
        alias = f"a{self.aliases}: " if arguments or self.draw(st.booleans()) else ""
        return f"{alias}{name}{arguments}{self.condition()}{inner}"


@st.composite
def documents(draw: st.DrawFn, schema: GraphQLSchema, roots: list[str]) -> Document:
    """A valid document over some of the roots of a view."""
    writer = _Writer(draw, schema)
    query = schema.query_type
    assert query is not None
    chosen = draw(st.lists(st.sampled_from(roots), min_size=1, max_size=3))
    texts = []
    for number, root in enumerate(chosen):
        named = get_named_type(query.fields[root].type)
        inner = writer.selection(named, MOST_DEPTH - 2)
        texts.append(f"r{number}: {root}{ROOT_ARGUMENTS[root]}{writer.condition()} {inner}")
    declared = ", ".join(text for text, _, _ in writer.variables.values())
    head = f"query ({declared}) " if declared else ""
    body = " ".join(["{ " + " ".join(texts) + " __typename }", *writer.fragments])
    given = {name: value for name, (_, value, way) in writer.variables.items() if way == "given"}
    return Document(head + body, given)
