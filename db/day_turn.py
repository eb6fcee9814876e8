"""The day's turn: what dates alone change is appended to the feed, once, whoever turns the day.

A permit begins on its first day and is suspended on the day after its last (articles 17, 20): no
act happens then, so nobody would be told. Each day has a row; a turn goes through the persons of
that day in batches, each one transaction under the lock of the feed's head that also moves the
row on. A kill loses at most a batch that never was, two processes take turns, and what a desk has
appended of a person already is passed over. The last batch writes the day's audit record.

Days are turned one after another: after a stop the missed ones come first. A day that the head
has passed is never turned again, so a clock that jumps back does nothing.

This module never reads a clock and never says whom a change is about.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from uuid import uuid4

from sqlalchemy import delete, func, or_, select, update
from sqlalchemy.orm import Session

from audit.entry import Actor, Draft, Outcome, stamp
from db.changes import Changes, Entry, Head, tellable
from db.database import Database
from db.follows import forget_follows
from db.inserting import insert_new_rows
from db.ledger import Ledger
from db.models import Change, DayTurn, DeskAct, PersonNow, table_of
from db.rows import DAY_TURN, PERSON_NOW, RowValues, integer
from keys.ring import KeyRing
from regulation.told import turned

ACTION: Final = "day.turned"
BATCH: Final = 500
"""Persons of one transaction: the feed is locked for some hundredths of a second."""

_DAY: Final = timedelta(days=1)
_SYSTEM: Final = Actor(
    client="juzhu", department="system", roles=(), authentication="none", address="local"
)
_READ: Final = ("person", *PERSON_NOW.columns, "row_mac")


@dataclass(frozen=True, slots=True, kw_only=True)
class Turned:
    """A day that has been turned: how many changes it brought.

    `unread` are rows that were not as they were written, of which nothing is told.
    """

    day: date
    changes: int
    unread: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one batch came to: the last day that is turned now, and the one that this ended."""

    through: date
    ended: Turned | None = None


