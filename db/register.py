"""The register: which departments, clients, keys and officials there are, and from when until when.

A look-up asks a `Snapshot` by day; a `Register` holds the newest one and replaces it with one
assignment when the counter in the database has moved, so a revocation counts within a second on
every replica.

A last day (`valid_until`) is inclusive; `revoked_at` and `ended_at` count at once. This module
never changes the register (db/register_changes.py does), never reads a clock, never parses a key
and never decides what a role may see.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import groupby
from types import MappingProxyType
from typing import Final, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import models
from db.database import Database

SOON_DAYS: Final = 30
"""A key that ends within these days is warned of."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A department under one of its names.

    Where `officials_registered`, only officials of the register may act for it.
    """

    code: str
    zh: str
    en: str
    officials_registered: bool
    valid_from: str
    valid_until: str | None = None

    def on(self, day: str) -> bool:
        """Whether this entry holds on a day."""
        return _within(day, self.valid_from, self.valid_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """A client system of a department."""

    id: str
    department: str
    valid_from: str
    valid_until: str | None
    revoked_at: str | None

    def on(self, day: str) -> bool:
        """Whether this client may call on a day."""
        return self.revoked_at is None and _within(day, self.valid_from, self.valid_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientKey:
    """A public key (JWK text) of a client, or of the demonstration issuer."""

    client: str
    kid: str
    jwk: str
    valid_from: str
    valid_until: str | None
    revoked_at: str | None

    def on(self, day: str) -> bool:
        """Whether this key may check assertions on a day."""
        return self.revoked_at is None and _within(day, self.valid_from, self.valid_until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Official:
    """What the register says that an official may act as."""

    id: str
    department: str
    official: str
    role: str
    division: str | None
    valid_from: str
    valid_until: str | None
    ended_at: str | None

    def on(self, day: str) -> bool:
        """Whether this entry holds on a day."""
        return self.ended_at is None and _within(day, self.valid_from, self.valid_until)


def _within(day: str, first: str, last: str | None) -> bool:
    return first <= day and (last is None or day <= last)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole register at one version of its counter."""

    version: int
    departments: tuple[Department, ...]
    clients: Mapping[str, Client]
    keys: Mapping[str, tuple[ClientKey, ...]]
    officials: Mapping[tuple[str, str], tuple[Official, ...]]

    def department(self, code: str, day: date) -> Department | None:
        """The department with this code on a day."""
        text = day.isoformat()
        return next((d for d in self.departments if d.code == code and d.on(text)), None)

    def departments_on(self, day: date) -> tuple[Department, ...]:
        """All departments of a day."""
        text = day.isoformat()
        return tuple(d for d in self.departments if d.on(text))

    def client(self, client: str, day: date) -> Client | None:
        """The client with this id, if it may call on that day."""
        found = self.clients.get(client)
        return found if found is not None and found.on(day.isoformat()) else None

    def keys_of(self, client: str, day: date) -> tuple[ClientKey, ...]:
        """The keys with which this client (or issuer) may sign on a day."""
        text = day.isoformat()
        return tuple(key for key in self.keys.get(client, ()) if key.on(text))

    def ending(self, day: date, *, days: int) -> tuple[ClientKey, ...]:
        """The keys of a day whose last day comes within so many days."""
        last = (day + timedelta(days=days)).isoformat()
        return tuple(
            key
            for client in self.clients
            if self.client(client, day) is not None
            for key in self.keys_of(client, day)
            if key.valid_until is not None and key.valid_until <= last
        )

    def official(self, department: str, official: str, day: date) -> Official | None:
        """The entry of this official that holds on a day."""
        text = day.isoformat()
        entries = self.officials.get((department, official), ())
        return next((entry for entry in entries if entry.on(text)), None)

    def is_registered(self, department: str, official: str) -> bool:
        """Whether the register knows this official at all, be it with an ended entry."""
        return (department, official) in self.officials


EMPTY: Final = Snapshot(
    version=-1,
    departments=(),
    clients=MappingProxyType({}),
    keys=MappingProxyType({}),
    officials=MappingProxyType({}),
)
"""Before the first load nobody is anybody."""


class Register:
    """Holds the newest snapshot; `refresh` replaces it when the database's counter has moved."""

    __slots__ = ("_database", "snapshot")

    def __init__(self, database: Database) -> None:
        self._database = database
        self.snapshot = EMPTY

    async def refresh(self) -> bool:
        """Load the register if it has changed; True if it had."""
        if await self._database.read(read_version) == self.snapshot.version:
            return False
        self.snapshot = await self._database.read(read_snapshot)
        return True


def read_version(session: Session) -> int:
    """The counter that every change raises; 0 before the first."""
    return session.scalar(select(models.RegisterVersion.version)) or 0


def read_snapshot(session: Session) -> Snapshot:
    """Read the whole register. The counter comes first: a change meanwhile is seen next time."""
    version = read_version(session)
    keys = [
        ClientKey(
            client=row.client,
            kid=row.kid,
            jwk=row.jwk,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            revoked_at=row.revoked_at,
        )
        for row in session.scalars(
            select(models.ClientKey).order_by(
                models.ClientKey.client, models.ClientKey.valid_from, models.ClientKey.kid
            )
        )
    ]
    return Snapshot(
        version=version,
        departments=_departments(session),
        clients=MappingProxyType({client.id: client for client in _clients(session)}),
        keys=_grouped(keys, lambda key: key.client),
        officials=_grouped(_officials(session), lambda entry: (entry.department, entry.official)),
    )


_Key = TypeVar("_Key", str, tuple[str, str])
_Entry = TypeVar("_Entry")


def _grouped(
    entries: list[_Entry], key: Callable[[_Entry], _Key]
) -> Mapping[_Key, tuple[_Entry, ...]]:
    ordered = sorted(entries, key=key)
    return MappingProxyType({name: tuple(group) for name, group in groupby(ordered, key)})


def _departments(session: Session) -> tuple[Department, ...]:
    rows = session.scalars(
        select(models.Department).order_by(models.Department.code, models.Department.valid_from)
    )
    return tuple(
        Department(
            code=row.code,
            zh=row.zh,
            en=row.en,
            officials_registered=bool(row.officials_registered),
            valid_from=row.valid_from,
            valid_until=row.valid_until,
        )
        for row in rows
    )


def _clients(session: Session) -> list[Client]:
    return [
        Client(
            id=row.id,
            department=row.department,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            revoked_at=row.revoked_at,
        )
        for row in session.scalars(select(models.Client).order_by(models.Client.id))
    ]


def _officials(session: Session) -> list[Official]:
    rows = session.scalars(
        select(models.Official).order_by(models.Official.official, models.Official.valid_from)
    )
    return [
        Official(
            id=row.id.hex(),
            department=row.department,
            official=row.official,
            role=row.role,
            division=row.division,
            valid_from=row.valid_from,
            valid_until=row.valid_until,
            ended_at=row.ended_at,
        )
        for row in rows
    ]
