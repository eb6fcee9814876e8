"""`juzhu run`: the demonstration city on this machine, from nothing to a served address.

Creates what is missing under JUZHU_HOME (root key, database, demonstration issuer, officials, the
synthetic city) and reuses what is there. A load that was interrupted is finished by the next run.
Never for production: `juzhu serve` is.
"""

import asyncio
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path
from urllib.parse import quote

import click
import orjson
from tqdm import tqdm

from cli.access_register import account
from cli.demo import (
    DEMO_CASE,
    DEMO_DIVISION,
    DEMO_HOLDER_NAME,
    DEMO_HOLDER_NUMBER,
    load_demo_city,
)
from cli.home import open_home
from cli.refusals import MISUSE, REFUSED, end, refusals
from db.database import Database
from db.register_changes import Moment, Registrar
from db.register_record import operator
from db.register_refusals import RegisterError
from regulation.calendar import mainland_calendar
from server.clock import SystemClock, day_of, time_of
from server.demonstration import DemonstrationIssuer, establish_issuer
from server.listening import listen
from server.serving import serve
from server.settings import Mode, Settings, read_settings

PERSONS = 5000
MOST_PERSONS = 1_000_000
OFFICIAL = "demo-01"
DESKS = ("receiving-office", "community-police", "hukou-police", "public-security", "auditor")
SHOWN = (
    "education",
    "social-insurance",
    "housing",
    "receiving-office",
    "community-police",
    "auditor",
    "statistics",
)


@dataclass(frozen=True, slots=True)
class City:
    """What the demonstration data was loaded with; kept beside it, so that a rerun finishes it."""

    persons: int
    today: date
    complete: bool

    def write(self, path: Path) -> None:
        """Keep it, whole or not at all."""
        draft = path.with_suffix(".new")
        draft.write_bytes(
            orjson.dumps(
                {
                    "persons": self.persons,
                    "today": self.today.isoformat(),
                    "complete": self.complete,
                }
            )
        )
        draft.replace(path)


@click.command()
@click.option("--port", help="Listen here instead of PORT or 8000; 0 takes a free port.")
@click.option("--persons", help=f"How large a new city is, instead of PERSONS or {PERSONS}.")
def run(*, port: str | None, persons: str | None) -> None:
    """Serve the demonstration city; the first time, create it.

    Example: `juzhu run --port 8001 --persons 500`. Ctrl-C ends it. Everything lies under
    JUZHU_HOME (./var); remove that folder to begin anew.
    """
    environment = dict(os.environ)
    environment |= {"JUZHU_PORT": port} if port else {}
    wanted = _persons(persons or environment.get("PERSONS"))
    with refusals():
        settings = read_settings(environment)
        if settings.mode is Mode.PRODUCTION:
            end(
                "`juzhu run` is the demonstration",
                "start a production service with `juzhu serve`",
                MISUSE,
            )
        listen(settings).close()  # a taken port is told before anything is made
        _make_home(settings.home)
        try:
            issuer = asyncio.run(_prepare(settings, wanted))
        except KeyboardInterrupt:
            end("interrupted", "start it again: it goes on where it stopped", REFUSED)
        serve(settings, listening=lambda address: _greet(address, settings, issuer))


def _persons(text: str | None) -> int | None:
    if text is None or not text.strip():
        return None
    if not (text.isascii() and text.isdecimal() and 0 < int(text) <= MOST_PERSONS):
        end(f"PERSONS must be a number from 1 to {MOST_PERSONS}", "correct it", MISUSE)
    return int(text)


def _make_home(home: Path) -> None:
    """Make the folder of everything, its owner's alone, or end with a word on it."""
    try:
        home.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError:
        end(
            "the folder of JUZHU_HOME can't be made",
            "name one in JUZHU_HOME that this account may write",
            REFUSED,
        )


