"""Trusted documents and locks in the register: what is refused, recorded, and missed."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import orjson
import pytest
from sqlalchemy import text

from db.database import Database, DatabaseSettings
from db.errors import RegisterTamperedError
from db.keystore import open_keyring
from db.ledger_reads import LedgerReads
from db.register import Snapshot, read_snapshot
from db.register_changes import Moment
from db.register_record import operator
from db.register_refusals import RegisterError
from db.register_rows import DOCUMENT_LOCK, TRUSTED_DOCUMENT
from db.rows import Covered
from db.session import open_database
from db.trusted import TrustedRegistrar, document_id
from keys.ring import KeyRing
from keys.root import RootKey
from tests.builders import NOW, TODAY

MOMENT = Moment(TODAY, NOW)
DAY = timedelta(days=1)
TEXT = "{ viewer { department } }"
NAME = "education.mine.v1"


@dataclass(frozen=True)
class Office:
    """A register with what changes its documents."""

    database: Database
    ring: KeyRing
    registrar: TrustedRegistrar

    async def add(
        self,
        document: str = TEXT,
        *,
        department: str = "education",
        name: str | None = None,
        until: date | None = None,
    ) -> str:
        return await self.database.write(
            lambda session: self.registrar.add(
                session,
                department=department,
                name=name,
                text=document,
                until=until,
                moment=MOMENT,
                taken=["education.verify.v1"],
            )
        )

    async def revoke(self, document: str, department: str = "education") -> None:
        await self.database.write(
            lambda session: self.registrar.revoke(
                session, department=department, document=document, moment=MOMENT
            )
        )

    async def lock(self, department: str = "education") -> None:
        await self.database.write(
            lambda session: self.registrar.lock(session, department=department, moment=MOMENT)
        )

    async def unlock(self, department: str = "education") -> None:
        await self.database.write(
            lambda session: self.registrar.unlock(session, department=department, moment=MOMENT)
        )

    async def register(self) -> Snapshot:
        return await self.database.read(lambda session: read_snapshot(session, self.ring))


@pytest.fixture
async def office(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with await open_database(DatabaseSettings(url=database_url, home=tmp_path)) as database:
        ring = await open_keyring(database, RootKey(bytes(range(32))), now=NOW)
        actor = operator("juzhu test", official="c-1")
        yield Office(database, ring, TrustedRegistrar(database, ring, actor))


async def test_a_document_is_found_by_its_digest_and_name_by_its_department_alone(
    office: Office,
) -> None:
    identifier = await office.add(name=NAME, until=TODAY)
    assert identifier == document_id(TEXT)
    register = await office.register()
    for asked in (identifier, NAME):
        found = register.trusted("education", asked, TODAY)
        assert found is not None
        assert found.text == TEXT
        assert register.trusted("education", asked, TODAY + DAY) is None
        assert register.trusted("housing", asked, TODAY) is None
    assert register.trusted("education", document_id(TEXT + " "), TODAY) is None


async def test_a_revoked_document_is_gone_and_may_be_registered_anew(office: Office) -> None:
    await office.add(name=NAME)
    await office.revoke(NAME)
    assert (await office.register()).trusted("education", NAME, TODAY) is None
    identifier = await office.add(name=NAME)
    await office.revoke(identifier)
    with pytest.raises(RegisterError, match="no such document in force"):
        await office.revoke(identifier)


async def test_another_departments_document_is_not_revoked(office: Office) -> None:
    identifier = await office.add()
    with pytest.raises(RegisterError, match="no such document in force"):
        await office.revoke(identifier, "housing")


@pytest.mark.parametrize(
    "name",
    ["mine.v1", "housing.mine.v1", "education", "education.Mine", "education.我的", "education. a"],
)
async def test_a_name_that_is_not_the_departments_own_is_refused(office: Office, name: str) -> None:
    with pytest.raises(RegisterError, match="begins with the department's code"):
        await office.add(name=name)


async def test_what_can_not_be_registered_is_refused(office: Office) -> None:
    await office.add(name=NAME)
    with pytest.raises(RegisterError, match="registered already"):
        await office.add()
    with pytest.raises(RegisterError, match="with this name is in force"):
        await office.add(TEXT + "#", name=NAME)
    with pytest.raises(RegisterError, match="with this name is in force"):
        await office.add(TEXT + "#", name="education.verify.v1")
    with pytest.raises(RegisterError, match="no such department"):
        await office.add(department="wizards")
    with pytest.raises(RegisterError, match="last day has passed"):
        await office.add(TEXT + "#", until=TODAY - DAY)


async def test_a_lock_holds_until_it_is_ended_and_is_the_departments_own(office: Office) -> None:
    await office.lock()
    assert (await office.register()).locked == {"education"}
    with pytest.raises(RegisterError, match="locked already"):
        await office.lock()
    await office.unlock()
    assert (await office.register()).locked == set()
    with pytest.raises(RegisterError, match="not locked"):
        await office.unlock()
    await office.lock()
    assert (await office.register()).locked == {"education"}


async def test_each_change_raises_the_counter_and_is_a_record(office: Office) -> None:
    before = (await office.register()).version
    identifier = await office.add(name=NAME, until=TODAY)
    await office.revoke(NAME)
    await office.lock()
    await office.unlock()
    stored = await LedgerReads(office.database).page(after=None, limit=4)
    records = [orjson.loads(one.body) for one in reversed(stored)]
    assert [(one["action"], one["decision"]) for one in records] == [
        (
            "register.document-added",
            f"department:education document:{identifier} until:{TODAY} register:{before + 1}",
        ),
        (
            "register.document-revoked",
            f"department:education document:{identifier} register:{before + 2}",
        ),
        ("register.documents-locked", f"department:education register:{before + 3}"),
        ("register.documents-unlocked", f"department:education register:{before + 4}"),
    ]


ALTERED: dict[str, tuple[Covered, dict[str, object]]] = {
    "trusted_document": (
        TRUSTED_DOCUMENT,
        {
            "id": b"\7" * 16,
            "department": "housing",
            "name": "education.other",
            "digest": document_id("{ __typename }"),
            "text": "{ __typename }",
            "valid_from": "2000-01-01",
            "valid_until": "2099-01-01",
            "revoked_at": NOW,
        },
    ),
    "document_lock": (
        DOCUMENT_LOCK,
        {
            "id": b"\7" * 16,
            "department": "housing",
            "locked_at": "2000-01-01T00:00:00.000Z",
            "ended_at": NOW,
        },
    ),
}


@pytest.mark.parametrize("table", ALTERED)
def test_every_column_is_altered_below(table: str) -> None:
    covered, values = ALTERED[table]
    assert set(covered.columns) == set(values)


@pytest.mark.parametrize(
    ("table", "column"), [(table, column) for table in ALTERED for column in ALTERED[table][1]]
)
async def test_a_row_altered_by_hand_is_refused_with_the_whole_register(
    office: Office, table: str, column: str
) -> None:
    await office.add(name=NAME)
    await office.lock()
    value = ALTERED[table][1][column]
    statement = text(f"UPDATE {table} SET {column} = :value")  # noqa: S608 - our own words
    await office.database.write(lambda session: session.execute(statement, {"value": value}))
    with pytest.raises(RegisterTamperedError):
        await office.register()


@pytest.mark.parametrize("table", ALTERED)
async def test_a_row_that_was_taken_away_is_missed(office: Office, table: str) -> None:
    await office.add(name=NAME)
    await office.lock()
    statement = text(f"DELETE FROM {table}")  # noqa: S608 - our own words
    await office.database.write(lambda session: session.execute(statement))
    with pytest.raises(RegisterTamperedError):
        await office.register()
