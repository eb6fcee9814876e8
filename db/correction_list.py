"""Lists of corrections: the desks' of their division or of one person's case, a department's own.

A department reaches the requests of its own case; what they are about is no part of a row that it
is shown. Every row and step is verified before it is handed on. This module never decides what is
told of a request, and opens nothing without a disclosure.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from sqlalchemy import ColumnElement, and_, func, not_, or_, select, tuple_
from sqlalchemy.orm import Session

from db.corrections import StoredCorrection, with_steps
from db.database import Database
from db.models import Casefile, Correction, table_of
from db.rows import CASEFILE
from db.sealed import Vault
from keys.ring import KeyRing
from policies.permission import Disclosure, Scope
from regulation.divisions import COUNTY_DIGITS

_KNOWN: Final = frozenset({Scope.OWN_DIVISION, Scope.OPEN_CASE, Scope.OWN_SUBMISSION, Scope.ALL})


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionsLoad:
    """Which requests are reached: by division, by an open case, or as the department's own.

    `open` and `overdue` ask for those that are, or are not; None for all. `after` is (due day, id)
    of the last row of the page before.
    """

    scopes: frozenset[Scope]
    department: str
    purpose: str
    division: str | None
    case: bytes | None = field(repr=False)
    day: date
    open: bool | None = None
    overdue: bool | None = None
    after: tuple[str, bytes] | None = None
    limit: int = 1
    disclosure: Disclosure | None = None
    counts: bool = False


@dataclass(frozen=True, slots=True)
class ListedCorrection:
    """A request with what was said when it was made and last decided, where leave was given."""

    stored: StoredCorrection
    words: str | None = field(default=None, repr=False)
    decision_words: str | None = field(default=None, repr=False)


class Corrections:
    """Reads lists of corrections. One for the process; it keeps nothing."""

    __slots__ = ("_database", "_ring", "_vault")

    def __init__(self, database: Database, ring: KeyRing, vault: Vault) -> None:
        self._database = database
        self._ring = ring
        self._vault = vault

    async def page(self, load: CorrectionsLoad) -> tuple[list[ListedCorrection], int | None]:
        """Up to `limit` requests, the most urgent first, and their number where it is asked for.

        Raises:
            DisclosureError: texts are asked for without leave.
            RowTamperedError: a row is not as it was written.
        """
        where = _reached(load)
        if where is None:
            return [], 0 if load.counts else None

        def work(session: Session) -> tuple[list[ListedCorrection], int | None]:
            table = table_of(Correction)
            total = None
            if load.counts:
                total = session.scalar(select(func.count()).select_from(table).where(where))
            paged = where
            if load.after is not None:
                paged = and_(where, tuple_(table.c.due_on, table.c.id) > tuple_(*load.after))
            rows = session.execute(
                select(table).where(paged).order_by(table.c.due_on, table.c.id).limit(load.limit)
            ).mappings()
            stored = with_steps(session, self._ring, [dict(row) for row in rows])
            self._require_cases(session, load, stored)
            return [self._listed(load.disclosure, one) for one in stored], total

        return await self._database.read(work)

    def _require_cases(
        self, session: Session, load: CorrectionsLoad, stored: Sequence[StoredCorrection]
    ) -> None:
        """Check the MAC of the cases that gave access."""
        if Scope.OPEN_CASE not in load.scopes:
            return
        table = table_of(Casefile)
        persons = [one.person for one in stored]
        for row in session.execute(
            select(table).where(table.c.person.in_(persons), *_of_case(load))
        ).mappings():
            CASEFILE.require(self._ring, dict(row))

    def _listed(self, leave: Disclosure | None, one: StoredCorrection) -> ListedCorrection:
        if leave is None:
            return ListedCorrection(one)
        said = [
            self._vault.open_correction(leave, one.values, step).get("words") for step in one.steps
        ]
        ruled = [
            words
            for step, words in zip(one.steps, said, strict=True)
            if step["ruling"] is not None and one.values["ruling"] is not None
        ]
        return ListedCorrection(one, _text(said[0]), _text(ruled[-1] if ruled else None))


def _reached(load: CorrectionsLoad) -> ColumnElement[bool] | None:
    """The scopes as a condition, all of which must hold; None where they reach nothing."""
    columns = table_of(Correction).c
    if not load.scopes or not load.scopes <= _KNOWN:
        return None
    conditions: list[ColumnElement[bool]] = []
    if load.open is not None:
        closed = columns.closed_on
        conditions.append(closed.is_(None) if load.open else closed.is_not(None))
    if load.overdue is not None:
        late = and_(columns.closed_on.is_(None), columns.due_on < load.day.isoformat())
        conditions.append(late if load.overdue else not_(late))
    if Scope.OWN_DIVISION in load.scopes:
        if not load.division:
            return None
        place = "county" if len(load.division) <= COUNTY_DIGITS else "township"
        # Nobody is matched to it yet: it is everybody's until the holder comes.
        conditions.append(or_(columns[place] == load.division, columns.person.is_(None)))
    if Scope.OPEN_CASE in load.scopes:
        if not load.division or load.case is None:
            return None
        cases = table_of(Casefile)
        conditions.append(columns.person.in_(select(cases.c.person).where(*_of_case(load))))
    if Scope.OWN_SUBMISSION in load.scopes:
        if load.case is None:
            return None
        conditions += [
            columns.department == load.department,
            columns.purpose == load.purpose,
            columns.case_digest == load.case,
        ]
    return and_(*conditions) if conditions else columns.revision > 0


def _of_case(load: CorrectionsLoad) -> tuple[ColumnElement[bool], ...]:
    cases, day = table_of(Casefile), load.day.isoformat()
    return (
        cases.c.division == load.division,
        cases.c.digest == load.case,
        cases.c.opened_on <= day,
        or_(cases.c.closed_on.is_(None), cases.c.closed_on > day),
    )


def _text(words: object) -> str | None:
    return words if isinstance(words, str) and words else None