async def _prepare(settings: Settings, persons: int | None) -> DemonstrationIssuer:
    """Make what is missing; the database is closed again when this returns.

    `persons` is how large a new city was asked to be, None where nothing was said.
    """
    instant = SystemClock().now()
    moment = Moment(day_of(instant), time_of(instant))
    async with open_home(settings, now=datetime.fromtimestamp(instant, UTC)) as home:
        database, ring = home.database, home.ring
        by = account()
        registrar = Registrar(database, ring, operator("juzhu run", official=by, account=by))
        issuer = await establish_issuer(settings, database, registrar, moment)
        await _officials(database, registrar, moment)
        kept = settings.home / "demonstration.json"
        city = _kept(kept) or City(persons or PERSONS, moment.day, complete=False)
        if not city.complete:
            city.write(kept)
            with tqdm(
                total=city.persons, unit=" persons", desc="city", file=sys.stderr, mininterval=0.5
            ) as bar:

                def move(done: int) -> None:
                    bar.update(done - bar.n)

                await load_demo_city(
                    database,
                    ring,
                    mainland_calendar(),
                    today=city.today,
                    persons=city.persons,
                    progress=move,
                )
            City(city.persons, city.today, complete=True).write(kept)
        elif persons not in {None, city.persons}:
            click.echo(
                f"reusing the city of {city.persons} persons under {settings.home}; PERSONS is "
                "ignored: remove that folder, or name another in JUZHU_HOME, for another city",
                err=True,
            )
    return issuer


def _kept(path: Path) -> City | None:
    try:
        kept: Mapping[str, object] = orjson.loads(path.read_bytes())
        return City(
            int(str(kept["persons"])),
            date.fromisoformat(str(kept["today"])),
            complete=bool(kept["complete"]),
        )
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        end(
            f"{path.name} can't be read",
            "remove the folder JUZHU_HOME (all of it is synthetic) and start again",
            REFUSED,
        )


async def _officials(database: Database, registrar: Registrar, moment: Moment) -> None:
    """Register one official for each desk and the auditor."""
    for department in DESKS:
        division = None if department == "auditor" else DEMO_DIVISION
        try:
            await database.write(
                lambda session, department=department, division=division: registrar.add_official(  # type: ignore[misc]  # bound early: the loop goes on
                    session,
                    department=department,
                    official=OFFICIAL,
                    role=department,
                    division=division,
                    until=None,
                    moment=moment,
                )
            )
        except RegisterError:
            continue  # registered by an earlier run


def _greet(address: str, settings: Settings, issuer: DemonstrationIssuer) -> None:
    """Print the address, the tokens and a request that answers."""
    tokens = {
        department: issuer.token(
            audience=settings.audience,
            department=department,
            official=OFFICIAL,
            purposes=(),
            now=SystemClock().now(),
        )
        for department in SHOWN
    }
    body = orjson.dumps(
        {
            "query": (
                "query($n:String!,$m:String!){person(idNumber:$n,name:$m){permit{active"
                ' entitled(service:"24(4)")}residence{division{name}continuousAtLeast(months:6)}}}'
            ),
            "variables": {"n": DEMO_HOLDER_NUMBER, "m": DEMO_HOLDER_NAME},
        }
    ).decode()
    lines = [
        "",
        f"Juzhu serves a synthetic city on {address}/graphql (Ctrl-C ends it).",
        "",
        *(f"token for {name} (12 hours):\n{token}\n" for name, token in tokens.items()),
        f"desks work in {DEMO_DIVISION}; the header of their open case is:",
        f"  Juzhu-Case: {quote(DEMO_CASE)}",
        "",
        "Paste this into another terminal; education asks whether a parent's permit is active:",
        "",
        (
            f"curl -s {address}/graphql -H 'Authorization: Bearer {tokens['education']}'"
            " -H 'Content-Type: application/json' -H 'Juzhu-Purpose: school-place'"
            f" -H 'Juzhu-Case: demo-1' -d '{body}'"
        ),
        "",
    ]
    click.echo("\n".join(lines))
