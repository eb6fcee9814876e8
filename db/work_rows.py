"""Rows of the desks' work lists: open applications, and reports of third parties; in pages.

Every row's MAC is verified before it is handed on. What the scopes don't reach is not fetched and
not counted; scopes that reach nothing ask the database nothing. Conditions compare plain columns
with days that were worked out elsewhere (`regulation.work_list`).

This module never joins a person: whoever lists reads those, under the scopes of persons.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    LargeBinary,
    Select,
    SmallInteger,
    Table,
    and_,
    bindparam,
    func,
    literal_column,
    not_,
    or_,
    select,
)

from db.database import Database, Prepared
from db.load import ScopeFacts
from db.models import ApplicationNow, Report, table_of
from db.rows import APPLICATION_NOW, REPORT, Covered, RowValues
from db.sealed import Vault
from policies.permission import Scope
from regulation.divisions import COUNTY_DIGITS

_REACHABLE: Final = frozenset({Scope.OWN_DIVISION, Scope.ALL})
_STATEMENTS: Final = 256
_APPLICATION: Final = table_of(ApplicationNow).c
_REPORT: Final = table_of(Report).c


def _one_of(column: ColumnElement[str], name: str, size: int) -> ColumnElement[bool]:
    """Whether a column holds one of so many parameters; of none it never does."""
    if not size:
        return literal_column("1") == literal_column("0")
    names: list[BindParameter[str]] = [bindparam(f"{name}{number}") for number in range(size)]
    return column.in_(names)


@dataclass(frozen=True, slots=True, kw_only=True)
class Applications:
    """Open applications, the first filed first: `filed_on` is the one day that never changes.

    `states` and `township` narrow; `due_before` is the first day that is too late; `overdue` and
    `due_soon` ask for those that are, or are not; `warned_through` is the latest day of acceptance
    whose warning has come.
    """

    states: tuple[str, ...] | None = None
    township: str | None = None
    due_before: str | None = None
    overdue: bool | None = None
    due_soon: bool | None = None
    warned_through: str = ""

    @property
    def covered(self) -> Covered:
        """The columns that a row's MAC covers."""
        return APPLICATION_NOW

    @property
    def order(self) -> str:
        """The column of the order; the id breaks ties."""
        return "filed_on"

    @property
    def shape(self) -> object:
        """All that changes the statement's words."""
        return (
            "applications",
            self.states and len(self.states),
            self.township is None,
            self.due_before is None,
            self.overdue,
            self.due_soon,
        )

    @property
    def values(self) -> dict[str, object]:
        """The values of the statement's parameters."""
        states = {f"state{n}": state for n, state in enumerate(self.states or ())}
        return {
            "in_township": self.township,
            "due_before": self.due_before,
            "warned": self.warned_through,
            **states,
        }

    def conditions(self) -> list[ColumnElement[bool]]:
        """What holds of a row, in the words of SQL."""
        day = bindparam("day", type_=_APPLICATION.filed_on.type)
        warned = bindparam("warned", type_=_APPLICATION.filed_on.type)
        # These very words: only then does a database see that the index of open ones fits.
        found: list[ColumnElement[bool]] = [_APPLICATION.closed_on.is_(None)]
        if self.states is not None:
            found.append(_one_of(_APPLICATION.state, "state", len(self.states)))
        if self.township is not None:
            found.append(_APPLICATION.township == bindparam("in_township"))
        if self.due_before is not None:
            found.append(_APPLICATION.due_on < bindparam("due_before"))
        # Null where nothing is accepted: such an application is neither overdue nor due soon.
        accepted = _APPLICATION.due_on.is_not(None)
        overdue = and_(accepted, _APPLICATION.due_on < day)
        soon = and_(accepted, _APPLICATION.due_on >= day, _APPLICATION.accepted_on <= warned)
        for asked, holds in ((self.overdue, overdue), (self.due_soon, soon)):
            if asked is not None:
                found.append(holds if asked else not_(holds))
        return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Reports:
    """Reports of third parties in one state, the first made first."""

    state: str
    reporters: tuple[str, ...] | None = None
    timeliness: str | None = None

    @property
    def covered(self) -> Covered:
        """The columns that a row's MAC covers."""
        return REPORT

    @property
    def order(self) -> str:
        """The column of the order; the id breaks ties."""
        return "reported_on"

    @property
    def shape(self) -> object:
        """All that changes the statement's words."""
        return ("reports", self.reporters and len(self.reporters), self.timeliness is None)

    @property
    def values(self) -> dict[str, object]:
        """The values of the statement's parameters."""
        reporters = {f"reporter{n}": each for n, each in enumerate(self.reporters or ())}
        return {"state": self.state, "how": self.timeliness, **reporters}

    def conditions(self) -> list[ColumnElement[bool]]:
        """What holds of a row, in the words of SQL."""
        found: list[ColumnElement[bool]] = [_REPORT.state == bindparam("state")]
        if self.reporters is not None:
            found.append(_one_of(_REPORT.reporter, "reporter", len(self.reporters)))
        if self.timeliness is not None:
            found.append(_REPORT.timeliness == bindparam("how"))
        return found


