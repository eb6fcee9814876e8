"""Lints that compare rules with each other: what overlaps, what contradicts, what is missing.

Never: runs on a set whose lines don't read; every line would then seem to lack another.
"""

from collections.abc import Iterable, Iterator
from datetime import date
from itertools import combinations
from typing import Final, Protocol

from policies.catalogue import ROWS, SHOWING, Catalogue, Kind, covers, owner
from policies.files import Row
from policies.finding import Finding
from policies.permission import Action, Effect, Path, RuleId
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
    for code in sorted(rules.roles):
        held = rules.closure({code})
        yield from _row_contradictions([rule for rule in rules.rows if rule.role in held])


def _row_contradictions(rows: Iterable[RowRule]) -> Iterator[Finding]:
    """Compare the row rules of one role, inherited ones among them."""
    for first, second in combinations(rows, 2):
        same = (first.purpose, first.type) == (second.purpose, second.type)
        if not same or not meet(first, second):
            continue
        if first.scope is second.scope and first.role == second.role:
            what = f"{first.id} says the same on the same days"
            yield _at(second.id, what, "Keep one line")
        elif (first.since, first.until) != (second.since, second.until):
            # One scope ending before the other would widen the rows with nobody deciding it.
            what = f"its days differ from those of {first.id}, which limits the same rows"
            yield _at(second.id, what, "Give both the same `from` and `until`")


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
    for rule in rules.fields:
        if rule.effect is Effect.ALLOW:
            yield from _row_rules_for(rule, rules, catalogue)
            if rule.action not in SHOWING:
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
            and other.action in SHOWING
            and covers(other.pattern, path)
            and other.purpose in (rule.purpose, ANY_PURPOSE)
            and meet(other, rule)
        ]
        if any(other.effect is Effect.DENY for other in reads) or not any(
            _spans(other, rule) for other in reads
        ):
            what = f"{rule.action} on {path} without leave to read it on those days"
            yield _at(rule.id, what, "Grant the read for the same purpose, or remove this line")
        elif _finer(rule.action, catalogue.paths[path].kind) and any(
            other.rendering is not None
            and rule.rendering is not None
            and not at_least_as_strict(rule.rendering, other.rendering)
            for other in reads
        ):
            search = "sorting" if rule.action is Action.SORT else "filtering"
            what = f"{search} on {path} shows more than reading it"
            yield _at(rule.id, what, "Remove this line, or grant the read plain")


def _finer(action: Action, kind: Kind) -> bool:
    """Whether an action can find out, by halving, what a mask hides.

    An ID number is only ever compared whole, with one that the caller holds already; a name whole
    as well, and only together with the day of birth.
    """
    return not (action is Action.COUNT or (action is Action.FILTER and kind in _COMPARED_WHOLE))


_COMPARED_WHOLE: Final = frozenset({Kind.ID_NUMBER, Kind.NAME})


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
