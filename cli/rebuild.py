"""`juzhu rebuild`: compute anew what is derived, with a progress bar.

That is the read model with the index of names, or with `--index` the audit log's index of persons.
This module never changes what happened.
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
from db.ledger import Ledger
from db.ledger_mend import Mended, mend_person_index
from db.rebuilding import Rebuilding, Rebuilt, Terms
from db.sealed import Vault
from policies.table import leave_to_index
from server.city import read_city
from server.clock import SystemClock, day_of
from server.settings import Settings, read_settings


@click.command()
@click.option("--index", "of_log", is_flag=True, help="The audit log's index of persons instead.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def rebuild(*, of_log: bool, as_json: bool) -> None:
    """Rebuild the read model: one row a person, computed from the registered events.

    Rows that differed from their sources are counted and mended, and whom an older release stored
    is indexed by name and birth date. After a change of the city's rules or working days for days
    that have passed the service starts only when this has been through; stop every server first.
    With --index: which records of the audit log name a person, computed from the records. Either
    can be stopped and goes on where it was; an embedded database must have no server beside it.
    Example: `juzhu rebuild`.
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
            found = asyncio.run(_rebuild(settings))
            said = {"changed": found.changed, "indexed": found.indexed}
            sentence = f"{found.changed} rows differed from their sources and were rebuilt"
            if found.indexed:
                sentence += f"; the names of {found.indexed} persons were indexed"
    click.echo(orjson.dumps(said).decode() if as_json else sentence)


async def _rebuild(settings: Settings) -> Rebuilt:
    today = day_of(SystemClock().now())
    city = read_city(settings, today)
    async with open_home(settings, now=_now(), completing=True) as home:
        ledger = Ledger(home.database, deployment=home.ring.deployment)
        rebuilding = Rebuilding(home.database, home.ring, Vault(home.ring), ledger)
        terms = Terms(
            calendar=city.calendar,
            basis=city.basis,
            leave=leave_to_index(),
            policy=city.schedule,
        )
        with _bar("persons", "read model") as bar:

            def move(done: int, total: int) -> None:
                bar.total = total
                bar.update(done - bar.n)

            return await rebuilding.run(terms, move, today=today, now=_now())


async def _mend(settings: Settings) -> Mended:
    async with open_home(settings, now=_now()) as home:
        with _bar("records", "audit log") as records, _bar("entries", "index") as entries:
            return await mend_person_index(home.database, records.update, entries.update)


def _now() -> datetime:
    return datetime.fromtimestamp(SystemClock().now(), UTC)


def _bar(unit: str, of: str) -> "tqdm[NoReturn]":
    """A progress bar on a terminal's stderr."""
    return tqdm(unit=f" {unit}", desc=of, file=sys.stderr, disable=None)
