"""A running service: everything opened in order, handed together, and closed in the other order.

Order: root key → database → key ring → register → policies → ledger → identity provider. Whatever
is missing or wrong stops the start before a request can come. One task then follows the register
twice a second, so a revocation counts within a second on every replica; another renews the
identity provider's keys, so that a slow provider never delays a revocation; a third turns the day.
A register that was tampered with, or could not be read for five seconds, is trusted no more: nobody
is answered.

This module never answers a request.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cache
from typing import Any, Final, Protocol

from graphql import GraphQLSchema

from db.catchment import Catchment
from db.catchment_cases import CatchmentCases
from db.correction_list import Corrections
from db.database import Database, DatabaseSettings
from db.day_turn import DayTurns
from db.derived import require_same_rules
from db.desk import Files
from db.errors import RegisterTamperedError
from db.follows import FollowReads, Follows
from db.intake import Intake
from db.keystore import open_keyring
from db.ledger import Ledger
from db.ledger_reads import LedgerReads
from db.reads import PersonReads
from db.register import EMPTY, SOON_DAYS, Register, Snapshot
from db.sealed import Vault
from db.session import open_database
from db.statistics import Counting
from db.subject_requests import SubjectRequests
from db.work_rows import WorkRows
from keys.ring import KeyRing
from keys.root import RootKey
from policies.table import Policies
from regulation.calendar import WorkingCalendar
from regulation.divisions import division
from resolvers.catchments import Catchments
from resolvers.context import Context
from resolvers.corrections import CorrectionList
from resolvers.desk.acting import Desk
from resolvers.desk.counter import Counter
from resolvers.desk.paper import Papers
from resolvers.desk.self_report import SelfReports, Wording
from resolvers.following import Following
from resolvers.plan import StepKind
from resolvers.quotas import Quotas
from resolvers.read import Reader
from resolvers.recording import Recorder
from resolvers.statistics import Statistics
from resolvers.subject_requests import SubjectRequestList
from schema.catalogue import catalogue
from schema.labels import field_labels
from schema.root import full_schema, graph
from schema.service import Service
from schema.trusted import TrustedDocuments
from server.application import Application
from server.auth import Authenticator, Provider
from server.city import City, read_city
from server.clock import Clock, day_of, elapsed, pretended_day, time_of
from server.graphql_http import GraphQLEndpoint
from server.key_sources import KeySet
from server.log import Log
from server.pages import pages
from server.press import Press, open_press
from server.quota_file import QuotaFigures, opened_quotas, read_figures
from server.settings import DEMONSTRATION_ISSUER, Mode, Settings, SettingsError
from server.turning import DayTurner
from server.version import own_version

FOLLOW_SECONDS: Final = 0.5
"""How often the register's counter is read."""

STALE_SECONDS: Final = 5.0
"""A register that could not be read for so long is not current: nobody is answered."""


@dataclass(frozen=True, slots=True)
class Running:
    """The application of an open service, its policies' revision and the city's rules."""

    application: Application
    revision: str
    rules: str


@asynccontextmanager
async def running(settings: Settings, *, clock: Clock, log: Log) -> AsyncIterator[Running]:
    """Open the service, and close it when the block ends: what is in work is recorded first.

    Raises:
        SettingsError: A setting does not fit the database that it names.
        DatabaseError: The database can't be used.
        RootKeyError, BranchKeyError: The keys can't be used.
        LintError: The policies have findings.
        KeySourceError: The identity provider's keys can't be had.
    """
    root = RootKey.from_spec(settings.root_key)
    city = read_city(settings, day_of(clock.now()))
    press = open_press(settings.paper)
    figures = read_figures(settings)
    async with AsyncExitStack() as opened:
        quotas = await opened.enter_async_context(
            opened_quotas(
                figures, settings.redis, lambda state: log.event("limit store", state=state)
            )
        )
        where = DatabaseSettings(url=settings.database_url, home=settings.home)
        database = await opened.enter_async_context(await open_database(where))
        ring = await open_keyring(database, root, now=time_of(clock.now()))
        await require_same_rules(database, ring, city.basis, today=day_of(clock.now()))
        register = await _open_register(database, ring, settings, clock)
        _check_departments(figures, register, day_of(clock.now()))
        ledger = Ledger(
            database,
            deployment=ring.deployment,
            report=log.fault,
        )
        await ledger.start()
        opened.push_async_callback(ledger.stop)
        policies, service = _service(
            settings=settings,
            city=city,
            database=database,
            register=register,
            ring=ring,
            ledger=ledger,
            clock=clock,
            log=log,
            press=press,
            quotas=quotas,
        )
        if settings.training_day is not None:
            log.event("training day", today=settings.training_day.isoformat())
        provider = await _open_provider(settings, log)
        follower = _Follower(register, clock, log, calendar=city.calendar)
        opened.push_async_callback(
            _end, asyncio.create_task(follower.follow(), name="register follower")
        )
        turner = DayTurner(
            DayTurns(database, ring, ledger), clock=clock, log=log, policy=city.schedule
        )
        opened.push_async_callback(_end, asyncio.create_task(turner.run(), name="day turner"))
        if provider is not None:
            renewal = asyncio.create_task(_renew(provider, log), name="provider keys")
            opened.push_async_callback(_end, renewal)
        endpoint = GraphQLEndpoint(
            service=service,
            authenticator=Authenticator(
                register=register,
                provider=provider,
                audience=settings.audience,
                demonstration=settings.mode is Mode.DEMO,
                clock=clock,
            ),
            log=log,
            default_language=settings.language,
        )

        def health() -> dict[str, bool]:
            return {"audit": ledger.ready, "register": follower.current}

        yield Running(
            application=Application(
                graphql=endpoint, pages=pages(health=health, version=own_version())
            ),
            revision=policies.revision,
            rules=city.digest,
        )


