"""Lints that compare rules with each other: what overlaps, what contradicts, what is missing.

Never: runs on a set whose lines don't read; every line would then seem to lack another.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date

from policies.catalogue import ROWS, SHOWING, Catalogue, covers, owner
from policies.days import Stretches, last_day, meet
from policies.deciding import finer
from policies.files import Row
from policies.finding import Finding
from policies.permission import Action, Effect, Path, Rendering, RuleId, Scope
from policies.renderings import at_least_as_strict
from policies.ruleset import (
    ANY_PURPOSE,
    FieldRule,
    RegisteredPurpose,
    Role,
    RowRule,
    RuleSet,
)


def _at(rule_id: RuleId, what: str, mend: str) -> Finding:
    file, _, line = rule_id.rpartition(":")
    return Finding(file, int(line), what, mend)


def contradictions(rules: RuleSet, catalogue: Catalogue) -> Iterator[Finding]:
    """Two lines that say the same, or not the same, of one cell on one day.

    Of a line that meets several others one is named: mended, it is asked again.
    """
    cells: dict[tuple[str, str, Action, Path, Effect], list[FieldRule]] = {}
    for rule in rules.fields:
        for path in reached(rule, catalogue):
            cell = (rule.role, rule.purpose, rule.action, path, rule.effect)
            cells.setdefault(cell, []).append(rule)
    ids = [*(rule.id for rule in rules.fields), *(row.id for row in rules.rows)]
    place = {rule_id: number for number, rule_id in enumerate(ids)}
    for (_, _, _, path, _), covering in cells.items():
        for one, other, what in _clashes(covering, path):
            first, second = sorted((one.id, other.id), key=place.__getitem__)
            yield _at(second, what.format(first=first), "Keep one, or end the earlier rule before")
    rows: dict[str, list[RowRule]] = {}
    for row in rules.rows:
        rows.setdefault(row.role, []).append(row)
    for code in sorted(rules.roles):
        # Sorted, so that a role's inherited rules stand in one order on every machine.
        held = sorted(rules.closure({code}))
        of_role = [row for each in held for row in rows.get(each, ())]
        yield from _row_contradictions(of_role, place)


def _clashes(
    covering: Sequence[FieldRule], path: Path
) -> Iterator[tuple[FieldRule, FieldRule, str]]:
    """Rules of one cell and effect that meet one that began before them."""
    lasting: dict[tuple[Rendering | None, str], FieldRule] = {}
    for rule in sorted(covering, key=lambda each: each.since):
        for (rendering, pattern), other in lasting.items():
            if not meet(other, rule):
                continue
            if rendering is not rule.rendering:
                yield other, rule, f"{path} is shown otherwise by {{first}} on the same days"
            elif pattern == rule.pattern:
                yield other, rule, "{first} says the same on the same days"
        key = (rule.rendering, rule.pattern)
        lasting[key] = max(lasting.get(key, rule), rule, key=last_day)


def _row_contradictions(rows: Iterable[RowRule], place: Mapping[RuleId, int]) -> Iterator[Finding]:
    """Compare the row rules of one role, inherited ones among them."""
    groups: dict[tuple[str, str], list[RowRule]] = {}
    for row in rows:
        groups.setdefault((row.purpose, row.type), []).append(row)
    for group in groups.values():
        same: dict[tuple[Scope, str], RowRule] = {}
        lasting: list[RowRule] = []
        for row in sorted(group, key=lambda each: (each.since, place[each.id])):
            key = (row.scope, row.role)
            twin = same.get(key)
            others = [each for each in lasting if meet(each, row) and _days(each) != _days(row)]
            if twin is not None and meet(twin, row):
                first, second = sorted((twin.id, row.id), key=place.__getitem__)
                yield _at(second, f"{first} says the same on the same days", "Keep one line")
            elif others:
                # One scope ending before the other would widen the rows with nobody deciding it.
                first, second = sorted((others[0].id, row.id), key=place.__getitem__)
                what = f"its days differ from those of {first}, which limits the same rows"
                yield _at(second, what, "Give both the same `from` and `until`")
            same[key] = max(twin or row, row, key=last_day)
            lasting = _longest([*lasting, row])


def _longest(rows: Sequence[RowRule]) -> list[RowRule]:
    """The row that lasts longest, and of those of other days the one that does.

    Whatever meets a row of other days than its own meets one of these two.
    """
    longest = max(rows, key=last_day)
    others = [row for row in rows if _days(row) != _days(longest)]
    return [longest, *sorted(others, key=last_day)[-1:]]


def _days(row: RowRule) -> tuple[date, date | None]:
    return row.since, row.until


def idle(
    roles: Iterable[tuple[Row, Role]],
    purposes: Iterable[tuple[Row, RegisteredPurpose]],
    rules: RuleSet,
) -> Iterator[Finding]:
    """A role that no rule allows anything, and a purpose that brings one of its roles nothing."""
    allowed = {(rule.role, rule.purpose) for rule in rules.fields if rule.effect is Effect.ALLOW}
    for row, role in roles:
        if not rules.closure({role.code}) & {held for held, _ in allowed}:
            yield row.finding(
                f"the role {role.code} has no rule", "Allow it something, or remove it"
            )
    for row, purpose in purposes:
        for code in sorted(purpose.roles):
            if not any((held, purpose.code) in allowed for held in rules.closure({code})):
                what = f"no rule allows {code} anything for {purpose.code}"
                yield row.finding(what, "Write one, or take the role out of the purpose")


def absences(rules: RuleSet, catalogue: Catalogue) -> Iterator[Finding]:
    """A search for what may not be seen, a field without row rules."""
    rows, shown = _rows_of(rules), _showing_of(rules, catalogue)
    for rule in rules.fields:
        if rule.effect is Effect.ALLOW:
            yield from _row_rules_for(rule, rules, catalogue, rows)
            if rule.action not in SHOWING:
                yield from _shown(rule, rules, catalogue, shown)


_Rows = Mapping[tuple[str, str, str], Stretches]
"""(role, purpose, type) → the days on which a row rule holds."""

_Showing = Mapping[tuple[str, str, Path], Mapping[Rendering | None, Stretches]]
"""(role, purpose, path) → rendering (None: denied) → the days on which it is shown so."""


def _rows_of(rules: RuleSet) -> _Rows:
    found: dict[tuple[str, str, str], list[RowRule]] = {}
    for row in rules.rows:
        found.setdefault((row.role, row.purpose, row.type), []).append(row)
    return {key: Stretches(held) for key, held in found.items()}


def _showing_of(rules: RuleSet, catalogue: Catalogue) -> _Showing:
    found: dict[tuple[str, str, Path], dict[Rendering | None, list[FieldRule]]] = {}
    for rule in rules.fields:
        if rule.action in SHOWING:
            for path in covered(rule, catalogue):
                ways = found.setdefault((rule.role, rule.purpose, path), {})
                ways.setdefault(rule.rendering, []).append(rule)
    return {
        key: {how: Stretches(held) for how, held in ways.items()} for key, ways in found.items()
    }


def covered(rule: FieldRule, catalogue: Catalogue) -> Iterator[Path]:
    """Every path of the schema that a rule's pattern names."""
    exact = Path(rule.pattern)
    if exact in catalogue.paths:
        yield exact
    elif rule.pattern.endswith(".*"):
        yield from (path for path in catalogue.paths if covers(rule.pattern, path))


