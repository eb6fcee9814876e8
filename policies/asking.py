"""Questions about a rule set: who may, why, until when, and what each department sees.

Every answer is read off the tables that requests are answered by, so a question can't be answered
by another reading of the rules than the service's. Never: reads a clock, or decides anything.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from policies.permission import Action, Decision, Path, RuleId, Scope
from policies.ruleset import FieldRule, RegisteredPurpose, RowRule
from policies.table import FieldTable, Policies

_DAY: Final = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True, order=True)
class Seat:
    """Where a caller sits: a department, one of its roles, a purpose that the role may name."""

    department: str
    role: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Held:
    """One cell that a seat is granted, and the rows that it reaches by it."""

    seat: Seat
    path: Path
    action: Action
    decision: Decision
    scopes: frozenset[Scope] | None
    """None for a path that shows no rows."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """What ends on a day: a cell, the rows of a type, or a department's entry."""

    last: date
    department: str
    role: str
    purpose: str
    what: str
    rules: tuple[RuleId, ...]
    then: str
    """What holds the day after, in one word of the rules."""


def seats(policies: Policies, day: date) -> Iterator[Seat]:
    """Every seat of a day: departments in the order of their register, roles by code."""
    for department in policies.departments:
        if department.on(day):
            for role in sorted(department.roles):
                for purpose in policies.open_to(frozenset({role})):
                    yield Seat(department=department.code, role=role, purpose=purpose.code)


def table_of(policies: Policies, seat: Seat, day: date) -> FieldTable:
    """The table of a seat's role alone."""
    return policies.table({seat.role}, seat.purpose, day)


def holders(
    policies: Policies, path: Path, actions: Iterable[Action], day: date
) -> tuple[Held, ...]:
    """Who may do one of these actions with a path on a day."""
    asked = tuple(actions)
    return tuple(
        held
        for seat in seats(policies, day)
        for held in granted(table_of(policies, seat, day), seat)
        if held.path == path and held.action in asked
    )


def granted(table: FieldTable, seat: Seat) -> Iterator[Held]:
    """Every cell that a seat's table grants, in the order of the schema."""
    for path, action, decision in table.granted():
        yield Held(
            seat=seat,
            path=path,
            action=action,
            decision=decision,
            scopes=table.scopes_of(path),
        )


def rules_by_id(policies: Policies) -> Mapping[RuleId, FieldRule | RowRule]:
    """Every rule under the name that refusals and records give it."""
    rules: list[FieldRule | RowRule] = [*policies.rules.fields, *policies.rules.rows]
    return {rule.id: rule for rule in rules}


def coming(
    policies: Policies, roles: frozenset[str], purpose: str, cell: tuple[Path, Action], day: date
) -> date | None:
    """The first day after `day` on which these roles are granted a cell that they lack today."""
    return next(
        (
            turn
            for turn in policies.turns
            if turn > day and policies.table(roles, purpose, turn).decide(*cell).granted
        ),
        None,
    )


def elsewhere(
    policies: Policies, roles: frozenset[str], cell: tuple[Path, Action], day: date
) -> tuple[RegisteredPurpose, ...]:
    """The purposes for which these roles are granted a cell."""
    return tuple(
        purpose
        for purpose in policies.open_to(roles)
        if policies.table(roles, purpose.code, day).decide(*cell).granted
    )


def endings(policies: Policies, day: date, last: date) -> tuple[Ending, ...]:
    """Everything granted on `day` that is not granted as it is beyond `last`, soonest first."""
    found = [*_departments(policies, day, last)]
    for seat in seats(policies, day):
        table = table_of(policies, seat, day)
        found += _cells(policies, table, seat, last)
        found += _rows(policies, table, seat, day, last)
    return tuple(
        sorted(found, key=lambda end: (end.last, end.department, end.role, end.purpose, end.what))
    )


def _cells(policies: Policies, table: FieldTable, seat: Seat, last: date) -> Iterator[Ending]:
    for held in granted(table, seat):
        until = held.decision.until
        if until is not None and until <= last:
            after = table_of(policies, seat, until + _DAY).decide(held.path, held.action)
            yield Ending(
                last=until,
                department=seat.department,
                role=seat.role,
                purpose=seat.purpose,
                what=f"{held.path} {held.action}",
                rules=held.decision.rules,
                then=after.rendering or after.reason,
            )


def _rows(
    policies: Policies, table: FieldTable, seat: Seat, day: date, last: date
) -> Iterator[Ending]:
    turns = [turn for turn in policies.turns if day < turn <= last + _DAY]
    for type_, scopes in sorted(table.rows.items()):
        for turn in turns:
            after = table_of(policies, seat, turn).scopes(type_)
            if after != scopes:
                rules = [
                    rule.id
                    for rule in policies.rules.rows
                    if rule.until == turn - _DAY and rule.type == type_
                    if rule.role in policies.rules.closure({seat.role})
                    if rule.purpose == seat.purpose
                ]
                yield Ending(
                    last=turn - _DAY,
                    department=seat.department,
                    role=seat.role,
                    purpose=seat.purpose,
                    what=f"rows of {type_}",
                    rules=tuple(rules),
                    then=" and ".join(sorted(after)),
                )
                break


def _departments(policies: Policies, day: date, last: date) -> Iterator[Ending]:
    for entry in policies.departments:
        if entry.on(day) and entry.until is not None and entry.until <= last:
            follows = any(
                other.code == entry.code and other.on(entry.until + _DAY)
                for other in policies.departments
            )
            yield Ending(
                last=entry.until,
                department=entry.code,
                role="",
                purpose="",
                what="the department's entry in departments.csv",
                rules=(),
                then="another entry" if follows else "nobody of it may ask",
            )
