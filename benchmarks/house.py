"""The candidates in one process: one store, vault, ledger, register and HTTP layer for all.

Put together as server/running.py does it; only what stands behind `GraphQLEndpoint` differs. This
module never measures anything.
"""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime

from graphql import GraphQLSchema
from starlette.types import ASGIApp

from benchmarks import strawberry_alone
from benchmarks.core_reads import CoreReads
from benchmarks.hand_written import HandWritten
from benchmarks.strawberry_asked import Reads
from benchmarks.strawberry_peer import StrawberryPeer
from db.database import DatabaseSettings
from db.follows import FollowReads
from db.keystore import open_keyring
from db.ledger import Ledger
from db.ledger_reads import LedgerReads
from db.reads import PersonReads
from db.register import Register
from db.sealed import Vault
from db.session import open_database
from db.statistics import Counting
from db.work_rows import WorkRows
from keys.root import RootKey
from policies.table import Policies
from regulation.calendar import mainland_calendar
from resolvers.read import Reader
from resolvers.recording import Recorder
from resolvers.statistics import Statistics
from schema.catalogue import catalogue
from schema.root import full_schema, graph
from schema.service import Service
from server.application import Application
from server.auth import Authenticator
from server.clock import SystemClock, time_of
from server.graphql_http import GraphQLEndpoint
from server.graphql_http import Service as Answering
from server.log import Log
from server.settings import Settings

OURS = "ours"
HAND_WRITTEN = "hand-written"
STRAWBERRY = "strawberry"
SHARING = "strawberry on our HTTP and reads"
CANDIDATES = (OURS, HAND_WRITTEN, STRAWBERRY, SHARING)


@dataclass(frozen=True, slots=True)
class House:
    """What answers, by candidate, and the parts that in-process measurements need."""

    services: Mapping[str, Answering]
    service: Service
    full: GraphQLSchema
    policies: Policies
    ledger: LedgerReads
    settle: Callable[[], Awaitable[None]]
    """Does now what follows an answer later: the index of accessed persons."""
    endpoint: Callable[[Answering], GraphQLEndpoint]
    alone: strawberry_alone.Application

    def application(self, candidate: str, pages: ASGIApp) -> ASGIApp:
        """The ASGI application of one candidate."""
        if candidate == STRAWBERRY:
            return strawberry_alone.application(self.alone, pages)
        return Application(graphql=self.endpoint(self.services[candidate]), pages=pages)


@asynccontextmanager
async def house(
    settings: Settings, *, write_log: Callable[[bytes], object]
) -> AsyncIterator[House]:
    """Open the store and build all candidates on it."""
    clock = SystemClock()
    log = Log(clock, write_log)
    root = RootKey.from_spec(settings.root_key)
    where = DatabaseSettings(url=settings.database_url, home=settings.home)
    async with await open_database(where) as database:
        ring = await open_keyring(database, root, now=time_of(clock.now()))
        register = Register(database, ring)
        await register.refresh()
        ledger = Ledger(database, deployment=ring.deployment, report=log.fault)
        await ledger.start()
        try:
            full = graph(full_schema())
            policies = Policies.load(catalogue=catalogue(full))
            vault = Vault(ring)
            reads = PersonReads(database, vault)
            reader = Reader(
                reads=reads,
                work=WorkRows(database, vault),
                vault=vault,
                ring=ring,
                ledger=LedgerReads(database),
                statistics=Statistics(Counting(database)),
                calendar=mainland_calendar(),
                follows=FollowReads(database, vault),
            )

            def now() -> datetime:
                return datetime.fromtimestamp(clock.now(), UTC)

            service = Service(
                full=full,
                policies=policies,
                reader=reader,
                recorder=Recorder(ring, ledger, reader.case_digest),
                registered={},
                encode=ring.global_ids.encode,
                now=now,
                report=lambda request, error: log.fault("request failed", error, request=request),
            )
            hand_written = HandWritten(
                reads=reads,
                vault=vault,
                ring=ring,
                ledger=ledger,
                revision=policies.revision,
                now=now,
            )

            def peer(how: Reads) -> StrawberryPeer:
                return StrawberryPeer(
                    reads=how, vault=vault, ring=ring, ledger=ledger, policies=policies, now=now
                )

            authenticator = Authenticator(
                register=register,
                provider=None,
                audience=settings.audience,
                demonstration=True,
                clock=clock,
            )
            yield House(
                services={OURS: service, HAND_WRITTEN: hand_written, SHARING: peer(reads)},
                service=service,
                full=full,
                policies=policies,
                ledger=LedgerReads(database),
                settle=ledger.index_persons,
                endpoint=lambda answering: GraphQLEndpoint(
                    service=answering,
                    authenticator=authenticator,
                    log=log,
                    default_language=settings.language,
                ),
                alone=strawberry_alone.Application(
                    peer=peer(CoreReads(database, vault)),
                    authenticator=authenticator,
                    log=log,
                    default_language=settings.language,
                ),
            )
        finally:
            await ledger.stop()
