"""Storing persons and what happens to them: sealed, indexed, and computed into the read model.

A person who is stored already is not stored again, and nothing raises: the number's tag decides.
Everything of a call is one transaction, the caller's.

This module never opens a sealed group and never shows a value.
"""

from collections.abc import Sequence
from datetime import datetime
from operator import itemgetter

from sqlalchemy import bindparam, update
from sqlalchemy.orm import Session

from db.application_rows import replace_applications
from db.build import PersonRows, RowBuilder
from db.derived import Basis, require_still_same
from db.errors import AlreadyStoredError, DatabaseError
from db.event_rows import EventRows
from db.facts import Act, Identify, Join, NewPerson
from db.identity import move_tags
from db.in_force import MERGED, RESTORED, SPLIT, stands
from db.inserting import insert_rows
from db.lookup import adopt, claim, disown, restore, retire
from db.models import (
    ApplicationNow,
    Base,
    Blob,
    Casefile,
    Event,
    Evidence,
    Lookup,
    NameBirth,
    Person,
    PersonNow,
    Residence,
    table_of,
)
from db.past import Past
from db.read_model import load_sources, row_of
from db.rows import PERSON, RowValues, Sources, integer, tampered
from keys.ring import KeyRing
from regulation.calendar import WorkingCalendar
from regulation.dates import day_in_shanghai
from regulation.parameters import AS_ISSUED, Parameters, Schedule

_TABLES = (
    Lookup,
    NameBirth,
    Person,
    Residence,
    Event,
    Evidence,
    Blob,
    Casefile,
    PersonNow,
    ApplicationNow,
)


_MANY = 100
"""Rows from which on a statement is made for the driver itself."""


class PersonUnknownError(DatabaseError):
    """An act for a person who is not stored."""


