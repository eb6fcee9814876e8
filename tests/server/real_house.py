"""The real service on an empty database of its own, in demonstration mode."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2
import orjson

from db.database import Database, DatabaseSettings
from db.keystore import open_keyring
from db.register_changes import Moment, Registrar
from db.register_record import operator
from db.session import open_database
from keys.root import RootKey, create_root_key
from server.application import Application
from server.clock import SystemClock, day_of, time_of
from server.demonstration import DemonstrationIssuer, establish_issuer
from server.log import Log
from server.running import running
from server.settings import Settings, read_settings

GRAPHQL_RESPONSE = "application/graphql-response+json"


@dataclass
class RealHouse:
    """An open service, and what a test needs to speak to it."""

    settings: Settings
    application: Application
    issuer: DemonstrationIssuer
    lines: list[bytes]

    def token(self, department: str = "education", official: str = "demo-01") -> str:
        return self.issuer.token(
            audience=self.settings.audience,
            department=department,
            official=official,
            purposes=(),
            now=SystemClock().now(),
        )

    async def ask(
        self,
        query: str,
        *,
        variables: Mapping[str, object] | None = None,
        department: str = "education",
        headers: Mapping[str, str] | None = None,
    ) -> httpx2.Response:
        async with httpx2.AsyncClient(
            transport=httpx2.ASGITransport(app=self.application), base_url="http://juzhu.test"
        ) as client:
            return await client.post(
                "/graphql",
                content=orjson.dumps({"query": query, "variables": variables}),
                headers={
                    "authorization": f"Bearer {self.token(department)}",
                    "content-type": "application/json",
                    "accept": GRAPHQL_RESPONSE,
                    **(headers or {}),
                },
            )


def moment() -> Moment:
    now = SystemClock().now()
    return Moment(day_of(now), time_of(now))


async def registrar_of(database: Database, settings: Settings) -> Registrar:
    """Whoever changes the register of this deployment, made where there is none yet."""
    root = RootKey.from_spec(settings.root_key)
    ring = await open_keyring(database, root, now=moment().time)
    return Registrar(database, ring, operator("juzhu test"))


async def demonstrate(settings: Settings) -> DemonstrationIssuer:
    """Make keys and a register as demonstration data has them, without persons."""
    create_root_key(settings.home / "keys" / "root.key")
    where = DatabaseSettings(url=settings.database_url, home=settings.home)
    async with await open_database(where) as database:
        registrar = await registrar_of(database, settings)
        issuer = await establish_issuer(settings, database, registrar, moment())
        assert await establish_issuer(settings, database, registrar, moment()) == issuer
        for department, division in (("community-police", "150402"), ("auditor", None)):
            await database.write(
                lambda session, department=department, division=division: registrar.add_official(  # type: ignore[misc] # bound for this turn of the loop
                    session,
                    department=department,
                    official="demo-01",
                    role=department,
                    division=division,
                    until=None,
                    moment=moment(),
                )
            )
    return issuer


def settings_of(home: Path, url: str | None = None, **more: str) -> Settings:
    named = {"JUZHU_DATABASE_URL": url} if url is not None else {}
    return read_settings({"JUZHU_HOME": str(home), **named, **more})


@asynccontextmanager
async def real_house(home: Path, url: str | None = None) -> AsyncIterator[RealHouse]:
    """Open the service as `juzhu serve` does, without a port."""
    settings = settings_of(home, url)
    issuer = await demonstrate(settings)
    lines: list[bytes] = []
    clock = SystemClock()
    async with running(settings, clock=clock, log=Log(clock, lines.append)) as service:
        yield RealHouse(settings, service.application, issuer, lines)
