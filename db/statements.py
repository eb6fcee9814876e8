"""Statements for reading persons, written once for each shape of load and criteria.

Scopes become WHERE here: what a role may not reach is not fetched. All scopes of a load must hold;
no scope at all, an unknown one, or one whose facts are missing reaches nothing.

This module never holds a value: statements name their parameters.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from sqlalchemy import (
    ARRAY,
    ColumnElement,
    LargeBinary,
    Select,
    SmallInteger,
    Table,
    and_,
    any_,
    bindparam,
    exists,
    func,
    literal_column,
    or_,
    select,
)

from db.casefile import ARRIVALS
from db.load import Access, Criteria, PersonLoad, ScopeFacts
from db.lookup import BY_NAME_BIRTH, ID_NAME, ID_NUMBER
from db.models import Casefile, FormerLookup, Lookup, NameBirth, PersonNow, table_of
from db.person_row import PERSON_COLUMNS, ROW_GROUPS, group_column
from policies.permission import Scope
from regulation.divisions import COUNTY_DIGITS
from regulation.permit import PermitStatus

NOW: Final = table_of(PersonNow).c
CASE: Final = table_of(Casefile).c
CASE_COLUMNS: Final = tuple(column.name for column in table_of(Casefile).columns)
_LOOKUP: Final = table_of(Lookup).c

REACHABLE: Final = frozenset(
    {
        Scope.PRESENTED,
        Scope.ACTIVE_HOLDERS,
        Scope.OWN_DIVISION,
        Scope.OPEN_CASE,
        Scope.ALL,
    }
)
"""Scopes that can reach a row. The others reach none: nobody has submissions or a self yet."""

_PRESENTING: Final = frozenset({Access.ID_NAME})
INDEX: Final = {Access.ID_NAME: ID_NAME, Access.ID_NUMBER: ID_NUMBER}
_NULLABLE: Final = frozenset(
    column.name for column in table_of(PersonNow).columns if column.nullable
)


@dataclass(frozen=True, slots=True)
class Shape:
    """All of a load and its facts that changes the statement's words."""

    load: PersonLoad
    by_township: bool = False


def shape_of(load: PersonLoad, facts: ScopeFacts) -> Shape | None:
    """Return the shape of a load; None where its scopes reach no row (fail closed)."""
    scopes = load.scopes
    if not scopes or not scopes <= REACHABLE:
        return None
    if Scope.PRESENTED in scopes and load.access not in _PRESENTING:
        return None
    placed = Scope.OWN_DIVISION in scopes or Scope.OPEN_CASE in scopes
    if placed and not facts.division:
        return None
    if Scope.OPEN_CASE in scopes and facts.case is None:
        return None
    return Shape(load, by_township=len(facts.division or "") > COUNTY_DIGITS)


def groups_of(load: PersonLoad) -> tuple[str, ...]:
    """Return the sealed groups to fetch with the row, in the order of their columns."""
    return tuple(group for group in ROW_GROUPS if group in load.groups)


def one_statement(shape: Shape) -> Select[*tuple[object, ...]]:
    """Find a person by the load's key, parameters `key` (and `version` for a tag)."""
    columns = _columns(shape)
    match shape.load.access:
        case Access.ID_NAME | Access.ID_NUMBER as access:
            statement = _by_tag(columns, INDEX[access]).where(
                _LOOKUP.tag == bindparam("key", type_=LargeBinary())
            )
        case Access.PERMIT_NUMBER:
            statement = select(*columns).where(NOW.permit_number == bindparam("key"))
        case Access.PERMIT:
            statement = select(*columns).where(NOW.permit == bindparam("key"))
        case Access.PERSON | Access.LIST:
            statement = select(*columns).where(NOW.person == bindparam("key"))
    return statement.where(*_scopes(shape, by_key=True))


def many_statement(shape: Shape, size: int | None) -> Select[*tuple[object, ...]]:
    """Find many persons by their tags; the tag is the last column.

    `size` None takes an array as parameter `keys` (PostgreSQL), a number that many parameters
    `key0` … (SQLite has no arrays).
    """
    statement = _by_tag([*_columns(shape), _LOOKUP.tag], INDEX[shape.load.access])
    if size is None:
        wanted = _LOOKUP.tag == any_(bindparam("keys", type_=ARRAY(LargeBinary())))
    else:
        wanted = _LOOKUP.tag.in_([bindparam(name, type_=LargeBinary()) for name in tag_names(size)])
    return statement.where(wanted, *_scopes(shape, by_key=True))


def ids_statement(shape: Shape, size: int) -> Select[*tuple[object, ...]]:
    """Find so many persons by their ids, parameters `key0` …, as far as the scopes reach."""
    wanted = [bindparam(name, type_=LargeBinary()) for name in tag_names(size)]
    return select(*_columns(shape)).where(NOW.person.in_(wanted), *_scopes(shape))


