"""`juzhu policy who-can|explain|expiring`: questions to the rules, answered in words.

Each answer is the table's that requests are answered by. Exit 0: yes; 1: no.
"""

from collections.abc import Iterable
from datetime import date, datetime, timedelta
from pathlib import Path as FilePath

import click

from cli.policy_rules import (
    as_json,
    day_from,
    day_text,
    load,
    of_rules,
    on_day,
    path_from,
    purpose_from,
    roles_from,
    tell_json,
    whole,
)
from cli.refusals import REFUSED, refusals
from policies.asking import Ending, Held, coming, elsewhere, endings, holders, rules_by_id
from policies.catalogue import SHOWING
from policies.permission import Action, Path, Scope
from policies.table import Policies, PurposeRefusedError

_of_action = click.option(
    "--action",
    type=click.Choice([action.value for action in Action]),
    help="read, filter, sort, count or call.",
)


@click.command(name="who-can")
@click.argument("path")
@_of_action
@of_rules
@on_day
@as_json
def who_can(
    *, path: str, action: str | None, directory: FilePath, asked: datetime | None, as_json: bool
) -> None:
    """Say who may use PATH, for which purpose, in which rendering; every action without --action.

    Exit 1: nobody. Example: juzhu policy who-can Permit.validTo --action read
    """
    day = day_from(asked)
    named = path_from(path)
    with refusals():
        policies = load(directory)
    actions = [Action(action)] if action else whole().catalogue.paths[named].actions
    found = holders(policies, named, actions, day)
    if as_json:
        tell_json({"path": named, "on": day.isoformat(), "holders": [_held(one) for one in found]})
    else:
        for one in found:
            decision = one.decision
            click.echo(
                f"{one.seat.department}  {one.seat.role}  {one.seat.purpose}  {one.action}  "
                f"{decision.rendering}  {_scopes(one.scopes)}  until {day_text(decision.until)}  "
                f"{' '.join(decision.rules)}"
            )
        if not found:
            click.echo(f"nobody may {action or 'use'} {named} on {day}")
    if not found:
        raise SystemExit(REFUSED)


def _held(held: Held) -> dict[str, object]:
    return {
        "department": held.seat.department,
        "role": held.seat.role,
        "purpose": held.seat.purpose,
        "action": held.action,
        "rendering": held.decision.rendering,
        "scope": None if held.scopes is None else sorted(held.scopes),
        "until": None if held.decision.until is None else held.decision.until.isoformat(),
        "rules": list(held.decision.rules),
        "because": list(held.decision.because),
    }


def _scopes(scopes: frozenset[Scope] | None) -> str:
    return "no rows" if scopes is None else " and ".join(sorted(scopes))


@click.command()
@click.argument("path")
@click.option("--department", required=True, help="The department's code, such as education.")
@click.option("--role", help="One of its roles; all of them if none.")
@click.option("--purpose", required=True, help="The purpose that it names.")
@_of_action
@of_rules
@on_day
@as_json
def explain(
    *,
    path: str,
    department: str,
    role: str | None,
    purpose: str,
    action: str | None,
    directory: FilePath,
    asked: datetime | None,
    as_json: bool,
) -> None:
    """Say why a department may, or may not, use PATH for a purpose.

    Without --action it is about reading or calling it. Exit 0: it may. 1: it may not.
    Example: juzhu policy explain --department education --purpose school-place Permit.active
    """
    day = day_from(asked)
    named = path_from(path)
    with refusals():
        policies = load(directory)
    roles = roles_from(policies, department, role, day)
    purpose_from(policies, purpose)
    (shown,) = whole().catalogue.paths[named].actions & SHOWING or {Action.READ}
    cell = named, Action(action) if action else shown
    said = _explained(policies, roles, purpose, cell, day)
    if as_json:
        tell_json({"department": department, "purpose": purpose, "on": day.isoformat()} | said)
    else:
        for line in _in_words(said):
            click.echo(line)
    if said["decision"] != "granted":
        raise SystemExit(REFUSED)


