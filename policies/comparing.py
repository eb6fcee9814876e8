"""Two rule sets compared, cell by cell, over all days from one on.

What differs is told by what a department would notice: newly allowed, newly refused, otherwise
rendered, other rows, another register entry. A rule that was only written otherwise is no
difference. Never: says which of two sets is the better one.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields
from datetime import date, timedelta
from enum import StrEnum
from typing import Final

from policies.asking import Seat, granted, seats, table_of
from policies.ruleset import Department, RegisteredPurpose, Role
from policies.table import Policies

_DAY: Final = timedelta(days=1)
_REFUSED: Final = "refused"

Cell = tuple[Seat, str, str]
"""Seat, path or type, and action; `rows` for the rows of a type."""

ROWS: Final = "rows"
"""Stands where an action does, for the rows that a type reaches."""


class What(StrEnum):
    """What a change is, to whom it concerns."""

    ALLOWED = "allowed"
    REFUSED = "refused"
    RENDERED = "rendered"
    ROWS = "rows"


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """One cell that answers otherwise from `since` until `until` (None: open)."""

    what: What
    seat: Seat
    path: str
    action: str
    before: str
    after: str
    since: date
    until: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One entry of a register that is there in one set only, or says something else."""

    register: str
    code: str
    column: str
    before: str
    after: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """All that differs."""

    changes: tuple[Change, ...]
    entries: tuple[Entry, ...]

    def __bool__(self) -> bool:
        """Whether anything differs."""
        return bool(self.changes or self.entries)


def compare(before: Policies, after: Policies, day: date) -> Difference:
    """What differs from `before` to `after`, on `day` and on every day that follows."""
    days = sorted({day, *_turns(before, day), *_turns(after, day)})
    told: dict[Cell, list[tuple[date, str, str]]] = {}
    for each in days:
        old, new = _cells(before, each), _cells(after, each)
        for cell in dict.fromkeys((*old, *new, *told)):
            pair = old.get(cell, _REFUSED), new.get(cell, _REFUSED)
            spans = told.setdefault(cell, [])
            if not spans or spans[-1][1:] != pair:
                spans.append((each, *pair))
    changes = [change for cell, spans in told.items() for change in _changes(cell, spans)]
    return Difference(
        changes=tuple(sorted(changes, key=lambda one: (one.seat.department, one.since))),
        entries=tuple(_entries(before, after)),
    )


def _turns(policies: Policies, day: date) -> Iterator[date]:
    yield from (turn for turn in policies.turns if turn > day)
    for entry in policies.departments:
        if entry.since > day:
            yield entry.since
        if entry.until is not None and day <= entry.until < date.max:
            yield entry.until + _DAY


def _cells(policies: Policies, day: date) -> Mapping[Cell, str]:
    found: dict[Cell, str] = {}
    for seat in seats(policies, day):
        table = table_of(policies, seat, day)
        for type_, scopes in table.rows.items():
            found[seat, type_, ROWS] = " and ".join(sorted(scopes))
        for held in granted(table, seat):
            found[seat, held.path, held.action] = str(held.decision.rendering)
    return found


def _changes(cell: Cell, spans: list[tuple[date, str, str]]) -> Iterator[Change]:
    seat, path, action = cell
    for place, (since, before, after) in enumerate(spans):
        if before == after:
            continue
        following = spans[place + 1][0] if place + 1 < len(spans) else None
        yield Change(
            what=_what(action, before, after),
            seat=seat,
            path=path,
            action=action,
            before=before,
            after=after,
            since=since,
            until=None if following is None else following - _DAY,
        )


def _what(action: str, before: str, after: str) -> What:
    if action == ROWS:
        return What.ROWS
    if before == _REFUSED:
        return What.ALLOWED
    return What.REFUSED if after == _REFUSED else What.RENDERED


def _entries(before: Policies, after: Policies) -> Iterator[Entry]:
    yield from _register("purposes.csv", before.purposes, after.purposes)
    yield from _register("roles.csv", before.roles, after.roles)
    yield from _register("departments.csv", _dated(before), _dated(after))


def _dated(policies: Policies) -> Mapping[str, Department]:
    # A department stands once under each of its names, each from a day of its own.
    return {f"{entry.code} from {entry.since}": entry for entry in policies.departments}


def _register(
    register: str,
    before: Mapping[str, RegisteredPurpose] | Mapping[str, Role] | Mapping[str, Department],
    after: Mapping[str, RegisteredPurpose] | Mapping[str, Role] | Mapping[str, Department],
) -> Iterator[Entry]:
    for code in dict.fromkeys((*before, *after)):
        old, new = before.get(code), after.get(code)
        if old is None or new is None:
            yield Entry(
                register=register,
                code=code,
                column="",
                before="absent" if old is None else "present",
                after="absent" if new is None else "present",
            )
            continue
        for column in fields(old):
            was, becomes = getattr(old, column.name), getattr(new, column.name)
            if was != becomes:
                yield Entry(
                    register=register,
                    code=code,
                    column=column.name,
                    before=_spelt(was),
                    after=_spelt(becomes),
                )


def _spelt(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, frozenset):
        return " ".join(sorted(map(str, value)))
    if isinstance(value, tuple):
        return " ".join(map(str, value))
    return "open" if value is None else str(value)
