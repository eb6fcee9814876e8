"""`juzhu migrate`: bring the tables up to this release, and say what was done.

Where the service's account owns no table, this is for the owner's account, and no root key is read.
This module never makes a database: a mistyped address must not found a deployment.
"""

import asyncio
import os

import click
import orjson

from cli.home import HomeMissingError
from cli.refusals import refusals
from db.database import DatabaseSettings, Migrated
from db.errors import DatabaseMissingError, DatabaseOlderError
from db.session import open_database
from server.settings import Settings, read_settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def migrate(*, as_json: bool) -> None:
    """Bring the tables of an existing deployment up to this release.

    Done in one transaction: all of it or nothing. A database of a newer release is refused and left
    as it is; an embedded database must have no server beside it. Example: `juzhu migrate`.
    """
    with refusals():
        done = asyncio.run(_migrate(read_settings(os.environ)))
    if as_json:
        click.echo(orjson.dumps({"before": done.before, "after": done.after}).decode())
    elif done.before == done.after:
        click.echo(f"the tables are up to date already (revision {done.after})")
    else:
        click.echo(f"the tables were brought from revision {done.before} to {done.after}")


async def _migrate(settings: Settings) -> Migrated:
    await _require_tables(settings)
    async with await open_database(_where(settings, writing=True)) as database:
        return database.migrated


async def _require_tables(settings: Settings) -> None:
    try:
        await (await open_database(_where(settings, writing=False))).close()
    except DatabaseOlderError:
        return
    except DatabaseMissingError:
        raise HomeMissingError(
            "There are no tables here that could be brought up to date",
            "Check JUZHU_HOME and JUZHU_DATABASE_URL; the first command of a new deployment "
            "makes its tables",
        ) from None


def _where(settings: Settings, *, writing: bool) -> DatabaseSettings:
    return DatabaseSettings(url=settings.database_url, home=settings.home, writing=writing)
