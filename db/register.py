"""The register: which departments, clients, keys and officials there are, and from when until when.

A look-up asks a `Snapshot` by day; a `Register` holds the newest one and replaces it with one
assignment when the state in the database has moved, so a revocation counts within a second on
every replica. Every row is verified (db/register_rows.py); a register that is not as it was written
is nobody's.

A last day (`valid_until`) is inclusive; `revoked_at` and `ended_at` count at once. This module
never changes the register (db/register_changes.py does), never reads a clock, never parses a key
and never decides what a role may see.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import groupby
from types import MappingProxyType
from typing import Final, TypeVar

from sqlalchemy.orm import Session

from db.catchment import Catchment, catchment_of
from db.database import Database, Value
from db.errors import RegisterTamperedError
from db.register_rows import (
    CATCHMENT,
    CLIENT,
    CLIENT_KEY,
    DEPARTMENT,
    DOCUMENT_LOCK,
    OFFICIAL,
    TRUSTED_DOCUMENT,
    RegisterRows,
    State,
    read_rows,
    read_state,
)
from db.rows import RowValues
from keys.ring import KeyRing

WHOLE_EVERY: Final = 120
"""Every so many refreshes all rows are checked though nothing seems to have changed: a minute of a
server that asks twice a second."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedDocument:
    """An operation that a department registered: `digest` is `sha256:` and 64 hex digits."""

    department: str
    name: str | None
    digest: str
    text: str = field(repr=False)
    valid_from: str
    valid_until: str | None
    revoked_at: str | None

    def on(self, day: str) -> bool:
        """Whether this document may be asked for on a day."""
        return self.revoked_at is None and _within(day, self.valid_from, self.valid_until)


def _within(day: str, first: str, last: str | None) -> bool:
    return first <= day and (last is None or day <= last)


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The whole register at one version of its counter; `seal` is the MAC over all of it."""

    version: int
    seal: bytes
    departments: tuple[Department, ...]
    clients: Mapping[str, Client]
    keys: Mapping[str, tuple[ClientKey, ...]]
    officials: Mapping[tuple[str, str], tuple[Official, ...]]
    catchments: tuple[Catchment, ...] = ()
    documents: Mapping[str, tuple[TrustedDocument, ...]] = field(
        default_factory=lambda: MappingProxyType({})
    )
    locked: frozenset[str] = frozenset()
    """Departments for which trusted documents alone run."""

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

    def catchment(self, department: str, name: str, day: date) -> Catchment | None:
        """The version of a department's catchment that may be used on a day."""
        text = day.isoformat()
        return next(
            (
                each
                for each in self.catchments
                if (each.department, each.name) == (department, name) and each.on(text)
            ),
            None,
        )

    def trusted_on(self, department: str, day: date) -> tuple[TrustedDocument, ...]:
        """The documents of a department that may be asked for on a day."""
        text = day.isoformat()
        return tuple(each for each in self.documents.get(department, ()) if each.on(text))

    def trusted(self, department: str, document: str, day: date) -> TrustedDocument | None:
        """The document of a department with this identifier or name, if there is one that day."""
        text = day.isoformat()
        for each in self.documents.get(department, ()):
            if document in {each.digest, each.name} and each.on(text):
                return each
        return None

    def is_registered(self, department: str, official: str) -> bool:
        """Whether the register knows this official at all, be it with an ended entry."""
        return (department, official) in self.officials


EMPTY: Final = Snapshot(
    version=-1,
    seal=b"",
    departments=(),
    clients=MappingProxyType({}),
    keys=MappingProxyType({}),
    officials=MappingProxyType({}),
)
"""Before the first load, and while the register can't be trusted, nobody is anybody."""


class Register:
    """Holds the newest snapshot; `refresh` replaces it when the database's state has moved."""

    __slots__ = ("_database", "_newest", "_ring", "_until_whole", "snapshot")

    def __init__(self, database: Database, ring: KeyRing) -> None:
        self._database = database
        self._ring = ring
        self._newest: State = (0, b"")
        self._until_whole = 0
        self.snapshot = EMPTY

    async def refresh(self) -> bool:
        """Load the register if it has changed; True if it had.

        Raises:
            RegisterTamperedError: it is not as it was written, or an older one than was seen
                here before; nobody is anybody until it is mended.
        """
        try:
            held = self.snapshot.version, self.snapshot.seal
            self._until_whole -= 1
            if self._until_whole > 0 and await self._database.watch(read_state) == held:
                return False
            found = await self._database.watch(lambda session: read_snapshot(session, self._ring))
            _require_no_older(self._newest, (found.version, found.seal))
        except RegisterTamperedError:
            self.distrust()
            raise
        self._until_whole = WHOLE_EVERY
        self._newest, self.snapshot = (found.version, found.seal), found
        return self._newest != held

    def distrust(self) -> None:
        """Let nobody be anybody until the register has been read again."""
        self.snapshot = EMPTY


