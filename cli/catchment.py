"""`juzhu catchment`: a department's lists of townships, approved by public security before use.

Whoever changes one shows a token of an official: two names typed under one account would be no two
persons. The token is read from a file, or from standard input with `-`; it is never printed.
"""

import asyncio
import sys
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from typing import TypeVar

import click
import orjson

from audit.entry import Actor
from cli.access_register import look, settings_of_environment, this_moment, today
from cli.catchment_file import read_places
from cli.home import Home, open_home
from cli.refusals import refusals
from db.catchment import Catchment
from db.catchment_changes import By, CatchmentRegistrar
from db.register import Register
from db.register_changes import Change
from db.register_refusals import RegisterError
from server.auth import Authenticator, Provider
from server.city import read_city
from server.clock import SystemClock
from server.key_sources import KeySet
from server.log import Log
from server.settings import Mode, Settings
from server.tokens import TokenRefusedError

T = TypeVar("T")
_DAY = click.DateTime(["%Y-%m-%d"])
_MOST_TOKEN = 16 * 1024

_by_token = click.option(
    "--token",
    "token_file",
    required=True,
    type=click.Path(allow_dash=True, dir_okay=False, path_type=Path),
    help="The file with the official's bearer token; - reads it from standard input.",
)
_as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@click.group()
def catchment() -> None:
    """Catchments: dated lists of townships for `Person.inCatchment`."""


@catchment.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--department", required=True, help="The department whose list it is.")
@click.option("--name", required=True, help="The catchment's name, such as school-12.")
@click.option("--from", "first", required=True, type=_DAY, help="The first day, YYYY-MM-DD.")
@click.option("--until", "last", type=_DAY, help="The last day, YYYY-MM-DD; open if none.")
@_by_token
@_as_json
def load(
    *,
    file: Path,
    department: str,
    name: str,
    first: datetime,
    last: datetime | None,
    token_file: Path,
    as_json: bool,
) -> None:
    """Load a version from FILE (XLSX or CSV); it waits for public security."""
    with refusals():
        places, moment = read_places(file), this_moment()
        version = _change(
            token_file,
            lambda registrar: partial(
                registrar.load,
                name=name,
                places=places,
                first=first.date(),
                last=None if last is None else last.date(),
                moment=moment,
            ),
            department=department,
        )
    if as_json:
        click.echo(orjson.dumps({"id": version, "name": name, "places": len(places)}).decode())
    else:
        click.echo(f"loaded: {name}, {len(places)} townships; {version} waits for approval")


@catchment.command()
@click.argument("version", metavar="ID")
@_by_token
@_as_json
def approve(*, version: str, token_file: Path, as_json: bool) -> None:
    """Let a version be used; ID is what `list` shows."""
    with refusals():
        moment = this_moment()
        city = read_city(settings_of_environment(), moment.day)
        least = city.schedule.on(moment.day).values.catchment_least_persons
        _change(
            token_file,
            lambda registrar: partial(
                registrar.approve, version=version, least=least, moment=moment
            ),
        )
    click.echo(_told({"id": version, "approvedAt": moment.time}, "approved", as_json=as_json))


@catchment.command()
@click.argument("version", metavar="ID")
@_by_token
@_as_json
def retire(*, version: str, token_file: Path, as_json: bool) -> None:
    """Take a version out of use at once and for good."""
    with refusals():
        moment = this_moment()
        _change(
            token_file,
            lambda registrar: partial(registrar.retire, version=version, moment=moment),
        )
    click.echo(_told({"id": version, "retiredAt": moment.time}, "retired", as_json=as_json))


@catchment.command(name="list")
@_as_json
def list_(*, as_json: bool) -> None:
    """List all versions with their state today."""
    with refusals():
        register = look()
    rows = [
        {
            "id": each.id,
            "department": each.department,
            "name": each.name,
            "townships": len(each.places),
            "from": each.valid_from,
            "until": each.valid_until,
            "state": _state(each, today()),
        }
        for each in sorted(register.catchments, key=lambda one: (one.name, one.valid_from))
    ]
    if as_json:
        click.echo(orjson.dumps({"catchments": rows}).decode())
        return
    for row in rows:
        click.echo("  ".join(str(value if value is not None else "-") for value in row.values()))
    if not rows:
        click.echo("no catchment yet")


def _state(version: Catchment, day: date) -> str:
    if version.retired_at is not None:
        return "retired"
    if version.approved_by is None:
        return "waits for approval"
    if version.on(day.isoformat()):
        return "in use"
    return "ended" if version.valid_from <= day.isoformat() else "begins later"


def _told(answer: dict[str, str], done: str, *, as_json: bool) -> str:
    return orjson.dumps(answer).decode() if as_json else f"{done}: {answer['id']}"


def _change(
    token_file: Path,
    work: Callable[[CatchmentRegistrar], Change[T]],
    *,
    department: str | None = None,
) -> T:
    """Run one change in one transaction, as the official whose token is shown."""
    settings, text = settings_of_environment(), _token(token_file)

    async def run() -> T:
        async with open_home(settings, now=_now()) as home:
            by = await _identified(home, settings, text)
            if department is not None and by.department != department:
                raise RegisterError(
                    "the token is another department's",
                    hint="show a token of the department whose list it is",
                )
            return await home.database.write(work(CatchmentRegistrar(home.database, home.ring, by)))

    return asyncio.run(run())


def _token(path: Path) -> bytes:
    try:
        text = sys.stdin.buffer.read(_MOST_TOKEN) if str(path) == "-" else path.read_bytes()
    except OSError:
        raise RegisterError("the token can't be read", hint="check --token") from None
    return text.strip()


async def _identified(home: Home, settings: Settings, token: bytes) -> By:
    """Check a token as the service does: the register says what its official may act as."""
    clock = SystemClock()
    register = Register(home.database, home.ring)
    await register.refresh()
    provider: Provider | None = None
    if settings.provider is not None:
        keys = KeySet(settings.provider.jwks, Log(clock, lambda _line: None))
        await keys.load()
        provider = Provider(issuer=settings.provider.issuer, keys=keys)
    authenticator = Authenticator(
        register=register,
        provider=provider,
        audience=settings.audience,
        demonstration=settings.mode is Mode.DEMO,
        clock=clock,
    )
    try:
        found = authenticator.identify(token)
    except TokenRefusedError:
        raise RegisterError(
            "the token is refused", hint="get a new one; `juzhu token` makes demonstration tokens"
        ) from None
    return By(
        department=found.department,
        official=found.official,
        roles=found.roles,
        division=found.division,
        actor=Actor(
            client=found.client,
            official=found.official,
            department=found.department,
            roles=tuple(sorted(found.roles)),
            division=found.division,
            authentication=found.authentication,
            address="local",
        ),
    )


def _now() -> datetime:
    return datetime.fromtimestamp(SystemClock().now(), UTC)
