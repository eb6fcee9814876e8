"""The register on both databases: what is added holds by day, what is revoked ends at once."""

from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from db.database import Database, DatabaseSettings
from db.register import EMPTY, SOON_DAYS, Register
from db.register_changes import (
    MOST_ACTIVE_KEYS,
    Moment,
    RegisterError,
    add_client,
    add_key,
    add_official,
    end_official,
    prepare_register,
    revoke_client,
    revoke_key,
)
from db.session import open_database

TODAY = date(2026, 11, 22)
UNTIL = date(2026, 12, 31)
MOMENT = Moment(TODAY, "2026-11-22T04:00:00.000Z")


@pytest.fixture
async def database(database_url: str, tmp_path: Path) -> AsyncIterator[Database]:
    async with await open_database(DatabaseSettings(url=database_url, home=tmp_path)) as database:
        yield database


@pytest.fixture
async def register(database: Database) -> Register:
    await database.write(prepare_register)
    register = Register(database)
    await register.refresh()
    return register


async def add(database: Database, **changed: object) -> int:
    values = {
        "client": "edu",
        "department": "education",
        "kid": "k1",
        "jwk": "{}",
        "until": UNTIL,
        "moment": MOMENT,
    } | changed
    return await database.write(lambda session: add_client(session, **values))  # type: ignore[arg-type] # one test helper for all arguments


async def add_desk(database: Database, **changed: object) -> str:
    values = {
        "department": "community-police",
        "official": "P-9",
        "role": "community-police",
        "division": "150402",
        "until": None,
        "moment": MOMENT,
    } | changed
    return await database.write(lambda session: add_official(session, **values))  # type: ignore[arg-type] # one test helper for all arguments


async def test_a_new_database_knows_its_departments(register: Register) -> None:
    codes = [department.code for department in register.snapshot.departments_on(TODAY)]
    assert codes == [
        "auditor",
        "community-police",
        "education",
        "housing",
        "receiving-office",
        "social-insurance",
    ]
    education = register.snapshot.department("education", TODAY)
    assert education is not None
    assert (education.zh, education.officials_registered) == ("教育部门", False)
    assert register.snapshot.department("education", date(2017, 12, 31)) is None
    assert register.snapshot.department("weather", TODAY) is None


async def test_preparing_again_changes_nothing(database: Database, register: Register) -> None:
    await database.write(prepare_register)
    assert await register.refresh() is False


def test_before_the_first_load_nobody_is_anybody() -> None:
    assert EMPTY.department("education", TODAY) is None
    assert EMPTY.client("edu", TODAY) is None
    assert EMPTY.keys_of("edu", TODAY) == ()


async def test_a_client_and_its_key_hold_until_their_last_day(
    database: Database, register: Register
) -> None:
    assert await add(database) == 1
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
    database: Database, register: Register
) -> None:
    await add(database)
    await add(database, client="later", kid="k2", until=date(2027, 1, 1))
    await register.refresh()
    thirty_days_before = date(2026, 12, 1)
    (soon,) = register.snapshot.ending(thirty_days_before, days=SOON_DAYS)
    assert soon.kid == "k1"
    assert register.snapshot.ending(date(2026, 11, 30), days=SOON_DAYS) == ()
    assert register.snapshot.ending(date(2027, 1, 2), days=SOON_DAYS) == ()


async def test_rotation_is_add_switch_revoke(database: Database, register: Register) -> None:
    await add(database)
    assert await add(database, kid="k2", until=date(2027, 6, 30)) == MOST_ACTIVE_KEYS
    with pytest.raises(RegisterError, match="2 keys of this client are active") as caught:
        await add(database, kid="k3")
    assert "juzhu client revoke" in caught.value.hint
    await database.write(lambda session: revoke_key(session, client="edu", kid="k1", moment=MOMENT))
    await register.refresh()
    assert [key.kid for key in register.snapshot.keys_of("edu", TODAY)] == ["k2"]
    client = register.snapshot.client("edu", date(2027, 6, 30))
    assert client is not None, "a later key carries its client on"
    assert await add(database, kid="k3") == MOST_ACTIVE_KEYS


