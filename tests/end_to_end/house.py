"""The real service on a real database, full of known persons, and what a test needs to look at it.

Everything is the service's own: settings, keys, register, policies, ledger, HTTP application. Only
the clock stands still, on the builders' day, so that every value can be written down beforehand.
"""

import sqlite3
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

import asyncpg
import httpx2
import orjson

from db.database import Database, DatabaseSettings
from db.facts import NewPerson
from db.intake import Intake
from db.keystore import open_keyring
from db.ledger_reads import LedgerReads
from db.register_changes import Moment, Registrar
from db.register_record import operator
from db.reports import TakenReport, write_report
from db.session import open_database
from keys.ring import KeyRing
from keys.root import RootKey, create_root_key
from server.application import Application
from server.demonstration import DemonstrationIssuer, establish_issuer
from server.log import Log
from server.running import running
from server.settings import Settings
from tests.builders import CALENDAR, COUNTY, NOW, TODAY
from tests.server.actors import Issuer, StillClock
from tests.server.real_house import GRAPHQL_RESPONSE, settings_of

INSTANT = datetime.fromisoformat(NOW).timestamp()
MOMENT = Moment(TODAY, NOW)
YEAR = TODAY.year
Json = Any
"""What stands in an answer: a test says what it expects there."""
OFFICIAL = "demo-01"

SHOWN_TABLES = (
    "person", "person_now", "lookup", "name_birth", "residence", "event", "evidence", "blob",
    "casefile", "application_now", "report", "subject_request", "subject_request_step",
    "correction", "correction_step",
)  # fmt: skip
"""Every table that something about a person lies in; the log and the register are others."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """An official of the register."""

    department: str
    official: str = OFFICIAL
    role: str | None = None
    """That of the department's name where none is said."""
    division: str | None = None
    until: date | None = None


DESKS = (
    Entry(department="receiving-office", division=COUNTY),
    Entry(department="community-police", division=COUNTY),
    Entry(department="auditor"),
)
RECORDS_MADE = 3 + len(DESKS)
"""Records of a house before the first request: the log opened, the register founded, the
demonstration's key and each desk added."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """Who asks, what for and for which case."""

    department: str
    purpose: str | None = None
    case: str | None = None
    official: str = OFFICIAL

    @property
    def headers(self) -> dict[str, str]:
        """Purpose and case as a client sends them."""
        named = {"juzhu-purpose": self.purpose, "juzhu-case": self.case}
        return {name: quote(value) for name, value in named.items() if value is not None}


@dataclass(frozen=True, slots=True)
class Answered:
    """One answer as it came over HTTP."""

    status: int
    body: bytes
    headers: Mapping[str, str]

    @property
    def whole(self) -> dict[str, Json]:
        """The answer's JSON object."""
        loaded = orjson.loads(self.body)
        assert isinstance(loaded, dict)
        return loaded

    @property
    def data(self) -> dict[str, Json]:
        """The data of an answer that has no error."""
        assert self.status == 200, self.body
        assert "errors" not in self.whole, self.body
        data = self.whole["data"]
        assert isinstance(data, dict)
        return data

    @property
    def data_bytes(self) -> bytes:
        """The bytes of `data` as they stand in the body: what the record commits to."""
        end = self.body.rindex(b',"extensions":{"audit":')
        data = self.body[len(b'{"data":') : end]
        return data.partition(b',"errors":[')[0]

    @property
    def errors(self) -> list[dict[str, Json]]:
        """The entries of `errors`."""
        found = self.whole.get("errors", [])
        assert isinstance(found, list)
        return found

    @property
    def codes(self) -> list[Json]:
        """The code of each error."""
        return [entry["extensions"]["code"] for entry in self.errors]

    @property
    def audit(self) -> dict[str, Json]:
        """`extensions.audit`."""
        audit = self.whole["extensions"]["audit"]
        assert isinstance(audit, dict)
        return audit

    @property
    def index(self) -> int:
        """Where the answer's record stands in the log."""
        index = self.audit["index"]
        assert isinstance(index, int)
        return index


