"""A stored person's past, and what an import adds to it: permits, endorsements of long ago.

What is added is folded together with all that happened, each act in the place that its day gives
it; where that can't have been, nothing is added. Nothing is stored here: `Intake.write_pasts` does.

This module never speaks to a database, and never opens what is sealed about a person.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from db.event_rows import EventRows
from db.facts import Cancel, Endorse, HoldTemporary, Issue, PastAct
from db.in_force import in_force
from db.read_model import (
    BROUGHT,
    CANCELLED,
    ENDORSED,
    ISSUED,
    TEMPORARY,
    in_place,
    standing_of,
)
from db.rows import RowValues, Sources, tampered
from keys.ring import DataKey, KeyRing
from regulation.calendar import WorkingCalendar
from regulation.history import HistoryError, Standing
from regulation.parameters import Parameters, Schedule

_KINDS = {HoldTemporary: TEMPORARY, Issue: ISSUED, Endorse: ENDORSED, Cancel: CANCELLED}


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """An act as the register holds it; of a permit also its number, and when it was cancelled."""

    valid_to: date | None
    office: str | None
    number: str | None
    ground: str | None
    recorded_at: str
    cancelled_on: date | None = None


class Past:
    """One person's registration and permits, with what is being added."""

    __slots__ = ("_folded", "_policy", "_ring", "_rows", "_stored", "calendar", "sources")

    def __init__(
        self,
        ring: KeyRing,
        rows: EventRows,
        sources: Sources,
        calendar: WorkingCalendar,
        policy: Parameters | Schedule,
    ) -> None:
        self._ring = ring
        self._rows = rows
        self.calendar = calendar
        self._policy = policy
        self._stored = len(sources.events)
        self._folded: dict[tuple[date | None, int], Standing] = {}
        self.sources = sources

    @property
    def person(self) -> bytes:
        """The person's id."""
        found = self.sources.person["id"]
        if not isinstance(found, bytes):
            raise tampered("person")
        return found

    @property
    def name_tag(self) -> object:
        """The tag of number and name, as the person's row holds it."""
        return self.sources.person["name_tag"]

    @property
    def added(self) -> Sequence[RowValues]:
        """The rows of what was added."""
        return self.sources.events[self._stored :]

    def standing(self, *, until: date | None = None) -> Standing:
        """Where the person stands after all that happened, or after what did until a day."""
        events: Sequence[RowValues] = self.sources.events
        # Events are only ever added, so their number says which they are.
        asked = (until, len(events))
        if asked not in self._folded:
            if until is not None:
                last = until.isoformat()
                events = [row for row in in_force(events) if str(row["reported_on"]) <= last]
            self._folded[asked] = standing_of(events, self.calendar, self._policy)
        return self._folded[asked]

    def parameters(self, day: date) -> Parameters:
        """The figures and readings that held on a day."""
        return self._policy.on(day)

    def recorded(self, act: PastAct) -> Recorded | None:
        """What the register holds of this kind on this day; None where it holds nothing."""
        kind, day = _KINDS[type(act)], act.happened_on.isoformat()
        found: Recorded | None = None
        for row in in_place(self.sources.events):
            if found is not None and row["kind"] in {ISSUED, BROUGHT}:
                break
            if row["kind"] == kind and row["happened_on"] == day:
                found = _recorded(row)
            elif found is not None and row["kind"] == CANCELLED:
                ground = str(row["ground"])
                return replace(found, cancelled_on=_day(row["happened_on"]), ground=ground)
        return found

    def add(self, acts: Sequence[PastAct]) -> Standing:
        """Add acts, each in its place.

        Raises:
            HistoryError: they can't have happened so; nothing is added.
        """
        events, person = self.sources.events, self.sources.person
        before = len(events)
        self._rows.apply(self.sources, self._data_key(), acts)
        try:
            return self.standing()
        except HistoryError:
            del events[before:]
            person["events"] = before
            raise

    def _data_key(self) -> DataKey:
        wrapped = self.sources.person["wrapped_key"]
        if not isinstance(wrapped, bytes):
            raise tampered("person")
        return self._ring.unwrap_data_key(self.person, wrapped)


def _recorded(row: RowValues) -> Recorded:
    valid_to, number, ground = row["valid_to"], row["permit_number"], row["ground"]
    return Recorded(
        valid_to=None if valid_to is None else _day(valid_to),
        office=None if row["office"] is None else str(row["office"]),
        number=None if number is None else str(number),
        ground=None if ground is None else str(ground),
        recorded_at=str(row["recorded_at"]),
    )


def _day(value: object) -> date:
    return date.fromisoformat(str(value))