async def _open_register(
    database: Database, ring: KeyRing, settings: Settings, clock: Clock
) -> Register:
    """Load the register, and refuse demonstration data in production."""
    register = Register(database, ring)
    await register.refresh()
    if settings.mode is Mode.PRODUCTION and register.snapshot.keys.get(DEMONSTRATION_ISSUER):
        raise SettingsError(
            "the database holds demonstration data, which production never serves: name another "
            "database in JUZHU_DATABASE_URL or another folder in JUZHU_HOME"
        )
    if settings.mode is Mode.PRODUCTION and settings.provider is None:
        day = day_of(clock.now())
        if not any(register.snapshot.keys_of(client, day) for client in register.snapshot.clients):
            raise SettingsError(
                "nobody could sign in: set JUZHU_ISSUER and JUZHU_JWKS, or register a department's "
                "key with `juzhu client add`"
            )
    return register


def _wording(full: GraphQLSchema, policies: Policies, register: Register, clock: Clock) -> Wording:
    """How a printed report says fields, departments and purposes in Chinese."""
    labels = field_labels(full)

    def department(code: str) -> str:
        known = register.snapshot.department(code, day_of(clock.now()))
        return code if known is None else known.zh

    def purpose(code: str) -> str:
        known = policies.purposes.get(code)
        return code if known is None else known.zh

    def withheld(code: str) -> bool:
        known = policies.purposes.get(code)
        # Whether one that is registered no more was a secret one, nobody can say.
        return known is None or known.withheld

    return Wording(
        field=lambda path: labels.get(path, path),
        department=department,
        purpose=purpose,
        withheld=withheld,
    )


def _check_departments(figures: QuotaFigures, register: Register, day: date) -> None:
    """A limit for a department that nobody knows would limit nobody."""
    known = {each.code for each in register.snapshot.departments_on(day)}
    unknown = min(figures.departments.keys() - known, default=None)
    if unknown is not None:
        raise SettingsError(
            f"JUZHU_LIMITS: [department.{unknown}] names no department of the register: correct "
            "the code, or take the table away"
        )


@cache
def _shipped() -> tuple[GraphQLSchema, Policies]:
    """The whole schema and the rules that ship, linted once in a process: neither ever changes."""
    full = graph(full_schema())
    return full, Policies.load(catalogue=catalogue(full))


def _service(
    *,
    settings: Settings,
    city: City,
    database: Database,
    register: Register,
    ring: KeyRing,
    ledger: Ledger,
    clock: Clock,
    log: Log,
    press: Press,
    quotas: Quotas | None,
) -> tuple[Policies, Service]:
    full, policies = _shipped()
    vault = Vault(ring)
    reads = PersonReads(database, vault)

    def departments(context: Context) -> Sequence[Any]:
        return register.snapshot.departments_on(context.today)

    def purposes(context: Context) -> Sequence[Any]:
        """Those that this caller may name: a foreign one is no business of theirs."""
        return policies.open_to(context.caller.roles, among=context.caller.purposes)

    def office(context: Context) -> str:
        """The name on cards and receipts: the division's and the department's own."""
        caller = context.caller
        place = division(caller.division or "")
        named = [each for each in departments(context) if each.code == caller.department]
        return "".join((place.zh if place else "", *(each.zh for each in named)))

    def catchment(department: str, name: str, day: date) -> Catchment | None:
        # Of the newest register: one that was retired a moment ago counts no more.
        return register.snapshot.catchment(department, name, day)

    registered: Mapping[str, Any] = {"departments": departments, "purposes": purposes}
    files = Files(
        database=database,
        vault=vault,
        intake=Intake(ring, city.calendar, city.schedule, basis=city.basis),
        ledger=ledger,
        calendar=city.calendar,
        policy=city.schedule,
    )

    def serves(context: Context, official: str) -> bool:
        # As whoever comes with a token is judged (server/auth.py), by the newest register.
        department = context.caller.department
        newest, today = register.snapshot, context.today
        if newest.official(department, official, today) is not None:
            return True
        found = newest.department(department, today)
        unregistered = found is not None and not found.officials_registered
        return unregistered and not newest.is_registered(department, official)

    desk = Desk(files, ring, city.calendar, city.schedule, serves)
    papers = Papers(
        desk=desk,
        reads=reads,
        vault=vault,
        office=office,
        printer=press.printer,
        remedies=press.remedies,
        reports=SelfReports(
            ledger=LedgerReads(database),
            requests=SubjectRequests(database, ring, vault),
            words=_wording(full, policies, register, clock),
        ),
    )
    reader = Reader(
        reads=reads,
        work=WorkRows(database, vault),
        vault=vault,
        ring=ring,
        ledger=LedgerReads(database),
        follows=FollowReads(database, vault),
        statistics=Statistics(Counting(database), city.schedule),
        calendar=city.calendar,
        policy=city.schedule,
        lists={
            StepKind.SUBJECT_REQUESTS: SubjectRequestList(
                SubjectRequests(database, ring, vault), ring
            ).load,
            StepKind.CORRECTIONS: CorrectionList(Corrections(database, ring, vault), ring).load,
            StepKind.DOCUMENT: papers.load,
        },
    )
    recorder = Recorder(ring, ledger, reader.case_digest)
    service = Service(
        full=full,
        policies=policies,
        reader=reader,
        recorder=recorder,
        registered=registered,
        encode=ring.global_ids.encode,
        now=lambda: datetime.fromtimestamp(clock.now(), UTC),
        report=lambda request_id, error: log.fault("request failed", error, request=request_id),
        counter=Counter(desk=desk, recorder=recorder, office=office),
        schedule=city.schedule,
        roll_out=city.roll_out,
        day=pretended_day(settings.training_day, clock),
        catchments=Catchments(
            find=catchment,
            cases=CatchmentCases(database, ring),
            digest=reader.case_digest,
            policy=city.schedule,
        ),
        following=Following(
            reads=reads, follows=Follows(database, ring, ledger), ring=ring, policy=city.schedule
        ),
        quotas=quotas,
        trusted=TrustedDocuments(lambda: register.snapshot),
    )
    return policies, service


