"""Rows → answer: closures compiled from a planned tree.

Each closure takes a value, the call and the path, and gives what JSON needs. Errors of arguments
are collected with their paths and null the nearest nullable field (GraphQL specification, section
6.4.4).
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import orjson
from graphql import (
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
)

from resolvers.faults import ArgumentFaultError, Fault
from schema.coercion import Arguments
from schema.columns import Together, compile_together
from schema.leaves import (
    Call,
    NullError,
    Path,
    Read,
    Show,
    compile_leaf,
    finish_of,
    function_of,
    mask_of,
    reader,
    stored_in,
)
from schema.planner import Selected
from schema.sources import Derived, Of, Whole

__all__ = ["Call", "Path", "Show", "coerce_arguments", "compile_object", "compile_root", "spell"]


def spell(path: Path) -> list[str | int]:
    """A linked path as GraphQL writes it."""
    steps: list[str | int] = []
    while path is not None:
        path, step = path
        steps.append(step)
    steps.reverse()
    return steps


def coerce_arguments(
    closures: Sequence[Arguments], variables: dict[str, object]
) -> list[dict[str, object] | Fault]:
    """The arguments of every field that has variables, once a call."""
    coerced: list[dict[str, object] | Fault] = []
    for closure in closures:
        try:
            coerced.append(closure(variables))
        except GraphQLError:
            coerced.append(Fault.ARGUMENT_INVALID)
    return coerced


def compile_object(selected: Sequence[Selected]) -> Show:
    """A closure that shows one object with these fields."""
    blank = dict.fromkeys(item.key for item in selected)
    columns: list[tuple[str, int]] = []
    functions: list[tuple[str, Callable[[Any], Any]]] = []
    others: list[tuple[str, Show]] = []
    for item in selected:
        place, function = stored_in(item), function_of(item)
        if place is not None:
            columns.append((item.key, place))
        elif function is not None:
            functions.append((item.key, function))
        else:
            others.append((item.key, _compile_field(item)))

    def show(value: Any, call: Call, path: Path) -> dict[str, Any]:
        # Keys come in the order of the document, whatever fills them first.
        shown = blank.copy()
        if columns:
            values = value.row.values
            for key, place in columns:
                shown[key] = values[place]
        for key, function in functions:
            shown[key] = function(value)
        for key, field in others:
            shown[key] = field(value, call, path)
        return shown

    return show


def compile_root(selected: Selected) -> Show:
    """A closure that shows a root field's loaded value."""
    return _compile_type(selected.type, selected, None)


def _compile_field(item: Selected) -> Show:
    if item.source is None:
        owner = item.owner
        return lambda _value, _call, _path: owner
    leaf = compile_leaf(item)
    if leaf is not None:
        return leaf
    masked = mask_of(item)
    read = reader(item)
    if masked is None and isinstance(item.source, Whole) and _is_nullable_object(item.type):
        return _same_record(item, read)
    show = _compile_type(item.type, item, masked)
    if _is_constant(item):
        return _remembered(read, show, item.key)
    key = item.key

    def shown(value: Any, call: Call, path: Path) -> Any:
        here = (path, key)
        try:
            inner = read(value, call)
        except ArgumentFaultError as error:
            return _fail(item.type, call, error.fault, here)
        return show(inner, call, here)

    return shown


def _is_nullable_object(type_: GraphQLOutputType) -> bool:
    return isinstance(type_, GraphQLObjectType)


def _same_record(item: Selected, read: Read) -> Show:
    """A nullable object that is the same record: one closure where the general way takes four."""
    (selected,) = item.selections.values()
    fields = compile_object(selected)
    key = item.key

    def shown(value: Any, call: Call, path: Path) -> Any:
        record = read(value, call)
        if record is None:
            return None
        try:
            return fields(record, call, (path, key))
        except NullError as error:
            call.errors.append((error.fault, error.path))
            return None

    return shown


def _fail(type_: GraphQLOutputType, call: Call, fault: Fault, path: Path) -> None:
    if isinstance(type_, GraphQLNonNull):
        raise NullError(fault, spell(path))
    call.errors.append((fault, spell(path)))


