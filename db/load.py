"""What to load, as plain values: which access, which scopes, which sealed groups.

No SQL here: `db/reads.py` turns these values into statements, once for each shape.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from keys.ring import Tag
from policies.permission import Scope
from regulation.permit import PermitStatus


class Access(StrEnum):
    """How a person's row is found."""

    ID_NAME = "id+name"
    ID_NUMBER = "id-number"
    PERMIT_NUMBER = "permit-number"
    PERMIT = "permit"
    PERSON = "person"
    LIST = "list"


@dataclass(frozen=True, slots=True)
class PersonLoad:
    """Rows of persons, found by `access`, limited by all of `scopes`, with these sealed groups."""

    access: Access
    scopes: frozenset[Scope]
    groups: frozenset[str]


@dataclass(frozen=True, slots=True)
class ScopeFacts:
    """What a scope needs to know of the request; `case` is the digest of the case number."""

    day: date
    division: str | None
    case: bytes | None


@dataclass(frozen=True, slots=True)
class Criteria:
    """A filter, an order and a place to go on from.

    `equals` and `ranges` (inclusive, open where None) name columns of the read model; `order` is
    (column, descending), the person's id is appended as tie-break; `after` holds the order's
    values of the last row seen and its person id. `late` asks for registrations that were, or were
    not, made in time (article 10). `named` is the tag of a name with a birth date.
    """

    equals: tuple[tuple[str, str], ...]
    ranges: tuple[tuple[str, str | None, str | None], ...]
    statuses: frozenset[PermitStatus] | None
    id_number: Tag | None
    order: tuple[tuple[str, bool], ...]
    after: tuple[str | bytes | None, ...] | None
    limit: int
    late: bool | None = None
    named: Tag | None = None