async def _open_provider(settings: Settings, log: Log) -> Provider | None:
    if settings.provider is None:
        return None
    keys = KeySet(settings.provider.jwks, log)
    await keys.load()
    return Provider(issuer=settings.provider.issuer, keys=keys)


async def _renew(provider: Provider, log: Log) -> None:
    """Keep the provider's keys fresh until cancelled; a lost provider is the key set's to log."""
    while True:
        await asyncio.sleep(FOLLOW_SECONDS)
        try:
            if await provider.keys.refresh():
                log.event("identity provider keys changed")
        except Exception as error:  # noqa: BLE001 - keys must grow stale after any fault
            log.fault("identity provider keys not renewed", error)


class Followed(Protocol):
    """A register as it is followed."""

    snapshot: Snapshot

    async def refresh(self) -> bool:
        """Load what has changed; True where something had."""

    def distrust(self) -> None:
        """Let nobody be anybody until it has been read again."""


class _Follower:
    """Keeps the register as new as the database."""

    def __init__(
        self, register: Followed, clock: Clock, log: Log, *, calendar: WorkingCalendar
    ) -> None:
        self._register = register
        self._calendar = calendar
        self._clock = clock
        self._log = log
        self._read_at = elapsed()
        self._failing: type[Exception] | None = None
        self._warned_on: date | None = None

    @property
    def current(self) -> bool:
        """Whether the register has been read lately, and can be trusted."""
        lately = elapsed() - self._read_at < STALE_SECONDS
        return lately and self._register.snapshot is not EMPTY

    async def follow(self) -> None:
        """Refresh until cancelled; a fault is logged once and tried again."""
        while True:
            await asyncio.sleep(FOLLOW_SECONDS)
            try:
                await self._refresh()
            except Exception as error:  # noqa: BLE001 - a revocation must count after any fault
                if not self.current:
                    # Or whoever can keep the register from being read keeps a revoked client in.
                    self._register.distrust()
                self._tell(error)

    def _tell(self, error: Exception) -> None:
        """Log a fault once; another one again."""
        if self._failing is type(error):
            return
        self._failing = type(error)
        if isinstance(error, RegisterTamperedError):
            self._log.event("register tampered with")
        else:
            self._log.fault("register not read", error)

    async def _refresh(self) -> None:
        async with asyncio.timeout(STALE_SECONDS):
            # A read that hangs would otherwise be the last one: no revocation would ever count.
            changed = await self._register.refresh()
        if changed:
            self._log.event("register changed", version=self._register.snapshot.version)
        self._warn(day_of(self._clock.now()))
        self._read_at = elapsed()
        self._failing = None

    def _warn(self, day: date) -> None:
        """Once a day, name what somebody has to see to: keys that end, holidays that lack.

        A new key takes a department some days; without a year's notice deadlines are provisional
        (R30).
        """
        if day == self._warned_on:
            return
        self._warned_on = day
        for year in self._calendar.notices_wanted(day):
            self._log.event("holiday notice missing", year=year)
        for key in self._register.snapshot.ending(day, days=SOON_DAYS):
            self._log.event("client key ends soon", client=key.client, until=key.valid_until)


async def _end(task: asyncio.Task[None]) -> None:
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
