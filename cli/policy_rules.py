"""What the commands of `juzhu policy` share: which rules, which day, who asks, what they say.

The rules are those that ship, or a directory of files in the same form; no database and no key is
read, and nothing is written but what a command is asked for.
"""

import difflib
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from pathlib import Path as FilePath
from typing import Final, NoReturn

import click
import orjson

from cli.refusals import MISUSE, end
from policies.lint import SHIPPED
from policies.permission import Path
from policies.ruleset import roles_of
from policies.table import Policies
from schema.trial import WholeSchema
from server.clock import SystemClock, day_of

SHIPPED_NAME: Final = "shipped"
"""How a command names the rules that ship, where it takes a directory."""

of_rules = click.option(
    "--rules",
    "directory",
    type=click.Path(exists=True, file_okay=False, path_type=FilePath),
    default=SHIPPED,
    show_default="those that ship",
    help="The directory with roles.csv, purposes.csv, departments.csv and rules/.",
)
on_day = click.option(
    "--on",
    "asked",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DAY",
    help="The day to answer for; today in Asia/Shanghai if none.",
)
as_json = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


@cache
def whole() -> WholeSchema:
    """The whole schema, of which every caller sees a part; made once, when it is asked for."""
    return WholeSchema()


def load(directory: FilePath) -> Policies:
    """The rules of a directory, linted.

    Raises:
        LintError: they have findings.

    """
    return Policies.load(catalogue=whole().catalogue, directory=directory)


def day_from(asked: datetime | None) -> date:
    """The day asked for, or today."""
    return day_of(SystemClock().now()) if asked is None else asked.date()


def path_from(text: str) -> Path:
    """A path of the schema, or the end of the command."""
    if text not in whole().catalogue.paths:
        unknown("path", text, whole().catalogue.paths)
    return Path(text)


def roles_from(policies: Policies, department: str, role: str | None, day: date) -> frozenset[str]:
    """The roles that a department's officials may have on a day, or the one that is named."""
    known = {entry.code for entry in policies.departments}
    if department not in known:
        unknown("department", department, known)
    roles = roles_of(policies.departments, department, day)
    if role is not None and role not in roles:
        unknown("role of this department on this day", role, roles)
    if not roles:
        end(
            f"{department} has no role on {day}",
            "departments.csv says on which days it has one; name a day with --on",
            MISUSE,
        )
    return roles if role is None else frozenset({role})


def purpose_from(policies: Policies, purpose: str) -> str:
    """A registered purpose, or the end of the command."""
    if purpose not in policies.purposes:
        unknown("purpose", purpose, policies.purposes)
    return purpose


def unknown(what: str, given: str, known: Iterable[str]) -> NoReturn:
    """End a command that names what isn't there, with what it may have meant."""
    choices = sorted(known)
    near = difflib.get_close_matches(given, choices, n=3, cutoff=0.4)
    hint = f"did you mean {' or '.join(near)}?" if near else f"one of: {' '.join(choices[:30])}"
    end(f"there is no {what} {given[:80]!r}", hint, MISUSE)


def tell_json(value: object) -> None:
    """Print a value as JSON."""
    click.echo(orjson.dumps(value).decode())


def day_text(day: date | None) -> str:
    """A day, or that there is none."""
    return "open" if day is None else day.isoformat()
