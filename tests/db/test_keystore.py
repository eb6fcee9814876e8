"""Keys are made once and found again; a foreign root key is refused; on both databases."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import select, update

from db.keystore import open_keyring
from db.models import BranchKey, Deployment
from db.session import DatabaseSettings, open_database
from keys.errors import BranchKeyAlteredError, WrongRootKeyError
from keys.ring import Purpose
from keys.root import RootKey
from tests.builders import NOW, id_number

ROOT = bytes(range(32))


async def test_the_same_keys_are_found_again(database_url: str, tmp_path: Path) -> None:
    tags = []
    for _ in range(2):
        settings = DatabaseSettings(url=database_url, home=tmp_path)
        async with await open_database(settings) as database:
            ring = await open_keyring(database, RootKey(ROOT), now=NOW)
            tags.append(ring.id_number_tag(id_number(1)))
            purposes = await database.read(
                lambda session: session.scalars(select(BranchKey.purpose)).all()
            )
            assert sorted(purposes) == sorted(Purpose)
    assert tags[0] == tags[1]


async def test_two_deployments_have_two_names_and_unlike_tags(
    sqlite_url: str, postgres_url: str, tmp_path: Path
) -> None:
    names, tags = set(), set()
    for url in (sqlite_url, postgres_url):
        async with await open_database(DatabaseSettings(url=url, home=tmp_path)) as database:
            ring = await open_keyring(database, RootKey(ROOT), now=NOW)
            tags.add(ring.id_number_tag(id_number(1)))
            names.add(await database.read(lambda session: session.scalar(select(Deployment.name))))
    assert len(names) == len(tags) == 2


async def test_processes_that_start_at_once_share_one_set_of_keys(
    postgres_url: str, tmp_path: Path
) -> None:
    settings = DatabaseSettings(url=postgres_url, home=tmp_path)
    async with await open_database(settings) as database:
        rings = await asyncio.gather(
            *(open_keyring(database, RootKey(ROOT), now=NOW) for _ in range(4))
        )
        assert len({ring.id_number_tag(id_number(1)) for ring in rings}) == 1


async def test_another_root_key_is_refused(database_url: str, tmp_path: Path) -> None:
    settings = DatabaseSettings(url=database_url, home=tmp_path)
    async with await open_database(settings) as database:
        await open_keyring(database, RootKey(ROOT), now=NOW)
        with pytest.raises(WrongRootKeyError):
            await open_keyring(database, RootKey(ROOT[::-1]), now=NOW)


async def test_a_key_row_altered_by_hand_is_refused(database_url: str, tmp_path: Path) -> None:
    settings = DatabaseSettings(url=database_url, home=tmp_path)
    async with await open_database(settings) as database:
        await open_keyring(database, RootKey(ROOT), now=NOW)
        await database.write(
            lambda session: session.execute(
                update(BranchKey).where(BranchKey.purpose == Purpose.ROW_MAC).values(version=2)
            )
        )
        with pytest.raises(BranchKeyAlteredError):
            await open_keyring(database, RootKey(ROOT), now=NOW)
