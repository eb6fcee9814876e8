"""Rules compiled into look-ups: `Policies` holds a linted set, a `FieldTable` answers for a caller.

`Policies.table` compiles the rules of a role set and purpose for a day; a `FieldTable` then says
for every path and action what was decided, by which rules, until when. The same answers as Casbin's
`enforce` (tests/policies/test_oracle.py), in a look-up instead of a scan.

Never: reads a clock, loads a row, or grants what no rule grants. Unknown is no.
"""

import hashlib
import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from pathlib import Path as FilePath
from types import MappingProxyType
from typing import Final, Self

from policies.catalogue import ROWLESS, ROWS, Catalogue, PathSpec, owner
from policies.deciding import NO_RULE, cells, decide, searched_as_shown
from policies.lint import SHIPPED, lint
from policies.oracle import MODEL
from policies.permission import (
    Action,
    Decision,
    DisclosedField,
    Disclosure,
    Path,
    Scope,
)
from policies.ruleset import (
    ANY_PURPOSE,
    Department,
    FieldRule,
    RegisteredPurpose,
    Role,
    RowRule,
    RuleSet,
    roles_of,
)

_DAY: Final = timedelta(days=1)
_MOST_HELD: Final = 256
"""Departments with their days of which the roles are remembered."""

_NOWHERE: Final = frozenset({Scope.NONE})


class UnknownRoleError(LookupError):
    """A role that roles.csv does not list; nothing was decided."""


class PurposeRefusal(StrEnum):
    """Why a purpose may not be named."""

    UNKNOWN = "unknown"
    NOT_OF_ROLE = "not_of_role"
    NARROWED = "narrowed"


class PurposeRefusedError(LookupError):
    """The purpose is unknown, of no role of the caller, or not of the token; `reason` says it."""

    def __init__(self, reason: PurposeRefusal) -> None:
        super().__init__(
            "This purpose is not open to these roles; purposes.csv lists which roles may name it."
        )
        self.reason = reason


class NotGrantedError(RuntimeError):
    """A disclosure was asked for a field that the table does not grant in that rendering."""


@dataclass(frozen=True, slots=True, eq=False)
class FieldTable:
    """What one role set may do for one purpose; the same on every day on which nothing changes.

    `decisions` holds every path and action that some rule covers. `digest` is the hash of all
    that the table can say, with purpose and revision: tables of one digest are interchangeable.
    """

    revision: str
    purpose: str | None
    decisions: Mapping[tuple[Path, Action], Decision]
    rows: Mapping[str, frozenset[Scope]]
    specs: Mapping[Path, PathSpec] = field(repr=False)
    digest: str

    def decide(self, path: Path, action: Action) -> Decision:
        """The decision for one path and action; `NO_GRANT` where no rule covers it."""
        return self.decisions.get((path, action), NO_RULE)

    def granted(self) -> Iterator[tuple[Path, Action, Decision]]:
        """Every cell that may be used, in the order of the schema."""
        places = {path: place for place, path in enumerate(self.specs)}
        for path, action in sorted(self.decisions, key=lambda cell: (places[cell[0]], cell[1])):
            decision = self.decisions[path, action]
            if decision.granted:
                yield path, action, decision

    def scopes(self, type_: str) -> frozenset[Scope]:
        """The scopes of a type's rows, all of which must hold; `NONE` without a row rule.

        The parts of a person (permit, residence …) have the scopes of the person.
        """
        return self.rows.get(ROWS.get(type_, ""), _NOWHERE)

    def scopes_of(self, path: Path) -> frozenset[Scope] | None:
        """The scopes of the rows that a path is shown of; None where it shows no rows."""
        type_ = owner(path)
        return None if type_ in ROWLESS else self.scopes(type_)

    def disclosure(self, fields: Iterable[DisclosedField]) -> Disclosure:
        """Leave to open the sealed groups of these fields; made nowhere else.

        Raises:
            NotGrantedError: the table does not grant one of them in that rendering.

        """
        disclosed = tuple(fields)
        groups: set[str] = set()
        for used in disclosed:
            decision = self.decide(used.path, used.action)
            if not decision.granted or decision.rendering is not used.rendering:
                raise NotGrantedError(
                    f"{used.path} ({used.action}) is not granted {used.rendering}: "
                    "plan from the view of this very table."
                )
            if used.action is Action.READ:
                # A filter compares tags; nothing is opened for it.
                groups |= self.specs[used.path].groups
        if self.purpose is None:
            raise NotGrantedError("Nothing is disclosed without a purpose; name one.")
        return Disclosure(self.revision, self.purpose, disclosed, frozenset(groups))


