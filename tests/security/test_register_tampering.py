"""Who may write to the database can't make themselves a client or an official of the service."""

import asyncio
import time
from pathlib import Path

import httpx2
import orjson
import pytest

from db.database import DatabaseSettings
from db.errors import RegisterTamperedError
from db.register import EMPTY
from db.session import open_database
from server import running
from server.clock import SystemClock
from server.log import Log
from server.running import FOLLOW_SECONDS, _Follower
from server.settings import DEMONSTRATION_ISSUER
from tests.builders import CALENDAR
from tests.end_to_end.house import on_database
from tests.server.actors import Issuer, Roll, es256
from tests.server.real_house import RealHouse, moment, real_house, registrar_of

QUERY = "{ __typename }"
SLIPPED_IN = (
    "INSERT INTO client_key (client, kid, jwk, valid_from, row_mac) "
    "SELECT client, '{kid}', '{jwk}', valid_from, row_mac FROM client_key"
)
RAISED = "UPDATE register_state SET version = version + 1"


async def asked(house: RealHouse, issuer: Issuer | None = None) -> int:
    """The status that education's demonstration token meets, or one that `issuer` signed."""
    if issuer is None:
        return (await house.ask(QUERY)).status_code
    token = issuer.token(now=SystemClock().now(), iss=DEMONSTRATION_ISSUER).decode()
    headers = {"authorization": f"Bearer {token}"}
    return (await house.ask(QUERY, headers=headers)).status_code


async def until_status(house: RealHouse, status: int) -> float:
    """Seconds until everybody meets that status."""
    began = time.monotonic()
    while await asked(house) != status:
        assert time.monotonic() - began < 5
        await asyncio.sleep(0.02)
    return time.monotonic() - began


def slipped_in(issuer: Issuer) -> str:
    return SLIPPED_IN.format(kid=issuer.public.kid, jwk=issuer.public.jwk())


async def ready(house: RealHouse) -> object:
    transport = httpx2.ASGITransport(app=house.application)
    async with httpx2.AsyncClient(transport=transport, base_url="http://juzhu.test") as client:
        return (await client.get("/health/ready")).json()["checks"]["register"]


async def test_a_key_slipped_in_beside_a_running_server_counts_for_nothing(
    tmp_path: Path, database_url: str
) -> None:
    thief = es256("thief")
    async with real_house(tmp_path, database_url) as house:
        await on_database(house.settings, slipped_in(thief))
        await asyncio.sleep(2 * FOLLOW_SECONDS)
        assert (await asked(house), await asked(house, thief)) == (200, 401)
        settings, log = house.settings, Log(SystemClock(), house.lines.append)
    with pytest.raises(RegisterTamperedError, match="client_key urn:juzhu"):
        async with running.running(settings, clock=SystemClock(), log=log):
            pass


async def test_a_register_tampered_with_is_nobodys_within_a_second_until_it_is_put_back(
    tmp_path: Path, database_url: str
) -> None:
    thief = es256("thief")
    async with real_house(tmp_path, database_url) as house:
        assert await asked(house) == 200
        await on_database(house.settings, slipped_in(thief), RAISED)
        assert await until_status(house, 503) < 1
        assert await asked(house, thief) == 503
        answer = await house.ask(QUERY)
        (error,) = answer.json()["errors"]
        assert error["extensions"]["code"] == "UNAVAILABLE"
        assert "data" not in answer.json()
        assert await ready(house) is False
        await asyncio.sleep(2 * FOLLOW_SECONDS)
        events = [orjson.loads(line)["event"] for line in house.lines]
        told = [event for event in events if event.startswith("register")]
        assert told == ["register tampered with"]
        await on_database(
            house.settings,
            f"DELETE FROM client_key WHERE kid = '{thief.public.kid}'",  # noqa: S608 - our own words
            RAISED.replace("+", "-"),
        )
        assert await until_status(house, 200) < 1
        await asyncio.sleep(FOLLOW_SECONDS)
        assert await ready(house) is True


async def test_a_revoked_key_put_back_with_all_of_the_register_counts_for_nothing(
    tmp_path: Path, database_url: str
) -> None:
    tables = ("client_key", "register_state")
    async with real_house(tmp_path, database_url) as house:
        for each in tables:
            copied = f"CREATE TABLE old_{each} AS SELECT * FROM {each}"  # noqa: S608 - our own words
            await on_database(house.settings, copied)
        where = DatabaseSettings(url=house.settings.database_url, home=tmp_path / "beside")
        where.home.mkdir()
        async with await open_database(where) as beside:
            registrar = await registrar_of(beside, house.settings)
            kid = house.issuer.public_key().kid
            await beside.write(
                lambda session: registrar.revoke_key(
                    session, client=DEMONSTRATION_ISSUER, kid=kid, moment=moment()
                )
            )
        await until_status(house, 401)
        for each in tables:
            await on_database(
                house.settings,
                f"DELETE FROM {each}",  # noqa: S608 - our own words
                f"INSERT INTO {each} SELECT * FROM old_{each}",  # noqa: S608 - as above
            )
        await until_status(house, 503)
        await asyncio.sleep(2 * FOLLOW_SECONDS)
        assert await asked(house) == 503


class Unreadable:
    """A register whose database fails."""

    def __init__(self) -> None:
        self.snapshot = Roll().snapshot

    async def refresh(self) -> bool:
        """Fail."""
        raise OSError

    def distrust(self) -> None:
        """Let nobody be anybody."""
        self.snapshot = EMPTY


@pytest.mark.parametrize(("seconds", "trusted"), [(3600.0, True), (0.05, False)])
async def test_a_register_that_cannot_be_read_is_trusted_for_a_short_time_only(
    monkeypatch: pytest.MonkeyPatch, *, seconds: float, trusted: bool
) -> None:
    monkeypatch.setattr(running, "STALE_SECONDS", seconds)
    monkeypatch.setattr(running, "FOLLOW_SECONDS", 0.01)
    register, clock, lines = Unreadable(), SystemClock(), list[bytes]()
    task = asyncio.create_task(
        _Follower(register, clock, Log(clock, lines.append), calendar=CALENDAR).follow()
    )
    await asyncio.sleep(0.3)
    assert (register.snapshot is not EMPTY) is trusted
    assert [orjson.loads(line)["event"] for line in lines] == ["register not read"]
    task.cancel()
