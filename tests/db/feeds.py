"""The feed of changes on an open database: acts, days that turn, and what stands in it then."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.day_turn import BATCH, DayTurns, Step, Turned
from db.desk import Done, File, Files, Written
from db.facts import Act, NewPerson
from db.ledger import Ledger
from db.models import Change, ChangeHead, table_of
from regulation.dates import SHANGHAI
from regulation.outcome import Decision, Outcome
from tests.audit.drafts import draft
from tests.builders import CALENDAR, Store, opened

DAY = timedelta(days=1)
ACTIVE, NOT_ACTIVE = "permit-active", "permit-not-active"


class Entry(NamedTuple):
    """A change as it stands in the feed."""

    number: int
    person: bytes
    kind: str
    day: date


@dataclass(frozen=True, slots=True)
class Feed:
    """A database with a desk's files and a feed."""

    store: Store
    files: Files
    ledger: Ledger

    def turns(self, *, batch: int = BATCH) -> DayTurns:
        """What turns days here; another one stands for another process."""
        return DayTurns(self.store.database, self.store.ring, self.ledger, batch=batch)

    async def begin(self, day: date) -> None:
        """Let the feed begin on a day."""
        assert (await self.turns().step(day, noon(day))).through == day

    async def turn(self, today: date, *, batch: int = BATCH) -> list[Turned]:
        """Turn every day that is due; what each came to."""
        return await turn_all(self.turns(batch=batch), today)

    async def act(self, new: NewPerson, *acts: Act, at: datetime) -> Done[Decision]:
        """Let something happen to somebody at a desk."""

        def decide(file: File | None) -> Written[Decision]:
            return Written(
                decision=Decision(outcome=Outcome.RECORDED, articles=("28",)),
                record=lambda _decision, person: draft(
                    persons=[] if person is None else [person], time=at
                ),
                acts=acts if file is not None else (),
                new=new if file is None else None,
            )

        return await self.files.act(
            self.store.ring.id_number_tag(new.registration.id_number), decide
        )

    async def entries(self, after: int = 0) -> list[Entry]:
        """Everything in the feed after a number, in order."""
        table = table_of(Change)

        def work(session: Session) -> list[Entry]:
            rows = session.execute(
                select(table.c.number, table.c.person, table.c.kind, table.c.day)
                .where(table.c.number > after)
                .order_by(table.c.number)
            )
            return [Entry(row[0], row[1], row[2], date.fromisoformat(row[3])) for row in rows]

        return await self.store.database.read(work)

    async def said(self) -> list[tuple[str, date]]:
        """Kind and day of everything in the feed, which is numbered from 1 without a gap."""
        found = await self.entries()
        assert [entry.number for entry in found] == list(range(1, len(found) + 1))
        return [(entry.kind, entry.day) for entry in found]

    async def turned_through(self) -> date:
        """The last day that was turned."""
        column = table_of(ChangeHead).c.turned_through
        return date.fromisoformat(
            str(await self.store.database.read(lambda session: session.scalar(select(column))))
        )


def noon(day: date) -> datetime:
    """Noon of a day in Asia/Shanghai, as the service's clock says it."""
    return datetime.combine(day, time(12), SHANGHAI).astimezone(UTC)


async def turn_all(turns: DayTurns, today: date) -> list[Turned]:
    """Turn every day that is due."""
    ended: list[Turned] = []
    while True:
        step: Step = await turns.step(today, noon(today))
        if step.ended is not None:
            ended.append(step.ended)
        if step.through >= today:
            return ended


@asynccontextmanager
async def feed(url: str, home: Path, persons: Sequence[NewPerson] = ()) -> AsyncIterator[Feed]:
    """Open a feed on a database with these persons."""
    async with opened(url, home) as store:
        if persons:
            await store.register(*persons)
        ledger = Ledger(store.database, deployment=store.ring.deployment)
        files = Files(
            database=store.database,
            vault=store.vault,
            intake=store.intake,
            ledger=ledger,
            calendar=CALENDAR,
        )
        yield Feed(store, files, ledger)
