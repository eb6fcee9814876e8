"""The whole service on both databases: what opens, what refuses to, how fast a revocation is."""

import asyncio
import time
from datetime import timedelta
from pathlib import Path

import httpx2
import orjson
import pytest

from db.database import Database, DatabaseSettings
from db.register_changes import Registrar
from db.session import open_database
from keys.errors import RootKeyError, WrongRootKeyError
from server.clock import SystemClock
from server.key_sources import KeySourceError
from server.log import Log
from server.running import FOLLOW_SECONDS, running
from server.settings import Settings, SettingsError
from tests.server.actors import Issuer, es256
from tests.server.real_house import (
    GRAPHQL_RESPONSE,
    demonstrate,
    moment,
    real_house,
    registrar_of,
    settings_of,
)

PRODUCTION = {"JUZHU_MODE": "production", "JUZHU_AUDIENCE": "juzhu"}


def quiet(_line: bytes) -> None:
    """A log that nobody reads."""


async def start(settings: Settings) -> None:
    async with running(settings, clock=SystemClock(), log=Log(SystemClock(), quiet)):
        pass


async def test_the_service_answers_catalogue_and_viewer(tmp_path: Path, database_url: str) -> None:
    async with real_house(tmp_path, database_url) as house:
        answer = await house.ask("{ __typename departments { code name } purposes { code } }")
        assert answer.status_code == 200, answer.text
        data = answer.json()["data"]
        assert data["__typename"] == "Query"
        assert {"code": "education", "name": "教育部门"} in data["departments"]
        assert data["purposes"] == [{"code": "school-place"}]


async def test_purposes_are_the_callers_own(tmp_path: Path) -> None:
    async with real_house(tmp_path) as house:
        answer = await house.ask("{ purposes { code } }", department="auditor")
        assert [purpose["code"] for purpose in answer.json()["data"]["purposes"]] == [
            "privacy-audit"
        ]


async def test_an_unknown_purpose_is_refused_and_recorded(
    tmp_path: Path, database_url: str
) -> None:
    async with real_house(tmp_path, database_url) as house:
        answer = await house.ask("{ __typename }", headers={"juzhu-purpose": "curiosity"})
        assert answer.status_code == 403
        body = answer.json()
        assert body["errors"][0]["extensions"]["code"] == "PURPOSE_NOT_ALLOWED"
        assert body["extensions"]["audit"]["index"] >= 0


async def test_health_names_audit_and_register(tmp_path: Path) -> None:
    async with real_house(tmp_path) as house:
        transport = httpx2.ASGITransport(app=house.application)
        async with httpx2.AsyncClient(transport=transport, base_url="http://juzhu.test") as client:
            answer = await client.get("/health/ready")
        assert answer.json() == {"status": "ready", "checks": {"audit": True, "register": True}}


def client_token(issuer: Issuer) -> str:
    return issuer.token(now=SystemClock().now()).decode()


async def asked(application: httpx2.ASGITransport, token: str) -> int:
    async with httpx2.AsyncClient(transport=application, base_url="http://juzhu.test") as client:
        answer = await client.post(
            "/graphql",
            content=b'{"query":"{ __typename }"}',
            headers={
                "authorization": f"Bearer {token}",
                "content-type": "application/json",
                "accept": GRAPHQL_RESPONSE,
            },
        )
    return answer.status_code


async def until_status(application: httpx2.ASGITransport, token: str, status: int) -> float:
    """Seconds until this token meets that status."""
    began = time.monotonic()
    while await asked(application, token) != status:
        assert time.monotonic() - began < 5
        await asyncio.sleep(0.02)
    return time.monotonic() - began


async def test_a_key_added_elsewhere_counts_and_its_revocation_within_a_second(
    tmp_path: Path, postgres_url: str
) -> None:
    async with real_house(tmp_path, postgres_url) as house:
        transport = httpx2.ASGITransport(app=house.application)
        issuer = es256("edu-1")
        token = client_token(issuer)
        assert await asked(transport, token) == 401
        where = DatabaseSettings(url=postgres_url, home=tmp_path)
        async with await open_database(where) as elsewhere:
            registrar = await registrar_of(elsewhere, house.settings)
            await register_client(elsewhere, registrar, issuer)
            await until_status(transport, token, 200)
            await elsewhere.write(
                lambda session: registrar.revoke_client(session, client="edu-1", moment=moment())
            )
            assert await until_status(transport, token, 401) < 1
        assert b'"event":"register changed"' in b"".join(house.lines)


