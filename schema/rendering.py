"""Rows → answer: closures compiled from a planned tree.

Each closure takes a value, the call and the path, and gives what JSON needs. Errors of arguments
are collected with their paths and null the nearest nullable field (GraphQL specification, section
6.4.4). Masks are wired here, once, when the closure is made: no closure sees a rule.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from operator import itemgetter
from typing import Any

import orjson
from graphql import (
    GraphQLEnumType,
    GraphQLError,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLOutputType,
)

from db.person_row import PERSON_COLUMNS
from policies.permission import Rendering
from policies.renderings import mask
from resolvers.faults import ArgumentFaultError, Fault
from schema.coercion import Arguments
from schema.planner import Selected
from schema.sources import Children, Column, Derived, Item, Moment, Of, Whole

Path = tuple[Any, ...] | None
"""A path as linked pairs (parent, key): cheap to extend, spelled out only for an error."""


@dataclass(slots=True)
class Call:
    """What one call hands to every closure: the moment, the arguments, the errors so far."""

    moment: Moment
    arguments: Sequence[dict[str, object] | Fault]
    errors: list[tuple[Fault | None, list[str | int]]] = field(default_factory=list)


class _NullError(Exception):
    """A value is missing where the schema needs one; carries the error that made it so."""

    def __init__(self, fault: Fault | None, path: list[str | int]) -> None:
        super().__init__()
        self.fault = fault
        self.path = path


Read = Callable[[Any, Call], Any]
Show = Callable[[Any, Call, Path], Any]


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
    fields = [(item.key, _compile_field(item)) for item in selected]

    def show(value: Any, call: Call, path: Path) -> dict[str, Any]:
        return {key: shown(value, call, path) for key, shown in fields}

    return show


def compile_root(selected: Selected) -> Show:
    """A closure that shows a root field's loaded value."""
    return _compile_type(selected.type, selected, None)


def _compile_field(item: Selected) -> Show:
    if item.source is None:
        owner = item.owner
        return lambda _value, _call, _path: owner
    masked = _mask(item)
    if not item.selections and not isinstance(item.type, GraphQLNonNull | GraphQLList):
        plain = _plain_leaf(item, masked)
        if plain is not None:
            return plain
    read = _reader(item)
    if masked is None and isinstance(item.source, Whole) and _is_nullable_object(item.type):
        return _same_record(item, read)
    constant = _constant(item)
    show = _compile_type(item.type, item, masked)
    key = item.key

    def shown(value: Any, call: Call, path: Path) -> Any:
        here = (path, key)
        try:
            inner = read(value, call)
        except ArgumentFaultError as error:
            return _fail(item.type, call, error.fault, here)
        return show(inner, call, here)

    return _remembered(read, show, key) if constant else shown


def _plain_leaf(item: Selected, masked: Callable[[Any], Any] | None) -> Show | None:
    """One closure for a nullable leaf that can't fail; None for any other.

    Most of an answer is leaves, and each call that a closure makes is paid for by each of them.
    """
    if not _cannot_fail(item):
        return None
    leaf = _leaf(item.type)
    if masked is not None or leaf is not None:
        return _finished_leaf(_reader(item), masked, leaf)
    match item.source:
        case Column(name=name):
            position = PERSON_COLUMNS.index(name)
            return lambda record, _call, _path: record.row.values[position]
        case Item() as source:
            part = _part(source)
            return lambda record, _call, _path: part(record)
        case Of(compute=derive):
            return lambda value, _call, _path: derive(value)
        case _:
            read = _reader(item)
            return lambda value, call, _path: read(value, call)


def _finished_leaf(
    read: Read, masked: Callable[[Any], Any] | None, leaf: Callable[[Any], Any] | None
) -> Show:
    if leaf is None and masked is not None:
        return lambda value, call, _path: masked(read(value, call))

    def shown(value: Any, call: Call, _path: Path) -> Any:
        found = read(value, call)
        if masked is not None and found is not None:
            found = masked(found)
        return found if leaf is None or found is None else leaf(found)

    return shown


def _is_nullable_object(type_: GraphQLOutputType) -> bool:
    return isinstance(type_, GraphQLObjectType)


def _same_record(item: Selected, read: Read) -> Show:
    """A nullable object that is the same record: one closure where the general way takes four."""
    (selected,) = item.selections.values()
    fields = [(below.key, _compile_field(below)) for below in selected]
    key = item.key

    def shown(value: Any, call: Call, path: Path) -> dict[str, Any] | None:
        record = read(value, call)
        if record is None:
            return None
        here = (path, key)
        try:
            return {name: show(record, call, here) for name, show in fields}
        except _NullError as error:
            call.errors.append((error.fault, error.path))
            return None

    return shown


def _fail(type_: GraphQLOutputType, call: Call, fault: Fault, path: Path) -> None:
    if isinstance(type_, GraphQLNonNull):
        raise _NullError(fault, spell(path))
    call.errors.append((fault, spell(path)))


