"""The city of one case: an empty register with its desks and its service, in a folder of its own.

Everything is the product's: database, keys, policies, ledger, use cases, the service behind
`/graphql`. Only the day is the case's.

Never: touches a deployment; the folder is the run's and goes with it.
"""

import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from pathlib import Path
from shutil import copyfile
from typing import Any, Final

import orjson

from audit.entry import stamp
from cli.scenarios.given import CASE_NUMBER, OFFICE
from db.database import Database, DatabaseSettings
from db.desk import File, Files
from db.facts import NewPerson
from db.follows import FollowReads
from db.intake import Intake
from db.keystore import open_keyring
from db.ledger import Ledger
from db.ledger_reads import LedgerReads
from db.reads import PersonReads
from db.sealed import Vault
from db.session import open_database
from db.statistics import Counting
from db.work_rows import WorkRows
from keys.ring import KeyRing
from keys.root import RootKey
from policies.table import Policies
from regulation.calendar import WorkingCalendar
from regulation.history import Standing
from regulation.id_number import IdNumber
from regulation.outcome import Actor
from regulation.parameters import Parameters, Schedule
from regulation.permit import PermitStage, PermitStatus, PermitValidity, stage
from resolvers.context import Caller, Context
from resolvers.desk.acting import Acting, Desk
from resolvers.read import Reader
from resolvers.recording import Recorder
from resolvers.statistics import Statistics
from schema.answers import Answer, Request
from schema.catalogue import catalogue
from schema.root import full_schema, graph
from schema.service import Service

_NAME: Final = "register.db"
_FOUNDED: Final = "2000-01-01T04:00:00.000Z"
"""Before every case, so that no record lies before its log."""

_ROOT_KEY_BYTES: Final = 32
_NOON: Final = time(4)
"""In UTC: noon in the city, so that a day is the same in both."""


