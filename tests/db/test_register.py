"""The register on both databases: what is added holds by day, what is revoked ends at once."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from db.database import Database, DatabaseSettings
from db.keystore import open_keyring
from db.register import EMPTY, SOON_DAYS, Register
from db.register_changes import MOST_ACTIVE_KEYS, Moment, Registrar
from db.register_record import operator
from db.register_refusals import RegisterError
from db.session import open_database
from keys.ring import KeyRing
from keys.root import RootKey
from policies.lint import shipped_departments

ROOT = RootKey(bytes(range(32)))
TODAY = date(2026, 11, 22)
UNTIL = date(2026, 12, 31)
MOMENT = Moment(TODAY, "2026-11-22T04:00:00.000Z")


@dataclass(frozen=True)
class Office:
    """An open database with its keys, and who changes its register."""

    database: Database
    ring: KeyRing
    registrar: Registrar

    async def add(self, **changed: object) -> int:
        values = {
            "client": "edu",
            "department": "education",
            "kid": "k1",
            "jwk": "{}",
            "until": UNTIL,
            "moment": MOMENT,
        } | changed
        return await self.database.write(
            lambda session: self.registrar.add_client(session, **values)  # type: ignore[arg-type] # one test helper for all arguments
        )

    async def add_desk(self, **changed: object) -> str:
        values = {
            "department": "community-police",
            "official": "P-9",
            "role": "community-police",
            "division": "150402",
            "until": None,
            "moment": MOMENT,
        } | changed
        return await self.database.write(
            lambda session: self.registrar.add_official(session, **values)  # type: ignore[arg-type] # one test helper for all arguments
        )

    async def revoke(self, client: str) -> None:
        await self.database.write(
            lambda session: self.registrar.revoke_client(session, client=client, moment=MOMENT)
        )

    async def revoke_key(self, client: str, kid: str) -> None:
        await self.database.write(
            lambda session: self.registrar.revoke_key(
                session, client=client, kid=kid, moment=MOMENT
            )
        )

    async def end(self, entry: str) -> None:
        await self.database.write(
            lambda session: self.registrar.end_official(session, entry=entry, moment=MOMENT)
        )


@pytest.fixture
async def office(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with await open_database(DatabaseSettings(url=database_url, home=tmp_path)) as database:
        ring = await open_keyring(database, ROOT, now=MOMENT.time)
        yield Office(database, ring, Registrar(database, ring, operator("juzhu test")))


@pytest.fixture
async def register(office: Office) -> Register:
    register = Register(office.database, office.ring)
    await register.refresh()
    return register


async def test_a_new_database_knows_its_departments(register: Register) -> None:
    codes = [department.code for department in register.snapshot.departments_on(TODAY)]
    assert codes == sorted(codes)
    assert set(codes) == {each.code for each in shipped_departments() if each.on(TODAY)}
    education = register.snapshot.department("education", TODAY)
    assert education is not None
    assert (education.zh, education.officials_registered) == ("教育部门", False)
    assert register.snapshot.department("education", date(2017, 12, 31)) is None
    assert register.snapshot.department("weather", TODAY) is None


async def test_opening_again_founds_no_second_register(office: Office, register: Register) -> None:
    await open_keyring(office.database, ROOT, now=MOMENT.time)
    assert await register.refresh() is False


def test_before_the_first_load_nobody_is_anybody() -> None:
    assert EMPTY.department("education", TODAY) is None
    assert EMPTY.client("edu", TODAY) is None
    assert EMPTY.keys_of("edu", TODAY) == ()


async def test_a_client_and_its_key_hold_until_their_last_day(
    office: Office, register: Register
) -> None:
    assert await office.add() == 1
    assert register.snapshot.client("edu", TODAY) is None
    assert await register.refresh() is True
    client = register.snapshot.client("edu", UNTIL)
    assert client is not None
    assert client.department == "education"
    assert [key.kid for key in register.snapshot.keys_of("edu", UNTIL)] == ["k1"]
    for outside in (date(2026, 11, 21), date(2027, 1, 1)):
        assert register.snapshot.client("edu", outside) is None
        assert register.snapshot.keys_of("edu", outside) == ()
    assert await register.refresh() is False


async def test_keys_that_end_soon_are_known_up_to_the_day(
    office: Office, register: Register
) -> None:
    await office.add()
    await office.add(client="later", kid="k2", until=date(2027, 1, 1))
    await register.refresh()
    thirty_days_before = date(2026, 12, 1)
    (soon,) = register.snapshot.ending(thirty_days_before, days=SOON_DAYS)
    assert soon.kid == "k1"
    assert register.snapshot.ending(date(2026, 11, 30), days=SOON_DAYS) == ()
    assert register.snapshot.ending(date(2027, 1, 2), days=SOON_DAYS) == ()


async def test_rotation_is_add_switch_revoke(office: Office, register: Register) -> None:
    await office.add()
    assert await office.add(kid="k2", until=date(2027, 6, 30)) == MOST_ACTIVE_KEYS
    with pytest.raises(RegisterError, match="2 keys of this client are active") as caught:
        await office.add(kid="k3")
    assert "juzhu client revoke" in caught.value.hint
    await office.revoke_key("edu", "k1")
    await register.refresh()
    assert [key.kid for key in register.snapshot.keys_of("edu", TODAY)] == ["k2"]
    client = register.snapshot.client("edu", date(2027, 6, 30))
    assert client is not None, "a later key carries its client on"
    assert await office.add(kid="k3") == MOST_ACTIVE_KEYS


async def test_a_revoked_client_is_gone_for_good(office: Office, register: Register) -> None:
    await office.add()
    await office.revoke("edu")
    await register.refresh()
    assert register.snapshot.client("edu", TODAY) is None
    assert register.snapshot.keys_of("edu", TODAY) == ()
    assert register.snapshot.clients["edu"].revoked_at == MOMENT.time
    with pytest.raises(RegisterError, match="revoked, for good"):
        await office.add(kid="k2")
    with pytest.raises(RegisterError, match="revoked already"):
        await office.revoke("edu")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"department": "weather"}, "no such department"),
        ({"department": "housing"}, "belongs to another department"),
        ({"kid": "k1"}, "in the register already"),
        ({"client": "Edu 1"}, "a client id is"),
        ({"client": ""}, "a client id is"),
        ({"client": "urn:juzhu:demonstration"}, "a client id is"),
        ({"until": date(2026, 11, 21)}, "last day has passed"),
    ],
)
async def test_a_wrong_client_is_refused_and_nothing_changes(
    office: Office, register: Register, changed: dict[str, object], message: str
) -> None:
    await office.add()
    await register.refresh()
    with pytest.raises(RegisterError, match=message) as caught:
        await office.add(**({"kid": "k2"} | changed))
    assert caught.value.hint
    assert await register.refresh() is False


async def test_revoking_what_is_not_there_says_so(office: Office) -> None:
    with pytest.raises(RegisterError, match="no client has this id"):
        await office.revoke("x")
    await office.add()
    with pytest.raises(RegisterError, match="no such key"):
        await office.revoke_key("edu", "x")
    await office.revoke_key("edu", "k1")
    with pytest.raises(RegisterError, match="revoked already"):
        await office.revoke_key("edu", "k1")


async def test_an_issuers_key_needs_no_client(office: Office, register: Register) -> None:
    await office.database.write(
        lambda session: office.registrar.add_key(
            session, issuer="urn:x", kid="k", jwk="{}", until=None, moment=MOMENT
        )
    )
    await register.refresh()
    assert register.snapshot.client("urn:x", TODAY) is None
    (key,) = register.snapshot.keys_of("urn:x", date(2099, 1, 1))
    assert key.valid_until is None


async def test_an_official_holds_until_the_entry_is_ended(
    office: Office, register: Register
) -> None:
    entry = await office.add_desk()
    await register.refresh()
    official = register.snapshot.official("community-police", "P-9", TODAY)
    assert official is not None
    assert (official.id, official.role, official.division) == (
        entry,
        "community-police",
        "150402",
    )
    assert register.snapshot.official("housing", "P-9", TODAY) is None
    await office.end(entry)
    await register.refresh()
    assert register.snapshot.official("community-police", "P-9", TODAY) is None
    assert register.snapshot.is_registered("community-police", "P-9")
    with pytest.raises(RegisterError, match="ended already"):
        await office.end(entry)
    again = await office.add_desk(division="150403")
    await register.refresh()
    official = register.snapshot.official("community-police", "P-9", TODAY)
    assert official is not None
    assert (official.id, official.division) == (again, "150403")


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({}, "holds today"),
        ({"department": "weather"}, "no such department"),
        ({"official": "P-8", "role": "weather"}, "no such role"),
        ({"official": "王小明"}, "an official's id is"),
        ({"official": "P-8", "division": "15"}, "a division is"),
        ({"official": "P-8", "until": date(2026, 11, 21)}, "last day has passed"),
    ],
)
async def test_a_wrong_official_is_refused(
    office: Office, changed: dict[str, object], message: str
) -> None:
    await office.add_desk()
    with pytest.raises(RegisterError, match=message) as caught:
        await office.add_desk(**changed)
    assert "王" not in str(caught.value)


@pytest.mark.parametrize("entry", ["", "x", "00" * 16])
async def test_ending_an_entry_that_is_not_there_says_so(office: Office, entry: str) -> None:
    with pytest.raises(RegisterError, match="no entry has this id"):
        await office.end(entry)


async def test_an_officials_last_day_is_inclusive(office: Office, register: Register) -> None:
    await office.add_desk(until=TODAY)
    await register.refresh()
    assert register.snapshot.official("community-police", "P-9", TODAY) is not None
    assert register.snapshot.official("community-police", "P-9", date(2026, 11, 23)) is None


async def test_a_change_while_the_register_is_read_is_no_tampering(
    office: Office, register: Register
) -> None:
    async def change() -> None:
        for number in range(10):
            await office.add(client=f"c-{number}", kid=f"k-{number}")
            await office.revoke(f"c-{number}")

    changing = asyncio.create_task(change())
    seen = {register.snapshot.version}
    while not changing.done():
        await register.refresh()
        seen.add(register.snapshot.version)
    await changing
    await register.refresh()
    assert register.snapshot.version == 21
    assert len(seen) > 1
    assert len(register.snapshot.clients) == 10


async def test_changes_at_once_wait_for_each_other(office: Office, register: Register) -> None:
    await asyncio.gather(
        *(office.add(client=f"c-{number}", kid=f"k-{number}") for number in range(8))
    )
    await register.refresh()
    assert (register.snapshot.version, len(register.snapshot.clients)) == (9, 8)
