"""The vocabulary of permission: what other rooms may say about who sees what.

Plain values only. This module never loads a rule and never decides.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import NewType

Path = NewType("Path", str)
"""A schema path as rules write it: `Type.field` (`Permit.active`)."""

RuleId = NewType("RuleId", str)
"""Where a rule stands: `education.csv:7`."""


class Action(StrEnum):
    """What is done with a path. Each needs a grant of its own."""

    READ = "read"
    FILTER = "filter"
    SORT = "sort"
    COUNT = "count"
    CALL = "call"


class Rendering(StrEnum):
    """How a value is shown. Every rendering but PLAIN is a mask."""

    PLAIN = "plain"
    LAST4 = "last4"
    SURNAME_ONLY = "surname-only"
    YEAR = "year"
    TOWNSHIP = "township"
    COUNTY = "county"
    YES_NO = "yes-no"


class Scope(StrEnum):
    """Which rows of a type a role reaches. Several scopes must all hold."""

    PRESENTED = "presented"
    ACTIVE_HOLDERS = "active-holders"
    OWN_DIVISION = "own-division"
    OPEN_CASE = "open-case"
    OWN_SUBMISSION = "own-submission"
    SELF = "self"
    ALL = "all"
    NONE = "none"


class Effect(StrEnum):
    """What a rule does. A deny wins over every allow."""

    ALLOW = "allow"
    DENY = "deny"


class Reason(StrEnum):
    """Why a decision fell as it did."""

    GRANTED = "granted"
    NO_GRANT = "no_grant"
    EXPLICIT_DENY = "explicit_deny"
    EXPIRED = "expired"


@dataclass(frozen=True, slots=True)
class Decision:
    """The answer for one path and action, with everything that explains it.

    `rules` holds all rules that matched, in file order; `until` is the last day (inclusive,
    Asia/Shanghai) on which the answer stands, None where no rule ends it.
    """

    reason: Reason
    rendering: Rendering | None
    rules: tuple[RuleId, ...]
    because: tuple[str, ...]
    until: date | None

    @property
    def granted(self) -> bool:
        """Whether the path may be used."""
        return self.reason is Reason.GRANTED


@dataclass(frozen=True, slots=True)
class DisclosedField:
    """One path that an answer uses, as the audit record names it."""

    path: Path
    action: Action
    rendering: Rendering


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Leave to open sealed groups for one answer; made only by a FieldTable.

    `groups` are the sealed groups that `fields` read. The vault opens no other group, and the
    audit record is built from this same value: one choke point for decryption and audit.
    """

    revision: str
    purpose: str
    fields: tuple[DisclosedField, ...]
    groups: frozenset[str]
