"""The catalogue: which schema paths exist, as plain values handed over by `schema`.

Lint and table know every path from here. Never: knows GraphQL, or decides anything.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Final

from policies.permission import Action, Path


class Kind(StrEnum):
    """What a path's value is; a mask applies to some kinds only."""

    ID_NUMBER = "id-number"
    NAME = "name"
    PHONE = "phone"
    DATE = "date"
    DIVISION = "division"
    ADDRESS = "address"
    TEXT = "text"
    BOOLEAN = "boolean"
    NUMBER = "number"
    OBJECT = "object"


@dataclass(frozen=True, slots=True)
class PathSpec:
    """One path: the actions it can be granted, its kind, the sealed groups that it reads."""

    actions: frozenset[Action]
    kind: Kind
    groups: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Every governed path of the schema."""

    paths: Mapping[Path, PathSpec]


ROWS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Person": "Person",
        "Residence": "Person",
        "AddressPeriod": "Person",
        "Permit": "Person",
        "Evidence": "Person",
        "Entitlement": "Person",
        "VerifyResult": "Person",
        "SubjectRequest": "SubjectRequest",
        "Correction": "Correction",
        "Application": "Application",
        "Report": "Report",
        "AccessRecord": "AccessRecord",
        "AccessSubject": "AccessRecord",
        "AccessField": "AccessRecord",
        "Statistics": "Statistics",
        "RegisteredCount": "Statistics",
        "PermitCount": "Statistics",
        "ApplicationCount": "Statistics",
        "CoordinatorCount": "Statistics",
        "Change": "Change",
    }
)
"""Type → the type whose row rules govern it: a permit and a residence are a person's."""

ROWLESS: Final = frozenset({"Query", "Mutation", "Division"})
"""Types whose values are no rows of anybody. A type that stands in neither is refused by lint."""


SHOWING: Final = frozenset({Action.READ, Action.CALL})
"""Actions that show a value; the others find out about one, and need one of these beside them."""


def owner(path: str) -> str:
    """The type of a path or pattern: `Permit` for `Permit.active` and for `Permit.*`."""
    return path.partition(".")[0]


def covers(pattern: str, path: str) -> bool:
    """Whether a rule's path matches a schema path; `*` stands only for the whole last segment.

    Registered with Casbin and used by the table: both read a pattern in one way.
    """
    if pattern.endswith(".*"):
        type_, dot, _ = path.partition(".")
        return bool(dot) and type_ == pattern[:-2]
    return pattern == path
