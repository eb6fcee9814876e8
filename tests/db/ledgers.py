"""An open database with a running ledger on it, and what tests ask of the log afterwards."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from audit.verify import Intact
from db.database import Database
from db.ledger import AuditUnavailableError, Ledger
from db.ledger_check import verify_ledger
from db.ledger_follower import Report
from db.models import AuditRecord
from db.session import DatabaseSettings, open_database
from tests.audit.drafts import draft

QUICK = 0.4
"""Seconds that a transaction may take in tests that wait for it to fail."""


@dataclass(frozen=True, slots=True)
class Bench:
    """A database and one ledger on it."""

    database: Database
    ledger: Ledger

    @property
    def sqlite(self) -> bool:
        return self.database.kind == "sqlite"

    async def run(self, *statements: str) -> None:
        """Run statements with the database owner's rights, in one transaction."""

        def work(session: Session) -> None:
            for statement in statements:
                session.execute(text(statement))

        await self.database.write(work)

    async def refused(self) -> bool:
        """Whether the ledger refuses a record now."""
        try:
            await self.ledger.append(draft())
        except AuditUnavailableError:
            return True
        return False

    async def accepted(self) -> None:
        """Wait until the ledger takes a record again; it stands in the log then."""
        while await self.refused():
            pass

    async def becomes(self, *, ready: bool) -> None:
        """Wait until the ledger says that it is ready, or that it is not."""
        async with asyncio.timeout(5):
            while self.ledger.ready is not ready:  # noqa: ASYNC110 - readiness is polled, as a load balancer does
                await asyncio.sleep(0.02)


def settings(url: str, home: Path, *, writing: bool = True) -> DatabaseSettings:
    return DatabaseSettings(url=url, home=home, writing=writing)


@asynccontextmanager
async def bench(
    url: str,
    home: Path,
    *,
    seconds: float = 5.0,
    probe_seconds: float = 60.0,
    index_seconds: float = 60.0,
    report: Report = lambda _event, _error: None,
) -> AsyncIterator[Bench]:
    """The index of persons stands still unless a test lets it follow, or calls for it."""
    async with await open_database(settings(url, home)) as database:
        ledger = Ledger(
            database,
            deployment="demo",
            seconds=seconds,
            probe_seconds=probe_seconds,
            index_seconds=index_seconds,
            report=report,
        )
        await ledger.start()
        try:
            yield Bench(database, ledger)
        finally:
            await ledger.stop()


async def records(database: Database) -> list[dict[str, object]]:
    """Every record, oldest first."""
    work: Callable[[Session], list[bytes]] = lambda session: list(  # noqa: E731 - one line
        session.scalars(select(AuditRecord.body).order_by(AuditRecord.year, AuditRecord.index))
    )
    return [json.loads(body) for body in await database.read(work)]


async def count(database: Database) -> int:
    """How many records stand."""
    return await database.read(
        lambda session: session.scalar(select(func.count()).select_from(AuditRecord)) or 0
    )


async def sizes(database: Database) -> list[int]:
    """The size of each year's log, after verifying all of them."""
    found = []
    for verdict in await verify_ledger(database):
        assert isinstance(verdict, Intact), verdict
        found.append(verdict.size)
    return found
