"""Leaves: how one value is read from what was loaded, masked, and finished for JSON.

Most of an answer is leaves, and a call for each would cost more than all else. So whatever a leaf
needs is worked out once a plan, and its closure does only what differs from record to record.
Masks are wired here: no closure sees a rule.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from operator import itemgetter
from typing import Any

from graphql import GraphQLEnumType, GraphQLList, GraphQLNonNull, GraphQLOutputType

from db.person_row import PERSON_COLUMNS
from policies.permission import Rendering
from policies.renderings import mask
from resolvers.faults import ArgumentFaultError, Fault
from schema.planner import Selected
from schema.sources import Asked, Children, Column, Derived, Item, Moment, Of, Whole

Path = tuple[Any, ...] | None
"""A path as linked pairs (parent, key): cheap to extend, spelled out only for an error."""


@dataclass(slots=True)
class Call:
    """What one call hands to every closure: the moment, the arguments, the errors so far."""

    moment: Moment
    arguments: Sequence[dict[str, object] | Fault]
    errors: list[tuple[Fault | None, list[str | int]]] = field(default_factory=list)


Read = Callable[[Any, Call], Any]
Show = Callable[[Any, Call, Path], Any]
Change = Callable[[Any], Any]


class NullError(Exception):
    """A value is missing where the schema needs one; carries the error that made it so."""

    def __init__(self, fault: Fault | None, path: list[str | int]) -> None:
        super().__init__()
        self.fault = fault
        self.path = path


def stored_in(item: Selected) -> int | None:
    """The place of the column that a leaf shows as it stands; None for every other item."""
    if _is_plain(item) and isinstance(item.source, Column):
        return PERSON_COLUMNS.index(item.source.name)
    return None


def function_of(item: Selected) -> Change | None:
    """The function of the parent's value alone that a leaf shows; None for every other item."""
    return item.source.compute if _is_plain(item) and isinstance(item.source, Of) else None


def _is_plain(item: Selected) -> bool:
    return (
        _is_leaf(item)
        and item.arguments == {}
        and item.rendering is Rendering.PLAIN
        and finish_of(item.type) is None
    )


def _is_leaf(item: Selected) -> bool:
    return not item.selections and not isinstance(item.type, GraphQLNonNull | GraphQLList)


def compile_leaf(item: Selected) -> Show | None:
    """One closure for a nullable leaf that can't fail; None for any other item."""
    if not (_is_leaf(item) and _cannot_fail(item)):
        return None
    change = change_of(item)
    return _as_read(item) if change is None else _changed(item, change)


def change_of(item: Selected) -> Change | None:
    """What a nullable leaf's value becomes in the answer; None where it is shown as it stands."""
    masked, finish = mask_of(item), finish_of(item.type)
    if finish is None:
        return masked
    change = _where_there_is_one(finish)
    return change if masked is None else _where_there_is_one(_after(masked, change))


def _as_read(item: Selected) -> Show:
    match item.source:
        case Derived(needs=needs, compute=compute) if (pick := columns_of(needs)) is not None:
            constant, columns = item.arguments, pick
            return lambda record, call, _path: compute(
                call.moment, constant, *columns(record.row.values)
            )
        case Derived():
            read = reader(item)
            return lambda record, call, _path: read(record, call)
        case Column() | Item() as source:
            part = part_of(source)
            return lambda record, _call, _path: part(record)
        case _:
            read = reader(item)
            return lambda value, call, _path: read(value, call)


def _changed(item: Selected, change: Change) -> Show:
    match item.source:
        case Column(name=name):
            place = PERSON_COLUMNS.index(name)
            return lambda record, _call, _path: change(record.row.values[place])
        case Item(group="core", name=name):
            return lambda record, _call, _path: change(record.core.get(name))
        case Of(compute=compute):
            return lambda value, _call, _path: change(compute(value))
        case Derived(needs=needs, compute=compute) if (pick := columns_of(needs)) is not None:
            constant, columns = item.arguments, pick
            return lambda record, call, _path: change(
                compute(call.moment, constant, *columns(record.row.values))
            )
        case _:
            read = reader(item)
            return lambda value, call, _path: change(read(value, call))


