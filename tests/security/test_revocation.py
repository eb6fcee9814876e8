"""A revocation counts, whatever else goes wrong in the task that brings it."""

import asyncio
from http.client import BadStatusLine
from itertools import count
from pathlib import Path

import pytest

from db.database import DatabaseSettings
from db.register import Register
from db.register_changes import add_client, prepare_register, revoke_client
from db.session import open_database
from server.auth import Provider
from server.clock import SystemClock
from server.key_sources import KeySet
from server.log import Log
from server.running import FOLLOW_SECONDS, _Follower
from tests.server.actors import es256
from tests.server.real_house import moment


def broken(_address: str) -> bytes:
    """An identity provider behind a server that doesn't speak HTTP."""
    raise BadStatusLine("x")


@pytest.mark.long
async def test_a_revocation_counts_while_the_identity_provider_answers_nonsense(
    tmp_path: Path, database_url: str
) -> None:
    clock, lines = SystemClock(), list[bytes]()
    log = Log(clock, lines.append)
    always_due = count(0, 1000)
    keys = KeySet("https://id.example.cn", log, broken, seconds=lambda: float(next(always_due)))
    issuer = es256("edu-1")
    where = DatabaseSettings(url=database_url, home=tmp_path)
    async with await open_database(where) as database:
        await database.write(prepare_register)
        await database.write(
            lambda session: add_client(
                session,
                client=issuer.name,
                department="education",
                kid=issuer.public.kid,
                jwk=issuer.public.jwk(),
                until=moment().day,
                moment=moment(),
            )
        )
        register = Register(database)
        await register.refresh()
        provider = Provider("https://id.example.cn", keys)
        task = asyncio.create_task(_Follower(register, provider, clock, log).follow())
        await asyncio.sleep(2 * FOLLOW_SECONDS)
        assert b'"fault":"BadStatusLine"' in b"".join(lines)
        await database.write(
            lambda session: revoke_client(session, client="edu-1", moment=moment())
        )
        await asyncio.sleep(2 * FOLLOW_SECONDS)
        assert register.snapshot.client("edu-1", moment().day) is None
        assert not task.done()
        task.cancel()
