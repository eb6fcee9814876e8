"""`juzhu rebuild`: compute the read model anew from its sources, with a progress bar."""

import asyncio
import os
import sys
from datetime import UTC, datetime

import click
import orjson
from tqdm import tqdm

from cli.home import open_home
from cli.refusals import refusals
from db.read_model import rebuild_read_model
from regulation.calendar import mainland_calendar
from server.clock import SystemClock
from server.settings import Settings, read_settings


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def rebuild(*, as_json: bool) -> None:
    """Rebuild the read model: one row a person, computed from the registered events.

    Rows that differed from their sources are counted and mended. It can be stopped and started
    again. Example: `juzhu rebuild`.
    """
    with refusals():
        changed = asyncio.run(_rebuild(read_settings(os.environ)))
    if as_json:
        click.echo(orjson.dumps({"changed": changed}).decode())
    else:
        click.echo(f"{changed} rows differed from their sources and were rebuilt")


async def _rebuild(settings: Settings) -> int:
    now = datetime.fromtimestamp(SystemClock().now(), UTC)
    async with open_home(settings, now=now) as home:
        with tqdm(unit=" persons", desc="read model", file=sys.stderr, disable=None) as bar:

            def move(done: int) -> None:
                bar.update(done - bar.n)

            return await rebuild_read_model(home.database, home.ring, mainland_calendar(), move)
