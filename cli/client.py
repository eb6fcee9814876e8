"""`juzhu client`: register a department's own key, revoke it, list what there is.

Only public keys come here; a private one is refused before anything is stored.
"""

from datetime import date, datetime
from functools import partial
from pathlib import Path

import click
import orjson

from cli.access_register import by_whom, change, look, this_moment, today
from cli.refusals import refusals
from db.register import SOON_DAYS, ClientKey, Snapshot
from server.public_keys import read_public_key
from server.settings import DEMONSTRATION_ISSUER

_DAY = click.DateTime(["%Y-%m-%d"])
_NAME = "juzhu client"
"""How the audit log names this command."""


@click.group()
def client() -> None:
    """Client systems of departments and their public keys."""


@client.command()
@click.option("--department", required=True, help="The department's code, such as education.")
@click.option(
    "--key",
    "key_file",
    required=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The public key: JWK or PEM; P-256, Ed25519 or RSA of 2048 bits.",
)
@click.option("--until", required=True, type=_DAY, help="The last day, YYYY-MM-DD.")
@click.option(
    "--id", "client_id", help="The client's id, its `iss`; the department's code if none."
)
@by_whom
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def add(
    *,
    department: str,
    key_file: Path,
    until: datetime,
    client_id: str | None,
    by: str | None,
    as_json: bool,
) -> None:
    """Register a department's public key, or a second one for rotation."""
    with refusals():
        key = read_public_key(key_file.read_bytes())
        name = client_id or department
        moment = this_moment()
        active = change(
            _NAME,
            by,
            lambda registrar: partial(
                registrar.add_client,
                client=name,
                department=department,
                kid=key.kid,
                jwk=key.jwk(),
                until=until.date(),
                moment=moment,
            ),
        )
    if as_json:
        answer = {
            "client": name,
            "department": department,
            "key": key.kid,
            "algorithm": key.algorithm,
            "until": until.date().isoformat(),
            "activeKeys": active,
        }
        click.echo(orjson.dumps(answer).decode())
    else:
        click.echo(f"added: client {name} of {department}, until {until.date().isoformat()}")
        click.echo(f"key: {key.kid} ({key.algorithm}); {active} active")
    _warn(name, key.kid, until.date(), moment.day)


@client.command()
@click.argument("client_id", metavar="ID")
@click.option("--key", "kid", help="Revoke only this key of the client.")
@by_whom
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def revoke(*, client_id: str, kid: str | None, by: str | None, as_json: bool) -> None:
    """Revoke a client, or one of its keys, at once and for good."""
    with refusals():
        moment = this_moment()
        change(
            _NAME,
            by,
            lambda registrar: (
                partial(registrar.revoke_client, client=client_id, moment=moment)
                if kid is None
                else partial(registrar.revoke_key, client=client_id, kid=kid, moment=moment)
            ),
        )
    if as_json:
        answer = {"client": client_id, "key": kid, "revokedAt": moment.time}
        click.echo(orjson.dumps(answer).decode())
    else:
        click.echo(f"revoked: {f'key {kid} of ' if kid else ''}client {client_id}")


@client.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_(*, as_json: bool) -> None:
    """List clients and keys with their state today."""
    with refusals():
        register = look()
    day = today()
    rows = [
        {
            "client": known.id,
            "department": known.department,
            "key": key.kid,
            "from": key.valid_from,
            "until": key.valid_until,
            "state": _state(register, key, day),
        }
        for known in register.clients.values()
        for key in register.keys.get(known.id, ())
    ]
    if as_json:
        click.echo(orjson.dumps({"clients": rows}).decode())
    else:
        for row in rows:
            click.echo("  ".join(str(row[name]) for name in row))
        if not rows:
            click.echo("no client yet")
    for row in rows:
        if row["state"] == "active" and row["until"] is not None:
            _warn(str(row["client"]), str(row["key"]), date.fromisoformat(str(row["until"])), day)


def _state(register: Snapshot, key: ClientKey, day: date) -> str:
    if key.client != DEMONSTRATION_ISSUER and register.client(key.client, day) is None:
        known = register.clients[key.client]
        return "revoked" if known.revoked_at is not None else "ended"
    if key.revoked_at is not None:
        return "revoked"
    return "active" if key.on(day.isoformat()) else "ended"


def _warn(name: str, kid: str, until: date, day: date) -> None:
    """Say in time that a key ends: the department needs days to make and hand over a new one."""
    left = (until - day).days
    if left <= SOON_DAYS:
        click.echo(
            f"warning: key {kid} of client {name} ends on {until.isoformat()}, {left} days from "
            "now; add the next one with juzhu client add",
            err=True,
        )
