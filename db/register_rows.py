"""The register's rows as they are stored: each under its MAC, and all of them under one.

Who may write to the database could otherwise register a client key or an official of their own. A
row's MAC covers every column, its key included. The one row of `register_state` has a MAC over the
register's counter and the MACs of all rows, so a row that was taken away, or put back as it once
was, is missed too. One wrong row is reason enough to trust none: reading raises.

The whole register put back as it once was, state and all, fits together: its counter is not the one
that the audit log has last (db/register_log.py), and reading raises for that too.

This module never decides what a row says, and never mends one.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from sqlalchemy import Table, insert, select, text, update
from sqlalchemy.orm import Session

from db.database import Value
from db.errors import RegisterTamperedError
from db.models import (
    Catchment,
    Client,
    ClientKey,
    Department,
    DocumentLock,
    Official,
    RegisterState,
    TrustedDocument,
    table_of,
)
from db.register_log import last_counter
from db.rows import KEY_IN_COLUMNS, Covered, RowValues
from db.stored_type import of_its_type
from keys.ring import KeyRing

DEPARTMENT: Final = Covered(Department, row=None)
CLIENT: Final = Covered(Client, row=None)
CLIENT_KEY: Final = Covered(ClientKey, row=None)
OFFICIAL: Final = Covered(Official, row=None)
CATCHMENT: Final = Covered(Catchment, row=None)
TRUSTED_DOCUMENT: Final = Covered(TrustedDocument, row=None)
DOCUMENT_LOCK: Final = Covered(DocumentLock, row=None)
REGISTER: Final = (
    DEPARTMENT,
    CLIENT,
    CLIENT_KEY,
    OFFICIAL,
    CATCHMENT,
    TRUSTED_DOCUMENT,
    DOCUMENT_LOCK,
)

_TABLES: Final = {
    table.name: table
    for table in map(
        table_of,
        (Department, Client, ClientKey, Official, Catchment, TrustedDocument, DocumentLock),
    )
}
_STATE: Final = table_of(RegisterState)
_ONLY: Final = 1
_NAMED: Final = 10
_SHOWN: Final = 64

Key = tuple[Value, ...]
State = tuple[int, bytes]
"""The register's counter, and the MAC over it and all rows."""


class RegisterRows:
    """All rows of the register, verified, inside one transaction; changes are made here too."""

    __slots__ = ("_ring", "_rows", "_session", "state")

    def __init__(
        self, session: Session, ring: KeyRing, rows: dict[str, dict[Key, RowValues]]
    ) -> None:
        self._session = session
        self._ring = ring
        self._rows = rows
        self.state: State = (0, b"")

    @property
    def version(self) -> int:
        """The register's counter."""
        return self.state[0]

    def of(self, covered: Covered) -> Iterator[RowValues]:
        """The rows of one table, by their keys."""
        rows = self._rows[covered.table]
        return (rows[key] for key in sorted(rows, key=_order))

    def add(self, covered: Covered, values: RowValues) -> None:
        """Insert a row under its MAC."""
        table = _TABLES[covered.table]
        covered.sign(self._ring, values)
        self._session.execute(insert(table), [values])
        self._rows[covered.table][_key(table, values)] = values

    def change(self, covered: Covered, values: RowValues, **changed: str) -> None:
        """Change columns of a row that stands, and its MAC."""
        table = _TABLES[covered.table]
        values |= changed
        covered.sign(self._ring, values)
        here = [column == values[column.name] for column in table.primary_key]
        new = {name: values[name] for name in (*changed, "row_mac")}
        self._session.execute(update(table).where(*here).values(new))

    def seal(self) -> int:
        """Raise the counter and put the MAC over all rows anew; the counter.

        The MACs are those that were verified or made here, never read a second time: a row that
        somebody slips in meanwhile is not covered.
        """
        version = self.version + 1
        mac = self._ring.row_mac(_STATE.name, KEY_IN_COLUMNS, self._columns(version))
        values = {"version": version, "row_mac": mac}
        if self.version == 0:
            self._session.execute(insert(_STATE), [{"id": _ONLY, **values}])
        else:
            self._session.execute(update(_STATE).where(_STATE.c.id == _ONLY).values(values))
        self.state = (version, mac)
        return version

    def require(self, state: State | None) -> None:
        """Take over a stored state that fits the rows.

        Raises:
            RegisterTamperedError: a row differs, is missing, or is an older one.
        """
        wrong = [
            _name(covered.table, _key(_TABLES[covered.table], values))
            for covered in REGISTER
            for values in self.of(covered)
            if not covered.holds(self._ring, values)
        ]
        if wrong:
            raise RegisterTamperedError(_shortened(wrong))
        if state is None or not self._ring.verify_row_mac(
            _STATE.name, KEY_IN_COLUMNS, self._columns(state[0]), state[1]
        ):
            raise RegisterTamperedError(["register_state (a row is missing or is an older one)"])
        self.state = state

    def _columns(self, version: int) -> list[Value]:
        macs = (values["row_mac"] for covered in REGISTER for values in self.of(covered))
        return [version, *macs]