@dataclass(frozen=True, slots=True)
class Kept:
    """A record of the log: its place, its bytes, and what they say."""

    index: int
    body: bytes
    says: dict[str, Json]

    @property
    def subjects(self) -> list[tuple[bytes, list[tuple[str, str, str]]]]:
        """Each person with the fields used."""
        alike = self.says.get("fields", [])
        return [
            (
                bytes.fromhex(one["person"]),
                [(path, used, how) for path, used, how in one.get("fields", alike)],
            )
            for one in self.says.get("subjects", [])
        ]

    @property
    def missed(self) -> int:
        """How many look-ups found nothing."""
        return len(self.says.get("missed", []))


@dataclass
class House:
    """An open service."""

    settings: Settings
    application: Application
    issuer: DemonstrationIssuer
    lines: list[bytes]
    persons: dict[str, bytes]
    clock: StillClock
    ring: KeyRing
    beside: Database
    sent: list[Answered] = field(default_factory=list)

    # --- asking ------------------------------------------------------------------------------

    def token(self, seat: Seat) -> str:
        """A demonstration token."""
        return self.issuer.token(
            audience=self.settings.audience,
            department=seat.department,
            official=seat.official,
            purposes=(),
            now=self.clock.now(),
        )

    async def ask(
        self,
        seat: Seat,
        query: str,
        variables: Mapping[str, object] | None = None,
        *,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Answered:
        """Post one document."""
        return await self.post(
            orjson.dumps({"query": query, "variables": variables}),
            {
                "authorization": f"Bearer {token or self.token(seat)}",
                **seat.headers,
                **(headers or {}),
            },
        )

    async def post(self, body: bytes, headers: Mapping[str, str]) -> Answered:
        """Post any bytes."""
        async with self._client() as client:
            answer = await client.post(
                "/graphql",
                content=body,
                headers={
                    "content-type": "application/json",
                    "accept": GRAPHQL_RESPONSE,
                    **headers,
                },
            )
        answered = Answered(answer.status_code, answer.content, dict(answer.headers))
        self.sent.append(answered)
        return answered

    async def get(self, address: str, headers: Mapping[str, str]) -> Answered:
        """Get an address as it is written."""
        async with self._client() as client:
            answer = await client.get(address, headers={"accept": GRAPHQL_RESPONSE, **headers})
        answered = Answered(answer.status_code, answer.content, dict(answer.headers))
        self.sent.append(answered)
        return answered

    async def ready(self) -> tuple[int, dict[str, Json]]:
        """What `/health/ready` says."""
        async with self._client() as client:
            answer = await client.get("/health/ready")
        return answer.status_code, answer.json()

    def _client(self) -> httpx2.AsyncClient:
        transport = httpx2.ASGITransport(app=self.application)
        return httpx2.AsyncClient(transport=transport, base_url="http://juzhu.test")

    # --- looking -----------------------------------------------------------------------------

    async def record(self, answered: Answered) -> Kept:
        """The record that an answer points at."""
        log = f"{self.ring.deployment}/audit/{YEAR}"
        assert answered.audit["log"] == log
        place = (YEAR, answered.index + 1)
        (stored,) = await LedgerReads(self.beside).page(after=place, limit=1)
        assert stored.index == answered.index
        return Kept(stored.index, stored.body, orjson.loads(stored.body))

    async def records(self) -> list[Kept]:
        """The whole log, oldest first."""
        stored = await LedgerReads(self.beside).page(after=None, limit=10_000)
        return [Kept(one.index, one.body, orjson.loads(one.body)) for one in reversed(stored)]

    def commits_to(self, kept: Kept, data: bytes) -> bool:
        """Whether a record's commitment is one to these bytes."""
        record, commitment = str(kept.says["id"]), str(kept.says["commitment"])
        return self.ring.verify_commitment(bytes.fromhex(record), data, bytes.fromhex(commitment))

    # --- breaking ----------------------------------------------------------------------------

    async def run(self, *statements: str) -> None:
        """Run statements on the database from outside, as its administrator could."""
        await on_database(self.settings, *statements)

    @asynccontextmanager
    async def without_persons(self) -> AsyncIterator[None]:
        """Take every table about persons away: whoever touches one fails."""
        await self.run(*(f"ALTER TABLE {table} RENAME TO away_{table}" for table in SHOWN_TABLES))
        try:
            yield
        finally:
            await self.run(
                *(f"ALTER TABLE away_{table} RENAME TO {table}" for table in SHOWN_TABLES)
            )


async def on_database(settings: Settings, *statements: str) -> Sequence[Sequence[object]]:
    """Run statements on a database past the service; the rows of the last one."""
    url = settings.database_url
    found: Sequence[Sequence[object]] = []
    if url.startswith("sqlite:"):
        path = url.removeprefix("sqlite:///")
        with closing(sqlite3.connect(path, isolation_level=None, timeout=10)) as file:
            for statement in statements:
                found = file.execute(statement).fetchall()
        return found
    server = await asyncpg.connect(url)
    try:
        for statement in statements:
            found = [tuple(row) for row in await server.fetch(statement)]
    finally:
        await server.close()
    return found


async def prepare(
    settings: Settings,
    persons: Mapping[str, NewPerson],
    *,
    officials: Sequence[Entry] = DESKS,
    clients: Sequence[tuple[Issuer, str]] = (),
    reports: Sequence[TakenReport] = (),
) -> tuple[DemonstrationIssuer, dict[str, bytes]]:
    """Make keys, register and persons; the database is closed again when this returns."""
    create_root_key(settings.home / "keys" / "root.key")
    async with await open_database(_where(settings)) as database:
        ring = await open_keyring(database, RootKey.from_spec(settings.root_key), now=NOW)
        registrar = Registrar(database, ring, operator("juzhu test"))
        issuer = await establish_issuer(settings, database, registrar, MOMENT)
        for entry in officials:
            await database.write(
                lambda session, entry=entry: registrar.add_official(  # type: ignore[misc]  # bound for this turn of the loop
                    session,
                    department=entry.department,
                    official=entry.official,
                    role=entry.role or entry.department,
                    division=entry.division,
                    until=entry.until,
                    moment=MOMENT,
                )
            )
        for client, department in clients:
            await database.write(
                lambda session, client=client, department=department: registrar.add_client(  # type: ignore[misc]  # as above
                    session,
                    client=client.name,
                    department=department,
                    kid=client.public.kid,
                    jwk=client.public.jwk(),
                    until=TODAY.replace(year=TODAY.year + 1),
                    moment=MOMENT,
                )
            )
        intake = Intake(ring, CALENDAR)
        ids = await database.write(
            lambda session: intake.register(session, list(persons.values()), recorded_at=NOW)
        )
        for report in reports:
            await database.write(
                lambda session, report=report: write_report(session, ring, report, recorded_at=NOW)  # type: ignore[misc]  # as above
            )
    stored = [one for one in ids if one is not None]
    return issuer, dict(zip(persons, stored, strict=True))


@asynccontextmanager
async def started(
    settings: Settings,
    issuer: DemonstrationIssuer,
    persons: dict[str, bytes],
    *,
    after: timedelta = timedelta(0),
) -> AsyncIterator[House]:
    """Open the service on what `prepare` made, so long after."""
    lines: list[bytes] = []
    clock = StillClock(INSTANT + after.total_seconds())
    root = RootKey.from_spec(settings.root_key)
    async with (
        running(settings, clock=clock, log=Log(clock, lines.append)) as service,
        await open_database(_where(settings, writing=False)) as beside,
    ):
        ring = await open_keyring(beside, root, now=NOW)
        yield House(settings, service.application, issuer, lines, persons, clock, ring, beside)


@asynccontextmanager
async def house_of(
    home: Path,
    url: str,
    persons: Mapping[str, NewPerson],
    *,
    officials: Sequence[Entry] = DESKS,
    clients: Sequence[tuple[Issuer, str]] = (),
    reports: Sequence[TakenReport] = (),
    named: Mapping[str, str] | None = None,
) -> AsyncIterator[House]:
    """Make a deployment with these persons and open the service on it, with settings `named`."""
    settings = settings_of(home, url, **(named or {}))
    issuer, ids = await prepare(
        settings, persons, officials=officials, clients=clients, reports=reports
    )
    async with started(settings, issuer, ids) as house:
        yield house


def _where(settings: Settings, *, writing: bool = True) -> DatabaseSettings:
    return DatabaseSettings(url=settings.database_url, home=settings.home, writing=writing)