def _is_constant(item: Selected) -> bool:
    """Whether everything below depends on nothing but the value itself, and that is of few.

    True for values of the regulation (all entitlements, a division by its code): they are
    immutable, and their bytes are made once a plan.
    """
    return (
        (item.owner == "Permit" and item.name == "entitlements" and item.arguments == {})
        or (isinstance(item.source, Derived) and list(item.selections) == ["Division"])
    ) and all(
        isinstance(below.source, Of) or below.source is None
        for inner in item.selections.values()
        for below in _below(inner)
    )


def _below(selected: Sequence[Selected]) -> list[Selected]:
    found: list[Selected] = []
    for item in selected:
        found.append(item)
        for inner in item.selections.values():
            found.extend(_below(inner))
    return found


_MOST_REMEMBERED = 16
"""Values of one field whose bytes are kept: a county and its townships, not a whole city."""


def _remembered(read: Read, show: Show, key: str) -> Show:
    """Shows values of the regulation: each is known by its code, or by being the same object."""
    known: dict[Any, tuple[Any, Any]] = {}

    def shown(value: Any, call: Call, path: Path) -> Any:
        inner = read(value, call)
        mark = inner if inner.__class__ is str else id(inner)
        found = known.get(mark)
        if found is not None:
            return found[1]
        rendered = orjson.Fragment(orjson.dumps(show(inner, call, (path, key))))
        if len(known) < _MOST_REMEMBERED:
            known[mark] = (inner, rendered)  # the value is kept, so its id stays its own
        return rendered

    return shown


def _compile_type(
    type_: GraphQLOutputType, item: Selected, masked: Callable[[Any], Any] | None
) -> Show:
    bare = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if isinstance(bare, GraphQLList):
        together = None if masked is not None else _together(bare.of_type, item)
        inner = _list(_compile_type(bare.of_type, item, masked), together)
        masked = None  # it has gone to the items
    elif item.selections:
        inner = _composite(bare, item.selections)
    else:
        inner = _shown_leaf(bare)
    shown = _nullable(inner) if bare is type_ else _non_null(inner)
    if masked is None:
        return shown
    hide = masked
    # Before anything asks for null: a mask may make null of a value, and a "no" of null.
    return lambda value, call, path: shown(hide(value), call, path)


def _shown_leaf(type_: GraphQLOutputType) -> Show:
    leaf = finish_of(type_)
    if leaf is None:
        return lambda value, _call, _path: value
    finish = leaf
    return lambda value, _call, _path: finish(value)


def _composite(type_: GraphQLOutputType, selections: Mapping[str, tuple[Selected, ...]]) -> Show:
    shows = {name: compile_object(fields) for name, fields in selections.items()}
    if isinstance(type_, GraphQLObjectType):
        (only,) = shows.values()
        return only

    def by_type(value: Any, call: Call, path: Path) -> Any:
        name, record = value  # an interface's value comes with the name of its type
        return shows[name](record, call, path)

    return by_type


def _nullable(inner: Show) -> Show:
    def show(value: Any, call: Call, path: Path) -> Any:
        if value is None:
            return None
        try:
            return inner(value, call, path)
        except NullError as error:
            call.errors.append((error.fault, error.path))
            return None

    return show


def _non_null(inner: Show) -> Show:
    def show(value: Any, call: Call, path: Path) -> Any:
        shown = None if value is None else inner(value, call, path)
        if shown is None:
            raise NullError(None, spell(path))
        return shown

    return show


def _together(type_: GraphQLOutputType, item: Selected) -> Together | None:
    """How a list of objects of one type is shown in one go; None for any other list."""
    bare = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if not isinstance(bare, GraphQLObjectType):
        return None
    (selected,) = item.selections.values()
    return compile_together(selected, _compile_field)


def _list(inner: Show, together: Together | None) -> Show:
    def show(values: Any, call: Call, path: Path) -> list[Any]:
        if together is not None and len(values) > 1 and None not in values:
            shown = together(values, call)
            if shown is not None:
                return shown
        return [inner(value, call, (path, index)) for index, value in enumerate(values)]

    return show
