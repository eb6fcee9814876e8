"""`juzhu policy grant`: draft the lines of a grant, and say what lint makes of them.

Never: changes a rule file. The officer puts the lines at the end of the file that is named.
"""

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import datetime
from pathlib import Path as FilePath
from shutil import copy, copytree
from tempfile import TemporaryDirectory
from typing import Final

import click

from cli.policy_rules import (
    as_json,
    day_from,
    load,
    of_rules,
    path_from,
    purpose_from,
    roles_from,
    tell_json,
    whole,
)
from cli.refusals import MISUSE, REFUSED, end, refusals
from policies.catalogue import ROWS, Kind, owner
from policies.files import RULE_HEADING
from policies.finding import Finding
from policies.lint import check
from policies.permission import Action, Effect, Path, Rendering, Scope

_REGISTERS: Final = ("roles.csv", "purposes.csv", "departments.csv")
_DAY: Final = click.DateTime(["%Y-%m-%d"])

Line = dict[str, str]


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH...")
@click.option("--department", required=True, help="Whose file the lines are for.")
@click.option("--role", help="The role; needed where the department has several.")
@click.option("--purpose", required=True, help="The purpose.")
@click.option(
    "--action",
    type=click.Choice([action.value for action in Action]),
    help="read, filter, sort, count or call; read or call if none.",
)
@click.option(
    "--rendering",
    type=click.Choice([rendering.value for rendering in Rendering]),
    help="How it is shown; needed where a read could be masked.",
)
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="Draft row lines with this scope too; can be given several times.",
)
@click.option("--from", "since", type=_DAY, help="The first day; today if none.")
@click.option("--until", type=_DAY, help="The last day, inclusive; open if none.")
@click.option("--because", required=True, help="Law and article, document number, who approved.")
@of_rules
@as_json
def grant(
    *,
    paths: tuple[str, ...],
    department: str,
    role: str | None,
    purpose: str,
    action: str | None,
    rendering: str | None,
    scopes: tuple[str, ...],
    since: datetime | None,
    until: datetime | None,
    because: str,
    directory: FilePath,
    as_json: bool,
) -> None:
    """Draft the CSV lines that grant PATH..., checked together with the rules that are there.

    Exit 0: lint finds nothing with these lines. 1: it does. No file is changed.
    Example: juzhu policy grant Permit.issuedOn --department education --purpose school-place
    --rendering year --because "办法第二十四条（四）"
    """
    first = day_from(since)
    with refusals():
        policies = load(directory)
    roles = roles_from(policies, department, role, first)
    if len(roles) != 1:
        end(f"{department} has several roles", f"add --role: {' '.join(sorted(roles))}", MISUSE)
    shared = {
        "role": next(iter(roles)),
        "purpose": purpose_from(policies, purpose),
        "effect": Effect.ALLOW.value,
        "from": first.isoformat(),
        "until": "" if until is None else until.date().isoformat(),
        "because": because,
    }
    named = [path_from(path) for path in paths]
    lines = [*_rows(named, scopes, shared)]
    lines += [_field(path, action, rendering, shared) for path in named]
    text = _csv(lines)
    findings = _check(directory, f"{department}.csv", text)
    if as_json:
        said = [str(one) for one in findings]
        tell_json({"file": f"rules/{department}.csv", "lines": lines, "findings": said})
    else:
        click.echo(text, nl=False)
    for finding in findings:
        click.echo(f"error: {finding}", err=True)
    if findings:
        click.echo("hint: with these lines the rules can't be loaded; change the command", err=True)
        raise SystemExit(REFUSED)


def _field(path: Path, action: str | None, rendering: str | None, shared: Line) -> Line:
    spec = whole().catalogue.paths[path]
    plainly = Action.CALL if Action.CALL in spec.actions else Action.READ
    chosen = Action(action) if action else plainly
    if rendering is None and chosen is Action.READ and spec.kind is not Kind.OBJECT:
        if spec.kind is not Kind.BOOLEAN:
            # Nobody should get a whole value because an option was forgotten.
            known = " ".join(Rendering)
            end(f"{path} needs a rendering", f"add --rendering, one of: {known}", MISUSE)
        rendering = Rendering.YES_NO.value
    return _line(
        shared,
        kind="field",
        action=chosen.value,
        path=path,
        rendering=rendering or Rendering.PLAIN.value,
    )


def _rows(paths: Iterable[Path], scopes: Iterable[str], shared: Line) -> Iterator[Line]:
    types = dict.fromkeys(ROWS[owner(path)] for path in paths if owner(path) in ROWS)
    for type_ in types:
        for scope in scopes:
            yield _line(shared, kind="row", path=type_, scope=scope)


def _line(shared: Line, **cells: str) -> Line:
    return {column: (shared | cells).get(column, "") for column in RULE_HEADING}


def _csv(lines: Iterable[Line]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, RULE_HEADING, lineterminator="\n")
    writer.writerows(lines)
    return text.getvalue()


def _check(directory: FilePath, file: str, text: str) -> tuple[Finding, ...]:
    """What lint says of the rules with the lines at the end of a file."""
    with TemporaryDirectory() as folder:
        tried = FilePath(folder)
        for name in _REGISTERS:
            copy(directory / name, tried / name)
        copytree(directory / "rules", tried / "rules")
        target = tried / "rules" / file
        before = target.read_text("utf-8-sig") if target.exists() else ",".join(RULE_HEADING)
        target.write_text(before.rstrip("\n") + "\n" + text, "utf-8")
        return check(tried, whole().catalogue)[1]
