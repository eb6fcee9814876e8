"""Opening the register for a command: settings from the environment, day and time of now.

A change takes the writer's lock of an embedded database, so it is refused beside a running server;
reading takes none. Both need the root key: without it nobody can tell who wrote the register. Every
change stands in the audit log, with the account that made it.

This module never decides what a change is.
"""

import asyncio
import os
import pwd
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import TypeVar

import click

from audit.entry import Actor
from cli.home import look_into_home, open_home
from db.database import Database
from db.errors import DatabaseMissingError
from db.register import Snapshot, read_snapshot
from db.register_changes import Change, Moment, Registrar
from db.register_record import operator
from db.register_refusals import require_official_id
from keys.ring import KeyRing
from server.clock import SystemClock, day_of, time_of
from server.settings import Settings, read_settings

R = TypeVar("R")
T = TypeVar("T")

by_whom = click.option(
    "--by", metavar="OFFICIAL", help="Who says to do it, for the audit log; else your account."
)
"""The option of every command that changes the register."""


def settings_of_environment() -> Settings:
    """The settings that this process was started with."""
    return read_settings(os.environ)


def this_moment() -> Moment:
    """Now, as the register writes it."""
    now = SystemClock().now()
    return Moment(day_of(now), time_of(now))


def today() -> date:
    """The day in Asia/Shanghai."""
    return this_moment().day


def account() -> str:
    """The account that runs this process, whatever the environment says."""
    uid = os.getuid()
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def change(client: str, by: str | None, work: Callable[[Registrar], Change[T]]) -> T:
    """Run one change of the register in one transaction, its record included.

    `client` names the command in the record, and `by` the official who says to have given it.
    """
    return change_with(Registrar, client, by, work)


def change_with(
    make: Callable[[Database, KeyRing, Actor], R],
    client: str,
    by: str | None,
    work: Callable[[R], Change[T]],
) -> T:
    """The same, of another part of the register, with what changes that."""
    settings = settings_of_environment()
    if by is not None:
        require_official_id(by)
    actor = operator(client, official=by or account(), account=account())

    async def run() -> T:
        async with open_home(settings, now=_now(), founding=True) as home:
            return await home.database.write(work(make(home.database, home.ring, actor)))

    return asyncio.run(run())


def look() -> Snapshot:
    """Read the register; this works beside a running server."""
    settings = settings_of_environment()

    async def run() -> Snapshot:
        async with look_into_home(settings, now=_now()) as home:
            if home is None:
                raise DatabaseMissingError(
                    "There is no register yet", "Run `make run`, or register a client or official"
                )
            return await home.database.read(lambda session: read_snapshot(session, home.ring))

    return asyncio.run(run())


def _now() -> datetime:
    return datetime.fromtimestamp(SystemClock().now(), UTC)
