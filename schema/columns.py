"""Lists of objects → answer, column by column: a field of all rows at once, then the rows.

A page shows each of its fields a hundred times. Row by row a closure is called for each of them;
column by column most fields are one comprehension. The rows come out as `rendering` shows them one
by one. Whatever is not plain (a fault of arguments, a null where the schema has none) is left to
that way, which knows the paths.

This module never reports an error: it gives nothing instead.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import compress
from operator import attrgetter
from typing import Any

from graphql import GraphQLList, GraphQLNonNull, GraphQLObjectType

from db.person_row import PERSON_COLUMNS
from resolvers.faults import ArgumentFaultError
from schema.leaves import (
    Call,
    Change,
    NullError,
    Show,
    change_of,
    columns_of,
    mask_of,
)
from schema.planner import Selected
from schema.sources import Column, Derived, Item, Of, Whole

Together = Callable[[Sequence[Any], Call], list[dict[str, Any]] | None]
"""Shows all values of a list; None where one of them is not plain."""

OneByOne = Callable[[Selected], Show]


class _Rows:
    """The values of a list; of persons' records also their plain columns."""

    __slots__ = ("_alike", "columns", "values")

    def __init__(self, values: Sequence[Any], columns: Sequence[Any]) -> None:
        self.values = values
        self.columns = columns
        self._alike: dict[tuple[str, ...], tuple[list[Any], Mapping[Any, Any]]] = {}

    def alike(
        self, names: tuple[str, ...], pick: Callable[[Any], Any]
    ) -> tuple[list[Any], Mapping[Any, Any]]:
        """What each row has in these columns, and for each that there is one such row."""
        known = self._alike.get(names)
        if known is None:
            had = [pick(row) for row in self.columns]
            known = self._alike[names] = had, dict(zip(had, self.values, strict=True))
        return known

    def some(self, chosen: Sequence[bool]) -> "_Rows":
        """The rows that are chosen."""
        return _Rows([*compress(self.values, chosen)], [*compress(self.columns, chosen)])


_Shown = Callable[[_Rows, Call], Sequence[Any]]
"""What a field shows of each row."""


def compile_together(selected: Sequence[Selected], one_by_one: OneByOne) -> Together:
    """A closure that shows a list of objects with these fields."""
    show = _objects(selected, one_by_one)
    reads_columns = _reads_columns(selected)

    def together(values: Sequence[Any], call: Call) -> list[dict[str, Any]] | None:
        before = len(call.errors)
        rows = _Rows(values, [each.row.values for each in values] if reads_columns else ())
        try:
            shown = show(rows, call)
        except (NullError, ArgumentFaultError):
            shown = None
        if shown is None or len(call.errors) > before:
            del call.errors[before:]
            return None
        return shown

    return together


def _reads_columns(selected: Sequence[Selected]) -> bool:
    """Whether these are records of persons of which some plain column is read."""
    for item in selected:
        match item.source:
            case Column() | Whole(present=Column()):
                return True
            case Derived(needs=needs) if columns_of(needs) is not None:
                return True
            case Whole() if any(map(_reads_columns, item.selections.values())):
                return True
            case _:
                continue
    return False


def _objects(
    selected: Sequence[Selected], one_by_one: OneByOne
) -> Callable[[_Rows, Call], list[dict[str, Any]]]:
    blank = dict.fromkeys(item.key for item in selected)
    fields = [(item.key, _field(item, one_by_one)) for item in selected]

    def show(rows: _Rows, call: Call) -> list[dict[str, Any]]:
        # Copies of one dictionary filled key by key: a third of making each of its pairs.
        shown = [blank.copy() for _ in rows.values]
        for key, field in fields:
            for one, value in zip(shown, field(rows, call), strict=True):
                one[key] = value
        return shown

    return show


def _field(item: Selected, one_by_one: OneByOne) -> _Shown:
    if isinstance(item.source, Derived):
        pick = columns_of(item.source.needs)
        if pick is not None:
            names = tuple(need.name for need in item.source.needs)
            return _of_columns(one_by_one(item), names, pick)
    shown_whole = isinstance(item.type, GraphQLObjectType) and mask_of(item) is None
    if isinstance(item.source, Whole) and shown_whole:
        return _same_records(item, item.source, one_by_one)
    read = _read(item)
    if read is None or item.selections or isinstance(item.type, GraphQLNonNull | GraphQLList):
        show = one_by_one(item)
        return lambda rows, call: [show(value, call, None) for value in rows.values]
    change = change_of(item)
    return read if change is None else _changed(read, change)


def _of_columns(show: Show, names: tuple[str, ...], pick: Callable[[Any], Any]) -> _Shown:
    """A field that is worked out of columns: rows alike in them are shown alike, once."""

    def shown(rows: _Rows, call: Call) -> Sequence[Any]:
        had, ones = rows.alike(names, pick)
        each = {columns: show(one, call, None) for columns, one in ones.items()}
        return [each[columns] for columns in had]

    return shown


def _changed(read: _Shown, change: Change) -> _Shown:
    return lambda rows, call: [change(value) for value in read(rows, call)]


def _same_records(item: Selected, source: Whole, one_by_one: OneByOne) -> _Shown:
    """The same records seen as another type; those without it are null."""
    (selected,) = item.selections.values()
    show = _objects(selected, one_by_one)
    if source.present is None:
        return show
    place = PERSON_COLUMNS.index(source.present.name)

    def shown(rows: _Rows, call: Call) -> Sequence[Any]:
        there = [columns[place] is not None for columns in rows.columns]
        if all(there):
            return show(rows, call)
        some = iter(show(rows.some(there), call))
        return [next(some) if is_there else None for is_there in there]

    return shown


def _read(item: Selected) -> _Shown | None:
    """The values of a field before masks; None where each is read in a way of its own."""
    match item.source:
        case None:
            owner = item.owner
            return lambda rows, _call: [owner] * len(rows.values)
        case Column(name=name):
            place = PERSON_COLUMNS.index(name)
            return lambda rows, _call: [columns[place] for columns in rows.columns]
        case Item(group=group, name=name):
            opened = attrgetter(group)
            return lambda rows, _call: [opened(record).get(name) for record in rows.values]
        case Of(compute=compute):
            return lambda rows, _call: [*map(compute, rows.values)]
        case _:
            return None