def _where_there_is_one(change: Change) -> Change:
    return lambda value: None if value is None else change(value)


def _after(first: Change, then: Change) -> Change:
    return lambda value: then(first(value))


def _cannot_fail(item: Selected) -> bool:
    return isinstance(item.source, Column | Item) or (
        isinstance(item.source, Derived | Of) and item.arguments == {}
    )


def mask_of(item: Selected) -> Change | None:
    """The mask of a field; None where its value is shown plainly."""
    if item.rendering is Rendering.PLAIN:
        return None
    return mask(item.rendering, item.kind)


def finish_of(type_: GraphQLOutputType) -> Change | None:
    """What a leaf still needs before JSON; None where the stored value is the shown one."""
    return _enum_name if isinstance(type_, GraphQLEnumType) else None


def _enum_name(value: Any) -> str:
    if value.__class__ is str:
        return value
    return value.name if isinstance(value, Enum) else str(value)


def reader(item: Selected) -> Read:
    """How a field's value is found in what its parent shows."""
    match item.source:
        case Column() | Item() as part:
            read = part_of(part)
            return lambda record, _call: read(record)
        case Derived() as source:
            return _derived(source, item.arguments)
        case Whole(present=None):
            return lambda record, _call: record
        case Whole(present=Column(name=name)):
            place = PERSON_COLUMNS.index(name)
            return lambda record, _call: None if record.row.values[place] is None else record
        case Children(kind=kind, compute=compute):
            return _children(kind.value, compute)
        case Of(compute=derive):
            return lambda value, _call: derive(value)
        case Asked(compute=answer):
            return _asked(answer, item.arguments)
        case _:
            raise TypeError(f"{item.owner}.{item.name} has no reader of its own.")


def _asked(
    answer: Callable[[Any, Mapping[str, object]], object], arguments: dict[str, object] | int
) -> Read:
    if isinstance(arguments, dict):
        constant = arguments
        return lambda value, _call: answer(value, constant)
    number = arguments

    def with_variables(value: Any, call: Call) -> Any:
        given = call.arguments[number]
        if isinstance(given, Fault):
            raise ArgumentFaultError(given)
        return answer(value, given)

    return with_variables


def _children(attribute: str, compute: Callable[..., object] | None) -> Read:
    if compute is None:
        return lambda record, _call: getattr(record, attribute)
    made = compute
    return lambda record, _call: made(getattr(record, attribute))


def _derived(source: Derived, arguments: dict[str, object] | int) -> Read:
    parts = _parts(source.needs)
    compute = source.compute
    pick = columns_of(source.needs)
    if isinstance(arguments, dict) and pick is not None:
        given, columns = arguments, pick
        return lambda record, call: compute(call.moment, given, *columns(record.row.values))
    if isinstance(arguments, dict):
        constant = arguments
        return lambda record, call: compute(call.moment, constant, *parts(record))
    number = arguments

    def with_variables(record: Any, call: Call) -> Any:
        given = call.arguments[number]
        if isinstance(given, Fault):
            raise ArgumentFaultError(given)
        return compute(call.moment, given, *parts(record))

    return with_variables


def _parts(needs: Sequence[Column | Item]) -> Callable[[Any], Sequence[Any]]:
    pick = columns_of(needs)
    if pick is not None:
        columns = pick
        return lambda record: columns(record.row.values)
    reads = [part_of(need) for need in needs]
    return lambda record: [read(record) for read in reads]


def columns_of(needs: Sequence[Column | Item]) -> Callable[[Any], Sequence[Any]] | None:
    """The values of columns in one step; None where items of a group are needed too."""
    places = [PERSON_COLUMNS.index(need.name) for need in needs if isinstance(need, Column)]
    if len(places) < len(needs) or not places:
        return None
    if len(places) == 1:
        (place,) = places
        return itemgetter(slice(place, place + 1))
    return itemgetter(*places)


def part_of(need: Column | Item) -> Callable[[Any], Any]:
    """One value that a field needs of a record."""
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