class Intake:
    """Writes persons under one key ring, calendar and policy; for use within `Database.write`.

    `recorded_at` is the moment of recording in RFC 3339 (UTC, milliseconds).
    """

    __slots__ = ("_basis", "_calendar", "_policy", "_ring")

    def __init__(
        self,
        ring: KeyRing,
        calendar: WorkingCalendar,
        policy: Parameters | Schedule = AS_ISSUED,
        *,
        basis: Basis | None = None,
    ) -> None:
        """`basis` is looked for at every write: another process may rebuild by other rules."""
        self._ring = ring
        self._calendar = calendar
        self._policy = policy
        self._basis = basis

    @property
    def ring(self) -> KeyRing:
        """The key ring under which it writes."""
        return self._ring

    def register(
        self, session: Session, persons: Sequence[NewPerson], *, recorded_at: str
    ) -> list[bytes | None]:
        """Store persons; the answer holds each one's id, None where the number is stored already.

        Raises:
            HistoryError: a person's acts can't have happened so; nothing is stored.
            RulesChangedError: everything is computed by other rules meanwhile.
        """
        self._require_rules(session, recorded_at)
        numbers = [self._ring.id_number_tag(new.registration.id_number) for new in persons]
        ids = claim(session, numbers)
        rows = PersonRows()
        builder = RowBuilder(self._ring, self._calendar, recorded_at, self._policy)
        for person, new in zip(ids, persons, strict=True):
            if person is not None:
                builder.add(rows, person, new)
        for model in _TABLES:
            insert_rows(session, model, getattr(rows, model.__tablename__))
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
        self.write(session, self.open(session, person), acts, recorded_at=recorded_at)

    def register_one(self, session: Session, new: NewPerson, *, recorded_at: str) -> bytes:
        """Store one person; the answer is the id.

        Raises:
            AlreadyStoredError: the number is stored.
            HistoryError: the acts can't have happened so; nothing is stored.
        """
        (person,) = self.register(session, [new], recorded_at=recorded_at)
        if person is None:
            raise AlreadyStoredError("This person is stored already", "Look the person up again")
        return person

    def open(self, session: Session, person: bytes, *, lock: bool = True) -> Sources:
        """Read the sources of a person; `lock` keeps other writers away until the end.

        What is decided by them is decided by what stands: one permit a person (article 17).

        Raises:
            PersonUnknownError: nobody has this id.
            RowTamperedError: a source row is not as it was written.
        """
        sources = load_sources(session, self._ring, [person], lock=lock).get(person)
        if sources is None:
            raise PersonUnknownError("Nobody has this id", "Look the person up again")
        return sources

    def write(
        self, session: Session, sources: Sources, acts: Sequence[Act], *, recorded_at: str
    ) -> int:
        """Add acts to opened sources and compute the read model anew; return the new revision.

        Raises:
            HistoryError: an act can't follow what happened; nothing is stored.
            StepError: a step of an application can't.
            AlreadyStoredError: a corrected number is another person's.
            RulesChangedError: everything is computed by other rules meanwhile.
        """
        self._require_rules(session, recorded_at)
        values, stored = sources.person, (len(sources.periods), len(sources.events))
        person, wrapped = values["id"], values["wrapped_key"]
        if not (isinstance(person, bytes) and isinstance(wrapped, bytes)):
            raise tampered("person")
        data_key = self._ring.unwrap_data_key(person, wrapped)
        EventRows(self._ring, recorded_at).apply(sources, data_key, acts)
        revision = integer(values["revision"]) + 1
        values["revision"] = revision
        PERSON.sign(self._ring, values)
        _update(session, Person, "id", [values])
        _update(session, Residence, "id", sources.periods[: stored[0]])
        for model, added in (
            (Residence, sources.periods[stored[0] :]),
            (Event, sources.events[stored[1] :]),
        ):
            insert_rows(session, model, added)
        for act in acts:
            if isinstance(act, Identify):
                move_tags(session, self._ring, person, act)
            if isinstance(act, Join) and act.kind == MERGED:
                adopt(session, self._ring, person, act.other)
            if isinstance(act, Join) and act.kind == SPLIT:
                disown(session, person, act.other)
        if stands(sources):
            now = row_of(self._ring, self._calendar, sources, self._policy)
            if any(isinstance(act, Join) and act.kind == RESTORED for act in acts):
                if not restore(session, self._ring, values):
                    raise AlreadyStoredError("The number is another's", "Look the number up again")
                insert_rows(session, PersonNow, [now])
            else:
                _update(session, PersonNow, "person", [now])
        else:
            self._forget(session, person)
        replace_applications(session, self._ring, [sources], self._policy)
        return revision

    def _require_rules(self, session: Session, recorded_at: str) -> None:
        if self._basis is not None:
            today = day_in_shanghai(datetime.fromisoformat(recorded_at))
            require_still_same(session, self._basis, today)

    def _forget(self, session: Session, person: bytes) -> None:
        """A file that was a slip as a whole, or was merged into another, is found by nobody."""
        table = table_of(PersonNow)
        session.execute(table.delete().where(table.c.person == person))
        retire(session, self._ring, person)

    def pasts(
        self, session: Session, persons: Sequence[bytes], *, recorded_at: str, lock: bool = True
    ) -> dict[bytes, Past]:
        """Open the pasts of those of these persons who are stored; `lock` as for `open`.

        Raises:
            RowTamperedError: a source row is not as it was written.
        """
        rows = EventRows(self._ring, recorded_at)
        found = load_sources(session, self._ring, persons, lock=lock)
        return {
            person: Past(self._ring, rows, sources, self._calendar, self._policy)
            for person, sources in found.items()
        }

    def write_pasts(self, session: Session, pasts: Sequence[Past]) -> None:
        """Store what was added to pasts, and compute the read model anew."""
        persons: list[RowValues] = []
        events: list[RowValues] = []
        now: list[RowValues] = []
        for past in pasts:
            values = past.sources.person
            values["revision"] = integer(values["revision"]) + 1
            persons.append(PERSON.sign(self._ring, values))
            events.extend(past.added)
            now.append(row_of(self._ring, self._calendar, past.sources, self._policy))
        if pasts:
            _update(session, Person, "id", persons, only=("revision", "events", "row_mac"))
            insert_rows(session, Event, events)
            _update(session, PersonNow, "person", now)


def refresh_statistics(session: Session) -> None:
    """Let the database count its rows, after many were stored: else PostgreSQL sorts a page.

    Work for `Database.write`; it takes well under a second.
    """
    for model in _TABLES:
        session.connection().exec_driver_sql(f"ANALYZE {model.__tablename__}")


def _update(
    session: Session,
    model: type[Base],
    key: str,
    rows: Sequence[RowValues],
    *,
    only: Sequence[str] = (),
) -> None:
    table = table_of(model)
    names = only or [column.name for column in table.columns if column.name != key]
    # A parameter may not have the name of a column that is set.
    statement = (
        update(table)
        .where(table.c[key] == bindparam("the_key"))
        .values({name: bindparam(f"new_{name}") for name in names})
    )
    connection = session.connection()
    if len(rows) < _MANY:
        connection.execute(
            statement,
            [{"the_key": row[key]} | {f"new_{name}": row[name] for name in names} for row in rows],
        )
        return
    # At the driver's price, as `db.inserting`: text, integers, bytes and null need no conversion.
    compiled = statement.compile(dialect=connection.dialect)
    columns = {"the_key": key} | {f"new_{name}": name for name in names}
    values = itemgetter(*(columns[name] for name in getattr(compiled, "positiontup", ())))
    connection.exec_driver_sql(str(compiled), [values(row) for row in rows])