class DayTurns:
    """Turns days of one database; any number of processes may."""

    __slots__ = ("_batch", "_changes", "_database", "_ledger", "_ring")

    def __init__(
        self, database: Database, ring: KeyRing, ledger: Ledger, *, batch: int = BATCH
    ) -> None:
        self._database = database
        self._ring = ring
        self._ledger = ledger
        self._batch = batch
        self._changes = Changes(ring)

    async def step(self, today: date, now: datetime) -> Step:
        """Do one batch of the first day that is not turned yet, up to and with today.

        Raises:
            RowTamperedError: the feed's head or the day's row is not as it was written.
        """
        return await self._database.write(lambda session: self._step(session, today, now))

    async def prune(self, before: date, today: date) -> int:
        """Take away a batch of what was appended before a day, and of follows that have ended.

        Returns how many; no number is given again, so a cursor stays what it was.
        """

        def work(session: Session) -> int:
            ended = forget_follows(session, today, limit=self._batch)
            return ended + self._prune(session, before)

        return await self._database.write(work)

    async def prune_answers(self, before: date) -> int:
        """Take away a batch of what acts of before a day were answered; return how many.

        Their keys may act again then: no client repeats a request for so long.
        """
        return await self._database.write(lambda session: self._prune_answers(session, before))

    def _prune_answers(self, session: Session, before: date) -> int:
        table = table_of(DeskAct)
        old = session.scalars(
            select(table.c.id).where(table.c.recorded_at < before.isoformat()).limit(self._batch)
        ).all()
        if old:
            session.execute(delete(table).where(table.c.id.in_(old)))
        return len(old)

    def _step(self, session: Session, today: date, now: datetime) -> Step:
        head = self._changes.lock(session, today)
        day = head.turned_through + _DAY
        if day > today:
            return Step(through=head.turned_through)
        turn = self._begun(session, day)
        rows = self._due(session, day, turn["reached"])
        entries, unread = self._entries(session, day, rows)
        done = len(rows) < self._batch
        head = self._changes.append(
            session,
            head,
            entries,
            recorded_at=stamp(now),
            turned_through=day if done else None,
        )
        turn |= {
            "reached": rows[-1]["person"] if rows else turn["reached"],
            "changes": integer(turn["changes"]) + len(entries),
            "unread": integer(turn["unread"]) + unread,
            "last_number": head.number,
            "finished_at": stamp(now) if done else None,
        }
        table = table_of(DayTurn)
        signed = DAY_TURN.sign(self._ring, turn)
        session.execute(update(table).where(table.c.day == turn["day"]).values(signed))
        if not done:
            return Step(through=head.turned_through)
        ended = Turned(day=day, changes=integer(turn["changes"]), unread=integer(turn["unread"]))
        self._ledger.append_within(session, [_record(ended, head, now)])
        return Step(through=day, ended=ended)

    def _begun(self, session: Session, day: date) -> RowValues:
        """The day's row; whoever comes first makes it."""
        first: RowValues = {
            "day": day.isoformat(),
            "reached": None,
            "changes": 0,
            "unread": 0,
            "last_number": 0,
            "finished_at": None,
        }
        insert_new_rows(session, DayTurn, [DAY_TURN.sign(self._ring, first)])
        table = table_of(DayTurn)
        found = session.execute(select(table).where(table.c.day == day.isoformat())).mappings()
        row: RowValues = dict(found.one())
        DAY_TURN.require(self._ring, row)
        return row

    def _due(self, session: Session, day: date, reached: object) -> Sequence[RowValues]:
        """Rows of the next persons whose permit begins, or has ended the day before."""
        table = table_of(PersonNow)
        wanted = select(*(table.c[name] for name in _READ)).where(
            or_(
                table.c.valid_from == day.isoformat(),
                table.c.valid_to == (day - _DAY).isoformat(),
            )
        )
        if isinstance(reached, bytes):
            wanted = wanted.where(table.c.person > reached)
        found = session.execute(wanted.order_by(table.c.person).limit(self._batch)).mappings()
        return [dict(row) for row in found]

    def _entries(
        self, session: Session, day: date, rows: Sequence[RowValues]
    ) -> tuple[list[Entry], int]:
        # A row that somebody altered must not keep a city's day from turning: it is passed over.
        whole = [row for row in rows if PERSON_NOW.holds(self._ring, row)]
        persons = {bytes(row["person"]): row for row in whole if isinstance(row["person"], bytes)}
        told = self._changes.last_days(session, list(persons))
        entries = [
            (person, on, kind)
            for person, row in persons.items()
            if told.get(person, date.min) < day
            for on, kind in turned(tellable(row), after=day - _DAY, through=day)
        ]
        return entries, len(rows) - len(whole)

    def _prune(self, session: Session, before: date) -> int:
        days, table = table_of(DayTurn), table_of(Change)
        last = session.scalar(
            select(func.max(days.c.last_number)).where(
                days.c.day < before.isoformat(), days.c.finished_at.is_not(None)
            )
        )
        if last is None:
            return 0
        old = list(
            session.scalars(
                select(table.c.number)
                .where(table.c.number <= last)
                .order_by(table.c.number)
                .limit(self._batch)
            )
        )
        if old:
            session.execute(delete(table).where(table.c.number.between(old[0], old[-1])))
        return len(old)


def _record(ended: Turned, head: Head, now: datetime) -> Draft:
    identity = uuid4()
    facts: Mapping[str, object] = {
        "day": ended.day.isoformat(),
        "changes": ended.changes,
        "unread": ended.unread,
        "last": head.number,
    }
    return Draft(
        id=identity.bytes,
        time=now,
        request=str(identity),
        action=ACTION,
        outcome=Outcome.RELEASED,
        actor=_SYSTEM,
        decision=" ".join(f"{name}:{value}" for name, value in facts.items()),
    )