def _cannot_fail(item: Selected) -> bool:
    return isinstance(item.source, Column | Item) or (
        isinstance(item.source, Derived | Of) and item.arguments == {}
    )


def _constant(item: Selected) -> bool:
    """Whether everything below depends on nothing but the value itself.

    True for values of the regulation (entitlements, services): there are few of them, they are
    immutable, and their bytes are made once a plan.
    """
    return (
        item.name == "entitlements"
        and item.owner == "Permit"
        and item.arguments == {}
        and all(
            isinstance(below.source, Of) or below.source is None
            for inner in item.selections.values()
            for below in _below(inner)
        )
    )


def _below(selected: Sequence[Selected]) -> list[Selected]:
    found: list[Selected] = []
    for item in selected:
        found.append(item)
        for inner in item.selections.values():
            found.extend(_below(inner))
    return found


_MOST_REMEMBERED = 8


def _remembered(read: Read, show: Show, key: str) -> Show:
    known: dict[int, tuple[Any, Any]] = {}

    def shown(value: Any, call: Call, path: Path) -> Any:
        inner = read(value, call)
        found = known.get(id(inner))
        if found is not None and found[0] is inner:
            return found[1]
        rendered = orjson.Fragment(orjson.dumps(show(inner, call, (path, key))))
        if len(known) < _MOST_REMEMBERED:
            known[id(inner)] = (inner, rendered)  # the value is kept, so its id stays its own
        return rendered

    return shown


def _mask(item: Selected) -> Callable[[Any], Any] | None:
    if item.rendering is Rendering.PLAIN:
        return None
    return mask(item.rendering, item.kind)


def _compile_type(
    type_: GraphQLOutputType, item: Selected, masked: Callable[[Any], Any] | None
) -> Show:
    bare = type_.of_type if isinstance(type_, GraphQLNonNull) else type_
    if isinstance(bare, GraphQLList):
        inner = _list(_compile_type(bare.of_type, item, masked))
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
    leaf = _leaf(type_)
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
        except _NullError as error:
            call.errors.append((error.fault, error.path))
            return None

    return show


def _non_null(inner: Show) -> Show:
    def show(value: Any, call: Call, path: Path) -> Any:
        shown = None if value is None else inner(value, call, path)
        if shown is None:
            raise _NullError(None, spell(path))
        return shown

    return show


def _list(inner: Show) -> Show:
    def show(values: Any, call: Call, path: Path) -> list[Any]:
        return [inner(value, call, (path, index)) for index, value in enumerate(values)]

    return show


def _leaf(type_: GraphQLOutputType) -> Callable[[Any], Any] | None:
    """What a leaf still needs before JSON; None where the stored value is the shown one."""
    if isinstance(type_, GraphQLEnumType):
        return lambda value: value.name if isinstance(value, Enum) else str(value)
    return None


def _reader(item: Selected) -> Read:
    match item.source:
        case Column() | Item() as part:
            read = _part(part)
            return lambda record, _call: read(record)
        case Derived() as source:
            return _derived(source, item.arguments)
        case Whole(present=None):
            return lambda record, _call: record
        case Whole(present=Column() as column):
            present = _part(column)
            return lambda record, _call: None if present(record) is None else record
        case Children(kind=kind, compute=compute):
            return _children(kind.value, compute)
        case Of(compute=derive):
            return lambda value, _call: derive(value)
        case _:
            raise TypeError(f"{item.owner}.{item.name} has no reader of its own.")


def _children(attribute: str, compute: Callable[..., object] | None) -> Read:
    if compute is None:
        return lambda record, _call: getattr(record, attribute)
    made = compute
    return lambda record, _call: made(getattr(record, attribute))


def _derived(source: Derived, arguments: dict[str, object] | int) -> Read:
    parts = _parts(source.needs)
    compute = source.compute
    if isinstance(arguments, dict):
        constant = arguments

        def with_constant(record: Any, call: Call) -> Any:
            return compute(call.moment, constant, *parts(record))

        return with_constant
    number = arguments

    def with_variables(record: Any, call: Call) -> Any:
        given = call.arguments[number]
        if isinstance(given, Fault):
            raise ArgumentFaultError(given)
        return compute(call.moment, given, *parts(record))

    return with_variables


def _parts(needs: Sequence[Column | Item]) -> Callable[[Any], Sequence[Any]]:
    columns = [need.name for need in needs if isinstance(need, Column)]
    if len(columns) == len(needs) > 1:
        pick = itemgetter(*[PERSON_COLUMNS.index(name) for name in columns])
        return lambda record: pick(record.row.values)
    reads = [_part(need) for need in needs]
    return lambda record: [read(record) for read in reads]


def _part(need: Column | Item) -> Callable[[Any], Any]:
    if isinstance(need, Column):
        position = PERSON_COLUMNS.index(need.name)
        return lambda record: record.row.values[position]
    name = need.name
    match need.group:
        case "core":
            return lambda record: record.core.get(name)
        case "contact":
            return lambda record: record.contact.get(name)
        case "residence":
            return lambda record: record.residence.get(name)