def leave_at_desk(revision: str, purpose: str) -> Disclosure:
    """The leave to open what was said at earlier steps of a case, for the desk that goes on.

    No rule names these texts, since no field of the graph shows them: an act reads them to judge
    again, and its own record says that it did.
    """
    return Disclosure(revision, purpose, (), frozenset({"note", "answer"}))


def leave_to_reseal(revision: str, purpose: str) -> Disclosure:
    """The leave to open a person's core in order to seal it anew, corrected; it is shown to nobody.

    Only an identity change that two officials have entered needs it (article 30).
    """
    return Disclosure(revision, purpose, (), frozenset({"core"}))


def leave_to_index() -> Disclosure:
    """The leave to open a person's core for the tag of the name and birth date; it shows nobody.

    Only a deployment of an older release needs it, once a person; the log counts them.
    """
    return Disclosure("", "", (), frozenset({"core"}))


class Policies:
    """One linted rule set, and the tables made from it."""

    def __init__(self, rules: RuleSet, catalogue: Catalogue) -> None:
        self.rules = rules
        self.revision = rules.revision(MODEL)
        self.purposes: Mapping[str, RegisteredPurpose] = MappingProxyType(dict(rules.purposes))
        self.roles: Mapping[str, Role] = MappingProxyType(dict(rules.roles))
        self.departments: tuple[Department, ...] = rules.departments
        self._open_to = {
            code: frozenset(role for role in rules.roles if rules.closure({role}) & purpose.roles)
            for code, purpose in rules.purposes.items()
        }
        self._specs = catalogue.paths
        self._turns = _turns(rules)
        self._tables: dict[tuple[frozenset[str], str | None, int], FieldTable] = {}
        self._held: dict[tuple[str, date], frozenset[str]] = {}

    @classmethod
    def load(cls, *, catalogue: Catalogue, directory: FilePath = SHIPPED) -> Self:
        """Read and lint a directory of rules.

        Raises:
            LintError: the rules have findings; each says file, line, and how to mend it.

        """
        return cls(lint(directory, catalogue), catalogue)

    @property
    def turns(self) -> tuple[date, ...]:
        """The days on which a rule begins to hold, or holds no longer, in order."""
        return tuple(self._turns)

    def table(self, roles: Iterable[str], purpose: str | None, day: date) -> FieldTable:
        """The table of these roles for this purpose on this day.

        Without a purpose nothing is granted and no row reached: what stands open to every
        authenticated caller (viewer, services, divisions …) is not governed by rules.

        Raises:
            UnknownRoleError: a role is not in roles.csv.
            PurposeRefusedError: the purpose is unknown or not one of these roles'.

        """
        asked = frozenset(roles)
        if purpose is None:
            # Who only looks around may hold a role that these rules don't know yet.
            asked = asked.intersection(self.roles)
        if not asked <= self.roles.keys():
            raise UnknownRoleError("A role is not in roles.csv; add it there, with its rules.")
        if purpose is not None:
            self.admit(asked, purpose)
        # Between two turns of the rules nothing changes: one table serves all those days.
        key = (asked, purpose, bisect_right(self._turns, day))
        table = self._tables.get(key)
        if table is None:
            table = self._tables[key] = self._compile(asked, purpose, day)
        return table

    def admit(
        self, roles: frozenset[str], purpose: str, *, among: frozenset[str] | None = None
    ) -> RegisteredPurpose:
        """The purpose, where one of these roles may name it; `among` narrows, as a token may.

        Raises:
            PurposeRefusedError: it is unknown, of none of these roles, or not among those.

        """
        known = self.purposes.get(purpose)
        if known is None:
            raise PurposeRefusedError(PurposeRefusal.UNKNOWN)
        if not roles & self._open_to[purpose]:
            raise PurposeRefusedError(PurposeRefusal.NOT_OF_ROLE)
        if among is not None and purpose not in among:
            raise PurposeRefusedError(PurposeRefusal.NARROWED)
        return known

    def acting(self, department: str, roles: frozenset[str], day: date) -> frozenset[str]:
        """Those of an official's roles that departments.csv gives the department on a day.

        The register names an official's role; a slip there must not make a school an auditor.
        """
        held = self._held.get((department, day))
        if held is None:
            if len(self._held) >= _MOST_HELD:
                self._held.clear()
            held = self._held[department, day] = roles_of(self.departments, department, day)
        return roles & held

    def open_to(
        self, roles: frozenset[str], *, among: frozenset[str] | None = None
    ) -> tuple[RegisteredPurpose, ...]:
        """The purposes that `admit` lets these roles name, in the order of purposes.csv."""
        return tuple(
            purpose
            for code, purpose in self.purposes.items()
            if roles & self._open_to[code] and (among is None or code in among)
        )

    def _compile(self, roles: frozenset[str], purpose: str | None, day: date) -> FieldTable:
        held = self.rules.closure(roles)
        matching = [
            rule
            for rule in self.rules.fields
            if rule.role in held and rule.purpose in (purpose, ANY_PURPOSE)
        ]
        decisions = searched_as_shown(
            {
                cell: decide(covering, day)
                for cell, covering in cells(matching, self._specs).items()
            },
            self._specs,
        )
        rows = self._rows(roles, purpose, day)
        return FieldTable(
            revision=self.revision,
            purpose=purpose,
            decisions=MappingProxyType(decisions),
            rows=MappingProxyType(rows),
            specs=self._specs,
            digest=_digest(self.revision, purpose, decisions, rows),
        )

    def _rows(
        self, roles: frozenset[str], purpose: str | None, day: date
    ) -> dict[str, frozenset[Scope]]:
        """Type → the scopes of all roles that may name the purpose.

        A role that says nothing of a type reaches none of its rows, so together with it neither
        does another role: joining roles never widens the rows.
        """
        known = frozenset() if purpose is None else self.purposes[purpose].roles
        reached = [
            self._reached(closure, purpose, day)
            for closure in (self.rules.closure({role}) for role in roles)
            if closure & known
        ]
        types = {type_ for scopes in reached for type_ in scopes}
        return {
            type_: frozenset().union(*(scopes.get(type_, _NOWHERE) for scopes in reached))
            for type_ in types
        }

    def _reached(
        self, held: frozenset[str], purpose: str | None, day: date
    ) -> dict[str, frozenset[Scope]]:
        rows: dict[str, frozenset[Scope]] = {}
        for rule in self.rules.rows:
            if rule.role in held and rule.purpose == purpose and rule.on(day):
                rows[rule.type] = rows.get(rule.type, frozenset()) | {rule.scope}
        return rows


def _turns(rules: RuleSet) -> list[date]:
    """The first day of every stretch on which no rule begins or ends."""
    dated: list[FieldRule | RowRule] = [*rules.fields, *rules.rows]
    turns = {rule.since for rule in dated}
    turns |= {
        rule.until + _DAY for rule in dated if rule.until is not None and rule.until < date.max
    }
    return sorted(turns)


def _digest(
    revision: str,
    purpose: str | None,
    decisions: Mapping[tuple[Path, Action], Decision],
    rows: Mapping[str, frozenset[Scope]],
) -> str:
    told = [
        [
            path, action, decision.reason, decision.rendering, decision.rules, decision.because,
            None if decision.until is None else decision.until.isoformat(),
        ]
        for (path, action), decision in sorted(decisions.items())
    ]  # fmt: skip
    scopes = [[type_, sorted(held)] for type_, held in sorted(rows.items())]
    text = json.dumps([revision, purpose, told, scopes], ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()
