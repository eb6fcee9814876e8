"""`juzhu policy diff`: two rule sets, and what a change of rules does, cell by cell, in words."""

from collections.abc import Iterable
from datetime import date, datetime
from itertools import groupby
from pathlib import Path as FilePath
from typing import Final

import click

from cli.policy_rules import SHIPPED_NAME, as_json, day_from, load, on_day, tell_json
from cli.refusals import REFUSED, refusals
from policies.comparing import Change, Difference, What, compare
from policies.lint import SHIPPED

_WORDS: Final = {
    What.ALLOWED: "newly allowed",
    What.REFUSED: "newly refused",
    What.RENDERED: "otherwise rendered",
    What.ROWS: "reached otherwise",
}


@click.command()
@click.argument("before")
@click.argument("after")
@on_day
@as_json
def diff(*, before: str, after: str, asked: datetime | None, as_json: bool) -> None:
    """Say what the rules AFTER allow, refuse or show otherwise than the rules BEFORE.

    Both are directories, or `shipped`. It looks at the day and all days after it. Exit 0: nothing
    differs. 1: something does. Example: juzhu policy diff shipped ./city
    """
    day = day_from(asked)
    with refusals():
        difference = compare(load(_directory(before)), load(_directory(after)), day)
    if as_json:
        tell_json(_difference(difference))
    else:
        for line in _difference_in_words(difference, day):
            click.echo(line)
    if difference:
        raise SystemExit(REFUSED)


def _directory(named: str) -> FilePath:
    if named == SHIPPED_NAME:
        return SHIPPED
    if not FilePath(named).is_dir():
        raise click.UsageError(f"{named!r} is no directory; name one, or `{SHIPPED_NAME}`.")
    return FilePath(named)


def _difference(difference: Difference) -> dict[str, object]:
    return {
        "changes": [
            {
                "what": one.what,
                "department": one.seat.department,
                "role": one.seat.role,
                "purpose": one.seat.purpose,
                "path": one.path,
                "action": one.action,
                "before": one.before,
                "after": one.after,
                "from": one.since.isoformat(),
                "until": None if one.until is None else one.until.isoformat(),
            }
            for one in difference.changes
        ],
        "registers": [
            {
                "register": one.register,
                "code": one.code,
                "column": one.column or None,
                "before": one.before,
                "after": one.after,
            }
            for one in difference.entries
        ],
    }


def _difference_in_words(difference: Difference, day: date) -> Iterable[str]:
    for department, changes in groupby(difference.changes, key=lambda one: one.seat.department):
        yield department
        for one in changes:
            yield f"  {one.seat.purpose} ({one.seat.role}): {_change(one, day)}"
    for entry in difference.entries:
        column = f" {entry.column}" if entry.column else ""
        yield f"{entry.register}: {entry.code}{column}: {entry.before} → {entry.after}"
    if not difference:
        yield "nothing differs"


def _change(change: Change, day: date) -> str:
    days = "" if change.since == day else f", from {change.since}"
    if change.until is not None:
        days += f", until {change.until}"
    what = (
        f"rows of {change.path}" if change.what is What.ROWS else f"{change.path} {change.action}"
    )
    return f"{what} {_WORDS[change.what]}: {change.before} → {change.after}{days}"
