"""Opening a deployment for a command that reads or writes persons: database and key ring.

Where nothing is there yet, a demonstration gets a root key and a database as `juzhu run` makes
them. In production nothing is made in passing: whoever loses a key loses the data, so keys are made
on purpose. This module never makes a root key for a database that has branch keys already.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from audit.entry import stamp
from db.database import Database, DatabaseSettings
from db.errors import DatabaseError, DatabaseMissingError
from db.keystore import has_keys, open_keyring
from db.session import open_database
from keys.ring import KeyRing
from keys.root import RootKey, create_root_key
from server.settings import Mode, Settings


class HomeMissingError(DatabaseError):
    """There is no deployment here, and production makes none in passing."""


@dataclass(frozen=True, slots=True)
class Home:
    """An open deployment."""

    database: Database
    ring: KeyRing


@asynccontextmanager
async def open_home(
    settings: Settings, *, now: datetime, founding: bool = False, completing: bool = False
) -> AsyncIterator[Home]:
    """Open the deployment for writing; make it where a demonstration has none yet.

    A command that is `founding` makes it in production too, under the root key that is there; one
    that is `completing` makes the keys that a deployment of an older release lacks.

    Raises:
        HomeMissingError: production, and there is no deployment.
        DatabaseError: the database can't be used.
        RootKeyError, BranchKeyError: the keys can't be used.
    """
    is_production = settings.mode is Mode.PRODUCTION
    if is_production and not founding and not await _exists(settings):
        raise HomeMissingError(
            "There is no deployment here, and production makes none in passing",
            "Check JUZHU_HOME, JUZHU_DATABASE_URL and JUZHU_ROOT_KEY; for a new deployment make "
            "the root key with `juzhu keys create-root`, then register the first client with "
            "`juzhu client add` or start `juzhu serve` once",
        )
    if is_production:
        RootKey.from_spec(settings.root_key)  # a missing key is told before anything is made
    async with await open_database(_where(settings, writing=True)) as database:
        is_new = not is_production and not await database.read(has_keys)
        root = _root_key(settings, is_new=is_new)
        ring = await open_keyring(database, root, now=stamp(now), completing=completing)
        yield Home(database, ring)


@asynccontextmanager
async def look_into_home(settings: Settings, *, now: datetime) -> AsyncIterator[Home | None]:
    """Open the deployment for reading, beside a running server too; None where there is none."""
    if not await _exists(settings):
        yield None
        return
    root = RootKey.from_spec(settings.root_key)
    async with await open_database(_where(settings, writing=False)) as database:
        yield Home(database, await open_keyring(database, root, now=stamp(now)))


def _root_key(settings: Settings, *, is_new: bool) -> RootKey:
    path = Path(settings.root_key.removeprefix("file:"))
    if is_new and not path.exists():
        create_root_key(path)
    return RootKey.from_spec(settings.root_key)


async def _exists(settings: Settings) -> bool:
    """Whether there is a database with keys."""
    try:
        async with await open_database(_where(settings, writing=False)) as database:
            return await database.read(has_keys)
    except DatabaseMissingError:
        return False


def _where(settings: Settings, *, writing: bool) -> DatabaseSettings:
    return DatabaseSettings(url=settings.database_url, home=settings.home, writing=writing)
