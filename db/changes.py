"""The feed of changes: what partners could be told otherwise from now on, numbered without a gap.

A number is given under the lock of the head row, in the transaction that makes the change: the
next one is given only after that has committed, so whoever reads a number reads all before it, and
a cursor skips nothing (ADR 22). What an act changes stands or falls with the act.

What dates alone have changed of a person since the last turned day is appended before what an act
changes, so that nothing is lost where the turn comes late, and nothing stands twice where it comes.

This module never says why something changed, and never reads what is sealed.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from db.database import Value
from db.inserting import insert_new_rows, insert_rows
from db.models import Change, ChangeHead, PersonNow, table_of
from db.rows import CHANGE, CHANGE_HEAD, RowValues, integer
from keys.ring import KeyRing
from regulation.permit import PermitValidity
from regulation.told import OF_PERMIT, ChangeKind, Tellable, changed, turned

Entry = tuple[bytes, date, ChangeKind]
"""A change before it has a number: whose, from which day on, and what."""

_PLAIN: Final = ("valid_from", "valid_to", "cancelled_on", "county", "township", "name_tag")


@dataclass(frozen=True, slots=True, kw_only=True)
class Head:
    """Where the feed stands: its last number, and the last day that was turned."""

    number: int
    turned_through: date


class Changes:
    """Appends to the feed under one key ring; for use within `Database.write`."""

    __slots__ = ("_ring",)

    def __init__(self, ring: KeyRing) -> None:
        self._ring = ring

    def note(
        self,
        session: Session,
        person: bytes,
        before: Tellable | None,
        *,
        day: date,
        recorded_at: str,
    ) -> None:
        """Append what an act of this day has changed of a person, whose row is written already.

        `before` is what stood, None where nobody was stored. Let it come last but for the audit
        record: the feed is locked until the transaction ends, where dates or the place differ.

        Raises:
            RowTamperedError: the head is not as it was written.
        """
        after = self._now(session, person)
        if before == after:
            return
        head = self.lock(session, day)
        told = self.last_days(session, [person]).get(person, head.turned_through)
        since = max(told, head.turned_through)
        # A turn may have been faster with the next day than an act of the last minute.
        day = max(day, since)
        found: list[Entry] = []
        if before is not None:
            found = [(person, on, kind) for on, kind in turned(before, after=since, through=day)]
        kind = changed(before, after, day)
        if kind is not None:
            found.append((person, day, kind))
        self.append(session, head, found, recorded_at=recorded_at)

    def lock(self, session: Session, day: date) -> Head:
        """Read the head and keep every other writer of the feed away until the end.

        Where there is none, the feed begins on this day.

        Raises:
            RowTamperedError: it is not as it was written.
        """
        wanted = select(table_of(ChangeHead)).with_for_update()
        row = session.execute(wanted).mappings().first()
        if row is None:
            first = Head(number=0, turned_through=day)
            insert_new_rows(session, ChangeHead, [self._row(first)])
            row = session.execute(wanted).mappings().one()
        values = dict(row)
        CHANGE_HEAD.require(self._ring, values)
        return Head(
            number=integer(values["number"]),
            turned_through=date.fromisoformat(str(values["turned_through"])),
        )

    def last_days(self, session: Session, persons: Sequence[bytes]) -> Mapping[bytes, date]:
        """Return the last day for which the feed says something of each person's permit."""
        table = table_of(Change)
        rows = session.execute(
            select(table.c.person, func.max(table.c.day))
            .where(table.c.person.in_(persons), table.c.kind.in_(sorted(OF_PERMIT)))
            .group_by(table.c.person)
        )
        return {person: date.fromisoformat(day) for person, day in rows}

    def append(
        self,
        session: Session,
        head: Head,
        entries: Iterable[Entry],
        *,
        recorded_at: str,
        turned_through: date | None = None,
    ) -> Head:
        """Number entries from the locked head on; return the head as it stands now."""
        rows: list[RowValues] = [
            CHANGE.sign(
                self._ring,
                {
                    "number": number,
                    "person": person,
                    "kind": kind.value,
                    "day": day.isoformat(),
                    "recorded_at": recorded_at,
                },
            )
            for number, (person, day, kind) in enumerate(entries, start=head.number + 1)
        ]
        insert_rows(session, Change, rows)
        after = Head(
            number=head.number + len(rows), turned_through=turned_through or head.turned_through
        )
        if after != head:
            session.execute(update(table_of(ChangeHead)).values(self._row(after)))
        return after

    def _row(self, head: Head) -> RowValues:
        values: RowValues = {
            "id": 1,
            "number": head.number,
            "turned_through": head.turned_through.isoformat(),
        }
        return CHANGE_HEAD.sign(self._ring, values)

    @staticmethod
    def _now(session: Session, person: bytes) -> Tellable | None:
        """What stands now; None where the file was a slip as a whole and was voided."""
        table = table_of(PersonNow)
        wanted = select(*(table.c[name] for name in _PLAIN)).where(table.c.person == person)
        row = session.execute(wanted).mappings().first()
        return None if row is None else tellable(dict(row))


def tellable(row: Mapping[str, Value]) -> Tellable:
    """Return what a row of the read model lets partners be told."""
    first, last, cancelled = (_day(row[name]) for name in _PLAIN[:3])
    permit = None
    if first is not None and last is not None:
        permit = PermitValidity(valid_from=first, valid_to=last, cancelled_on=cancelled)
    tag = row["name_tag"]
    return Tellable(
        permit=permit,
        county=str(row["county"]),
        township=str(row["township"]),
        found_by=tag if isinstance(tag, bytes) else b"",
    )


def _day(value: Value) -> date | None:
    return None if value is None else date.fromisoformat(str(value))
