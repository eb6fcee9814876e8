"""`juzhu rebuild`: compute anew what is derived, with a progress bar.

That is the read model, or with `--index` the audit log's index of persons. This module never
changes a source.
"""

import asyncio
import os
import sys
from datetime import UTC, datetime
from typing import NoReturn

import click
import orjson
from tqdm import tqdm

from cli.home import open_home
from cli.refusals import refusals
from db.ledger_mend import Mended, mend_person_index
from db.read_model import rebuild_read_model
from server.city import read_city
from server.clock import SystemClock, day_of
from server.settings import Settings, read_settings


@click.command()
@click.option("--index", "of_log", is_flag=True, help="The audit log's index of persons instead.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def rebuild(*, of_log: bool, as_json: bool) -> None:
    """Rebuild the read model: one row a person, computed from the registered events.

    Rows that differed from their sources are counted and mended. With --index: which records of the
    audit log name a person, computed from the records. Either can be stopped and started again;
    an embedded database must have no server beside it. Example: `juzhu rebuild`.
    """
    with refusals():
        settings = read_settings(os.environ)
        if of_log:
            mended = asyncio.run(_mend(settings))
            said = {"added": mended.added, "removed": mended.removed}
            sentence = (
                f"index of persons: {mended.added} entries were missing, "
                f"{mended.removed} were in no record"
            )
        else:
            changed = asyncio.run(_rebuild(settings))
            said = {"changed": changed}
            sentence = f"{changed} rows differed from their sources and were rebuilt"
    click.echo(orjson.dumps(said).decode() if as_json else sentence)


async def _rebuild(settings: Settings) -> int:
    city = read_city(settings, day_of(SystemClock().now()))
    async with open_home(settings, now=_now()) as home:
        with _bar("persons", "read model") as bar:

            def move(done: int) -> None:
                bar.update(done - bar.n)

            return await rebuild_read_model(
                home.database, home.ring, city.calendar, move, city.schedule
            )


async def _mend(settings: Settings) -> Mended:
    async with open_home(settings, now=_now()) as home:
        with _bar("records", "audit log") as records, _bar("entries", "index") as entries:
            return await mend_person_index(home.database, records.update, entries.update)


def _now() -> datetime:
    return datetime.fromtimestamp(SystemClock().now(), UTC)


def _bar(unit: str, of: str) -> "tqdm[NoReturn]":
    """A progress bar on a terminal's stderr."""
    return tqdm(unit=f" {unit}", desc=of, file=sys.stderr, disable=None)
