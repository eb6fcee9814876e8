"""The deployment's name and branch keys: made once, with its register, and loaded at every start.

The root key never comes here; it is handed over and only wraps and checks. This module never
makes keys for a database that has some: a wrong root key is an error of the `keys` room.
"""

import secrets

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.database import Database
from db.derived import basis_of, found_derived, is_founded
from db.errors import AlreadyStoredError
from db.ledger import Ledger
from db.models import BranchKey, Deployment
from db.register_founding import found_register
from keys.branch import BranchKeyRow, new_branch_keys
from keys.held import LATER
from keys.ring import KeyRing
from keys.root import RootKey
from regulation.calendar import mainland_calendar
from regulation.parameters import AS_ISSUED

_Stored = tuple[str, list[BranchKeyRow]]


async def open_keyring(
    database: Database, root: RootKey, *, now: str, completing: bool = False
) -> KeyRing:
    """Load the branch keys, or make them in a database that has none yet; `now` is RFC 3339.

    Who is `completing` makes those, too, that an older release did not know.

    Raises:
        BranchKeyError: the root key is another database's, or a key row was altered.
    """
    stored = await database.read(_load)
    if stored is None:
        name = f"juzhu-{secrets.token_hex(8)}"
        rows = new_branch_keys(root, name)
        ring = KeyRing.open(root, name, rows)
        ledger = Ledger(database, deployment=name)

        def found(session: Session) -> None:
            _store(session, name, rows, now)
            found_register(session, ring, ledger, time=now)
            found_derived(session, ring, basis_of(AS_ISSUED, mainland_calendar()))

        try:
            await database.write(found)
            stored = name, rows
        except AlreadyStoredError:
            # Two processes started at once on one empty server: the other one's keys stand.
            stored = await database.read(_load)
    if stored is None:
        raise AlreadyStoredError("The branch keys can't be read back", "Start again")
    deployment, keys = stored
    ring = KeyRing.open(root, deployment, keys)
    if not completing or await database.read(is_founded):
        return ring
    # Never where the row stands: a key that was taken away is no key that was never made.
    later = [] if ring.indexes_names else new_branch_keys(root, deployment, sorted(LATER))
    completed = KeyRing.open(root, deployment, [*keys, *later])

    def complete(session: Session) -> None:
        _store_keys(session, later)
        found_derived(session, completed, None)

    await database.write(complete)
    return completed


def has_keys(session: Session) -> bool:
    """Whether this database belongs to a deployment already."""
    return session.scalar(select(Deployment.name)) is not None


def _load(session: Session) -> _Stored | None:
    name = session.scalar(select(Deployment.name))
    if name is None:
        return None
    rows = [
        BranchKeyRow(
            id=key.id,
            purpose=key.purpose,
            version=key.version,
            state=key.state,
            wrapped=key.wrapped,
            check=key.check_value,
        )
        for key in session.scalars(select(BranchKey))
    ]
    return name, rows


def _store(session: Session, name: str, rows: list[BranchKeyRow], now: str) -> None:
    session.add(Deployment(id=1, name=name, created_at=now))
    session.flush()
    _store_keys(session, rows)


def _store_keys(session: Session, rows: list[BranchKeyRow]) -> None:
    session.add_all(
        BranchKey(
            id=row.id,
            purpose=row.purpose,
            version=row.version,
            state=row.state,
            wrapped=row.wrapped,
            check_value=row.check,
        )
        for row in rows
    )
    session.flush()
