"""Where each person of the register stood on a day, one batch after another.

Status and clock are folds of what happened (articles 2, 17, 19, 20, 23), by what is known now: what
was voided counts on no day. Every source row's MAC is checked. This module opens nothing and names
nobody: it says a county, a status and a day.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.in_force import in_force, stands
from db.models import Person
from db.read_model import BROUGHT, MOVED, REGISTERED, load_sources, standing_of
from db.rows import Sources
from keys.ring import KeyRing
from regulation.calendar import WorkingCalendar
from regulation.divisions import COUNTY_DIGITS
from regulation.parameters import AS_ISSUED, Parameters, Schedule
from regulation.permit import PermitStatus

_PLACED: Final = frozenset({REGISTERED, BROUGHT, MOVED})


@dataclass(frozen=True, slots=True)
class Stood:
    """One registered person on a day, without saying who."""

    county: str
    status: PermitStatus | None
    clock_start: date | None


@dataclass(frozen=True, slots=True)
class Batch:
    """Those of a batch who were registered by the day, and the last person that was looked at."""

    stood: Sequence[Stood]
    persons: int
    last: bytes


class Standings:
    """Folds persons under one key ring, calendar and policy; for use within `Database.read`."""

    __slots__ = ("_calendar", "_policy", "_ring")

    def __init__(
        self,
        ring: KeyRing,
        calendar: WorkingCalendar,
        policy: Parameters | Schedule = AS_ISSUED,
    ) -> None:
        self._ring = ring
        self._calendar = calendar
        self._policy = policy

    def batch(self, session: Session, day: date, *, after: bytes, size: int) -> Batch:
        """Fold the next persons; none are left where it says none.

        Raises:
            RowTamperedError: a source row is not as it was written, or is missing.
        """
        persons = list(
            session.scalars(
                select(Person.id).where(Person.id > after).order_by(Person.id).limit(size)
            )
        )
        if not persons:
            return Batch((), 0, after)
        found = load_sources(session, self._ring, persons)
        stood = [self._stood(sources, day) for sources in found.values() if stands(sources)]
        return Batch([each for each in stood if each is not None], len(persons), persons[-1])

    def _stood(self, sources: Sources, day: date) -> Stood | None:
        sources.require_whole()
        until = day.isoformat()
        places = [
            str(row["township"] or row["county"])
            for row in in_force(sources.events)
            if row["kind"] in _PLACED and str(row["reported_on"]) <= until
        ]
        if not places:
            return None
        standing = standing_of(sources.events, self._calendar, self._policy)
        return Stood(
            county=places[-1][:COUNTY_DIGITS],
            status=standing.status_on(day),
            clock_start=standing.clock_on(day),
        )


def stored_persons(session: Session) -> int:
    """How many files there are."""
    return session.scalar(select(func.count()).select_from(Person)) or 0