Wanted = Applications | Reports


class WorkRows:
    """Reads rows of work lists. One for the process; it keeps statements and no rows."""

    __slots__ = ("_database", "_statements", "_vault")

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._statements: dict[object, Prepared] = {}

    async def page(
        self,
        wanted: Wanted,
        scopes: frozenset[Scope],
        facts: ScopeFacts,
        *,
        after: tuple[str | bytes | None, ...] | None,
        limit: int,
    ) -> list[RowValues]:
        """Read a page of at most `limit` rows in the list's order.

        Raises:
            RowTamperedError: a row is not as it was written.
        """
        if not _reached(scopes, facts):
            return []
        place = _place(scopes, facts)
        key = (wanted.shape, place, after is None)
        statement = self._statements.get(key)
        if statement is None:
            made = page_statement(wanted, place, begun=after is not None)
            statement = self._remember(key, made)
        values = _values(wanted, facts) | {"limit": limit}
        if after is not None:
            values |= dict(zip(("after_day", "after_id"), after, strict=True))
        names = tuple(column.name for column in _table(wanted).columns)
        rows: list[RowValues] = []
        for found in await self._database.scan(statement, values):
            row: RowValues = dict(zip(names, found, strict=True))
            self._vault.require(wanted.covered, row)
            rows.append(row)
        return rows

    async def count(self, wanted: Wanted, scopes: frozenset[Scope], facts: ScopeFacts) -> int:
        """Count all rows that the conditions and scopes leave."""
        if not _reached(scopes, facts):
            return 0
        place = _place(scopes, facts)
        key = (wanted.shape, place, "count")
        statement = self._statements.get(key)
        if statement is None:
            statement = self._remember(key, count_statement(wanted, place))
        ((number, *_),) = await self._database.scan(statement, _values(wanted, facts))
        return number if isinstance(number, int) else 0

    def _remember(self, key: object, statement: Select[*tuple[object, ...]]) -> Prepared:
        if len(self._statements) >= _STATEMENTS:
            self._statements.clear()
        self._statements[key] = prepared = self._database.prepare(statement)
        return prepared


def page_statement(
    wanted: Wanted, place: str | None, *, begun: bool
) -> Select[*tuple[object, ...]]:
    """Read a page: `place` is the column of the division, `begun` says that a page came before."""
    table = _table(wanted)
    day, id_ = table.c[wanted.order], table.c.id
    statement = select(table).where(*_conditions(wanted, place)).order_by(day.asc(), id_.asc())
    if begun:
        last = bindparam("after_day", type_=day.type)
        later = or_(day > last, and_(day == last, id_ > bindparam("after_id", type_=LargeBinary())))
        # The first comparison is redundant, but the index can begin there.
        statement = statement.where(day >= last, later)
    # Without an offset SQLAlchemy binds one for SQLite, and our statements hold no values.
    return statement.limit(bindparam("limit")).offset(literal_column("0", SmallInteger()))


def count_statement(wanted: Wanted, place: str | None) -> Select[int]:
    """Count the rows that conditions and division leave."""
    return select(func.count()).select_from(_table(wanted)).where(*_conditions(wanted, place))


def _conditions(wanted: Wanted, place: str | None) -> Sequence[ColumnElement[bool]]:
    found = wanted.conditions()
    if place is not None:
        found.append(_table(wanted).c[place] == bindparam("division"))
    return found


def _table(wanted: Wanted) -> Table:
    return table_of(ApplicationNow if isinstance(wanted, Applications) else Report)


def _reached(scopes: frozenset[Scope], facts: ScopeFacts) -> bool:
    """Whether the scopes reach any row at all (fail closed)."""
    known = bool(scopes) and scopes <= _REACHABLE
    return known and (Scope.OWN_DIVISION not in scopes or bool(facts.division))


def _place(scopes: frozenset[Scope], facts: ScopeFacts) -> str | None:
    if Scope.OWN_DIVISION not in scopes:
        return None
    return "township" if len(facts.division or "") > COUNTY_DIGITS else "county"


def _values(wanted: Wanted, facts: ScopeFacts) -> dict[str, object]:
    return {"day": facts.day.isoformat(), "division": facts.division, **wanted.values}
