"""`juzhu department`: departments that this release knows and an older database doesn't.

A new deployment is founded with all departments of its release. One that was founded earlier lacks
those that came later: their clients and officials can't be registered until they are added here.
This module never makes up a department; what each is called is the release's.
"""

from functools import partial

import click
import orjson

from cli.access_register import by_whom, change_with, look, this_moment, today
from cli.refusals import refusals
from db.department_changes import DepartmentRegistrar
from db.register_founding import STARTING_DEPARTMENTS

_NAME = "juzhu department"
"""How the audit log names this command."""


@click.group()
def department() -> None:
    """Departments of the register."""


@department.command()
@click.argument("codes", metavar="[CODE]...", nargs=-1)
@by_whom
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def add(*, codes: tuple[str, ...], by: str | None, as_json: bool) -> None:
    """Add departments of this release to a register founded earlier; all that lack if none named.

    Example: `juzhu department add statistics finance`.
    """
    with refusals():
        moment = this_moment()
        added = change_with(
            DepartmentRegistrar,
            _NAME,
            by,
            lambda registrar: partial(registrar.add, codes=codes, moment=moment),
        )
    if as_json:
        click.echo(orjson.dumps({"added": list(added)}).decode())
    elif added:
        click.echo(f"added: {', '.join(added)}, from {moment.day.isoformat()}")
    else:
        click.echo("the register has every department of this release already")


@department.command(name="list")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def list_(*, as_json: bool) -> None:
    """List departments with their state today, and those that could be added."""
    with refusals():
        register = look()
    day = today()
    current = {each.code for each in register.departments_on(day)}
    rows = [
        {
            "department": each.code,
            "zh": each.zh,
            "en": each.en,
            "from": each.valid_from,
            "until": each.valid_until,
            "state": "active" if each.code in current else "ended",
        }
        for each in register.departments
    ]
    there = {each.code for each in register.departments}
    rows += [
        {
            "department": each.code,
            "zh": each.zh,
            "en": each.en,
            "from": None,
            "until": None,
            "state": "lacking",
        }
        for each in STARTING_DEPARTMENTS
        if each.code not in there
    ]
    if as_json:
        click.echo(orjson.dumps({"departments": rows}).decode())
        return
    for row in rows:
        click.echo("  ".join(value if value is not None else "-" for value in row.values()))
    if any(row["state"] == "lacking" for row in rows):
        click.echo("hint: add what is lacking with juzhu department add", err=True)