def founding_rows(session: Session, ring: KeyRing) -> RegisterRows:
    """A register without rows, for the transaction that makes a deployment's keys."""
    return RegisterRows(session, ring, {covered.table: {} for covered in REGISTER})


def read_rows(session: Session, ring: KeyRing) -> RegisterRows:
    """Read and verify the whole register, as of one moment. Work for `Database.read`.

    Raises:
        RegisterTamperedError: a row is not as it was written, or one is missing.
    """
    if session.get_bind().dialect.name == "postgresql":
        # Each statement would otherwise see what was committed since the one before.
        session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))
    return _verified(session, ring)


def rows_to_change(session: Session, ring: KeyRing) -> RegisterRows:
    """The same, with other changes kept out until this transaction ends.

    One change at a time: two at once could each find one active key and leave three.
    """
    session.execute(select(_STATE.c.id).where(_STATE.c.id == _ONLY).with_for_update())
    return _verified(session, ring)


def read_state(session: Session) -> State | None:
    """The stored state, unverified: a cheap way to ask whether anything has changed.

    Raises:
        RegisterTamperedError: it is not of its types, which SQLite lets anybody store.
    """
    sqlite = session.get_bind().dialect.name == "sqlite"
    found = session.execute(
        select(
            of_its_type(RegisterState.version, "integer", sqlite=sqlite),
            of_its_type(RegisterState.row_mac, "blob", sqlite=sqlite),
        ).where(_STATE.c.id == _ONLY)
    ).one_or_none()
    if found is None:
        return None
    version, mac = found
    if not (isinstance(version, int) and isinstance(mac, bytes)):
        raise RegisterTamperedError(["register_state (a column is not of its type)"])
    return version, mac


def _verified(session: Session, ring: KeyRing) -> RegisterRows:
    stored: dict[str, dict[Key, RowValues]] = {}
    for name, table in _TABLES.items():
        rows = map(dict, session.execute(select(table)).mappings())
        stored[name] = {_key(table, values): values for values in rows}
    found = RegisterRows(session, ring, stored)
    found.require(read_state(session))
    if last_counter(session) != found.version:
        raise RegisterTamperedError(
            ["register_state (the audit log has another change as its last: an older one)"]
        )
    return found


def _key(table: Table, values: RowValues) -> Key:
    return tuple(values[column.name] for column in table.primary_key)


def _order(key: Key) -> list[str]:
    """One order on both databases: the MAC over all rows depends on it."""
    return [part.hex() if isinstance(part, bytes) else str(part) for part in key]


def _name(table: str, key: Key) -> str:
    """A row's name for an operator. Whoever altered it may have chosen the text."""
    parts = (part.hex() if isinstance(part, bytes) else ascii(part)[1:-1] for part in key)
    return " ".join((table, *(part[:_SHOWN] for part in parts)))


def _shortened(names: Iterable[str]) -> list[str]:
    first, *rest = names
    named = [first, *rest[: _NAMED - 1]]
    return named if len(rest) < _NAMED else [*named, f"and {len(rest) + 1 - _NAMED} more"]
