"""Trusted documents: operations that a department has registered, and whether it runs no others.

Part of the register of who may act: rows under the register's MAC, changes that raise its counter
and stand in the log. A document holds no values of persons, and it never widens what its caller may
see: it is planned against the caller's view as any other is.

This module never reads a clock and never looks into a document.
"""

import re
from collections.abc import Iterable, Mapping
from datetime import date
from hashlib import sha256
from typing import Final
from uuid import uuid4

from sqlalchemy.orm import Session

from audit.entry import Actor
from db.database import Database
from db.ledger import Ledger
from db.register import snapshot_of
from db.register_changes import Moment
from db.register_record import RegisterAct, record
from db.register_refusals import RegisterError, require_day_to_come, require_known_department
from db.register_rows import (
    DOCUMENT_LOCK,
    TRUSTED_DOCUMENT,
    RegisterRows,
    rows_to_change,
)
from keys.ring import KeyRing

PREFIX: Final = "sha256:"
"""How an identifier that is a digest begins (GraphQL over HTTP, appendix A)."""

MOST_TRUSTED: Final = 500
"""Documents that a department may have in force at a time; each process keeps all of them."""

_NAME: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,95}")
_LISTED: Final = "juzhu document list shows all"


def document_id(text: str) -> str:
    """A document's own identifier: of its UTF-8 bytes, to the last blank."""
    return PREFIX + sha256(text.encode()).hexdigest()


class TrustedRegistrar:
    """Changes trusted documents and locks; its methods are work for `Database.write`."""

    __slots__ = ("_actor", "_ledger", "_ring")

    def __init__(self, database: Database, ring: KeyRing, actor: Actor) -> None:
        self._ring = ring
        self._actor = actor
        # Never started: it only appends within the changes' own transactions.
        self._ledger = Ledger(database, deployment=ring.deployment)

    def add(
        self,
        session: Session,
        *,
        department: str,
        name: str | None,
        text: str,
        until: date | None,
        moment: Moment,
        taken: Iterable[str] = (),
    ) -> str:
        """Register a document of a department; its identifier.

        `taken` are the names that the release ships.

        Raises:
            RegisterError: the department is unknown, the name can't be or is another document's,
                the document is there already, or there are too many.
        """
        rows = rows_to_change(session, self._ring)
        register = snapshot_of(rows)
        require_known_department(register, department, moment.day)
        if until is not None:
            require_day_to_come(until, moment.day)
        digest = document_id(text)
        held = register.trusted_on(department, moment.day)
        if any(each.digest == digest for each in held):
            raise RegisterError("this document is registered already", hint=_LISTED)
        if len(held) >= MOST_TRUSTED:
            raise RegisterError(
                f"this department has {MOST_TRUSTED} documents in force", hint="revoke old ones"
            )
        if name is not None:
            _require_name(name, department)
            if name in set(taken) or any(each.name == name for each in held):
                raise RegisterError(
                    "a document with this name is in force",
                    hint="count on, .v2 after .v1: clients still ask for the old one",
                )
        last = None if until is None else until.isoformat()
        rows.add(
            TRUSTED_DOCUMENT,
            {
                "id": uuid4().bytes,
                "department": department,
                "name": name,
                "digest": digest,
                "text": text,
                "valid_from": moment.day.isoformat(),
                "valid_until": last,
                "revoked_at": None,
            },
        )
        facts = {"department": department, "document": digest, "until": last}
        self._seal(session, rows, RegisterAct.DOCUMENT_ADDED, moment, facts)
        return digest

    def revoke(self, session: Session, *, department: str, document: str, moment: Moment) -> None:
        """Revoke a document of a department, by its identifier or name, at once.

        Raises:
            RegisterError: the department has none such in force.
        """
        rows = rows_to_change(session, self._ring)
        found = next(
            (
                row
                for row in rows.of(TRUSTED_DOCUMENT)
                if row["department"] == department
                and document in {row["digest"], row["name"]}
                and row["revoked_at"] is None
            ),
            None,
        )
        if found is None:
            raise RegisterError("this department has no such document in force", hint=_LISTED)
        rows.change(TRUSTED_DOCUMENT, found, revoked_at=moment.time)
        facts = {"department": department, "document": str(found["digest"])}
        self._seal(session, rows, RegisterAct.DOCUMENT_REVOKED, moment, facts)

    def lock(self, session: Session, *, department: str, moment: Moment) -> None:
        """Let only trusted documents run for a department from now on.

        Raises:
            RegisterError: the department is unknown or locked already.
        """
        rows = rows_to_change(session, self._ring)
        register = snapshot_of(rows)
        require_known_department(register, department, moment.day)
        if department in register.locked:
            raise RegisterError("the department is locked already", hint="nothing is left to do")
        rows.add(
            DOCUMENT_LOCK,
            {
                "id": uuid4().bytes,
                "department": department,
                "locked_at": moment.time,
                "ended_at": None,
            },
        )
        facts = {"department": department}
        self._seal(session, rows, RegisterAct.DOCUMENTS_LOCKED, moment, facts)

    def unlock(self, session: Session, *, department: str, moment: Moment) -> None:
        """Let any document that fits the caller's view run again.

        Raises:
            RegisterError: the department is not locked.
        """
        rows = rows_to_change(session, self._ring)
        locks = rows.of(DOCUMENT_LOCK)
        held = [row for row in locks if row["department"] == department and not row["ended_at"]]
        if not held:
            raise RegisterError("the department is not locked", hint="nothing is left to do")
        rows.change(DOCUMENT_LOCK, held[0], ended_at=moment.time)
        facts = {"department": department}
        self._seal(session, rows, RegisterAct.DOCUMENTS_UNLOCKED, moment, facts)

    def _seal(
        self,
        session: Session,
        rows: RegisterRows,
        act: RegisterAct,
        moment: Moment,
        facts: Mapping[str, str | None],
    ) -> None:
        version = rows.seal()
        draft = record(act, self._actor, version=version, time=moment.time, facts=facts)
        self._ledger.append_within(session, [draft])


def _require_name(name: str, department: str) -> None:
    if not _NAME.fullmatch(name) or not name.startswith(f"{department}."):
        raise RegisterError(
            "a document's name begins with the department's code and has a-z, 0-9, dots and - only",
            hint=f"give one, as {department}.admission.v1",
        )
