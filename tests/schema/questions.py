"""Documents for a schema: aliases, fragments, nested lists, conditions, variables with defaults.

Every document is valid by construction, so a refusal is a finding and never a reason to draw again.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import orjson
from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLNamedType,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_composite_type,
    is_required_argument,
    is_required_input_field,
)
from hypothesis import strategies as st

MOST_DEPTH = 5
MOST_FIELDS = 120
MOST_ALIASES = 20

WORDS = ["24", "25(3)", "24(4)", "26(1)", "150402", "150402001", "150430", "nobody", "x", "15", ""]
NUMBERS = [0, 1, 2, 3, 6, 18, 24, 150, 151, 200, 201, 1200, 1201, -1]
DAYS = ["2026-11-22", "2024-02-29", "2027-02-20"]

Composite = GraphQLObjectType | GraphQLInterfaceType


@dataclass(frozen=True)
class Question:
    """A document with the variables to send."""

    document: str
    variables: dict[str, Any]


@dataclass
class _Written:
    """What one document has so far."""

    fragments: dict[str, tuple[str, str]] = field(default_factory=dict)
    definitions: list[str] = field(default_factory=list)
    variables: dict[str, Any] = field(default_factory=dict)
    arguments: dict[str, str] = field(default_factory=dict)
    fields: int = 0
    aliases: int = 0


class Writer:
    """Draws one document."""

    def __init__(
        self, draw: Callable[[st.SearchStrategy[Any]], Any], schema: GraphQLSchema, leave: set[str]
    ) -> None:
        self._draw = draw
        self._schema = schema
        self._leave = leave
        self._so_far = _Written()

    def question(self) -> Question:
        """A whole document."""
        query = self._schema.query_type
        assert query is not None
        body = self._selection(query, MOST_DEPTH)
        so_far = self._so_far
        head = f"query Q({', '.join(so_far.definitions)})" if so_far.definitions else "query Q"
        texts = [f"fragment {name} on {text}" for name, (_, text) in so_far.fragments.items()]
        return Question("\n".join([f"{head} {body}", *texts]), so_far.variables)

    def _one_in(self, many: int) -> bool:
        return bool(self._draw(st.integers(1, many)) == 1)

    # --- selections --------------------------------------------------------------------------

    def _selection(self, type_: Composite, depth: int) -> str:
        count = self._draw(st.integers(1, 5))
        parts = [self._part(type_, depth) for _ in range(count)]
        return "{ " + " ".join(parts) + " }"

    def _part(self, type_: Composite, depth: int) -> str:
        names = [
            name
            for name, made in type_.fields.items()
            if name not in self._leave
            and (depth > 1 or not is_composite_type(get_named_type(made.type)))
        ]
        kind = self._draw(st.integers(0, 9))
        if not names or kind == 0 or self._so_far.fields > MOST_FIELDS:
            return self._alias("__typename") + self._condition()
        if kind == 1 and depth > 1:
            on = self._draw(st.sampled_from(self._conditions(type_)))
            text = f" on {on.name}" if on is not type_ or self._one_in(2) else ""
            return f"...{text}{self._condition()} {self._selection(on, depth - 1)}"
        if kind == 2 and depth > 1:
            return self._spread(type_, depth)
        name = self._draw(st.sampled_from(names))
        return self._field(type_, name, type_.fields[name], depth)

    def _conditions(self, type_: Composite) -> list[Composite]:
        """Types on which a fragment may stand here."""
        if isinstance(type_, GraphQLInterfaceType):
            return [type_, *self._schema.get_implementations(type_).objects]
        return [type_, *type_.interfaces]

    def _spread(self, type_: Composite, depth: int) -> str:
        on = self._draw(st.sampled_from(self._conditions(type_)))
        so_far = self._so_far
        known = [name for name, (held, _) in so_far.fragments.items() if held == f"{on}:{depth}"]
        if known and self._one_in(2):
            name = self._draw(st.sampled_from(known))
        else:
            text = f"{on.name} {self._selection(on, depth - 1)}"
            name = f"F{len(so_far.fragments)}"
            so_far.fragments[name] = (f"{on}:{depth}", text)
        return f"...{name}{self._condition()}"

    def _alias(self, name: str) -> str:
        if self._so_far.aliases < MOST_ALIASES and self._one_in(4):
            self._so_far.aliases += 1
            return f"a{self._draw(st.integers(0, 1))}_{name}: {name}"
        return name

    def _field(self, owner: Composite, name: str, made: GraphQLField, depth: int) -> str:
        self._so_far.fields += 1
        head = self._called(owner, name, made) if made.args else self._alias(name)
        type_ = get_named_type(made.type)
        below = (
            " " + self._selection(type_, depth - 1)
            if isinstance(type_, GraphQLObjectType | GraphQLInterfaceType)
            else ""
        )
        return f"{head}{self._condition()}{below}"

    def _called(self, owner: Composite, name: str, made: GraphQLField) -> str:
        # One key, one set of arguments: whatever merges has to ask the same.
        place = self._draw(st.integers(0, 2)) if self._so_far.aliases < MOST_ALIASES else 0
        self._so_far.aliases += 1 if place else 0
        key = name if place == 0 else f"c{place}_{name}"
        known = self._so_far.arguments.get(f"{owner}.{key}")
        if known is None:
            known = self._arguments(made.args)
            self._so_far.arguments[f"{owner}.{key}"] = known
        return f"{key}: {name}{known}" if place else f"{name}{known}"

    def _condition(self) -> str:
        if not self._one_in(5):
            return ""
        directive = self._draw(st.sampled_from(["skip", "include"]))
        value = self._draw(st.sampled_from(["true", "false", "$yes", "$no", "$maybe"]))
        if value.startswith("$"):
            self._declare_condition(value)
        return f" @{directive}(if: {value})"

    def _declare_condition(self, name: str) -> None:
        definition = {
            "$yes": "$yes: Boolean!",
            "$no": "$no: Boolean! = false",
            "$maybe": "$maybe: Boolean = true",
        }[name]
        if definition in self._so_far.definitions:
            return
        self._so_far.definitions.append(definition)
        if name == "$yes" or self._one_in(2):
            self._so_far.variables[name[1:]] = self._draw(st.booleans())

    # --- values ------------------------------------------------------------------------------

    def _arguments(self, arguments: dict[str, GraphQLArgument]) -> str:
        given = [
            f"{name}: {self._literal(argument, argument.type, 3)}"
            for name, argument in arguments.items()
            if is_required_argument(argument) or self._one_in(2)
        ]
        return f"({', '.join(given)})" if given else ""

    def _literal(
        self, place: GraphQLArgument | GraphQLInputField | None, type_: GraphQLInputType, depth: int
    ) -> str:
        """A literal, or a variable that may stand here."""
        if self._one_in(3):
            return self._variable(place, type_)
        if isinstance(type_, GraphQLNonNull):
            return self._given(type_.of_type, depth)
        return "null" if self._one_in(6) else self._given(type_, depth)

    def _given(self, type_: GraphQLInputType, depth: int) -> str:
        if isinstance(type_, GraphQLList):
            if self._one_in(5):
                # A single item stands for a list, but no variable of the item's type does.
                item = type_.of_type
                return self._given(item.of_type if isinstance(item, GraphQLNonNull) else item, 0)
            items = range(self._draw(st.integers(0, 2 if depth else 0)))
            return f"[{', '.join(self._literal(None, type_.of_type, depth - 1) for _ in items)}]"
        if isinstance(type_, GraphQLInputObjectType):
            fields = [
                f"{name}: {self._literal(made, made.type, depth - 1)}"
                for name, made in type_.fields.items()
                if is_required_input_field(made) or (depth > 0 and self._one_in(2))
            ]
            return "{ " + ", ".join(fields) + " }"
        value = self._draw(leaf(type_))
        return str(value) if isinstance(type_, GraphQLEnumType) else orjson.dumps(value).decode()

    def _variable(
        self, place: GraphQLArgument | GraphQLInputField | None, type_: GraphQLInputType
    ) -> str:
        so_far = self._so_far
        name = f"v{len(so_far.definitions)}"
        declared = type_
        default: object = _ABSENT
        if isinstance(type_, GraphQLNonNull) and self._one_in(2):
            # A nullable variable may stand where null may not, if one of the two has a default.
            declared = type_.of_type
            if place is None or place.default is None or self._one_in(2):
                default = self._draw(values(type_))
        elif self._one_in(3):
            default = self._draw(values(type_))
        text = "" if default is _ABSENT else f" = {written(default, declared)}"
        so_far.definitions.append(f"${name}: {declared}{text}")
        must = isinstance(declared, GraphQLNonNull) and default is _ABSENT
        if must or self._one_in(2):
            so_far.variables[name] = self._draw(values(declared))
        return f"${name}"


_ABSENT = object()


def leaf(type_: GraphQLNamedType | GraphQLInputType) -> st.SearchStrategy[Any]:
    """JSON values of a leaf type."""
    if isinstance(type_, GraphQLEnumType):
        return st.sampled_from(sorted(type_.values))
    name = get_named_type(type_).name
    pools: dict[str, list[Any]] = {"Int": NUMBERS, "Boolean": [True, False], "Date": DAYS}
    return st.sampled_from(pools.get(name, WORDS))


def values(type_: GraphQLInputType, depth: int = 3) -> st.SearchStrategy[Any]:
    """JSON values that fit an input type."""
    if isinstance(type_, GraphQLNonNull):
        return _fitting(type_.of_type, depth)
    return st.none() | _fitting(type_, depth)


def _fitting(type_: GraphQLInputType, depth: int) -> st.SearchStrategy[Any]:
    if isinstance(type_, GraphQLList):
        item = type_.of_type
        items = values(item, depth - 1)
        lists = st.lists(items, max_size=2 if depth else 0)
        bare = item.of_type if isinstance(item, GraphQLNonNull) else item
        # A single item stands for a list, unless it is a list itself: that would be another list.
        return lists if isinstance(bare, GraphQLList) else lists | _fitting(bare, depth - 1)
    if isinstance(type_, GraphQLInputObjectType):
        required: dict[str, st.SearchStrategy[Any]] = {}
        optional: dict[str, st.SearchStrategy[Any]] = {}
        for name, made in type_.fields.items():
            into = required if is_required_input_field(made) else optional
            if into is required or depth > 0:
                into[name] = values(made.type, depth - 1)
        return st.fixed_dictionaries(required, optional=optional)
    return leaf(type_)


def written(value: object, type_: GraphQLNamedType | GraphQLInputType) -> str:
    """A JSON value as a literal."""
    named = get_named_type(type_)
    if isinstance(value, list):
        return f"[{', '.join(written(item, named) for item in value)}]"
    if isinstance(value, dict):
        assert isinstance(named, GraphQLInputObjectType)
        fields = [f"{name}: {written(it, named.fields[name].type)}" for name, it in value.items()]
        return "{ " + ", ".join(fields) + " }"
    if isinstance(named, GraphQLEnumType) and value is not None:
        return str(value)
    return orjson.dumps(value).decode()


@st.composite
def questions(
    draw: Callable[[st.SearchStrategy[Any]], Any],
    schema: GraphQLSchema,
    leave: frozenset[str] = frozenset(),
) -> Question:
    """A document with its variables; fields named in `leave` are not asked for."""
    return Writer(draw, schema, set(leave)).question()