@lru_cache(maxsize=32)
def tag_names(size: int) -> tuple[str, ...]:
    """Return the names of the parameters for so many tags."""
    return tuple(f"key{number}" for number in range(size))


def page_statement(shape: Shape, criteria: Criteria, named: int = 0) -> Select[*tuple[object, ...]]:
    """Read a page in the order of the criteria, rows without a value last in both directions.

    Where the criteria name somebody, the persons are one of `named` parameters `named0` …
    """
    statement = select(*_columns(shape)).where(*_reached(shape, criteria, named))
    never_null = _never_null(criteria)
    for name, descending in criteria.order:
        ordered = NOW[name].desc() if descending else NOW[name].asc()
        # Only where needed: the clause would keep the index from giving the order.
        statement = statement.order_by(ordered if name in never_null else ordered.nulls_last())
    statement = statement.order_by(NOW.person.asc())
    if criteria.after is not None:
        statement = statement.where(_beyond(criteria, never_null))
    # Without an offset SQLAlchemy binds one for SQLite, and our statements hold no values.
    return statement.limit(bindparam("limit")).offset(literal_column("0", SmallInteger()))


def count_statement(shape: Shape, criteria: Criteria, named: int = 0) -> Select[int]:
    """Count the rows that the criteria and scopes leave; `named` as for a page."""
    return (
        select(func.count())
        .select_from(table_of(PersonNow))
        .where(*_reached(shape, criteria, named))
    )


def named_statement() -> Select[*tuple[object, ...]]:
    """Find whom a name with a birth date stands for, parameters `version` and `key`."""
    return select(table_of(NameBirth)).where(*_tagged(table_of(NameBirth)))


def formerly_named_statement() -> Select[*tuple[object, ...]]:
    """Find for whom it once stood."""
    former = table_of(FormerLookup)
    index = former.c.index == literal_column(str(BY_NAME_BIRTH), SmallInteger())
    return select(former).where(index, *_tagged(former))


def _tagged(table: Table) -> list[ColumnElement[bool]]:
    return [
        table.c.version == bindparam("version"),
        table.c.tag == bindparam("key", type_=LargeBinary()),
    ]


def named_names(size: int) -> tuple[str, ...]:
    """Return the names of the parameters for so many persons."""
    return tuple(f"named{number}" for number in range(size))


def _reached(shape: Shape, criteria: Criteria, named: int) -> list[ColumnElement[bool]]:
    if not named:
        return [*_scopes(shape), *_conditions(criteria)]
    # A look-up by key: no index of a place or of an order serves it better than the persons' own.
    wanted = [bindparam(name, type_=LargeBinary()) for name in named_names(named)]
    return [
        NOW.person.in_(wanted),
        *_scopes(shape, by_key=True),
        *_conditions(criteria),
    ]


def _columns(shape: Shape) -> list[ColumnElement[object]]:
    names = [*PERSON_COLUMNS, *(group_column(group) for group in groups_of(shape.load))]
    columns = [NOW[name] for name in names]
    if Scope.OPEN_CASE in shape.load.scopes:
        columns += [CASE[name] for name in CASE_COLUMNS]
    return columns


def _by_tag(columns: Sequence[ColumnElement[object]], index: int) -> Select[*tuple[object, ...]]:
    table = table_of(PersonNow)
    return (
        select(*columns)
        .select_from(table_of(Lookup).join(table, _LOOKUP.person == NOW.person))
        .where(
            _LOOKUP.index == literal_column(str(index), SmallInteger()),
            _LOOKUP.version == bindparam("version"),
        )
    )


def _scopes(shape: Shape, *, by_key: bool = False) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = []
    for scope in sorted(shape.load.scopes):
        match scope:
            case Scope.ACTIVE_HOLDERS:
                conditions.append(status_condition(PermitStatus.ACTIVE, by_key=by_key))
            case Scope.OWN_DIVISION:
                place = NOW.township if shape.by_township else NOW.county
                conditions.append(_compared(place, by_key=by_key) == bindparam("division"))
            case Scope.OPEN_CASE:
                conditions.append(_open_case(shape, by_key=by_key))
            case _:
                # PRESENTED and ALL ask for nothing beyond the key; shape_of refused the rest.
                continue
    return conditions


def _open_case(shape: Shape, *, by_key: bool) -> ColumnElement[bool]:
    """A case open on the day, of this person, this division and this case number.

    Who lives in another division is reached by an arrival or a move only (articles 10, 19).
    A join, not EXISTS: the case's own columns come with the row, so that its MAC can be verified.
    There is at most one such case, by its unique key.
    """
    place = NOW.township if shape.by_township else NOW.county
    arrives = CASE.kind.in_([literal_column(f"'{kind}'", CASE.kind.type) for kind in ARRIVALS])
    return and_(
        or_(_compared(place, by_key=by_key) == bindparam("division"), arrives),
        CASE.person == NOW.person,
        CASE.digest == bindparam("case"),
        CASE.division == bindparam("division"),
        CASE.opened_on <= bindparam("day"),
        or_(CASE.closed_on.is_(None), CASE.closed_on > bindparam("day")),
    )


