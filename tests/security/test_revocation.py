"""A revocation counts, whatever goes wrong beside the task that brings it."""

import asyncio
from http.client import BadStatusLine
from itertools import count
from pathlib import Path

import pytest

from db.database import DatabaseSettings
from db.keystore import open_keyring
from db.register import EMPTY, Register, Snapshot
from db.register_changes import Registrar
from db.register_record import operator
from db.session import open_database
from keys.root import RootKey
from server import running
from server.auth import Provider
from server.clock import SystemClock
from server.key_sources import KeySet
from server.log import Log
from server.running import FOLLOW_SECONDS, _Follower, _renew
from tests.builders import CALENDAR
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
        ring = await open_keyring(database, RootKey(bytes(range(32))), now=moment().time)
        registrar = Registrar(database, ring, operator("juzhu test"))
        await database.write(
            lambda session: registrar.add_client(
                session,
                client=issuer.name,
                department="education",
                kid=issuer.public.kid,
                jwk=issuer.public.jwk(),
                until=moment().day,
                moment=moment(),
            )
        )
        register = Register(database, ring)
        await register.refresh()
        provider = Provider("https://id.example.cn", keys)
        renewal = asyncio.create_task(_renew(provider, log))
        task = asyncio.create_task(_Follower(register, clock, log, calendar=CALENDAR).follow())
        await asyncio.sleep(2 * FOLLOW_SECONDS)
        assert b'"fault":"BadStatusLine"' in b"".join(lines)
        await database.write(
            lambda session: registrar.revoke_client(session, client="edu-1", moment=moment())
        )
        await asyncio.sleep(2 * FOLLOW_SECONDS)
        assert register.snapshot.client("edu-1", moment().day) is None
        # Both go on: keys that are renewed no more would be trusted for ever.
        assert not task.done()
        assert not renewal.done()
        task.cancel()
        renewal.cancel()


class HangingRegister:
    """A register whose database takes a question and never answers, until it is mended."""

    def __init__(self) -> None:
        self.asked = 0
        self.again = asyncio.Event()
        self.snapshot: Snapshot = EMPTY

    async def refresh(self) -> bool:
        """Hang at the first question."""
        self.asked += 1
        if self.asked == 1:
            await asyncio.Event().wait()
        self.again.set()
        return False

    def distrust(self) -> None:
        """Nobody is anybody here anyway."""


async def test_a_read_of_the_register_that_hangs_is_given_up_and_asked_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "STALE_SECONDS", 0.05)
    monkeypatch.setattr(running, "FOLLOW_SECONDS", 0.01)
    register, clock, lines = HangingRegister(), SystemClock(), list[bytes]()
    follower = _Follower(register, clock, Log(clock, lines.append), calendar=CALENDAR)
    task = asyncio.create_task(follower.follow())
    async with asyncio.timeout(5):
        await register.again.wait()
    assert b'"event":"register not read"' in lines[0]
    task.cancel()
