"""Changing the register: clients, their keys, and officials.

Each change runs inside the caller's transaction, raises the register's counter in it, which is how
running servers learn of the change, and stands in the audit log if and only if it commits. A
register that is not as it was written is not changed. A refusal is a `RegisterError` that names the
next step.

This module never reads a clock (day and time are handed over) and never sees a private key.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Final, TypeVar
from uuid import UUID, uuid4

from sqlalchemy.orm import Session

from audit.entry import Actor
from db.database import Database
from db.ledger import Ledger
from db.register import Snapshot, read_snapshot, snapshot_of
from db.register_record import RegisterAct, record
from db.register_refusals import (
    RegisterError,
    require_client_id,
    require_day_to_come,
    require_division,
    require_known_department,
    require_known_role,
    require_official_id,
)
from db.register_rows import CLIENT, CLIENT_KEY, OFFICIAL, RegisterRows, rows_to_change
from db.rows import RowValues
from keys.ring import KeyRing

T = TypeVar("T")
Change = Callable[[Session], T]
"""A change of the register; it runs inside one transaction."""

MOST_ACTIVE_KEYS: Final = 2
"""Rotation is add, switch, revoke: two keys are enough, and a third would be a forgotten one."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a change is made: the day in Asia/Shanghai and the instant (RFC 3339, UTC)."""

    day: date
    time: str


class Registrar:
    """Changes the register of one deployment; its methods are work for `Database.write`.

    Each one raises `RegisterTamperedError` where the register is not as it was written.
    """

    __slots__ = ("_actor", "_ledger", "_ring")

    def __init__(self, database: Database, ring: KeyRing, actor: Actor) -> None:
        self._ring = ring
        self._actor = actor
        # Never started: it only appends within the changes' own transactions.
        self._ledger = Ledger(database, deployment=ring.deployment)

    def snapshot(self, session: Session) -> Snapshot:
        """The register as it stands; work for `Database.read`."""
        return read_snapshot(session, self._ring)

    def add_client(
        self,
        session: Session,
        *,
        client: str,
        department: str,
        kid: str,
        jwk: str,
        until: date,
        moment: Moment,
    ) -> int:
        """Register a client with its first key, or add a key to it; how many are active now.

        Raises:
            RegisterError: The department is unknown, the client another's or revoked, or it has
                two active keys already.
        """
        rows = rows_to_change(session, self._ring)
        register = snapshot_of(rows)
        require_known_department(register, department, moment.day)
        require_day_to_come(until, moment.day)
        require_client_id(client)
        is_new = _carry_client(rows, register, client, department, until=until, day=moment.day)
        active = _add_key(rows, register, client, kid=kid, jwk=jwk, until=until, day=moment.day)
        self._seal(
            session,
            rows,
            RegisterAct.CLIENT_ADDED if is_new else RegisterAct.KEY_ADDED,
            moment,
            client=client,
            department=department,
            key=_digest(jwk),
            until=until.isoformat(),
        )
        return active

    def add_key(
        self,
        session: Session,
        *,
        issuer: str,
        kid: str,
        jwk: str,
        until: date | None,
        moment: Moment,
    ) -> int:
        """Add a public key under an issuer's name; how many of its keys are active now.

        Raises:
            RegisterError: The key is there already, or two are active.
        """
        rows = rows_to_change(session, self._ring)
        register = snapshot_of(rows)
        active = _add_key(rows, register, issuer, kid=kid, jwk=jwk, until=until, day=moment.day)
        self._seal(
            session,
            rows,
            RegisterAct.KEY_ADDED,
            moment,
            client=issuer,
            key=_digest(jwk),
            until=None if until is None else until.isoformat(),
        )
        return active

    def revoke_client(self, session: Session, *, client: str, moment: Moment) -> None:
        """Revoke a client and all its keys, at once and for good.

        Raises:
            RegisterError: There is no such client, or it is revoked.
        """
        rows = rows_to_change(session, self._ring)
        known = next((row for row in rows.of(CLIENT) if row["id"] == client), None)
        if known is None:
            raise RegisterError("no client has this id", hint="juzhu client list shows all")
        if known["revoked_at"] is not None:
            raise RegisterError("the client is revoked already", hint="nothing is left to do")
        rows.change(CLIENT, known, revoked_at=moment.time)
        for key in rows.of(CLIENT_KEY):
            if key["client"] == client and key["revoked_at"] is None:
                rows.change(CLIENT_KEY, key, revoked_at=moment.time)
        self._seal(session, rows, RegisterAct.CLIENT_REVOKED, moment, client=client)

    def revoke_key(self, session: Session, *, client: str, kid: str, moment: Moment) -> None:
        """Revoke one key of a client, at once and for good.

        Raises:
            RegisterError: The client has no such key, or it is revoked.
        """
        rows = rows_to_change(session, self._ring)
        key = _key_of(rows, client, kid)
        if key is None:
            raise RegisterError(
                "this client has no such key",
                hint="juzhu client list shows the keys of each client",
            )
        if key["revoked_at"] is not None:
            raise RegisterError("the key is revoked already", hint="nothing is left to do")
        rows.change(CLIENT_KEY, key, revoked_at=moment.time)
        digest = _digest(str(key["jwk"]))
        self._seal(session, rows, RegisterAct.KEY_REVOKED, moment, client=client, key=digest)

    def add_official(
        self,
        session: Session,
        *,
        department: str,
        official: str,
        role: str,
        division: str | None,
        until: date | None,
        moment: Moment,
    ) -> str:
        """Register what an official may act as; the id of the new entry.

        Raises:
            RegisterError: Department or role is unknown, the division malformed, or the official
                has an entry that holds today.
        """
        rows = rows_to_change(session, self._ring)
        register = snapshot_of(rows)
        require_known_department(register, department, moment.day)
        require_known_role(register, role, moment.day)
        if until is not None:
            require_day_to_come(until, moment.day)
        require_official_id(official)
        require_division(division)
        if register.official(department, official, moment.day) is not None:
            raise RegisterError(
                "this official has an entry that holds today",
                hint="end it first: juzhu official end ID",
            )
        entry, last = uuid4(), None if until is None else until.isoformat()
        rows.add(
            OFFICIAL,
            {
                "id": entry.bytes,
                "department": department,
                "official": official,
                "role": role,
                "division": division,
                "valid_from": moment.day.isoformat(),
                "valid_until": last,
                "ended_at": None,
            },
        )
        self._seal(
            session,
            rows,
            RegisterAct.OFFICIAL_ADDED,
            moment,
            entry=entry.hex,
            department=department,
            role=role,
            division=division,
            until=last,
        )
        return entry.hex

    def end_official(self, session: Session, *, entry: str, moment: Moment) -> None:
        """End an official's entry at once.

        Raises:
            RegisterError: There is no such entry, or it has ended.
        """
        try:
            id_ = UUID(hex=entry).bytes
        except ValueError:
            id_ = b""
        rows = rows_to_change(session, self._ring)
        row = next((row for row in rows.of(OFFICIAL) if row["id"] == id_), None)
        if row is None:
            raise RegisterError("no entry has this id", hint="juzhu official list shows all")
        if row["ended_at"] is not None:
            raise RegisterError("the entry has ended already", hint="nothing is left to do")
        rows.change(OFFICIAL, row, ended_at=moment.time)
        self._seal(session, rows, RegisterAct.OFFICIAL_ENDED, moment, entry=id_.hex())

    def _seal(
        self,
        session: Session,
        rows: RegisterRows,
        act: RegisterAct,
        moment: Moment,
        **facts: str | None,
    ) -> None:
        """End a change: the counter rises, and the log says what was changed."""
        version = rows.seal()
        draft = record(act, self._actor, version=version, time=moment.time, facts=facts)
        self._ledger.append_within(session, [draft])