def read_snapshot(session: Session, ring: KeyRing) -> Snapshot:
    """Read and verify the whole register.

    Raises:
        RegisterTamperedError: a row is not as it was written, one is missing, or the log has a
            later change.
    """
    return snapshot_of(read_rows(session, ring))


def snapshot_of(rows: RegisterRows) -> Snapshot:
    """The register that these rows are."""
    clients = [_client(row) for row in rows.of(CLIENT)]
    version, seal = rows.state
    return Snapshot(
        version=version,
        seal=seal,
        departments=tuple(_department(row) for row in rows.of(DEPARTMENT)),
        clients=MappingProxyType({client.id: client for client in clients}),
        keys=_grouped(
            (_client_key(row) for row in rows.of(CLIENT_KEY)),
            lambda key: key.client,
            lambda key: (key.valid_from, key.kid),
        ),
        officials=_grouped(
            (_official(row) for row in rows.of(OFFICIAL)),
            lambda entry: (entry.department, entry.official),
            lambda entry: (entry.valid_from, entry.id),
        ),
        catchments=tuple(map(catchment_of, rows.of(CATCHMENT))),
        documents=_grouped(
            (_trusted(row) for row in rows.of(TRUSTED_DOCUMENT)),
            lambda document: document.department,
            lambda document: (document.valid_from, document.digest),
        ),
        locked=frozenset(
            str(row["department"]) for row in rows.of(DOCUMENT_LOCK) if row["ended_at"] is None
        ),
    )


def _require_no_older(newest: State, found: State) -> None:
    """Refuse a register that was put back as a whole while this process ran."""
    if found[0] < newest[0] or (found[0] == newest[0] and found != newest):
        raise RegisterTamperedError(["register_state (the whole register is an older one)"])


_Key = TypeVar("_Key", str, tuple[str, str])
_Entry = TypeVar("_Entry")


def _grouped(
    entries: Iterable[_Entry],
    key: Callable[[_Entry], _Key],
    order: Callable[[_Entry], tuple[str, str]],
) -> Mapping[_Key, tuple[_Entry, ...]]:
    ordered = sorted(sorted(entries, key=order), key=key)
    return MappingProxyType({name: tuple(group) for name, group in groupby(ordered, key)})


def _department(row: RowValues) -> Department:
    return Department(
        code=str(row["code"]),
        zh=str(row["zh"]),
        en=str(row["en"]),
        officials_registered=bool(row["officials_registered"]),
        valid_from=str(row["valid_from"]),
        valid_until=_optional(row["valid_until"]),
    )


def _client(row: RowValues) -> Client:
    return Client(
        id=str(row["id"]),
        department=str(row["department"]),
        valid_from=str(row["valid_from"]),
        valid_until=_optional(row["valid_until"]),
        revoked_at=_optional(row["revoked_at"]),
    )


def _client_key(row: RowValues) -> ClientKey:
    return ClientKey(
        client=str(row["client"]),
        kid=str(row["kid"]),
        jwk=str(row["jwk"]),
        valid_from=str(row["valid_from"]),
        valid_until=_optional(row["valid_until"]),
        revoked_at=_optional(row["revoked_at"]),
    )


def _official(row: RowValues) -> Official:
    entry = row["id"]
    return Official(
        id=entry.hex() if isinstance(entry, bytes) else "",
        department=str(row["department"]),
        official=str(row["official"]),
        role=str(row["role"]),
        division=_optional(row["division"]),
        valid_from=str(row["valid_from"]),
        valid_until=_optional(row["valid_until"]),
        ended_at=_optional(row["ended_at"]),
    )


def _trusted(row: RowValues) -> TrustedDocument:
    return TrustedDocument(
        department=str(row["department"]),
        name=_optional(row["name"]),
        digest=str(row["digest"]),
        text=str(row["text"]),
        valid_from=str(row["valid_from"]),
        valid_until=_optional(row["valid_until"]),
        revoked_at=_optional(row["revoked_at"]),
    )


def _optional(value: Value) -> str | None:
    return None if value is None else str(value)
