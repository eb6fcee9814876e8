"""Opening a database: `sqlite:///path` or `postgresql://…`, its tables brought to this release.

This module never speaks SQL and never shows an address: it may hold a password.
"""

from pathlib import Path

from db.database import Database, DatabaseSettings, Prepared, Row, Value
from db.errors import DatabaseAddressError
from db.postgres import open_postgres
from db.sqlite import open_sqlite

__all__ = ["Database", "DatabaseSettings", "Prepared", "Row", "Value", "open_database"]

_SQLITE = "sqlite:///"
_POSTGRES = ("postgresql://", "postgres://")


async def open_database(settings: DatabaseSettings) -> Database:
    """Open what `settings.url` names; the caller closes it, or `async with` does."""
    url = settings.url
    if url.startswith(_SQLITE) and len(url) > len(_SQLITE):
        return await open_sqlite(Path(url.removeprefix(_SQLITE)), settings)
    if url.startswith(_POSTGRES):
        return await open_postgres(settings)
    raise DatabaseAddressError(
        "The database's address can't be understood",
        "Write JUZHU_DATABASE_URL as sqlite:///path/juzhu.db or postgresql://user@host/name",
    )
