"""`juzhu audit`: what an auditor or operator does with the log from a terminal.

Verification only reads: it runs beside a server and takes no lock. This module never prints what a
record says.
"""

import asyncio
import os
import sys
from typing import NoReturn, Self

import click
import orjson
from tqdm import tqdm

from audit.verify import Broken, Intact
from db.errors import DatabaseError
from db.ledger_check import verify_ledger
from db.session import DatabaseSettings, open_database
from server.settings import SettingsError, read_settings

INTACT, BROKEN, MISUSE = 0, 1, 2
Verdicts = tuple[Intact | Broken, ...]

LARGE = 10_000
"""Records from which a progress bar is worth its lines."""


@click.group()
def audit() -> None:
    """The audit log: verify it."""


@audit.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object instead of sentences.")
@click.pass_context
def verify(context: click.Context, *, as_json: bool) -> None:
    """Verify every record of the log against its Merkle tree, and the index of persons.

    Exit 0: intact. 1: broken, the first broken index is named. 2: it could not be verified.
    It runs beside a server. A log proves nothing about records that whoever owns the database
    removed together with the head: see docs/audit-log-format.md.
    """
    try:
        verdicts = asyncio.run(_verify())
    except SettingsError as error:
        _refuse(context, str(error), "Correct the setting and start again")
    except DatabaseError as error:
        _refuse(context, error.fault, error.hint)
    else:
        click.echo(_json(verdicts) if as_json else _sentences(verdicts))
        context.exit(BROKEN if any(isinstance(one, Broken) for one in verdicts) else INTACT)


async def _verify() -> Verdicts:
    settings = read_settings(os.environ)
    where = DatabaseSettings(url=settings.database_url, home=settings.home, writing=False)
    async with await open_database(where) as database:
        with _Bar() as bar:
            return await verify_ledger(database, bar.told)


class _Bar:
    """A progress bar on a terminal's stderr, from the moment the log proves to be large."""

    def __init__(self) -> None:
        self._bar: tqdm[NoReturn] | None = None

    def told(self, done: int, total: int) -> None:
        """Move to `done` of `total` records."""
        if self._bar is None:
            if total < LARGE:
                return
            self._bar = tqdm(total=total, unit=" records", disable=None, file=sys.stderr)
        self._bar.update(done - self._bar.n)

    def __enter__(self) -> Self:
        """Nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave the terminal's line as it ends."""
        if self._bar is not None:
            self._bar.close()


def _sentences(verdicts: Verdicts) -> str:
    if not verdicts:
        return "intact: the log has no record yet"
    return "\n".join(_sentence(verdict) for verdict in verdicts)


def _sentence(verdict: Intact | Broken) -> str:
    if isinstance(verdict, Intact):
        return f"intact: {verdict.log}, {verdict.size} records, root {verdict.root.hex()}"
    return f"broken: {verdict.log}, index {verdict.index}: {verdict.why}"


def _json(verdicts: Verdicts) -> str:
    intact = [
        {"log": one.log, "size": one.size, "root": one.root.hex()}
        for one in verdicts
        if isinstance(one, Intact)
    ]
    broken = [
        {"log": one.log, "index": one.index, "why": one.why}
        for one in verdicts
        if isinstance(one, Broken)
    ]
    answer = {"intact": not broken, "logs": intact, "broken": broken[0] if broken else None}
    return orjson.dumps(answer).decode()


def _refuse(context: click.Context, error: str, hint: str) -> None:
    click.echo(f"error: {error}", err=True)
    click.echo(f"hint: {hint}", err=True)
    context.exit(MISUSE)
