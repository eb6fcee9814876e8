"""Acts that were answered: the same key of the same client never acts twice (ADR 11).

A row holds digests of key and input, and the answer, sealed under the person's key, or under one
of its own where nobody is stored. It is written in the transaction of the act: whoever asks again
after a broken connection finds either nothing, and acts, or the first answer.

This module never decides and never keeps what it opened.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from uuid import uuid4

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.database import Value
from db.errors import DatabaseError
from db.inserting import insert_new_rows
from db.models import DeskAct, Person, table_of
from db.rows import DESK_ACT, PERSON, RowValues, integer, tampered
from db.sealed import Vault
from keys.ring import KeyRing, tag_of
from policies.permission import Disclosure
from regulation.outcome import Decision

D = TypeVar("D", bound=Decision)

_PERSON_GENERATION = 1
"""The generation of an answer that belongs to nobody."""


class DoneBeforeError(Exception):
    """This key has acted already: look the first answer up."""


class KeyReusedError(Exception):
    """The key was used for another input: nothing was done."""


class TwiceAtOnceError(DatabaseError):
    """Another request with the same key was faster; the transaction is to be tried again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Once:
    """The key under which an act happens once, and what of its decision is kept as the answer."""

    client: str
    key: bytes = field(repr=False)
    input: bytes = field(repr=False)
    says: Callable[[Decision], Mapping[str, object]] = field(repr=False)

    def answer(
        self, decision: Decision, *, version: int | None, made: Mapping[str, bytes | None]
    ) -> dict[str, object]:
        """Return what is kept of an answer, with the version and the ids of what came of it."""
        ids = {name: id_.hex() for name, id_ in made.items() if id_ is not None}
        return {**self.says(decision), "version": version, **ids}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """An answer as it was given the first time."""

    person: bytes | None
    answer: Mapping[str, object] = field(repr=False)


class Acts:
    """Finds and stores answers under one key ring; for use within `Database.write`."""

    __slots__ = ("_ring", "_vault")

    def __init__(self, ring: KeyRing, vault: Vault) -> None:
        self._ring = ring
        self._vault = vault

    def require_first(self, session: Session, once: Once) -> None:
        """Let an act go on that has not happened yet.

        Raises:
            DoneBeforeError: it has happened.
            KeyReusedError: its key stands for another input.
            RowTamperedError: the row is not as it was written.
        """
        if self._find(session, once) is not None:
            raise DoneBeforeError

    def kept(self, session: Session, once: Once, leave: Disclosure) -> Kept | None:
        """Open the first answer, None where there is none.

        Raises:
            KeyReusedError: the key stands for another input.
            DisclosureError: `answer` is not in the disclosure.
            RowTamperedError: a row is not as it was written.
        """
        row = self._find(session, once)
        if row is None:
            return None
        person = row["person"]
        owner = None if person is None else self._person(session, person)
        if person is not None and not isinstance(person, bytes):
            raise tampered(DESK_ACT.table)
        return Kept(person=person, answer=self._vault.open_answer(leave, row, owner))

    def store(
        self,
        session: Session,
        once: Once,
        answer: Mapping[str, object],
        *,
        person: bytes | None,
        recorded_at: str,
    ) -> None:
        """Keep an answer.

        Raises:
            TwiceAtOnceError: another request with this key was faster.
        """
        act = uuid4().bytes
        owner = None if person is None else self._person(session, person)
        wrapped: bytes | None = None
        if owner is None:
            data_key, wrapped = self._ring.wrap_new_data_key(act, table=DESK_ACT.table)
            generation = _PERSON_GENERATION
        else:
            key = owner["wrapped_key"]
            if person is None or not isinstance(key, bytes):
                raise tampered(PERSON.table)
            data_key = self._ring.unwrap_data_key(person, key)
            generation = integer(owner["generation"])
        sealed = self._ring.seal_group(
            data_key,
            table=DESK_ACT.table,
            group="answer",
            row=act,
            generation=generation,
            value=answer,
        )
        row: RowValues = {
            "client": once.client,
            "key_digest": once.key,
            "id": act,
            "input_digest": once.input,
            "person": person,
            "recorded_at": recorded_at,
            "generation": generation,
            "wrapped_key": wrapped,
            "answer": sealed,
            "answer_tag": tag_of(sealed),
        }
        if not insert_new_rows(session, DeskAct, [DESK_ACT.sign(self._ring, row)]):
            raise TwiceAtOnceError("The same act is being done at once", "Try again")

    def _find(self, session: Session, once: Once) -> RowValues | None:
        table = table_of(DeskAct)
        found = session.execute(
            select(table).where(table.c.client == once.client, table.c.key_digest == once.key)
        ).mappings()
        row = found.first()
        if row is None:
            return None
        values: RowValues = dict(row)
        DESK_ACT.require(self._ring, values)
        if values["input_digest"] != once.input:
            raise KeyReusedError
        return values

    def _person(self, session: Session, person: Value) -> RowValues:
        table = table_of(Person)
        row = session.execute(select(table).where(table.c.id == person)).mappings().first()
        if row is None:
            raise tampered(PERSON.table)
        values: RowValues = dict(row)
        PERSON.require(self._ring, values)
        return values