async def register_client(
    database: Database, registrar: Registrar, issuer: Issuer, *, days: int = 90
) -> None:
    await database.write(
        lambda session: registrar.add_client(
            session,
            client=issuer.name,
            department="education",
            kid=issuer.public.kid,
            jwk=issuer.public.jwk(),
            until=moment().day + timedelta(days=days),
            moment=moment(),
        )
    )


async def test_a_key_that_ends_soon_is_named_in_the_log(tmp_path: Path) -> None:
    settings = settings_of(tmp_path)
    await demonstrate(settings)
    where = DatabaseSettings(url=settings.database_url, home=settings.home)
    async with await open_database(where) as database:
        registrar = await registrar_of(database, settings)
        await register_client(database, registrar, es256("edu-1"), days=10)
    lines: list[bytes] = []
    clock = SystemClock()
    async with running(settings, clock=clock, log=Log(clock, lines.append)):
        await asyncio.sleep(2 * FOLLOW_SECONDS)
    line = orjson.loads(lines[0])
    assert (line["event"], line["client"]) == ("client key ends soon", "edu-1")


async def test_production_refuses_demonstration_data(tmp_path: Path, database_url: str) -> None:
    settings = settings_of(tmp_path, database_url)
    await demonstrate(settings)
    production = settings_of(tmp_path, database_url, JUZHU_ROOT_KEY=settings.root_key, **PRODUCTION)
    with pytest.raises(SettingsError, match="holds demonstration data"):
        await start(production)


async def test_production_starts_only_when_somebody_can_sign_in(
    tmp_path: Path, database_url: str
) -> None:
    demonstration = settings_of(tmp_path / "demo")
    await demonstrate(demonstration)
    production = settings_of(
        tmp_path, database_url, JUZHU_ROOT_KEY=demonstration.root_key, **PRODUCTION
    )
    with pytest.raises(SettingsError, match=r"nobody could sign in.*juzhu client add"):
        await start(production)
    async with await open_database(DatabaseSettings(url=database_url, home=tmp_path)) as database:
        registrar = await registrar_of(database, production)
        await register_client(database, registrar, es256("edu-1"))
    await start(production)


async def test_a_start_without_root_key_or_with_a_wrong_one_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RootKeyError):
        await start(settings_of(tmp_path / "empty"))
    first, second = settings_of(tmp_path / "one"), settings_of(tmp_path / "two")
    for settings in (first, second):
        await demonstrate(settings)
        await start(settings)
    with pytest.raises(WrongRootKeyError):
        await start(settings_of(tmp_path / "one", JUZHU_ROOT_KEY=second.root_key))


async def test_the_provider_must_have_keys_at_the_start(tmp_path: Path) -> None:
    await demonstrate(settings_of(tmp_path))
    provider = {"JUZHU_ISSUER": "https://id.example.cn", "JUZHU_JWKS": str(tmp_path / "jwks.json")}
    with pytest.raises(KeySourceError, match="check that JUZHU_JWKS"):
        await start(settings_of(tmp_path, **provider))
    (tmp_path / "jwks.json").write_bytes(b'{"keys":[]}')
    with pytest.raises(KeySourceError, match="JUZHU_JWKS"):
        await start(settings_of(tmp_path, **provider))
    city = es256("https://id.example.cn")
    keys = {"keys": [orjson.loads(city.public.jwk())]}
    (tmp_path / "jwks.json").write_bytes(orjson.dumps(keys))
    settings = settings_of(tmp_path, **provider)
    clock = SystemClock()
    async with running(settings, clock=clock, log=Log(clock, quiet)) as service:
        transport = httpx2.ASGITransport(app=service.application)
        assert await asked(transport, client_token(city)) == 200
