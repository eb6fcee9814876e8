"""`persons`: a filter, an order and a cursor turned into criteria for the read model.

Filters and sorts are on plain columns and on the blind index of the ID number; nothing is opened
to find a row. A cursor is sealed for one department and holds the order's values of the last row.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from enum import Enum
from typing import Final

import orjson

from db.load import Criteria
from db.person_row import PERSON_COLUMNS, PersonRow
from keys.ring import KeyRing
from policies.permission import Action, Rendering
from regulation.permit import PermitStatus
from resolvers.faults import ArgumentFaultError, Fault
from resolvers.presented import checked_number

MOST_ROWS = 200
_RANGES = {"validTo": "valid_to", "registeredOn": "registered_on"}
_EQUALS = ("county", "township")
_SORTS = {"REGISTERED_ON": "registered_on", "VALID_TO": "valid_to"}

Order = tuple[tuple[str, bool], ...]


def page_size(arguments: Mapping[str, object]) -> int:
    """How many rows a page may have.

    Raises:
        ArgumentFaultError: `first` is not from 1 to 200.

    """
    first = arguments["first"]
    if not isinstance(first, int) or not 0 < first <= MOST_ROWS:
        raise ArgumentFaultError(Fault.ARGUMENT_INVALID)
    return first


def criteria_of(arguments: Mapping[str, object], ring: KeyRing, audience: str) -> Criteria:
    """What to look for, with one row more than the page to know whether another follows.

    Raises:
        ArgumentFaultError: a number, a range, the page size or the cursor is not valid.

    """
    given = arguments.get("filter")
    conditions = given if isinstance(given, Mapping) else {}
    order = _order(arguments.get("orderBy"))
    number = conditions.get("idNumber")
    return Criteria(
        equals=tuple(
            (name, _code(conditions[name])) for name in _EQUALS if conditions.get(name) is not None
        ),
        ranges=_ranges(conditions),
        statuses=_statuses(conditions.get("status")),
        id_number=None if number is None else ring.id_number_tag(checked_number(str(number))),
        order=order,
        after=_after(arguments.get("after"), order, ring, audience),
        limit=page_size(arguments) + 1,
    )


def _code(value: object) -> str:
    """The code of a division; one that no division has finds nobody."""
    code = str(value)
    if "\0" in code:  # PostgreSQL has no such text, and would fail
        raise ArgumentFaultError(Fault.ARGUMENT_INVALID)
    return code


def _ranges(conditions: Mapping[str, object]) -> tuple[tuple[str, str | None, str | None], ...]:
    found = []
    for name, column in _RANGES.items():
        given = conditions.get(name)
        if isinstance(given, Mapping):
            low, high = given.get("from"), given.get("to")
            found.append((column, _day(low), _day(high)))
    return tuple(found)


def _day(value: object) -> str | None:
    return value.isoformat() if isinstance(value, date) else None


def _statuses(given: object) -> frozenset[PermitStatus] | None:
    if not isinstance(given, Sequence) or isinstance(given, str):
        return None
    return frozenset(PermitStatus[item.name] for item in given if isinstance(item, Enum))


def _order(given: object) -> Order:
    keys: dict[str, bool] = {}
    for item in given if isinstance(given, Sequence) else ():
        column = _SORTS[item["field"].name]
        keys.setdefault(column, item["direction"].name == "DESC")
    return tuple(keys.items())


_FILTERED: Final = {
    "idNumber": "Person.idNumber",
    "county": "Residence.division",
    "township": "Residence.division",
    "status": "Permit.status",
    "validTo": "Permit.validTo",
    "registeredOn": "Residence.registeredOn",
}
_SORTED: Final = {"REGISTERED_ON": "Residence.registeredOn", "VALID_TO": "Permit.validTo"}


def fields_used(arguments: Mapping[str, object]) -> tuple[tuple[str, str, str], ...]:
    """The paths that a filter or an order uses: as visible in the log as paths that are read."""
    given = arguments.get("filter")
    used = [
        (path, Action.FILTER.value, Rendering.PLAIN.value)
        for name, path in _FILTERED.items()
        if isinstance(given, Mapping) and given.get(name) is not None
    ]
    order = arguments.get("orderBy")
    used.extend(
        (_SORTED[item["field"].name], Action.SORT.value, Rendering.PLAIN.value)
        for item in (order if isinstance(order, Sequence) else ())
    )
    return tuple(dict.fromkeys(used))


def cursor_of(row: PersonRow, order: Order, ring: KeyRing, audience: str) -> str:
    """The cursor of a row in an order, sealed for one department."""
    values = [row.values[PERSON_COLUMNS.index(column)] for column, _ in order]
    payload = orjson.dumps([order, values, row.person.hex()])
    return ring.global_ids.seal_cursor(audience, payload)


def _after(
    given: object, order: Order, ring: KeyRing, audience: str
) -> tuple[str | bytes | None, ...] | None:
    if not isinstance(given, str):
        return None
    payload = ring.global_ids.open_cursor(audience, given)
    if payload is None:
        raise ArgumentFaultError(Fault.CURSOR_INVALID)
    made_for, values, person = orjson.loads(payload)
    if made_for != [list(key) for key in order]:
        raise ArgumentFaultError(Fault.CURSOR_INVALID)
    return (*values, bytes.fromhex(person))