def _carry_client(
    rows: RegisterRows,
    register: Snapshot,
    client: str,
    department: str,
    *,
    until: date,
    day: date,
) -> bool:
    """Add a client, or carry it on to the last day of its new key; True if it is new."""
    known = register.clients.get(client)
    if known is None:
        rows.add(
            CLIENT,
            {
                "id": client,
                "department": department,
                "valid_from": day.isoformat(),
                "valid_until": until.isoformat(),
                "revoked_at": None,
            },
        )
        return True
    if known.department != department:
        raise RegisterError(
            "a client with this id belongs to another department", hint="choose another --id"
        )
    if known.revoked_at is not None:
        raise RegisterError("the client was revoked, for good", hint="choose another --id")
    if known.valid_until is not None and known.valid_until < until.isoformat():
        row = next(row for row in rows.of(CLIENT) if row["id"] == client)
        rows.change(CLIENT, row, valid_until=until.isoformat())
    return False


def _add_key(
    rows: RegisterRows,
    register: Snapshot,
    issuer: str,
    *,
    kid: str,
    jwk: str,
    until: date | None,
    day: date,
) -> int:
    """Add a key; how many of this issuer are active then."""
    if _key_of(rows, issuer, kid) is not None:
        raise RegisterError(
            "this key is in the register already", hint="make a new key pair and add its public key"
        )
    active = len(register.keys_of(issuer, day))
    if active >= MOST_ACTIVE_KEYS:
        raise RegisterError(
            f"{MOST_ACTIVE_KEYS} keys of this client are active",
            hint="revoke the old one first: juzhu client list, juzhu client revoke ID --key KEY",
        )
    rows.add(
        CLIENT_KEY,
        {
            "client": issuer,
            "kid": kid,
            "jwk": jwk,
            "valid_from": day.isoformat(),
            "valid_until": until.isoformat() if until is not None else None,
            "revoked_at": None,
        },
    )
    return active + 1


def _key_of(rows: RegisterRows, client: str, kid: str) -> RowValues | None:
    keys = (row for row in rows.of(CLIENT_KEY) if row["client"] == client)
    return next((row for row in keys if row["kid"] == kid), None)


def _digest(jwk: str) -> str:
    """How the log names a key: its own name is the department's free text."""
    return sha256(jwk.encode()).hexdigest()
