"""Counting persons and applications for the tables of statistics (article 4).

One pass over the read model a table; what it reads is nobody's row but numbers, so no row's MAC is
checked: a row altered by hand can shift a count by one, as `juzhu rebuild` then shows.

This module never decides which count may be shown (policies/suppression.py does), and names a
count for no place but a township or county.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import (
    ColumnElement,
    Select,
    SmallInteger,
    String,
    bindparam,
    case,
    func,
    literal_column,
    select,
)

from db.database import Database, Row
from db.models import ApplicationNow, PersonNow, table_of
from db.rows import integer
from db.statements import status_condition
from regulation.permit import PermitStatus

NO_PERMIT: Final = "none"
"""Stands for the status of who is registered without a permit, or with one that is not valid yet:
counted for themselves, those few would be withheld, and a larger count with them."""

COUNTED: Final = tuple(status for status in PermitStatus if status is not PermitStatus.PENDING)
"""The statuses of permits that are told apart."""

_APPLICATION: Final = table_of(ApplicationNow).c
_PERSON: Final = table_of(PersonNow).c
_MONTH: Final = len("2026-11")


@dataclass(frozen=True, slots=True, kw_only=True)
class Counts:
    """Whole counts, as they are before anything is withheld.

    `registered` counts who is registered by (township, permit's status), `applications` those that
    were filed since a day by (county, month, state).
    """

    registered: Mapping[tuple[str, str], int]
    applications: Mapping[tuple[str, str, str], int]


class Counting:
    """Counts in one database. One for the process; it keeps statements and no numbers."""

    __slots__ = ("_applications", "_database", "_registered")

    def __init__(self, database: Database) -> None:
        self._database = database
        self._registered = database.prepare(_registered())
        self._applications = database.prepare(_applications())

    async def counts(self, day: date, *, since: date) -> Counts:
        """Count all persons and the applications filed since a day, without holding up others."""
        registered = await self._database.scan(self._registered, {"day": day.isoformat()})
        applications = await self._database.scan(self._applications, {"since": since.isoformat()})
        return Counts(
            registered={
                (township, status): count for (township, status), count in map(_counted, registered)
            },
            applications={
                (county, month, state): count
                for (county, month, state), count in map(_counted, applications)
            },
        )


def _counted(row: Row) -> tuple[tuple[str, ...], int]:
    *place, count = row
    return tuple(map(str, place)), integer(count)


def _registered() -> Select[*tuple[object, ...]]:
    """Count whose registration stands: the clock of a closed one has ended (article 10)."""
    standing = case(
        (_PERSON.permit.is_(None), _constant(NO_PERMIT)),
        *((status_condition(status), _constant(status.value)) for status in COUNTED),
        else_=_constant(NO_PERMIT),
    )
    return (
        select(_PERSON.township, standing, func.count())
        .where(_PERSON.clock_start.is_not(None))
        .group_by(*_first(2))
    )


def _applications() -> Select[*tuple[object, ...]]:
    """Count applications by the month in which they were filed (articles 15 to 17)."""
    month = func.substr(
        _APPLICATION.filed_on,
        literal_column("1", SmallInteger()),
        literal_column(str(_MONTH), SmallInteger()),
    )
    return (
        select(_APPLICATION.county, month, _APPLICATION.state, func.count())
        .where(_APPLICATION.filed_on >= bindparam("since"))
        .group_by(*_first(3))
    )


def _first(columns: int) -> Iterator[ColumnElement[int]]:
    """The first columns, by their places: PostgreSQL takes no two parameters for equal."""
    return (literal_column(str(place), SmallInteger()) for place in range(1, columns + 1))


def _constant(word: str) -> ColumnElement[str]:
    # Words of our own: a prepared statement names parameters and holds no values.
    return literal_column(f"'{word}'", String())
