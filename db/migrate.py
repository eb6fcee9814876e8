"""Bringing the tables of a database to this release, and refusing those of a newer one.

This module never changes a table outside a migration and never runs one in a reading process.
"""

from functools import cache
from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from db.database import Migrated
from db.errors import (
    DatabaseDamagedError,
    DatabaseMissingError,
    DatabaseNewerError,
    DatabaseOlderError,
)
from db.models import Base

_FOLDER = Path(__file__).parent / "migrations"


def upgrade(connection: Connection) -> Migrated:
    """Run the migrations that this database lacks, inside the caller's transaction."""
    current, head = _revision(connection), _head()
    if current is None:
        _require_empty(connection)
    if current != head:
        config = _config()
        config.attributes["connection"] = connection
        command.upgrade(config, "head")
    _require_shape(connection)
    return Migrated(current, head)


def require_current(connection: Connection) -> Migrated:
    """Refuse to read tables that are not this release's."""
    current = _revision(connection)
    if current is None:
        raise DatabaseMissingError("The database is empty", "Run `make run` or an import first")
    if current != _head():
        raise DatabaseOlderError(
            "The database was written by an older release",
            "Run `juzhu migrate`, on PostgreSQL with the address of the tables' owner",
        )
    _require_shape(connection)
    return Migrated(current, current)


def _require_empty(connection: Connection) -> None:
    """Refuse tables that no revision accounts for: they would only fail one by one, later."""
    if set(inspect(connection).get_table_names()) & set(Base.metadata.tables):
        raise DatabaseDamagedError(
            "The database has tables and does not say of which release",
            "Restore it from a backup; the table alembic_version was emptied",
        )


def _require_shape(connection: Connection) -> None:
    """Refuse tables that lack a column of this release, though their revision is this release's.

    Somebody dropped it. Or, before the first release, revisions were amended: a database made on
    the way has such tables.
    """
    found = {
        name: {column["name"] for column in columns}
        for (_, name), columns in inspect(connection).get_multi_columns().items()
    }
    for name, table in Base.metadata.tables.items():
        if not {column.name for column in table.columns} <= found.get(name, set()):
            raise DatabaseDamagedError(
                "The database lacks a table or a column of its own release",
                "Restore it from a backup; a database from before the first release is made anew",
            )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config


@cache
def _scripts() -> ScriptDirectory:
    """The migrations of this release: read once, each of them is a file to be compiled."""
    return ScriptDirectory.from_config(_config())


def _head() -> str:
    return str(_scripts().get_current_head())


def _revision(connection: Connection) -> str | None:
    named = MigrationContext.configure(connection).get_current_heads()
    if len(named) > 1:
        raise DatabaseDamagedError(
            "The database names more than one release of its tables",
            "Restore it from a backup; the table alembic_version was altered",
        )
    current = named[0] if named else None
    known = {script.revision for script in _scripts().walk_revisions()}
    if current is not None and current not in known:
        raise DatabaseNewerError(
            "A newer release of Juzhu wrote this database",
            "Install that release or a later one; this one would not understand the data",
        )
    return current