def _compared(column: ColumnElement[str], *, by_key: bool) -> ColumnElement[str]:
    """A column to compare; in a look-up by key as an expression, which no index of it serves.

    A look-up begins at its key. SQLite else begins a look-up of a thousand tags at the permits of
    a small city that are valid on the day, and looks for each of the tags under each of them.
    """
    return func.coalesce(column, literal_column("''", column.type)) if by_key else column


def status_condition(status: PermitStatus, *, by_key: bool = False) -> ColumnElement[bool]:
    """What `regulation.permit.status` says of the dates, in SQL (articles 17, 20, 23)."""
    day = bindparam("day", type_=NOW.valid_from.type)
    valid_from = _compared(NOW.valid_from, by_key=by_key)
    valid_to = _compared(NOW.valid_to, by_key=by_key)
    cancelled = and_(NOW.cancelled_on.is_not(None), NOW.cancelled_on <= day)
    standing = or_(NOW.cancelled_on.is_(None), NOW.cancelled_on > day)
    match status:
        case PermitStatus.CANCELLED:
            return cancelled
        case PermitStatus.PENDING:
            return and_(valid_from > day, standing)
        case PermitStatus.SUSPENDED:
            return and_(valid_to < day, standing)
        case PermitStatus.ACTIVE:
            return and_(valid_from <= day, valid_to >= day, standing)


def _conditions(criteria: Criteria) -> list[ColumnElement[bool]]:
    conditions: list[ColumnElement[bool]] = [
        NOW[name] == bindparam(f"equal_{name}") for name, _ in criteria.equals
    ]
    for name, low, high in criteria.ranges:
        if low is not None:
            conditions.append(NOW[name] >= bindparam(f"low_{name}"))
        if high is not None:
            conditions.append(NOW[name] <= bindparam(f"high_{name}"))
    if criteria.statuses is not None:
        # An empty set asks for a permit of no status, which nobody has.
        states = [status_condition(status) for status in sorted(criteria.statuses)]
        conditions.append(or_(*states) if states else literal_column("1") == literal_column("0"))
        if criteria.statuses != {PermitStatus.ACTIVE}:
            # Every status needs a permit. SQLite takes this for the place where the index begins,
            # and passes over those without a permit; IS NOT NULL it takes only for some orders.
            conditions.append(NOW.valid_to > literal_column("''", NOW.valid_to.type))
    if criteria.late is not None:
        # A constant, not a parameter: only then is the index of late registrations seen to fit.
        conditions.append(NOW.late == literal_column("1" if criteria.late else "0", SmallInteger()))
    if criteria.id_number is not None:
        conditions.append(
            exists().where(
                _LOOKUP.index == literal_column(str(ID_NUMBER), SmallInteger()),
                _LOOKUP.version == bindparam("version"),
                _LOOKUP.tag == bindparam("key", type_=LargeBinary()),
                _LOOKUP.person == NOW.person,
            )
        )
    return conditions


def _never_null(criteria: Criteria) -> frozenset[str]:
    """The order's columns that are null in no row that the criteria leave."""
    ranged = {name for name, low, high in criteria.ranges if low is not None or high is not None}
    if criteria.statuses:
        # Every status needs a permit, and a permit has both days.
        ranged |= {"valid_from", "valid_to"}
    return frozenset(name for name, _ in criteria.order if name not in _NULLABLE or name in ranged)


def _beyond(criteria: Criteria, never_null: frozenset[str]) -> ColumnElement[bool]:
    """Rows after the last one seen: later in the first column that differs, or a greater id."""
    if criteria.after is None:
        raise ValueError("there is no place to go on from")
    *last, _ = criteria.after
    steps: list[ColumnElement[bool]] = []
    equal: list[ColumnElement[bool]] = []
    bound: list[ColumnElement[bool]] = []
    for place, ((name, descending), value) in enumerate(zip(criteria.order, last, strict=True)):
        column, parameter = NOW[name], bindparam(f"after{place}", type_=NOW[name].type)
        if value is None:
            # Null comes last: nothing is beyond it but an equal null with a greater id.
            equal.append(column.is_(None))
            continue
        beyond = column < parameter if descending else column > parameter
        if name not in never_null:
            beyond = or_(beyond, column.is_(None))
        elif place == 0:
            # Redundant, but the index can begin there.
            bound.append(column <= parameter if descending else column >= parameter)
        steps.append(and_(*equal, beyond))
        equal.append(column == parameter)
    steps.append(and_(*equal, NOW.person > bindparam("after_person", type_=LargeBinary())))
    return and_(*bound, or_(*steps))
