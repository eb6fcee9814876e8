"""Bringing the tables of a database to this release, and refusing those of a newer one.

This module never changes a table outside a migration and never runs one in a reading process.
"""

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from db.errors import DatabaseMissingError, DatabaseNewerError, DatabaseOlderError

_FOLDER = Path(__file__).parent / "migrations"


def upgrade(connection: Connection) -> None:
    """Run the migrations that this database lacks, inside the caller's transaction."""
    config = _config()
    current = _revision(connection, config)
    if current != _head(config):
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def require_current(connection: Connection) -> None:
    """Refuse to read tables that are not this release's."""
    config = _config()
    current = _revision(connection, config)
    if current is None:
        raise DatabaseMissingError("The database is empty", "Run `make run` or an import first")
    if current != _head(config):
        raise DatabaseOlderError(
            "The database was written by an older release",
            "Start the server once, which brings its tables up to date",
        )


def _config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    return config


def _head(config: Config) -> str | None:
    return ScriptDirectory.from_config(config).get_current_head()


def _revision(connection: Connection, config: Config) -> str | None:
    current = MigrationContext.configure(connection).get_current_revision()
    known = {script.revision for script in ScriptDirectory.from_config(config).walk_revisions()}
    if current is not None and current not in known:
        raise DatabaseNewerError(
            "A newer release of Juzhu wrote this database",
            "Install that release or a later one; this one would not understand the data",
        )
    return current
