"""Changing the register: clients, their keys, officials, and the departments of a new database.

Each function runs inside the caller's transaction and raises the register's counter in it, which
is how running servers learn of the change. A refusal is a `RegisterError` that names the next step.

This module never reads a clock (day and time are handed over) and never sees a private key.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Final, TypeVar
from uuid import UUID, uuid4

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from db import models
from db.register import Department, Snapshot, read_snapshot

T = TypeVar("T")
Change = Callable[[Session], T]
"""A change of the register; it runs inside one transaction."""

MOST_ACTIVE_KEYS: Final = 2
"""Rotation is add, switch, revoke: two keys are enough, and a third would be a forgotten one."""

_CLIENT_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_OFFICIAL: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_DIVISION: Final = re.compile(r"[0-9]{6}|[0-9]{9}")

STARTING_DEPARTMENTS: Final = (
    Department(
        code="education",
        zh="教育部门",
        en="Education",
        officials_registered=False,
        valid_from="2018-01-01",
    ),
    Department(
        code="social-insurance",
        zh="社会保险经办机构",
        en="Social insurance agency",
        officials_registered=False,
        valid_from="2018-01-01",
    ),
    Department(
        code="housing",
        zh="住房保障部门",
        en="Housing support",
        officials_registered=False,
        valid_from="2018-01-01",
    ),
    Department(
        code="receiving-office",
        zh="居住证受理机构",
        en="Receiving office",
        officials_registered=True,
        valid_from="2018-01-01",
    ),
    Department(
        code="community-police",
        zh="公安派出所",
        en="Community police station",
        officials_registered=True,
        valid_from="2018-01-01",
    ),
    Department(
        code="auditor",
        zh="审计监督",
        en="Audit",
        officials_registered=True,
        valid_from="2018-01-01",
    ),
)
"""The departments that a new database knows. The role of each has its code for a name."""


class RegisterError(ValueError):
    """A change of the register is refused; `hint` says the next step."""

    def __init__(self, message: str, *, hint: str) -> None:
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Moment:
    """When a change is made: the day in Asia/Shanghai and the instant (RFC 3339, UTC)."""

    day: date
    time: str


def prepare_register(session: Session) -> None:
    """Give a new database its departments; a register that has any is left as it is."""
    if session.scalar(select(models.RegisterVersion.id)) is not None:
        return
    try:
        with session.begin_nested():
            session.add(models.RegisterVersion(id=1, version=1))
            session.add_all(_row(department) for department in STARTING_DEPARTMENTS)
    except IntegrityError:
        # Another replica started at the same moment and has just done the same.
        return


def _row(department: Department) -> models.Department:
    return models.Department(
        code=department.code,
        zh=department.zh,
        en=department.en,
        officials_registered=int(department.officials_registered),
        valid_from=department.valid_from,
        valid_until=department.valid_until,
    )


def add_client(
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
        RegisterError: The department is unknown, the client another's or revoked, or it has two
            active keys already.
    """
    register = _opened(session)
    _known_department(register, department, moment.day)
    _not_past(until, moment.day)
    if not _CLIENT_ID.fullmatch(client):
        raise RegisterError(
            "a client id is 1 to 64 of a-z, 0-9 and -", hint="choose one with --id, such as edu-1"
        )
    known = register.clients.get(client)
    if known is None:
        session.add(
            models.Client(
                id=client,
                department=department,
                valid_from=moment.day.isoformat(),
                valid_until=until.isoformat(),
                revoked_at=None,
            )
        )
    else:
        if known.department != department:
            raise RegisterError(
                "a client with this id belongs to another department", hint="choose another --id"
            )
        if known.revoked_at is not None:
            raise RegisterError("the client was revoked, for good", hint="choose another --id")
        if known.valid_until is not None and known.valid_until < until.isoformat():
            session.execute(
                update(models.Client)
                .where(models.Client.id == client)
                .values(valid_until=until.isoformat())
            )
    return add_key(session, issuer=client, kid=kid, jwk=jwk, until=until, moment=moment)


def add_key(
    session: Session, *, issuer: str, kid: str, jwk: str, until: date | None, moment: Moment
) -> int:
    """Add a public key under an issuer's name; how many of its keys are active now.

    Raises:
        RegisterError: The key is there already, or two are active.
    """
    register = _opened(session)
    if any(key.kid == kid for key in register.keys.get(issuer, ())):
        raise RegisterError(
            "this key is in the register already", hint="make a new key pair and add its public key"
        )
    active = len(register.keys_of(issuer, moment.day))
    if active >= MOST_ACTIVE_KEYS:
        raise RegisterError(
            f"{MOST_ACTIVE_KEYS} keys of this client are active",
            hint="revoke the old one first: juzhu client list, juzhu client revoke ID --key KEY",
        )
    session.add(
        models.ClientKey(
            client=issuer,
            kid=kid,
            jwk=jwk,
            valid_from=moment.day.isoformat(),
            valid_until=until.isoformat() if until is not None else None,
            revoked_at=None,
        )
    )
    _raise_version(session)
    return active + 1


