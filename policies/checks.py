"""Lints that look at one line, or at one register, of a rule set that reads.

Never: looks for what is missing; that is `policies.coverage`.
"""

from collections.abc import Iterable, Iterator

from policies.catalogue import ROWLESS, ROWS, Catalogue, owner
from policies.coverage import covered
from policies.days import meet
from policies.files import Row
from policies.finding import Finding
from policies.oracle import MOST_INHERITANCES
from policies.permission import Action, Effect, Path, Rendering
from policies.renderings import applies
from policies.ruleset import (
    ANY_PURPOSE,
    Department,
    FieldRule,
    Role,
    RowRule,
    RuleSet,
)


def line(
    row: Row, rule: FieldRule | RowRule, rules: RuleSet, catalogue: Catalogue
) -> Iterator[Finding]:
    """Everything that can be said of one rule beside the registers and the catalogue."""
    if rule.role not in rules.roles:
        yield row.finding("the role is unknown", "Add it to roles.csv, or correct it")
    elif rule.role not in _roles_of_file(row, rules):
        yield row.finding("the role is not of this file's department", "Move the line to its file")
    yield from _purpose(row, rule, rules)
    if isinstance(rule, RowRule):
        if rule.type not in ROWS.values():
            types = " ".join(sorted(set(ROWS.values())))
            yield row.finding("the type has no rows of its own", f"Write one of: {types}")
    else:
        yield from _paths(row, rule, catalogue)


def _roles_of_file(row: Row, rules: RuleSet) -> frozenset[str]:
    name = row.file.removesuffix(".csv")
    entries = [entry.roles for entry in rules.departments if entry.code == name]
    return frozenset().union(*entries)


def _purpose(row: Row, rule: FieldRule | RowRule, rules: RuleSet) -> Iterator[Finding]:
    if rule.purpose == ANY_PURPOSE:
        return
    purpose = rules.purposes.get(rule.purpose)
    if purpose is None:
        yield row.finding("the purpose is unknown", "Add it to purposes.csv, or correct it")
    elif rule.role in rules.roles and not any(
        rule.role in rules.closure({role}) for role in purpose.roles
    ):
        yield row.finding(
            "the role may not name this purpose", "Add the role to the purpose in purposes.csv"
        )


def _paths(row: Row, rule: FieldRule, catalogue: Catalogue) -> Iterator[Finding]:
    matched = list(covered(rule, catalogue))
    if not matched:
        yield row.finding(
            "the path matches nothing of the schema", "Correct it, or remove the line"
        )
        return
    reached = [path for path in matched if rule.action in catalogue.paths[path].actions]
    if not reached:
        known = " ".join(
            sorted({str(a) for path in matched for a in catalogue.paths[path].actions})
        )
        yield row.finding("the action means nothing on this path", f"Write one of: {known}")
    for path in reached:
        yield from _rendering(row, rule, path, catalogue)
    if rule.action is not Action.READ and rule.rendering not in {None, Rendering.PLAIN}:
        yield row.finding("only a read has a mask", "Write plain")
    if rule.purpose == ANY_PURPOSE and rule.effect is Effect.ALLOW:
        yield row.finding("only a deny is for every purpose", "Name the purpose")


def _rendering(row: Row, rule: FieldRule, path: Path, catalogue: Catalogue) -> Iterator[Finding]:
    kind = catalogue.paths[path].kind
    if rule.rendering is not None and not applies(rule.rendering, kind):
        what = f"{rule.rendering} does not apply to {path}, which is a {kind}"
        yield row.finding(what, "Write a rendering for this kind, or `plain`")


def types(catalogue: Catalogue) -> Iterator[Finding]:
    """Every type of the schema has row rules of its own, of another type, or needs none."""
    for type_ in sorted({owner(path) for path in catalogue.paths} - ROWS.keys() - ROWLESS):
        what = f"nothing says which row rules govern the type {type_}"
        yield Finding(
            "catalogue.py", 0, what, "Name it in ROWS or ROWLESS of policies/catalogue.py"
        )


def inheritance(roles: Iterable[tuple[Row, Role]], rules: RuleSet) -> Iterator[Finding]:
    """No role inherits itself, and no chain is too long for Casbin."""
    depths = _depths(rules)
    for row, role in roles:
        depth = depths.get(role.code)
        if depth is None:
            yield row.finding(f"the role {role.code} inherits itself", "Break the circle")
        elif depth > MOST_INHERITANCES:
            what = f"the role {role.code} inherits over more than {MOST_INHERITANCES} steps"
            yield row.finding(what, "Inherit more directly; Casbin follows no further")


def _depths(rules: RuleSet) -> dict[str, int]:
    """The longest chain above each role; a role that a circle stands above is left out.

    Each role is settled once, after all that it inherits: neither a long chain nor roles that
    inherit each other many ways cost more than their lines.
    """
    waiting = {
        code: {parent for parent in role.inherits if parent in rules.roles}
        for code, role in rules.roles.items()
    }
    heirs: dict[str, list[str]] = {}
    for code, parents in waiting.items():
        for parent in parents:
            heirs.setdefault(parent, []).append(code)
    depths = {code: 0 for code, parents in waiting.items() if not parents}
    settled = list(depths)
    while settled:
        parent = settled.pop()
        for code in heirs.get(parent, ()):
            waiting[code].discard(parent)
            if not waiting[code]:
                above = (each for each in rules.roles[code].inherits if each in depths)
                depths[code] = 1 + max(depths[each] for each in above)
                settled.append(code)
    return depths


def twice(rows: Iterable[Row]) -> Iterator[Finding]:
    """A code stands once."""
    seen: set[str] = set()
    for row in rows:
        code = row.cells["code"]
        if code in seen:
            yield row.finding(f"{code} stands twice", "Keep one of the two lines")
        seen.add(code)


def overlapping_names(departments: Iterable[tuple[Row, Department]]) -> Iterator[Finding]:
    """A department has one name on a day; reforms rename it from a day on."""
    seen: dict[str, list[Department]] = {}
    for row, entry in departments:
        named = seen.setdefault(entry.code, [])
        if any(meet(other, entry) for other in named):
            yield row.finding(f"{entry.code} has two names at once", "End the earlier one before")
        named.append(entry)
