"""`juzhu official`: register officials of desks and auditors, end their entries, list them."""

from datetime import date, datetime
from functools import partial

import click
import orjson

from cli.access_register import by_whom, change, look, this_moment, today
from cli.refusals import refusals
from db.register_refusals import RegisterError
from policies.lint import shipped_departments
from policies.ruleset import roles_of

_DAY = click.DateTime(["%Y-%m-%d"])
_NAME = "juzhu official"
"""How the audit log names this command."""


@click.group()
def official() -> None:
    """Officials and what they may act as."""


@official.command()
@click.option("--department", required=True, help="The department's code.")
@click.option("--official", "name", required=True, help="The official's id, the `sub` of tokens.")
@click.option("--role", help="What the official acts as; the department's code if none.")
@click.option("--division", help="6 digits of a county or 9 of a township; desks need one.")
@click.option("--until", type=_DAY, help="The last day, YYYY-MM-DD; open if none.")
@by_whom
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def add(
    *,
    department: str,
    name: str,
    role: str | None,
    division: str | None,
    until: datetime | None,
    by: str | None,
    as_json: bool,
) -> None:
    """Register what an official may act as, from today."""
    with refusals():
        moment = this_moment()
        _require_role(department, role or department, moment.day)
        last = until.date() if until is not None else None
        entry = change(
            _NAME,
            by,
            lambda registrar: partial(
                registrar.add_official,
                department=department,
                official=name,
                role=role or department,
                division=division,
                until=last,
                moment=moment,
            ),
        )
    if as_json:
        answer = {
            "id": entry,
            "department": department,
            "official": name,
            "role": role or department,
            "division": division,
            "until": last.isoformat() if last is not None else None,
        }
        click.echo(orjson.dumps(answer).decode())
    else:
        click.echo(f"added: {name} of {department} as {role or department}; entry {entry}")


def _require_role(department: str, role: str, day: date) -> None:
    """Refuse a role that the rules don't give the department: every request would go without it.

    A department that the rules don't know is the register's to refuse.
    """
    given = roles_of(shipped_departments(), department, day)
    if given and role not in given:
        raise RegisterError(
            "officials of this department don't have this role",
            hint=f"leave --role out, or give one of: {', '.join(sorted(given))}",
        )


@official.command()
@click.argument("entry", metavar="ID")
@by_whom
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def end(*, entry: str, by: str | None, as_json: bool) -> None:
    """End an entry at once; ID is what `list` shows."""
    with refusals():
        moment = this_moment()
        change(
            _NAME,
            by,
            lambda registrar: partial(registrar.end_official, entry=entry, moment=moment),
        )
    if as_json:
        click.echo(orjson.dumps({"id": entry, "endedAt": moment.time}).decode())
    else:
        click.echo(f"ended: entry {entry}")


@official.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_(*, as_json: bool) -> None:
    """List entries with their state today."""
    with refusals():
        register = look()
    day = today().isoformat()
    rows = [
        {
            "id": entry.id,
            "department": entry.department,
            "official": entry.official,
            "role": entry.role,
            "division": entry.division,
            "from": entry.valid_from,
            "until": entry.valid_until,
            "state": "active" if entry.on(day) else "ended",
        }
        for entries in register.officials.values()
        for entry in entries
    ]
    if as_json:
        click.echo(orjson.dumps({"officials": rows}).decode())
        return
    for row in rows:
        click.echo("  ".join(str(value if value is not None else "-") for value in row.values()))
    if not rows:
        click.echo("no official yet")