def reached(rule: FieldRule, catalogue: Catalogue) -> Iterator[Path]:
    """The paths of a rule's pattern on which its action means something."""
    for path in covered(rule, catalogue):
        if rule.action in catalogue.paths[path].actions:
            yield path


def _shown(
    rule: FieldRule, rules: RuleSet, catalogue: Catalogue, showing: _Showing
) -> Iterator[Finding]:
    """A filter, sort or count finds out what a field holds, so the field must be open to read."""
    held = rules.closure({rule.role})
    for path in reached(rule, catalogue):
        ways = [
            way
            for role in sorted(held)
            for purpose in (rule.purpose, ANY_PURPOSE)
            for way in showing.get((role, purpose, path), {}).items()
        ]
        denied = any(how is None and days.meets(rule) for how, days in ways)
        if denied or not any(how is not None and days.spans(rule) for how, days in ways):
            what = f"{rule.action} on {path} without leave to read it on those days"
            yield _at(rule.id, what, "Grant the read for the same purpose, or remove this line")
        elif finer(rule.action, catalogue.paths[path].kind) and any(
            how is not None
            and rule.rendering is not None
            and not at_least_as_strict(rule.rendering, how)
            and days.meets(rule)
            for how, days in ways
        ):
            search = "sorting" if rule.action is Action.SORT else "filtering"
            what = f"{search} on {path} shows more than reading it"
            yield _at(rule.id, what, "Remove this line, or grant the read plain")


def _row_rules_for(
    rule: FieldRule, rules: RuleSet, catalogue: Catalogue, rows: _Rows
) -> Iterator[Finding]:
    held = rules.closure({rule.role})
    governed = {ROWS[owner(path)] for path in reached(rule, catalogue) if owner(path) in ROWS}
    for type_ in sorted(governed):
        days = (rows.get((role, rule.purpose, type_)) for role in held)
        if not any(each is not None and each.spans(rule) for each in days):
            what = f"no row rule says which rows of {type_} this reaches on those days"
            yield _at(rule.id, what, "Add a `row` line for the same role, purpose and days")
