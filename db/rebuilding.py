"""Computing anew what is derived of persons: the read model and the index of names.

It goes through all persons in batches, each its own transaction that also notes how far it went, so
that it goes on where it was stopped. Nobody's name leaves this module: a person of an older release
is opened for the tag of the name and birth date, which is kept, and nothing else is.

This module never changes what happened, and never makes up a row whose sources were altered.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import uuid4

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.orm import Session

from audit.entry import Actor, Draft, Outcome
from db.application_rows import replace_applications
from db.database import Database, Value
from db.derived import Basis, begin, end, reach
from db.in_force import stands
from db.ledger import Ledger
from db.lookup import name_birth_row, retire, tag_bytes, tag_of_bytes
from db.models import NameBirth, Person, PersonNow, table_of
from db.read_model import load_sources, row_of
from db.rows import PERSON, RowValues, Sources, tampered
from db.sealed import Vault
from keys.ring import KeyRing, Tag
from policies.permission import Disclosure
from regulation.calendar import WorkingCalendar
from regulation.parameters import AS_ISSUED, Parameters, Schedule
from regulation.person_name import match_key

BATCH: Final = 500
INDEXED: Final = "names.indexed"

_SYSTEM: Final = Actor(
    client="juzhu", department="system", roles=(), authentication="none", address="local"
)

Progress = Callable[[int, int], None]
"""Hears how many persons are done, of how many."""


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """Rows of the read model and the index that differed, and persons whose name was opened."""

    changed: int
    indexed: int

    def plus(self, other: "Rebuilt") -> "Rebuilt":
        """Both together."""
        return Rebuilt(self.changed + other.changed, self.indexed + other.indexed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """By what persons are computed: `leave` opens the names of those who are not indexed yet."""

    calendar: WorkingCalendar
    basis: Basis
    leave: Disclosure
    policy: Parameters | Schedule = AS_ISSUED


class Rebuilding:
    """Goes through one database. Only one process may at a time: the last note wins."""

    def __init__(self, database: Database, ring: KeyRing, vault: Vault, ledger: Ledger) -> None:
        self._database = database
        self._ring = ring
        self._vault = vault
        self._ledger = ledger

    async def run(self, terms: Terms, progress: Progress, *, today: date, now: datetime) -> Rebuilt:
        """Compute all persons anew and replace what differs.

        A new holiday notice can change rows whose deadlines were provisional (R30).

        Raises:
            BranchKeyError: the key by which names are indexed is gone.
            RowTamperedError: a source row is not as it was written.
        """
        ring = self._ring
        ring.name_index()  # before a note is made: without its key nothing would be finished

        def start(session: Session) -> tuple[bytes, int, int]:
            after = begin(session, ring, terms.basis, today=today)
            done = session.scalar(select(func.count()).where(Person.id <= after)) or 0
            return after, done, session.scalar(select(func.count()).select_from(Person)) or 0

        after, done, total = await self._database.write(start)
        found = Rebuilt(0, 0)
        progress(done, total)
        while True:
            last, count, batch = await self._database.write(
                lambda session, after=after: self._batch(session, terms, after, now)  # type: ignore[misc]  # bound early: the loop goes on
            )
            if not count:
                break
            after, done, found = last, done + count, found.plus(batch)
            progress(done, max(total, done))
        await self._database.write(lambda session: end(session, ring, terms.basis))
        return found

    def _batch(
        self, session: Session, terms: Terms, after: bytes, now: datetime
    ) -> tuple[bytes, int, Rebuilt]:
        ring = self._ring
        persons = list(
            session.scalars(
                select(Person.id).where(Person.id > after).order_by(Person.id).limit(BATCH)
            )
        )
        if not persons:
            return after, 0, Rebuilt(0, 0)
        sources = load_sources(session, ring, persons, lock=True)
        indexed = self._tag(session, terms, sources.values())
        standing = {person: each for person, each in sources.items() if stands(each)}
        changed = self._read_model(session, terms, persons, standing)
        changed += self._names(session, persons, standing, indexed)
        replace_applications(session, ring, list(sources.values()), terms.policy)
        reach(session, ring, persons[-1])
        if indexed:
            # In the batch's own transaction: no name was opened that the log doesn't count.
            self._ledger.append_within(session, [_record(len(indexed), now)])
        return persons[-1], len(persons), Rebuilt(changed, len(indexed))

    def _read_model(
        self,
        session: Session,
        terms: Terms,
        persons: Sequence[bytes],
        standing: Mapping[bytes, Sources],
    ) -> int:
        """Compute the rows of the read model; return how many differed."""
        ring, table = self._ring, table_of(PersonNow)
        stored: dict[bytes, RowValues] = {
            row["person"]: dict(row)
            for row in session.execute(select(table).where(table.c.person.in_(persons))).mappings()
        }
        gone = [person for person in stored if person not in standing]
        computed = {
            person: row_of(ring, terms.calendar, each, terms.policy)
            for person, each in standing.items()
        }
        differ = [person for person, row in computed.items() if stored.get(person) != row]
        if differ or gone:
            session.execute(table.delete().where(table.c.person.in_([*gone, *differ])))
        for person in gone:
            retire(session, ring, person)
        if differ:
            session.execute(table.insert(), [computed[person] for person in differ])
        return len(differ) + len(gone)

    def _tag(self, session: Session, terms: Terms, sources: Iterable[Sources]) -> frozenset[bytes]:
        """Give persons of an older release the tag of their name and birth date; return whose."""
        lacking = [each.person for each in sources if each.person["name_birth_tag"] is None]
        for person in lacking:
            core = self._vault.open_core(terms.leave, person)
            key = match_key(str(core["name"]))
            person["name_birth_tag"] = tag_bytes(
                self._ring.name_birth_tag(key, str(core["birthDate"]))
            )
            PERSON.sign(self._ring, person)
        if lacking:
            table = table_of(Person)
            session.execute(
                update(table)
                .where(table.c.id == bindparam("whose"))
                .values(name_birth_tag=bindparam("tag"), row_mac=bindparam("mac")),
                [
                    {"whose": each["id"], "tag": each["name_birth_tag"], "mac": each["row_mac"]}
                    for each in lacking
                ],
            )
        return frozenset(_id(each["id"]) for each in lacking)

    def _names(
        self,
        session: Session,
        persons: Sequence[bytes],
        standing: Mapping[bytes, Sources],
        indexed: frozenset[bytes],
    ) -> int:
        """Compute the rows of the index of names; return how many persons' differed.

        Those who were `indexed` a moment ago have none yet, and don't count.
        """
        ring, table = self._ring, table_of(NameBirth)
        stored: dict[bytes, list[RowValues]] = {}
        for row in session.execute(select(table).where(table.c.person.in_(persons))).mappings():
            stored.setdefault(row["person"], []).append(dict(row))
        computed = {
            person: [name_birth_row(ring, _tag_of(each.person), person)]
            for person, each in standing.items()
        }
        differ = [
            person for person in persons if stored.get(person, []) != computed.get(person, [])
        ]
        if differ:
            session.execute(table.delete().where(table.c.person.in_(differ)))
        rows = [row for person in differ for row in computed.get(person, ())]
        if rows:
            session.execute(table.insert(), rows)
        return len(set(differ) - indexed)


def _tag_of(person: RowValues) -> Tag:
    held = person["name_birth_tag"]
    if not isinstance(held, bytes):
        raise tampered("person")
    return tag_of_bytes(held)


def _id(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise tampered("person")
    return value


def _record(persons: int, now: datetime) -> Draft:
    identity = uuid4()
    return Draft(
        id=identity.bytes,
        time=now,
        request=str(identity),
        action=INDEXED,
        outcome=Outcome.RELEASED,
        actor=_SYSTEM,
        decision=f"persons:{persons}",
    )
