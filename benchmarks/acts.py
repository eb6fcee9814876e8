"""How many acts of the desks a second one process does, each a transaction with event and record.

Applications are filed for persons who may have a permit, `AT_ONCE` clerks at a time, each act
through the counter as a mutation's field does it: key, case, name, lock, rules, event, read model,
stored answer, audit record. HTTP is left out; the benchmarks of reads measure it.

`python -m benchmarks.acts` prints the figures of both databases.
"""

import asyncio
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import uvloop

from db.casefile import case_digest
from db.desk import Files
from db.facts import NewPerson
from db.ledger import Ledger
from regulation.outcome import Outcome
from regulation.parameters import AS_ISSUED
from resolvers.context import Caller, Context
from resolvers.desk.acting import Desk
from resolvers.desk.counter import Asked, Counter
from resolvers.recording import Recorder
from tests import builders
from tests.builders import CALENDAR, CASE_NUMBER, COUNTY, NOW, TODAY, opened
from tests.postgres import embedded_server

ACTS = 600
AT_ONCE = 16
_OFFICE = "红山区哨兵派出所"


class NotAcceptedError(RuntimeError):
    """An application that should have been accepted was not: the figure would mean nothing."""


@dataclass(frozen=True, slots=True)
class ActRate:
    """Acts on one database."""

    database: str
    acts: int
    seconds: float
    cpu_seconds: float

    @property
    def per_second(self) -> float:
        """Acts a second, the database's share of the time included."""
        return self.acts / self.seconds

    @property
    def cpu(self) -> float:
        """Microseconds of this process's CPU for one act."""
        return self.cpu_seconds / self.acts * 1e6


def _people(count: int) -> list[NewPerson]:
    return [
        replace(builders.person(number), cases=(builders.case(number=f"{CASE_NUMBER}-{number}"),))
        for number in range(count)
    ]


async def act_rate(home: Path, url: str, *, acts: int = ACTS) -> ActRate:
    """Load persons with open cases, and file an application for each.

    Raises:
        NotAcceptedError: one was not accepted.
    """
    people = _people(acts)
    async with opened(url, home) as store:
        await store.database.write(
            lambda session: store.intake.register(session, people, recorded_at=NOW)
        )
        ledger = Ledger(store.database, deployment=store.ring.deployment)
        await ledger.start()
        files = Files(
            database=store.database,
            vault=store.vault,
            intake=store.intake,
            ledger=ledger,
            calendar=CALENDAR,
        )
        recorder = Recorder(store.ring, ledger, lambda case: case_digest(store.ring, case))
        counter = Counter(
            desk=Desk(files, store.ring, CALENDAR, AS_ISSUED),
            recorder=recorder,
            office=lambda _context: _OFFICE,
        )
        try:
            return await _filed(counter, people, url.partition(":")[0])
        finally:
            await ledger.stop()


async def _filed(counter: Counter, people: Sequence[NewPerson], scheme: str) -> ActRate:
    left = list(enumerate(people))

    async def clerk() -> None:
        while left:
            number, new = left.pop()
            given = {
                "idempotencyKey": uuid4().hex,
                "person": {"idNumber": new.registration.id_number, "name": new.registration.name},
                "claims": [{"condition": "housing"}],
                "materials": ["resident_id_card", "photo", "lease_contract"],
            }
            asked = Asked(
                context=_context(f"{CASE_NUMBER}-{number}"), operation=None, document=None
            )
            done = await counter.act("fileApplication", given, asked)
            if done.decision.outcome is not Outcome.ACCEPTED:
                raise NotAcceptedError(done.decision.outcome.value)

    began, began_cpu = time.perf_counter(), time.process_time()
    await asyncio.gather(*(clerk() for _ in range(AT_ONCE)))
    seconds, cpu = time.perf_counter() - began, time.process_time() - began_cpu
    name = "SQLite" if scheme == "sqlite" else "PostgreSQL"
    return ActRate(name, len(people), seconds, cpu)


def _context(case: str) -> Context:
    return Context(
        caller=Caller(
            client="desk-client",
            official="clerk-1",
            department="receiving-office",
            roles=frozenset({"receiving-office"}),
            division=COUNTY,
            purposes=None,
            authentication="assertion",
            address="192.0.2.1",
            language="zh-CN",
            request_id=uuid4().hex[:16],
        ),
        purpose="permit-application",
        case=case,
        case_required=True,
        revision="0" * 64,
        today=TODAY,
        now=datetime.now(UTC),
        article="15-17",
    )


async def both(folder: Path, *, acts: int = ACTS) -> list[ActRate]:
    """The figures of SQLite and of a PostgreSQL started for them."""
    one, other = folder / "acts-sqlite", folder / "acts-postgres"
    for home in (one, other):
        home.mkdir()
    rates = [await act_rate(one, f"sqlite:///{one / 'acts.db'}", acts=acts)]
    with embedded_server() as server:
        url = server.create_database("juzhu_bench_acts")
        rates.append(await act_rate(other, url, acts=acts))
    return rates


def lines(rates: Sequence[ActRate]) -> list[tuple[str, str]]:
    """The figures as pairs of a title and a value."""
    told = f"applications filed a second, {AT_ONCE} clerks at once"
    return [
        pair
        for rate in rates
        for pair in (
            (f"{told}, {rate.database}", f"{rate.per_second:,.0f}"),
            (f"the same, CPU of one, {rate.database}", f"{rate.cpu:,.0f} µs"),
        )
    ]


def main() -> None:
    """Print the figures."""
    with (
        tempfile.TemporaryDirectory(prefix="juzhu-acts-") as folder,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        for title, value in lines(runner.run(both(Path(folder)))):
            sys.stdout.write(f"{title}: {value}\n")


if __name__ == "__main__":
    main()
