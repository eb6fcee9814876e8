"""The store: a synthetic city in a database of its own, with keys, tokens and a register.

All candidates read the same one. This module never times a request.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice
from pathlib import Path

from benchmarks.questions import Asker, Presented
from cli.demo import DEMO_DIVISION, demo_city
from db.database import DatabaseSettings
from db.facts import Cancel, Endorse, Issue, NewPerson
from db.intake import Intake, refresh_statistics
from db.keystore import open_keyring
from db.register_changes import Moment, Registrar
from db.register_record import operator
from db.session import open_database
from keys.root import RootKey, create_root_key
from regulation.calendar import mainland_calendar
from server.clock import SystemClock, day_of, time_of
from server.demonstration import create_issuer, load_issuer
from server.settings import DEMONSTRATION_ISSUER, Settings, read_settings

SEED = 1504
BATCH = 500
OFFICIAL = "demo-01"


@dataclass(frozen=True, slots=True)
class Loaded:
    """What loading came to."""

    persons: int
    seconds: float
    cpu_seconds: float


def settings_of(home: Path, url: str | None = None) -> Settings:
    """The settings of a store in a folder, or in the PostgreSQL database at `url`."""
    named = {} if url is None else {"JUZHU_DATABASE_URL": url}
    return read_settings({"JUZHU_HOME": str(home), **named})


def today() -> date:
    """The day on which everything here happens: the server's own."""
    return day_of(SystemClock().now())


async def found(settings: Settings) -> None:
    """Make keys, a register and the demonstration's issuer where there are none."""
    issuer = create_issuer(settings)
    create_root_key(settings.home / "keys" / "root.key")
    now = SystemClock().now()
    moment = Moment(day_of(now), time_of(now))
    key = issuer.public_key()
    where = DatabaseSettings(url=settings.database_url, home=settings.home)
    async with await open_database(where) as database:
        root = RootKey.from_spec(settings.root_key)
        ring = await open_keyring(database, root, now=moment.time)
        registrar = Registrar(database, ring, operator("benchmarks"))
        await database.write(
            lambda session: registrar.add_key(
                session,
                issuer=DEMONSTRATION_ISSUER,
                kid=key.kid,
                jwk=key.jwk(),
                until=None,
                moment=moment,
            )
        )
        await database.write(
            lambda session: registrar.add_official(
                session,
                department="community-police",
                official=OFFICIAL,
                role="community-police",
                division=DEMO_DIVISION,
                until=None,
                moment=moment,
            )
        )


async def load(
    settings: Settings, *, first: int, last: int, progress: Callable[[int], None]
) -> Loaded:
    """Store the persons from `first` up to `last` of the city, and say what storing them took."""
    where = DatabaseSettings(url=settings.database_url, home=settings.home)
    root = RootKey.from_spec(settings.root_key)
    now = time_of(SystemClock().now())
    persons = islice(demo_city(SEED, today=today()), first, last)
    seconds = cpu = 0.0
    done = 0
    async with await open_database(where) as database:
        intake = Intake(await open_keyring(database, root, now=now), mainland_calendar())
        while batch := list(islice(persons, BATCH)):
            # Making persons up is no part of storing them.
            began, began_cpu = time.perf_counter(), time.process_time()
            await database.write(
                lambda session, batch=batch: intake.register(session, batch, recorded_at=now)  # type: ignore[misc]  # bound early: the loop goes on
            )
            seconds += time.perf_counter() - began
            cpu += time.process_time() - began_cpu
            done += len(batch)
            progress(first + done)
        await database.write(refresh_statistics)
    return Loaded(done, seconds, cpu)


def presented(*, persons: int, most: int) -> list[Presented]:
    """Persons of the store to ask about: the first of the city, evenly enough."""
    day = today()
    return [
        Presented(str(new.registration.id_number), new.registration.name, _holds(new, day))
        for new in islice(demo_city(SEED, today=day), min(persons, most))
    ]


def _holds(new: NewPerson, day: date) -> bool:
    ends = [act.valid_to for act in new.acts if isinstance(act, Issue | Endorse)]
    return bool(ends) and ends[-1] >= day and not any(isinstance(act, Cancel) for act in new.acts)


def tokens(settings: Settings, askers: Sequence[Asker]) -> dict[Asker, str]:
    """A bearer token for each asker, of the demonstration's issuer."""
    issuer = load_issuer(settings)
    now = SystemClock().now()
    return {
        asker: issuer.token(
            audience=settings.audience,
            department=asker.department,
            official=OFFICIAL,
            purposes=(),
            now=now,
        )
        for asker in askers
    }
