"""Fetched rows on their way to an answer: what the rendering reads, position by position."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, Generic, NamedTuple, Protocol, TypeVar

from db.person_row import PersonRow

_UNOPENED: Final[Mapping[str, object]] = MappingProxyType({})
"""What a group holds that nobody opened."""


class Record:
    """One person's row with the groups that were opened and the children that were loaded.

    `cursor` is set on rows of a page. Values of opened groups are personal data: they have no
    `repr`. Written out, as a page has hundreds: a dataclass would make three dictionaries for each.
    """

    __slots__ = ("contact", "core", "cursor", "evidence", "periods", "photo", "residence", "row")

    def __init__(
        self,
        row: PersonRow,
        *,
        core: Mapping[str, object] = _UNOPENED,
        contact: Mapping[str, object] = _UNOPENED,
        residence: Mapping[str, object] = _UNOPENED,
        periods: Sequence[dict[str, object]] = (),
        evidence: Sequence[dict[str, object]] = (),
        photo: bytes | None = None,
        cursor: str = "",
    ) -> None:
        self.row = row
        self.core = core
        self.contact = contact
        self.residence = residence
        self.periods = periods
        self.evidence = evidence
        self.photo = photo
        self.cursor = cursor

    def __repr__(self) -> str:
        """Say nothing of the person."""
        return "Record(redacted)"


@dataclass(frozen=True, slots=True)
class PersonPage:
    """A page of persons, with what `PageInfo` says of it; `total` is None unless asked for."""

    records: Sequence[Record]
    has_next: bool
    has_previous: bool
    total: int | None

    @property
    def start_cursor(self) -> str | None:
        """The cursor of the first row."""
        return self.records[0].cursor if self.records else None

    @property
    def end_cursor(self) -> str | None:
        """The cursor of the last row."""
        return self.records[-1].cursor if self.records else None


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Printed:
    """A printed document; a form that nobody asked for is None."""

    title: str
    file_name: str
    html: str | None
    pdf: bytes | None


class Placed(Protocol):
    """A row of a list, which knows its cursor."""

    @property
    def cursor(self) -> str:
        """Where it stands in its list."""


P = TypeVar("P", bound=Placed)


@dataclass(frozen=True, slots=True)
class ListPage(Generic[P]):
    """A page of rows that are no persons, with what `PageInfo` says of it."""

    records: Sequence[P]
    has_next: bool
    has_previous: bool
    total: int | None

    @property
    def start_cursor(self) -> str | None:
        """The cursor of the first row."""
        return self.records[0].cursor if self.records else None

    @property
    def end_cursor(self) -> str | None:
        """The cursor of the last row."""
        return self.records[-1].cursor if self.records else None


@dataclass(slots=True)
class ApplicationRecord:
    """One open application; `person` is None where it was not asked for, or is not reached.

    A person who has moved away since is of another division, and no longer this desk's to see.
    """

    id: str
    state: str
    division: str
    filed_on: str
    accepted_on: str | None
    due_on: str | None
    overdue: bool
    due_soon: bool
    cursor: str
    person: Record | None = None


@dataclass(frozen=True, slots=True)
class ReportRecord:
    """One report of a third party; it names nobody."""

    id: str
    version: int
    division: str
    reporter: str
    event_on: str
    learned_on: str | None
    reported_on: str
    due_on: str | None
    provisional: bool
    timeliness: str
    contents: Sequence[str] | None
    official: str
    state: str
    closed_on: str | None
    finding: str | None
    cursor: str


class RowRefusal(NamedTuple):
    """Why a row has no answer: a code, its message in the caller's language, perhaps a reason."""

    code: str
    message: str
    reason: str | None = None


class Verified(NamedTuple):
    """The answer to one row of `verify`, or its refusal."""

    ref: str
    answer: str | None
    basis: str | None
    on: str | None
    notice: str | None
    refusal: RowRefusal | None
