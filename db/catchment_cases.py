"""Which catchment a case asked about, and whether enough people live in one.

A case asks about one version of one catchment and no other: a list that is drawn anew for the same
person would tell, after some turns, where that person lives (article 28). The first question of a
case settles it, under a row MAC; nothing ends it. This module never sees a person.
"""

from collections.abc import Sequence
from typing import Final

from sqlalchemy import Select, SmallInteger, bindparam, func, literal_column, select
from sqlalchemy.orm import Session

from db.database import Database, Prepared
from db.inserting import insert_new_rows
from db.models import CatchmentCase, PersonNow, table_of
from db.rows import CATCHMENT_CASE, RowValues, tampered
from keys.ring import KeyRing

_CASE: Final = table_of(CatchmentCase)
_PERSON: Final = table_of(PersonNow).c


class CatchmentCases:
    """Reads and settles what cases ask about. One for the process."""

    __slots__ = ("_asked", "_counts", "_database", "_ring")

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database = database
        self._ring = ring
        self._asked = database.prepare(
            select(_CASE).where(
                _CASE.c.department == bindparam("department"),
                _CASE.c.digest == bindparam("digest"),
            )
        )
        self._counts: dict[int, Prepared] = {}

    async def settle(self, department: str, digest: bytes, catchment: bytes) -> bytes:
        """The catchment of a department's case: this one, where it had none yet.

        Raises:
            RowTamperedError: the row is not as it was written.
        """
        found = await self._settled(department, digest)
        if found is not None:
            return found
        row: RowValues = {"department": department, "digest": digest, "catchment": catchment}
        CATCHMENT_CASE.sign(self._ring, row)

        def keep(session: Session) -> None:
            # Of two questions at once one comes first; the other then finds what stands.
            insert_new_rows(session, CatchmentCase, [row])

        await self._database.write(keep)
        found = await self._settled(department, digest)
        if found is None:
            raise tampered(_CASE.name)
        return found

    async def _settled(self, department: str, digest: bytes) -> bytes | None:
        rows = await self._database.fetch(self._asked, {"department": department, "digest": digest})
        if not rows:
            return None
        names = (column.name for column in _CASE.columns)
        values: RowValues = dict(zip(names, rows[0], strict=True))
        CATCHMENT_CASE.require(self._ring, values)
        catchment = values["catchment"]
        if not isinstance(catchment, bytes):
            raise tampered(_CASE.name)
        return catchment

    async def holds(self, places: Sequence[str], least: int) -> bool:
        """Whether at least so many persons are registered in these townships.

        At most `least` rows are counted, through the index over townships.
        """
        size = 1 << (len(places) - 1).bit_length()
        statement = self._counts.get(size)
        if statement is None:
            statement = self._counts[size] = self._database.prepare(_counting(size))
        padded = [*places, *[places[-1]] * (size - len(places))]
        named: dict[str, object] = {f"place{n}": place for n, place in enumerate(padded)}
        ((count, *_),) = await self._database.fetch(statement, {**named, "least": least})
        return isinstance(count, int) and count >= least


def _counting(size: int) -> Select[int]:
    some = (
        select(literal_column("1", SmallInteger()))
        .where(
            _PERSON.township.in_([bindparam(f"place{n}") for n in range(size)]),
            _PERSON.clock_start.is_not(None),
        )
        .limit(bindparam("least"))
        # Without an offset SQLAlchemy binds one for SQLite, and our statements hold no values.
        .offset(literal_column("0", SmallInteger()))
        .subquery()
    )
    return select(func.count()).select_from(some)
