"""Opening the register for a command: settings from the environment, day and time of now.

A change takes the writer's lock of an embedded database, so it is refused beside a running server;
reading takes none. This module never decides what a change is.
"""

import asyncio
import os
from datetime import date
from typing import TypeVar

from db.database import DatabaseSettings
from db.register import Snapshot, read_snapshot
from db.register_changes import Change, Moment
from db.session import open_database
from server.clock import SystemClock, day_of, time_of
from server.settings import Settings, read_settings

T = TypeVar("T")


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


def change(work: Change[T]) -> T:
    """Run one change of the register in one transaction."""
    settings = settings_of_environment()

    async def run() -> T:
        where = DatabaseSettings(url=settings.database_url, home=settings.home)
        async with await open_database(where) as database:
            return await database.write(work)

    return asyncio.run(run())


def look() -> Snapshot:
    """Read the register; this works beside a running server."""
    settings = settings_of_environment()

    async def run() -> Snapshot:
        where = DatabaseSettings(url=settings.database_url, home=settings.home, writing=False)
        async with await open_database(where) as database:
            return await database.read(read_snapshot)

    return asyncio.run(run())