def _explained(
    policies: Policies,
    roles: frozenset[str],
    purpose: str,
    cell: tuple[Path, Action],
    day: date,
) -> dict[str, object]:
    path, action = cell
    said: dict[str, object] = {"roles": sorted(roles), "path": path, "action": action}
    others = [one.code for one in elsewhere(policies, roles, cell, day)]
    try:
        table = policies.table(roles, purpose, day)
    except PurposeRefusedError as refusal:
        return said | {"decision": f"purpose_{refusal.reason}", "grantedFor": others}
    decision = table.decide(path, action)
    known = rules_by_id(policies)
    scopes = table.scopes_of(path)
    begins = None if decision.granted else coming(policies, roles, purpose, cell, day)
    return said | {
        "decision": decision.reason,
        "rendering": decision.rendering,
        "scope": None if scopes is None else sorted(scopes),
        "until": None if decision.until is None else decision.until.isoformat(),
        "rules": [
            {
                "rule": rule,
                "from": known[rule].since.isoformat(),
                "until": day_text(known[rule].until),
                "because": known[rule].because,
            }
            for rule in decision.rules
        ],
        "grantedFrom": None if begins is None else begins.isoformat(),
        "grantedFor": others,
    }


_WHY = {
    "granted": "granted",
    "no_grant": "refused: no rule grants it, and what isn't granted is refused",
    "explicit_deny": "refused: a rule denies it, and a deny wins",
    "expired": "refused: the rule that granted it has ended",
    "purpose_not_of_role": "refused: purposes.csv doesn't open this purpose to the role",
}


def _in_words(said: dict[str, object]) -> Iterable[str]:
    decision = str(said["decision"])
    yield f"{said['path']} {said['action']}: {_WHY[decision]}"
    if decision == "granted":
        yield f"rendering: {said['rendering']}"
        yield f"stands until: {said['until'] or 'open'}"
        scope = said["scope"]
        if isinstance(scope, list):
            yield f"rows: {' and '.join(scope)}"
    rules = said.get("rules")
    for rule in rules if isinstance(rules, list) else []:
        yield f"rule: {rule['rule']}, from {rule['from']} until {rule['until']}"
        yield f"because: {rule['because']}"
    if decision != "granted":
        others = said["grantedFor"]
        if said.get("grantedFrom"):
            yield f"granted from: {said['grantedFrom']}"
        if isinstance(others, list) and others:
            yield f"granted for another purpose: {' '.join(others)}"


@click.command()
@click.option(
    "--within",
    type=click.IntRange(0, 3660),
    default=30,
    show_default=True,
    help="How many days ahead to look.",
)
@of_rules
@on_day
@as_json
def expiring(*, within: int, directory: FilePath, asked: datetime | None, as_json: bool) -> None:
    """List what departments may do today and not, or otherwise, within some days.

    Example: juzhu policy expiring --within 60
    """
    day = day_from(asked)
    with refusals():
        policies = load(directory)
    found = endings(policies, day, day + timedelta(days=within))
    if as_json:
        said = [_ending(one) for one in found]
        tell_json({"on": day.isoformat(), "within": within, "endings": said})
        return
    for one in found:
        place = "  ".join(filter(None, (one.department, one.role, one.purpose)))
        rules = f" ({' '.join(one.rules)})" if one.rules else ""
        click.echo(f"{one.last}  {place}  {one.what}{rules}, then {one.then}")
    if not found:
        click.echo(f"nothing ends from {day} until {day + timedelta(days=within)}")


def _ending(ending: Ending) -> dict[str, object]:
    return {
        "until": ending.last.isoformat(),
        "department": ending.department,
        "role": ending.role or None,
        "purpose": ending.purpose or None,
        "what": ending.what,
        "rules": list(ending.rules),
        "then": ending.then,
    }