async def test_a_revoked_client_is_gone_for_good(database: Database, register: Register) -> None:
    await add(database)
    await database.write(lambda session: revoke_client(session, client="edu", moment=MOMENT))
    await register.refresh()
    assert register.snapshot.client("edu", TODAY) is None
    assert register.snapshot.keys_of("edu", TODAY) == ()
    assert register.snapshot.clients["edu"].revoked_at == MOMENT.time
    with pytest.raises(RegisterError, match="revoked, for good"):
        await add(database, kid="k2")
    with pytest.raises(RegisterError, match="revoked already"):
        await database.write(lambda session: revoke_client(session, client="edu", moment=MOMENT))


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
    database: Database, register: Register, changed: dict[str, object], message: str
) -> None:
    await add(database)
    await register.refresh()
    with pytest.raises(RegisterError, match=message) as caught:
        await add(database, **({"kid": "k2"} | changed))
    assert caught.value.hint
    assert await register.refresh() is False


async def test_revoking_what_is_not_there_says_so(database: Database) -> None:
    with pytest.raises(RegisterError, match="no client has this id"):
        await database.write(lambda session: revoke_client(session, client="x", moment=MOMENT))
    await add(database)
    with pytest.raises(RegisterError, match="no such key"):
        await database.write(
            lambda session: revoke_key(session, client="edu", kid="x", moment=MOMENT)
        )

    def revoke(session: Session) -> None:
        revoke_key(session, client="edu", kid="k1", moment=MOMENT)

    await database.write(revoke)
    with pytest.raises(RegisterError, match="revoked already"):
        await database.write(revoke)


async def test_an_issuers_key_needs_no_client(database: Database, register: Register) -> None:
    await database.write(
        lambda session: add_key(
            session, issuer="urn:x", kid="k", jwk="{}", until=None, moment=MOMENT
        )
    )
    await register.refresh()
    assert register.snapshot.client("urn:x", TODAY) is None
    (key,) = register.snapshot.keys_of("urn:x", date(2099, 1, 1))
    assert key.valid_until is None


async def test_an_official_holds_until_the_entry_is_ended(
    database: Database, register: Register
) -> None:
    entry = await add_desk(database)
    await register.refresh()
    official = register.snapshot.official("community-police", "P-9", TODAY)
    assert official is not None
    assert (official.id, official.role, official.division) == (
        entry,
        "community-police",
        "150402",
    )
    assert register.snapshot.official("housing", "P-9", TODAY) is None
    await database.write(lambda session: end_official(session, entry=entry, moment=MOMENT))
    await register.refresh()
    assert register.snapshot.official("community-police", "P-9", TODAY) is None
    assert register.snapshot.is_registered("community-police", "P-9")
    with pytest.raises(RegisterError, match="ended already"):
        await database.write(lambda session: end_official(session, entry=entry, moment=MOMENT))
    again = await add_desk(database, division="150403")
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
    database: Database, changed: dict[str, object], message: str
) -> None:
    await add_desk(database)
    with pytest.raises(RegisterError, match=message) as caught:
        await add_desk(database, **changed)
    assert "王" not in str(caught.value)


@pytest.mark.parametrize("entry", ["", "x", "00" * 16])
async def test_ending_an_entry_that_is_not_there_says_so(database: Database, entry: str) -> None:
    with pytest.raises(RegisterError, match="no entry has this id"):
        await database.write(lambda session: end_official(session, entry=entry, moment=MOMENT))


async def test_an_officials_last_day_is_inclusive(database: Database, register: Register) -> None:
    await add_desk(database, until=TODAY)
    await register.refresh()
    assert register.snapshot.official("community-police", "P-9", TODAY) is not None
    assert register.snapshot.official("community-police", "P-9", date(2026, 11, 23)) is None
