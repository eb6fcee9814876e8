"""`persons` and `permits`: a filter, an order and a cursor turned into criteria for the read model.

Filters and sorts are on plain columns and on the blind index of the ID number; nothing is opened
to find a row. A phase is a stretch of days (`regulation.work_list`), compared with a stored one.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum
from typing import Final

from db.load import Criteria
from db.person_row import PERSON_COLUMNS, PersonRow
from keys.ring import KeyRing, Tag
from policies.permission import Action, Rendering
from regulation.permit import PermitStatus
from regulation.work_list import Expiries, Phase
from resolvers.cursors import Cursors, Order, question
from resolvers.faults import ArgumentFaultError, Fault
from resolvers.presented import checked_name, checked_number

MOST_ROWS = 200
MOST_NAMED = 10
"""Rows of a page of those who have a name and a birth date: more of them are nobody's visitor."""

_RANGES = {"validTo": "valid_to", "registeredOn": "registered_on"}
_EQUALS = ("county", "township")
_SORTS = {"REGISTERED_ON": "registered_on", "VALID_TO": "valid_to"}


def page_size(arguments: Mapping[str, object]) -> int:
    """How many rows a page may have.

    Raises:
        ArgumentFaultError: `first` is not from 1 to 200.

    """
    first = arguments["first"]
    if not isinstance(first, int) or not 0 < first <= MOST_ROWS:
        raise ArgumentFaultError(Fault.ARGUMENT_INVALID)
    named = conditions_of(arguments).get("name") is not None
    return min(first, MOST_NAMED) if named else first


@dataclass(frozen=True, slots=True)
class Listing:
    """A question for a list, as the read model and its cursors understand it."""

    criteria: Criteria
    cursors: Cursors
    used: tuple[tuple[str, str, str], ...]
    """The paths that its filter and order use: as visible in the log as paths that are read."""

    missed: tuple[bytes, ...] = ()
    """The tag under which somebody who was looked for by name and not found is counted."""

    def cursor_of(self, row: PersonRow) -> str:
        """The cursor of a row of the list."""
        return cursor_of(row, self.criteria.order, self.cursors)


def cursor_of(row: PersonRow, order: Order, cursors: Cursors) -> str:
    """The cursor of a person's row in an order."""
    values = [row.values[PERSON_COLUMNS.index(column)] for column, _ in order]
    return cursors.seal(values, row.person)


def persons_listing(
    arguments: Mapping[str, object], ring: KeyRing, *, audience: str, division: str | None
) -> Listing:
    """What `persons` looks for, with one row more than the page to know whether another follows.

    Raises:
        ArgumentFaultError: a number, a range, the page size or the cursor is not valid.

    """
    conditions = conditions_of(arguments)
    order = _order(arguments.get("orderBy"))
    number, late = conditions.get("idNumber"), conditions.get("late")
    named = _named(conditions, ring)
    made_for = question("persons", division, conditions, order)
    cursors = Cursors(ring, audience, made_for)
    criteria = Criteria(
        equals=_equals(conditions),
        ranges=_ranges(conditions),
        statuses=_statuses(conditions.get("status")),
        id_number=None if number is None else ring.id_number_tag(checked_number(str(number))),
        late=late if isinstance(late, bool) else None,
        named=None if named is None else named[0],
        order=order,
        after=cursors.open(arguments.get("after")),
        limit=page_size(arguments) + 1,
    )
    missed = () if named is None else (named[1],)
    return Listing(criteria, cursors, _used(arguments), missed)


def permits_listing(
    arguments: Mapping[str, object],
    ring: KeyRing,
    phases: Callable[[Phase], Expiries],
    *,
    audience: str,
    division: str | None,
) -> Listing:
    """What `permits` looks for: permits that are not cancelled, by their last day of validity.

    `phases` says which last days of validity lie in a phase today.

    Raises:
        ArgumentFaultError: a range, the page size or the cursor is not valid.

    """
    conditions = conditions_of(arguments)
    order: Order = (("valid_to", False),)
    cursors = Cursors(ring, audience, question("permits", division, conditions, order))
    low, high = next(((low, high) for _, low, high in _ranges(conditions)), (None, None))
    phase, statuses = conditions.get("phase"), _STANDING
    if isinstance(phase, Enum):
        named = Phase[phase.name]
        stretch, statuses = phases(named), _STATUSES[named]
        lows = [low, None if stretch.first is None else stretch.first.isoformat()]
        low = max((each for each in lows if each is not None), default=None)
        last = stretch.last.isoformat()
        high = last if high is None else min(high, last)
    criteria = Criteria(
        equals=_equals(conditions),
        ranges=(("valid_to", low, high),),
        statuses=statuses,
        id_number=None,
        order=order,
        after=cursors.open(arguments.get("after")),
        limit=page_size(arguments) + 1,
    )
    return Listing(criteria, cursors, _used(arguments))


_STANDING: Final = frozenset({PermitStatus.ACTIVE, PermitStatus.SUSPENDED, PermitStatus.PENDING})
_STATUSES: Final = {
    Phase.ENTERING_WINDOW: frozenset({PermitStatus.ACTIVE}),
    Phase.IN_WINDOW: frozenset({PermitStatus.ACTIVE}),
    Phase.IN_GRACE: frozenset({PermitStatus.SUSPENDED}),
    Phase.LAPSED: frozenset({PermitStatus.SUSPENDED}),
}


def conditions_of(arguments: Mapping[str, object]) -> Mapping[str, object]:
    """The filter of a list; empty where none is given."""
    given = arguments.get("filter")
    return given if isinstance(given, Mapping) else {}


def _equals(conditions: Mapping[str, object]) -> tuple[tuple[str, str], ...]:
    return tuple(
        (name, _code(conditions[name])) for name in _EQUALS if conditions.get(name) is not None
    )


def _code(value: object) -> str:
    """The code of a division; one that no division has finds nobody."""
    code = str(value)
    if "\0" in code:  # PostgreSQL has no such text, and would fail
        raise ArgumentFaultError(Fault.ARGUMENT_INVALID)
    return code


def _named(conditions: Mapping[str, object], ring: KeyRing) -> tuple[Tag, bytes] | None:
    """The look-up tag of a name with a birth date, and that of a miss; names are sought so alone.

    Raises:
        ArgumentFaultError: one is given without the other, or the name can't be read.
    """
    name, day = conditions.get("name"), _day(conditions.get("birthDate"))
    if name is None and day is None:
        return None
    if name is None or day is None:
        raise ArgumentFaultError(Fault.NAME_WITH_BIRTH_DATE)
    key = checked_name(str(name))
    return ring.name_birth_tag(key, day), ring.miss_tag(f"{key}\0{day}")


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
    "name": "Person.name",
    "county": "Residence.division",
    "township": "Residence.division",
    "status": "Permit.status",
    "validTo": "Permit.validTo",
    "registeredOn": "Residence.registeredOn",
    "late": "Residence.late",
    "phase": "Permit.phase",
}
_SORTED: Final = {"REGISTERED_ON": "Residence.registeredOn", "VALID_TO": "Permit.validTo"}


def _used(arguments: Mapping[str, object]) -> tuple[tuple[str, str, str], ...]:
    given = conditions_of(arguments)
    used = [
        (path, Action.FILTER.value, Rendering.PLAIN.value)
        for name, path in _FILTERED.items()
        if given.get(name) is not None
    ]
    order = arguments.get("orderBy")
    used.extend(
        (_SORTED[item["field"].name], Action.SORT.value, Rendering.PLAIN.value)
        for item in (order if isinstance(order, Sequence) else ())
    )
    return tuple(dict.fromkeys(used))