@dataclass(frozen=True, slots=True)
class Graph:
    """Schema and rules, made once for a run: they are the same for every case."""

    full: Any
    policies: Policies

    @classmethod
    def shipped(cls) -> "Graph":
        """Load those that the product serves."""
        full = graph(full_schema())
        return cls(full, Policies.load(catalogue=catalogue(full)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where a person stands on the day of the case; all is None for whom the register lacks."""

    registered_on: date | None = None
    clock_start: date | None = None
    permit: PermitValidity | None = None
    status: PermitStatus | None = None
    stage: PermitStage | None = None
    address_from: date | None = None
    application_open: bool = False
    version: int | None = None


@dataclass(slots=True)
class Office:
    """An open city."""

    database: Database
    ring: KeyRing
    desk: Desk
    intake: Intake
    ledger: LedgerReads
    service: Service
    policies: Policies
    calendar: WorkingCalendar
    clock: list[datetime]
    faults: list[BaseException]

    def on(self, day: date) -> Parameters:
        """What holds on a day."""
        return self.desk.on(day)

    async def store(self, new: NewPerson) -> bytes:
        """Store somebody with all that has happened before the case."""
        recorded_at = stamp(datetime.combine(new.registration.registered_on, _NOON, UTC))
        return await self.database.write(
            lambda session: self.intake.register_one(session, new, recorded_at=recorded_at)
        )

    async def file_of(self, number: IdNumber | None) -> File | None:
        """Look somebody up."""
        if number is None:
            return None
        return await self.desk.files.look(self.ring.id_number_tag(number))

    async def stand(self, number: IdNumber | None, day: date) -> Stand:
        """Say where somebody stands on a day, by the events that are stored."""
        file = await self.file_of(number)
        if file is None:
            return Stand()
        standing: Standing = file.standing
        permit, state = standing.permit, standing.status_on(day)
        of_year = None
        if permit is not None:
            of_year = stage(permit, day, self.calendar, self.on(day))
        return Stand(
            registered_on=standing.registered_on,
            clock_start=standing.clock_on(day),
            permit=permit,
            status=state,
            stage=of_year,
            address_from=standing.address_from,
            application_open=file.open_application is not None,
            version=file.version,
        )

    def acting(self, day: date, division: str | None, *, by: Actor = Actor.APPLICANT) -> Acting:
        """An act at a desk of a division, on a day."""
        self.clock[:] = [datetime.combine(day, _NOON, UTC)]
        context = Context(
            caller=caller("receiving-office", frozenset({"receiving-office"}), division),
            purpose="permit-application",
            case=CASE_NUMBER,
            case_required=True,
            revision=self.policies.revision,
            today=day,
            now=self.clock[0],
            article="15–17",
        )
        return Acting(context=context, office=OFFICE, by=by)

    async def ask(
        self,
        who: Caller,
        query: str,
        variables: dict[str, object] | None,
        *,
        day: date,
        purpose: str | None,
    ) -> Answer:
        """Put one document to the service, as a department's system would over HTTP."""
        self.clock[:] = [datetime.combine(day, _NOON, UTC)]
        request = Request(
            query=query,
            operation_name=None,
            variables=variables,
            extensions={},
            method="POST",
            size=len(query),
            purpose=purpose,
            case=CASE_NUMBER,
        )
        return await self.service.answer(request, who)

    async def records(self) -> list[dict[str, Any]]:
        """All records of the log, oldest first."""
        page = await self.ledger.page(after=None, limit=1000)
        return [orjson.loads(each.body) for each in reversed(page)]


def caller(department: str, roles: frozenset[str], division: str | None) -> Caller:
    """Somebody of a department, as a token and the register would say."""
    return Caller(
        client="scenario",
        official="official-1",
        department=department,
        roles=roles,
        division=division,
        purposes=None,
        authentication="assertion",
        address="127.0.0.1",
        language="en",
        request_id="scenario",
    )


@dataclass(frozen=True, slots=True)
class Blank:
    """An empty register with its keys, made once for a run and copied for every case."""

    file: Path
    root: RootKey = field(repr=False)


async def make_blank(folder: Path) -> Blank:
    """Make an empty register in a folder."""
    blank = Blank(folder / _NAME, RootKey(secrets.token_bytes(_ROOT_KEY_BYTES)))
    where = DatabaseSettings(url=f"sqlite:///{blank.file}", home=folder)
    async with await open_database(where) as database:
        await open_keyring(database, blank.root, now=_FOUNDED)
    return blank


@asynccontextmanager
async def open_office(
    folder: Path,
    blank: Blank,
    calendar: WorkingCalendar,
    policy: Parameters | Schedule,
    served: Graph,
) -> AsyncIterator[Office]:
    """Open an empty city in a folder that is there for it alone."""
    copyfile(blank.file, folder / _NAME)
    where = DatabaseSettings(url=f"sqlite:///{folder / _NAME}", home=folder)
    async with await open_database(where) as database:
        ring = await open_keyring(database, blank.root, now=_FOUNDED)
        vault = Vault(ring)
        reads, ledger = PersonReads(database, vault), LedgerReads(database)
        writer = Ledger(database, deployment=ring.deployment)
        await writer.start()
        try:
            clock, faults = [datetime.min.replace(tzinfo=UTC)], list[BaseException]()
            counted = Statistics(Counting(database), policy)
            reader = Reader(
                reads=reads,
                work=WorkRows(database, vault),
                vault=vault,
                ring=ring,
                ledger=ledger,
                statistics=counted,
                calendar=calendar,
                policy=policy,
                follows=FollowReads(database, vault),
            )
            intake = Intake(ring, calendar, policy)
            files = Files(
                database=database,
                vault=vault,
                intake=intake,
                ledger=writer,
                calendar=calendar,
                policy=policy,
            )
            yield Office(
                database=database,
                ring=ring,
                desk=Desk(files, ring, calendar, policy),
                intake=intake,
                ledger=ledger,
                service=Service(
                    full=served.full,
                    policies=served.policies,
                    reader=reader,
                    recorder=Recorder(ring, writer, reader.case_digest),
                    registered={},
                    encode=ring.global_ids.encode,
                    now=lambda: clock[0],
                    report=lambda _request, error: faults.append(error),
                ),
                policies=served.policies,
                calendar=calendar,
                clock=clock,
                faults=faults,
            )
        finally:
            await writer.stop()
