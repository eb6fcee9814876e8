"""Storing persons and what happens to them: sealed, indexed, and computed into the read model.

A person who is stored already is not stored again, and nothing raises: the number's tag decides.
Everything of a call is one transaction, the caller's.

This module never opens a sealed group and never shows a value.
"""

from collections.abc import Sequence

from sqlalchemy import bindparam, insert, update
from sqlalchemy.orm import Session

from db.build import PersonRows, RowBuilder
from db.errors import DatabaseError
from db.facts import Act, NewPerson
from db.lookup import claim
from db.models import (
    Base,
    Blob,
    Casefile,
    Event,
    Evidence,
    Lookup,
    Person,
    PersonNow,
    Residence,
    table_of,
)
from db.read_model import load_sources, row_of
from db.rows import PERSON, RowValues, integer
from keys.ring import KeyRing
from regulation.calendar import WorkingCalendar

_TABLES = (Lookup, Person, Residence, Event, Evidence, Blob, Casefile, PersonNow)


class PersonUnknownError(DatabaseError):
    """An act for a person who is not stored."""


class Intake:
    """Writes persons under one key ring and calendar; its methods are work for `Database.write`.

    `recorded_at` is the moment of recording in RFC 3339 (UTC, milliseconds).
    """

    __slots__ = ("_calendar", "_ring")

    def __init__(self, ring: KeyRing, calendar: WorkingCalendar) -> None:
        self._ring = ring
        self._calendar = calendar

    def register(
        self, session: Session, persons: Sequence[NewPerson], *, recorded_at: str
    ) -> list[bytes | None]:
        """Store persons; the answer holds each one's id, None where the number is stored already.

        Raises:
            HistoryError: a person's acts can't have happened so; nothing is stored.
        """
        numbers = [self._ring.id_number_tag(new.registration.id_number) for new in persons]
        ids = claim(session, numbers)
        rows = PersonRows()
        builder = RowBuilder(self._ring, self._calendar, recorded_at)
        for person, new in zip(ids, persons, strict=True):
            if person is not None:
                builder.add(rows, person, new)
        for model in _TABLES:
            values: list[RowValues] = getattr(rows, model.__tablename__)
            if values:
                session.execute(insert(table_of(model)), values)
        return ids

    def act(
        self, session: Session, person: bytes, acts: Sequence[Act], *, recorded_at: str
    ) -> None:
        """Add acts to a stored person and compute the read model anew.

        Raises:
            PersonUnknownError: nobody has this id.
            HistoryError: an act can't follow what happened; nothing is stored.
            RowTamperedError: a source row is not as it was written.
        """
        sources = load_sources(session, self._ring, [person], lock=True).get(person)
        if sources is None:
            raise PersonUnknownError("Nobody has this id", "Look the person up again")
        values, stored = sources.person, (len(sources.periods), len(sources.events))
        wrapped = values["wrapped_key"]
        data_key = self._ring.unwrap_data_key(
            person, wrapped if isinstance(wrapped, bytes) else b""
        )
        RowBuilder(self._ring, self._calendar, recorded_at).apply(sources, data_key, acts)
        values["revision"] = integer(values["revision"]) + 1
        PERSON.sign(self._ring, values)
        _update(session, Person, "id", [values])
        _update(session, Residence, "id", sources.periods[: stored[0]])
        for model, added in (
            (Residence, sources.periods[stored[0] :]),
            (Event, sources.events[stored[1] :]),
        ):
            if added:
                session.execute(insert(table_of(model)), added)
        _update(session, PersonNow, "person", [row_of(self._ring, self._calendar, sources)])


def _update(session: Session, model: type[Base], key: str, rows: Sequence[RowValues]) -> None:
    table = table_of(model)
    names = [column.name for column in table.columns if column.name != key]
    # A parameter may not have the name of a column that is set.
    statement = (
        update(table)
        .where(table.c[key] == bindparam("the_key"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )
    session.connection().execute(
        statement,
        [{"the_key": row[key]} | {f"new_{name}": row[name] for name in names} for row in rows],
    )
