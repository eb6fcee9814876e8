"""Lints that compare rules with each other: what overlaps, what contradicts, what is missing.

Never: runs on a set whose lines don't read; every line would then seem to lack another.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import combinations
from typing import Final, Protocol

from policies.catalogue import ROWS, Catalogue, covers, owner
from policies.finding import Finding
from policies.permission import Action, Effect, Path, RuleId
from policies.renderings import at_least_as_strict
from policies.ruleset import ANY_PURPOSE, FieldRule, RowRule, RuleSet

_SHOWING: Final = frozenset({Action.READ, Action.CALL})


def _at(rule_id: RuleId, what: str, mend: str) -> Finding:
    file, _, line = rule_id.rpartition(":")
    return Finding(file, int(line), what, mend)


class Dated(Protocol):
    """What holds from a day until a day."""

    @property
    def since(self) -> date:
        """The first day."""

    @property
    def until(self) -> date | None:
        """The last day, None where it is open."""


def meet(first: Dated, second: Dated) -> bool:
    """Whether two entries hold on a common day."""
    return _reaches(first.until, second.since) and _reaches(second.until, first.since)


def _reaches(until: date | None, day: date) -> bool:
    return until is None or until >= day


def _spans(outer: Dated, inner: Dated) -> bool:
    """Whether one rule holds on every day on which the other does."""
    if outer.since > inner.since:
        return False
    return outer.until is None or (inner.until is not None and inner.until <= outer.until)


def contradictions(rules: RuleSet, catalogue: Catalogue) -> Iterator[Finding]:
    """Two lines that say the same, or not the same, of one cell on one day."""
    cells: dict[tuple[str, str, Action, Path], list[FieldRule]] = {}
    for rule in rules.fields:
        for path in _reached(rule, catalogue):
            cells.setdefault((rule.role, rule.purpose, rule.action, path), []).append(rule)
    for (_, _, _, path), covering in cells.items():
        for first, second in combinations(covering, 2):
            if first.effect is not second.effect or not meet(first, second):
                continue
            if first.rendering is not second.rendering:
                what = f"{path} is shown otherwise by {first.id} on the same days"
                yield _at(second.id, what, "Keep one rendering, or end the earlier rule before")
            elif first.pattern == second.pattern:
                what = f"{first.id} says the same on the same days"
                yield _at(second.id, what, "Keep one line, or end the earlier rule before")
    yield from _row_contradictions(rules.rows)


def _row_contradictions(rows: Iterable[RowRule]) -> Iterator[Finding]:
    for first, second in combinations(rows, 2):
        same = (first.role, first.purpose, first.type) == (second.role, second.purpose, second.type)
        if not same or not meet(first, second):
            continue
        if first.scope is second.scope:
            what = f"{first.id} says the same on the same days"
            yield _at(second.id, what, "Keep one line")
        elif (first.since, first.until) != (second.since, second.until):
            # One scope ending before the other would widen the rows with nobody deciding it.
            what = f"its days differ from those of {first.id}, which limits the same rows"
            yield _at(second.id, what, "Give both the same `from` and `until`")


def absences(rules: RuleSet, catalogue: Catalogue) -> Iterator[Finding]:
    """A role without rules, a search for what may not be seen, a field without row rules."""
    ruled = {rule.role for rule in rules.fields} | {rule.role for rule in rules.rows}
    for code in sorted(rules.roles.keys() - ruled):
        yield Finding("roles.csv", 0, f"the role {code} has no rule", "Write one, or remove it")
    for rule in rules.fields:
        if rule.effect is Effect.ALLOW:
            yield from _row_rules_for(rule, rules, catalogue)
            if rule.action not in _SHOWING:
                yield from _shown(rule, rules, catalogue)


def _reached(rule: FieldRule, catalogue: Catalogue) -> Iterator[Path]:
    for path, spec in catalogue.paths.items():
        if rule.action in spec.actions and covers(rule.pattern, path):
            yield path


def _shown(rule: FieldRule, rules: RuleSet, catalogue: Catalogue) -> Iterator[Finding]:
    """A filter, sort or count finds out what a field holds, so the field must be open to read."""
    held = rules.closure({rule.role})
    for path in _reached(rule, catalogue):
        reads = [
            other
            for other in rules.fields
            if other.role in held
            and other.action in _SHOWING
            and covers(other.pattern, path)
            and other.purpose in (rule.purpose, ANY_PURPOSE)
            and meet(other, rule)
        ]
        if any(other.effect is Effect.DENY for other in reads) or not any(
            _spans(other, rule) for other in reads
        ):
            what = f"{rule.action} on {path} without leave to read it on those days"
            yield _at(rule.id, what, "Grant the read for the same purpose, or remove this line")
        elif rule.action is Action.SORT and not all(
            other.rendering is None
            or rule.rendering is None
            or at_least_as_strict(rule.rendering, other.rendering)
            for other in reads
        ):
            what = f"sorting on {path} shows more than reading it"
            yield _at(rule.id, what, "Sort by the rendering that is read, or remove this line")


def _row_rules_for(rule: FieldRule, rules: RuleSet, catalogue: Catalogue) -> Iterator[Finding]:
    held = rules.closure({rule.role})
    governed = {ROWS[owner(path)] for path in _reached(rule, catalogue) if owner(path) in ROWS}
    for type_ in sorted(governed):
        if not any(
            row.type == type_
            and row.role in held
            and row.purpose == rule.purpose
            and _spans(row, rule)
            for row in rules.rows
        ):
            what = f"no row rule says which rows of {type_} this reaches on those days"
            yield _at(rule.id, what, "Add a `row` line for the same role, purpose and days")
