"""A rule set as values: rules, roles, purposes, departments, and the hash that names it.

Made by `policies.lint` only, so whoever holds a `RuleSet` holds one without findings. Never: reads
a file, or decides.
"""

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from typing import Final

from policies.permission import Action, Effect, Rendering, RuleId, Scope

ANY_PURPOSE: Final = "*"
"""In a deny: every purpose. An allow always names its purpose."""

_FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldRule:
    """Allows or denies one role, for one purpose, one action on the paths of a pattern.

    `until` is inclusive, Asia/Shanghai, None where it is open; `rendering` is None for a deny.
    """

    id: RuleId
    role: str
    purpose: str
    action: Action
    pattern: str
    rendering: Rendering | None
    effect: Effect
    since: date
    until: date | None
    because: str

    def on(self, day: date) -> bool:
        """Whether the rule holds on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class RowRule:
    """Says which rows of a type one role reaches for one purpose; several must all hold."""

    id: RuleId
    role: str
    purpose: str
    type: str
    scope: Scope
    since: date
    until: date | None
    because: str

    def on(self, day: date) -> bool:
        """Whether the rule holds on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """A role and the roles that it inherits directly."""

    code: str
    zh: str
    en: str
    inherits: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RegisteredPurpose:
    """A registered purpose.

    `withheld`: its use does not stand in the holder's own view (an auditor always sees it).
    `closed`: emergency access can never widen it.
    """

    code: str
    zh: str
    en: str
    article: str
    roles: frozenset[str]
    case_required: bool
    withheld: bool
    closed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Department:
    """A department under one of its names, and the roles that its officials may have."""

    code: str
    zh: str
    en: str
    roles: frozenset[str]
    since: date
    until: date | None

    def on(self, day: date) -> bool:
        """Whether the entry holds on a day."""
        return self.since <= day and (self.until is None or day <= self.until)


def roles_of(departments: Iterable[Department], code: str, day: date) -> frozenset[str]:
    """The roles that a department's officials may have on a day; none where there is no such."""
    entries = (entry.roles for entry in departments if entry.code == code and entry.on(day))
    return frozenset[str]().union(*entries)


@dataclass(frozen=True, slots=True)
class RuleSet:
    """One linted set: all that a decision depends on."""

    fields: tuple[FieldRule, ...]
    rows: tuple[RowRule, ...]
    roles: Mapping[str, Role]
    purposes: Mapping[str, RegisteredPurpose]
    departments: tuple[Department, ...]

    def closure(self, roles: Iterable[str]) -> frozenset[str]:
        """The roles with everything that they inherit."""
        found: set[str] = set()
        queue = list(roles)
        while queue:
            code = queue.pop()
            if code not in found:
                found.add(code)
                queue.extend(self.roles[code].inherits)
        return frozenset(found)

    def revision(self, model: str) -> str:
        """SHA-256 over the set in one canonical form, with the Casbin model that reads it.

        Rule ids are in it: a refusal that names `education.csv:7` can be looked up for ever.
        """
        canonical = {
            "format": _FORMAT,
            "model": model,
            "fields": [asdict(rule) for rule in sorted(self.fields, key=lambda rule: rule.id)],
            "rows": [asdict(rule) for rule in sorted(self.rows, key=lambda rule: rule.id)],
            "roles": [asdict(self.roles[code]) for code in sorted(self.roles)],
            "purposes": [asdict(self.purposes[code]) for code in sorted(self.purposes)],
            "departments": sorted(
                (asdict(department) for department in self.departments),
                key=lambda entry: (entry["code"], entry["since"]),
            ),
        }
        text = json.dumps(
            canonical, ensure_ascii=False, sort_keys=True, separators=(",", ":"), default=_plain
        )
        return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> str | list[str]:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, frozenset):
        return sorted(value)
    raise TypeError(f"A rule set holds no {type(value).__name__}.")
