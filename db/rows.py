"""Rows on their way in and out: which columns a row's MAC covers, and making and checking it.

A row MAC covers the table, the row's id and every authoritative plain column; for each sealed
group its GCM tag, which is compared when the group is opened (article 30(5): a permit moved to
another division by hand is not served). This module never opens a sealed group.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from db.database import Value
from db.errors import RowTamperedError
from db.models import (
    ApplicationNow,
    Base,
    Casefile,
    CatchmentCase,
    Change,
    ChangeHead,
    Correction,
    CorrectionStep,
    DayTurn,
    Derived,
    DeskAct,
    Event,
    Evidence,
    Follow,
    FormerLookup,
    NameBirth,
    Person,
    PersonNow,
    Proposal,
    Report,
    Residence,
    SubjectRequest,
    SubjectRequestStep,
)
from keys.ring import KeyRing

RowValues = dict[str, Value]


@dataclass(slots=True)
class Sources:
    """All source rows of one person: events in order, address periods in order."""

    person: RowValues
    periods: list[RowValues]
    events: list[RowValues]

    def require_whole(self) -> None:
        """Refuse a past from which something was taken away, before anything is built on it.

        Whoever adds to it signs a new count of events: a gap that is not seen now is sealed over.

        Raises:
            RowTamperedError: an event or an address period is missing, or one too many.
        """
        sequences = [event["sequence"] for event in self.events]
        named = [event["residence"] for event in self.events if event["residence"] is not None]
        stored = [period["id"] for period in self.periods]
        open_ones = [period["changed_on"] is None for period in self.periods]
        if (
            len(self.events) != self.person["events"]
            or sequences != list(range(1, len(self.events) + 1))
            or len(named) != len(stored)
            or set(named) != set(stored)
            or open_ones != [False] * (len(stored) - 1) + [True]
        ):
            raise tampered("event")


KEY_IN_COLUMNS: Final = bytes(16)
"""Stands for the id of a row whose key is no UUID; its key is covered as columns are."""

_SEALED: Final = frozenset(
    {"core", "contact", "core_sealed", "contact_sealed", "residence_sealed", "evidence"}
)


def _covered(model: type[Base], *, row: str | None, sealed: frozenset[str]) -> tuple[str, ...]:
    names = (column.name for column in model.__table__.columns)
    return tuple(name for name in names if name not in {row, "row_mac"} | sealed)


class Covered:
    """The columns of one table that its row MAC covers, in the order of the table.

    `row` is the column with the row's UUID; None where the key is no UUID. `later` are columns that
    later releases added, in groups: each stands behind the others, and only in a row that has one
    of it or of a group behind it, so
    that the MACs of rows written before go on holding.
    """

    __slots__ = ("columns", "later", "row", "table")

    def __init__(
        self,
        model: type[Base],
        *,
        row: str | None = "id",
        sealed: frozenset[str] = _SEALED,
        later: tuple[tuple[str, ...], ...] = (),
    ) -> None:
        self.table: str = model.__tablename__
        self.row = row
        self.later = later
        self.columns = _covered(model, row=row, sealed=sealed.union(*later))

    def sign(self, ring: KeyRing, values: RowValues) -> RowValues:
        """Put the MAC into a row that is otherwise complete."""
        values["row_mac"] = ring.row_mac(self.table, self._id(values), self._columns(values))
        return values

    def require(self, ring: KeyRing, values: Mapping[str, Value]) -> None:
        """Refuse a row that is not as it was written.

        Raises:
            RowTamperedError: some column differs, or the row stands in another row's place.
        """
        if not self.holds(ring, values):
            raise tampered(self.table)

    def holds(self, ring: KeyRing, values: Mapping[str, Value]) -> bool:
        """Whether a row is as it was written."""
        mac = values["row_mac"]
        return isinstance(mac, bytes) and ring.verify_row_mac(
            self.table, self._id(values), self._columns(values), mac
        )

    def _columns(self, values: Mapping[str, Value]) -> list[Value]:
        columns = [values[name] for name in self.columns]
        behind: list[Value] = []
        for group in reversed(self.later):
            found = [values[name] for name in group]
            if behind or found != [None] * len(found):
                behind = found + behind
        return columns + behind

    def _id(self, values: Mapping[str, Value]) -> bytes:
        if self.row is None:
            return KEY_IN_COLUMNS
        found = values[self.row]
        if not isinstance(found, bytes):
            raise tampered(self.table)
        return found


def integer(value: Value) -> int:
    """Return a column that holds an integer as one."""
    if not isinstance(value, int):
        raise TypeError("the column holds an integer")
    return value


def tampered(table: str) -> RowTamperedError:
    """Say which table holds a row that is not as it was written, not which row."""
    return RowTamperedError(
        f"A row of {table} is not as it was written",
        "Look for tampering, then restore the row from a backup",
    )


PERSON: Final = Covered(Person, later=(("name_birth_tag",),))
RESIDENCE: Final = Covered(Residence, sealed=frozenset({"residence"}), later=(("voided_on",),))
EVENT: Final = Covered(
    Event, row="person", sealed=frozenset({"note"}), later=(("version", "voids"), ("other",))
)
FORMER_LOOKUP: Final = Covered(FormerLookup, row="person")
NAME_BIRTH: Final = Covered(NameBirth, row="person")
DERIVED: Final = Covered(Derived, row=None)
EVIDENCE: Final = Covered(Evidence)
CASEFILE: Final = Covered(Casefile)
CATCHMENT_CASE: Final = Covered(CatchmentCase, row=None)
DESK_ACT: Final = Covered(DeskAct, sealed=frozenset({"answer"}))
PROPOSAL: Final = Covered(
    Proposal, sealed=frozenset({"contents"}), later=(("other", "other_version"),)
)
PERSON_NOW: Final = Covered(PersonNow, row="person")
APPLICATION_NOW: Final = Covered(ApplicationNow)
REPORT: Final = Covered(Report)
CHANGE_HEAD: Final = Covered(ChangeHead, row=None)
CHANGE: Final = Covered(Change, row=None)
DAY_TURN: Final = Covered(DayTurn, row=None)
FOLLOW: Final = Covered(Follow, sealed=frozenset({"named"}))
SUBJECT_REQUEST: Final = Covered(SubjectRequest)
SUBJECT_REQUEST_STEP: Final = Covered(SubjectRequestStep, sealed=frozenset({"words"}))
CORRECTION: Final = Covered(Correction)
CORRECTION_STEP: Final = Covered(CorrectionStep, sealed=frozenset({"words"}))