def revoke_client(session: Session, *, client: str, moment: Moment) -> None:
    """Revoke a client and all its keys, at once and for good.

    Raises:
        RegisterError: There is no such client, or it is revoked.
    """
    known = _opened(session).clients.get(client)
    if known is None:
        raise RegisterError("no client has this id", hint="juzhu client list shows all")
    if known.revoked_at is not None:
        raise RegisterError("the client is revoked already", hint="nothing is left to do")
    session.execute(
        update(models.Client).where(models.Client.id == client).values(revoked_at=moment.time)
    )
    session.execute(
        update(models.ClientKey)
        .where(models.ClientKey.client == client, models.ClientKey.revoked_at.is_(None))
        .values(revoked_at=moment.time)
    )
    _raise_version(session)


def revoke_key(session: Session, *, client: str, kid: str, moment: Moment) -> None:
    """Revoke one key of a client, at once and for good.

    Raises:
        RegisterError: The client has no such key, or it is revoked.
    """
    keys = {key.kid: key for key in _opened(session).keys.get(client, ())}
    if kid not in keys:
        raise RegisterError(
            "this client has no such key", hint="juzhu client list shows the keys of each client"
        )
    if keys[kid].revoked_at is not None:
        raise RegisterError("the key is revoked already", hint="nothing is left to do")
    session.execute(
        update(models.ClientKey)
        .where(models.ClientKey.client == client, models.ClientKey.kid == kid)
        .values(revoked_at=moment.time)
    )
    _raise_version(session)


def add_official(
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
        RegisterError: Department or role is unknown, the division malformed, or the official has
            an entry that holds today.
    """
    register = _opened(session)
    _known_department(register, department, moment.day)
    _known_role(register, role, moment.day)
    if until is not None:
        _not_past(until, moment.day)
    if not _OFFICIAL.fullmatch(official):
        raise RegisterError(
            "an official's id is 1 to 64 letters, digits, dots, - or _",
            hint="use the staff number, as the `sub` of tokens has it",
        )
    if division is not None and not _DIVISION.fullmatch(division):
        raise RegisterError(
            "a division is the 6 digits of a county or the 9 of a township",
            hint="use the division codes of GB/T 2260",
        )
    if register.official(department, official, moment.day) is not None:
        raise RegisterError(
            "this official has an entry that holds today",
            hint="end it first: juzhu official end ID",
        )
    entry = uuid4()
    session.add(
        models.Official(
            id=entry.bytes,
            department=department,
            official=official,
            role=role,
            division=division,
            valid_from=moment.day.isoformat(),
            valid_until=until.isoformat() if until is not None else None,
            ended_at=None,
        )
    )
    _raise_version(session)
    return entry.hex


def end_official(session: Session, *, entry: str, moment: Moment) -> None:
    """End an official's entry at once.

    Raises:
        RegisterError: There is no such entry, or it has ended.
    """
    try:
        id_ = UUID(hex=entry).bytes
    except ValueError:
        id_ = b""
    row = session.scalar(select(models.Official).where(models.Official.id == id_))
    if row is None:
        raise RegisterError("no entry has this id", hint="juzhu official list shows all")
    if row.ended_at is not None:
        raise RegisterError("the entry has ended already", hint="nothing is left to do")
    row.ended_at = moment.time
    _raise_version(session)


def _opened(session: Session) -> Snapshot:
    """The register as this transaction sees it, what it has just written included."""
    prepare_register(session)
    session.flush()
    # One change at a time: two at once could each find one active key and leave three.
    session.execute(select(models.RegisterVersion.version).with_for_update())
    return read_snapshot(session)


def _raise_version(session: Session) -> None:
    """Tell running servers: they compare this counter."""
    session.execute(
        update(models.RegisterVersion).values(version=models.RegisterVersion.version + 1)
    )


def _known_department(register: Snapshot, department: str, day: date) -> None:
    if register.department(department, day) is None:
        raise RegisterError("no such department today", hint=f"one of: {_codes(register, day)}")


def _known_role(register: Snapshot, role: str, day: date) -> None:
    if register.department(role, day) is None:
        raise RegisterError("no such role", hint=f"one of: {_codes(register, day)}")


def _codes(register: Snapshot, day: date) -> str:
    return ", ".join(department.code for department in register.departments_on(day))


def _not_past(until: date, day: date) -> None:
    if until < day:
        raise RegisterError("the last day has passed", hint="give a later day with --until")
