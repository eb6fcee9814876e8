"""Rows of the register altered by hand are seen, whoever alters them; on both databases."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Row, select, text
from sqlalchemy.orm import Session

from audit.verify import Intact
from db.database import Database, DatabaseSettings
from db.errors import DatabaseError, RegisterTamperedError
from db.keystore import open_keyring
from db.ledger_check import verify_ledger
from db.models import IS_REGISTER_CHANGE, AuditRecord
from db.register import EMPTY, WHOLE_EVERY, Register, read_snapshot
from db.register_changes import Moment, Registrar
from db.register_founding import STARTING_DEPARTMENTS
from db.register_record import operator
from db.register_refusals import RegisterError
from db.register_rows import REGISTER
from db.session import open_database
from keys.ring import KeyRing
from keys.root import RootKey

TODAY = date(2026, 11, 22)
UNTIL = date(2026, 12, 31)
MOMENT = Moment(TODAY, "2026-11-22T04:00:00.000Z")
ROOT = RootKey(bytes(range(32)))
JWK = '{"kty":"OKP"}'
KEY = sha256(JWK.encode()).hexdigest()
OTHER_KEY = sha256(b"{}").hexdigest()


DEPARTMENTS = ",".join(department.code for department in STARTING_DEPARTMENTS)


@dataclass(frozen=True)
class Office:
    """A register with a row of each kind, and a way past the service to its tables."""

    database: Database
    ring: KeyRing
    registrar: Registrar
    entry: str

    async def sql(self, *statements: str, **values: object) -> None:
        """What somebody who may write to the database does."""

        def run(session: Session) -> None:
            for statement in statements:
                session.execute(text(statement), values)

        await self.database.write(run)

    async def rows(self, table: str) -> list[Row[tuple[object, ...]]]:
        """All rows of a table as they are stored."""
        return await self.database.read(
            lambda session: list(session.execute(text(f"SELECT * FROM {table}")))  # noqa: S608 - our own words
        )

    async def put_back(self, table: str, rows: list[Row[tuple[object, ...]]]) -> None:
        """Replace all rows of a table."""

        def run(session: Session) -> None:
            session.execute(text(f"DELETE FROM {table}"))  # noqa: S608 - our own words
            for row in rows:
                names = ", ".join(f":{name}" for name in row._fields)
                session.execute(text(f"INSERT INTO {table} VALUES ({names})"), dict(row._mapping))  # noqa: S608 - as above

        await self.database.write(run)

    async def revoke(self) -> None:
        await self.database.write(
            lambda session: self.registrar.revoke_client(session, client="edu", moment=MOMENT)
        )

    async def refused(self) -> tuple[str, ...]:
        """The rows that reading names; a change is refused for the same reason."""
        with pytest.raises(RegisterTamperedError) as found:
            await self.database.read(lambda session: read_snapshot(session, self.ring))
        with pytest.raises(RegisterTamperedError):
            await self.database.write(
                lambda session: self.registrar.add_key(
                    session, issuer="x", kid="x", jwk="{}", until=None, moment=MOMENT
                )
            )
        return found.value.rows


@pytest.fixture
async def office(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with office_of(database_url, tmp_path) as found:
        yield found


@pytest.fixture
async def office_on_sqlite(sqlite_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    """Where a column holds values of any type."""
    async with office_of(sqlite_url, tmp_path) as found:
        yield found


@asynccontextmanager
async def office_of(database_url: str, tmp_path: Path) -> AsyncIterator[Office]:
    async with await open_database(DatabaseSettings(url=database_url, home=tmp_path)) as database:
        ring = await open_keyring(database, ROOT, now=MOMENT.time)
        registrar = Registrar(database, ring, operator("juzhu test", official="clerk-1"))
        await database.write(
            lambda session: registrar.add_client(
                session,
                client="edu",
                department="education",
                kid="k1",
                jwk=JWK,
                until=UNTIL,
                moment=MOMENT,
            )
        )
        entry = await database.write(
            lambda session: registrar.add_official(
                session,
                department="community-police",
                official="P-9",
                role="community-police",
                division="150402",
                until=UNTIL,
                moment=MOMENT,
            )
        )
        yield Office(database, ring, registrar, entry)


ALTERED: dict[str, dict[str, object]] = {
    "department": {
        "code": "wizards",
        "valid_from": "2000-01-01",
        "zh": "别处",
        "en": "Elsewhere",
        "officials_registered": 0,
        "valid_until": "2099-01-01",
    },
    "client": {
        "id": "edu-2",
        "department": "housing",
        "valid_from": "2000-01-01",
        "valid_until": "2099-01-01",
        "revoked_at": "2026-11-22T04:00:00.000Z",
    },
    "client_key": {
        "client": "edu-2",
        "kid": "k2",
        "jwk": '{"kty":"EC"}',
        "valid_from": "2000-01-01",
        "valid_until": "2099-01-01",
        "revoked_at": "2026-11-22T04:00:00.000Z",
    },
    "official": {
        "id": b"\x07" * 16,
        "department": "auditor",
        "official": "P-8",
        "role": "auditor",
        "division": None,
        "valid_from": "2000-01-01",
        "valid_until": None,
        "ended_at": "2026-11-22T04:00:00.000Z",
    },
}
WHERE = {
    "department": "code = 'community-police'",
    "client": "id = 'edu'",
    "client_key": "kid = 'k1'",
    "official": "official = 'P-9'",
}


def test_every_column_of_every_row_is_altered_below() -> None:
    # Those of the others are altered in test_catchments.py and test_trusted.py.
    others = {"catchment", "trusted_document", "document_lock"}
    named = {each.table: set(each.columns) for each in REGISTER if each.table not in others}
    assert named == {table: set(columns) for table, columns in ALTERED.items()}


@pytest.mark.parametrize(
    ("table", "column"),
    [(table, column) for table, columns in ALTERED.items() for column in columns],
)
async def test_a_column_altered_by_hand_is_refused_and_mended_by_putting_it_back(
    office: Office, table: str, column: str
) -> None:
    before = await office.rows(table)
    await office.sql(
        f"UPDATE {table} SET {column} = :value WHERE {WHERE[table]}",  # noqa: S608 - our own words
        value=ALTERED[table][column],
    )
    (named,) = await office.refused()
    assert named.startswith(f"{table} ")
    await office.put_back(table, before)
    assert await office.database.read(lambda session: read_snapshot(session, office.ring))


@pytest.mark.parametrize("table", ALTERED)
async def test_a_row_slipped_in_by_hand_is_refused_and_named(office: Office, table: str) -> None:
    rows = await office.rows(table)
    forged = ALTERED[table] | {"row_mac": rows[0]._mapping["row_mac"]}
    names = ", ".join(f":{name}" for name in rows[0]._fields)
    await office.sql(f"INSERT INTO {table} VALUES ({names})", **forged)  # noqa: S608 - our own words
    (named,) = await office.refused()
    assert named in {
        "department wizards 2000-01-01",
        "client edu-2",
        "client_key edu-2 k2",
        f"official {'07' * 16}",
    }


async def test_a_key_slipped_in_with_an_empty_mac_opens_no_door(office: Office) -> None:
    await office.sql(
        "INSERT INTO client_key (client, kid, jwk, valid_from, row_mac)"
        " VALUES ('edu', 'mine', '{}', '2026-01-01', :mac)",
        mac=b"",
    )
    assert await office.refused() == ("client_key edu mine",)


@pytest.mark.parametrize("table", ALTERED)
async def test_a_row_that_is_taken_away_is_missed(office: Office, table: str) -> None:
    await office.sql(f"DELETE FROM {table} WHERE {WHERE[table]}")  # noqa: S608 - our own words
    (named,) = await office.refused()
    assert named == "register_state (a row is missing or is an older one)"


@pytest.mark.parametrize("table", ["client", "client_key"])
async def test_a_row_put_back_as_it_was_before_its_revocation_is_seen(
    office: Office, table: str
) -> None:
    before = await office.rows(table)
    await office.revoke()
    await office.put_back(table, before)
    (named,) = await office.refused()
    assert named.startswith("register_state ")


async def test_two_rows_that_exchange_their_macs_are_both_refused(office: Office) -> None:
    first, second, *_ = await office.rows("department")
    for one, other in ((first, second), (second, first)):
        await office.sql(
            "UPDATE department SET row_mac = :mac WHERE code = :code",
            mac=one._mapping["row_mac"],
            code=other._mapping["code"],
        )
    assert len(await office.refused()) == 2


@pytest.mark.parametrize(
    "statement",
    [
        "DELETE FROM register_state",
        "UPDATE register_state SET version = 1",
        "UPDATE register_state SET version = version + 1",
    ],
)
async def test_a_state_that_is_altered_or_taken_away_is_refused(
    office: Office, statement: str
) -> None:
    await office.sql(statement)
    (named,) = await office.refused()
    assert named.startswith("register_state ")


async def test_an_emptied_register_is_not_taken_for_a_new_one(office: Office) -> None:
    await office.sql(*(f"DELETE FROM {table}" for table in (*ALTERED, "register_state")))  # noqa: S608 - our own words
    assert await open_keyring(office.database, ROOT, now=MOMENT.time)
    (named,) = await office.refused()
    assert named.startswith("register_state ")


async def test_whoever_watches_sees_a_whole_register_put_back(office: Office) -> None:
    register = Register(office.database, office.ring)
    tables = (*ALTERED, "register_state")
    before = {table: await office.rows(table) for table in tables}
    await register.refresh()
    await office.revoke()
    await register.refresh()
    newest = {table: await office.rows(table) for table in tables}
    for table in tables:
        await office.put_back(table, before[table])
    for _ in range(2):
        with pytest.raises(RegisterTamperedError, match="older one"):
            await register.refresh()
        assert register.snapshot is EMPTY
    # No command seals it: that would give it the newest counter.
    with pytest.raises(RegisterTamperedError, match="the audit log has another change as its last"):
        await office.database.write(
            lambda session: office.registrar.end_official(
                session, entry=office.entry, moment=MOMENT
            )
        )
    for table in tables:
        await office.put_back(table, newest[table])
    assert await register.refresh() is True
    assert register.snapshot.client("edu", TODAY) is None


async def test_a_whole_register_put_back_is_refused_by_who_starts_afterwards(
    office: Office,
) -> None:
    tables = (*ALTERED, "register_state")
    before = {table: await office.rows(table) for table in tables}
    await office.revoke()
    newest = {table: await office.rows(table) for table in tables}
    for table in tables:
        await office.put_back(table, before[table])
    started = Register(office.database, office.ring)
    with pytest.raises(RegisterTamperedError, match="the audit log has another change as its last"):
        await started.refresh()
    assert len(await office.refused()) == 1
    for table in tables:
        await office.put_back(table, newest[table])
    assert await started.refresh() is True


async def test_who_watches_sees_a_register_put_back_with_its_log(
    office_on_sqlite: Office,
) -> None:
    office, tables = office_on_sqlite, (*ALTERED, "register_state")
    register = Register(office.database, office.ring)
    before = {table: await office.rows(table) for table in tables}
    logged = len(await records(office.database))
    await office.revoke()
    await register.refresh()
    for table in tables:
        await office.put_back(table, before[table])
    await office.sql(
        "DROP TRIGGER audit_record_no_delete",
        f'DELETE FROM audit_record WHERE "index" >= {logged}',  # noqa: S608 - our own words
    )
    with pytest.raises(RegisterTamperedError, match="the whole register is an older one"):
        await register.refresh()
    assert register.snapshot is EMPTY


async def test_a_row_altered_beside_an_untouched_state_is_found_within_a_minute(
    office: Office,
) -> None:
    register = Register(office.database, office.ring)
    assert await register.refresh() is True
    await office.sql("UPDATE client SET revoked_at = NULL, department = 'housing'")
    for _ in range(WHOLE_EVERY - 1):
        assert await register.refresh() is False
    with pytest.raises(RegisterTamperedError, match="client edu"):
        await register.refresh()
    assert register.snapshot is EMPTY
    await office.sql("UPDATE client SET department = 'education'")
    assert await register.refresh() is True


async def test_a_whole_check_that_finds_nothing_is_no_change(office: Office) -> None:
    register = Register(office.database, office.ring)
    assert await register.refresh() is True
    for _ in range(2 * WHOLE_EVERY):
        assert await register.refresh() is False


async def test_a_last_change_in_the_log_that_was_altered_vouches_for_no_register(
    office: Office,
) -> None:
    """The counter alone proves nothing: it must be in a record that gives its leaf hash."""

    def forge(session: Session) -> None:
        body = b'{"action":"register.founded","decision":"register:3"}'
        session.execute(
            text("INSERT INTO audit_record VALUES (2099, 0, :leaf, :body)"),
            {"leaf": bytes(32), "body": body},
        )

    await office.database.write(forge)
    (named,) = await office.refused()
    assert named.startswith("register_state ")


async def test_the_last_change_is_found_by_an_index_however_long_the_log_is(
    office: Office,
) -> None:
    def plan(session: Session) -> str:
        sqlite = session.get_bind().dialect.name == "sqlite"
        if not sqlite:
            session.execute(text("SET LOCAL enable_seqscan = off"))
        words = IS_REGISTER_CHANGE["sqlite" if sqlite else "postgresql"]
        asked = (
            f'SELECT body FROM audit_record WHERE {words} ORDER BY year DESC, "index" DESC LIMIT 1'  # noqa: S608 - our own words
        )
        explain = "EXPLAIN QUERY PLAN" if sqlite else "EXPLAIN"
        return str(session.execute(text(f"{explain} {asked}")).all())

    assert "ix_audit_record_register_changes" in await office.database.read(plan)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE register_state SET row_mac = 'zz'",
        "UPDATE register_state SET version = 'zz'",
        "UPDATE register_state SET version = 9.5",
    ],
)
async def test_a_state_of_another_type_is_refused_and_not_stumbled_over(
    office_on_sqlite: Office, statement: str
) -> None:
    office = office_on_sqlite
    register = Register(office.database, office.ring)
    await register.refresh()
    await office.sql(statement)
    (named,) = await office.refused()
    assert named == "register_state (a column is not of its type)"
    with pytest.raises(RegisterTamperedError):
        await register.refresh()
    assert register.snapshot is EMPTY


async def test_a_second_state_is_nobodys(office_on_sqlite: Office) -> None:
    """A table made by hand may lack the constraint; PostgreSQL's owner may drop it."""
    office = office_on_sqlite
    await office.database.write_raw(  # type: ignore[attr-defined] # SQLite's own
        lambda connection: connection.executescript(
            "PRAGMA ignore_check_constraints = 1;"
            "INSERT INTO register_state (id, version, row_mac) VALUES (2, 99, x'00');"
            "PRAGMA ignore_check_constraints = 0;"
        )
    )
    register = Register(office.database, office.ring)
    assert await register.refresh() is True
    await office.revoke()
    assert await register.refresh() is True
    assert register.snapshot.client("edu", TODAY) is None


async def test_a_register_of_another_deployment_is_refused(
    office: Office, sqlite_url: str, tmp_path: Path
) -> None:
    elsewhere = f"{sqlite_url}.other"
    where = DatabaseSettings(url=elsewhere, home=tmp_path / "other")
    where.home.mkdir()
    async with await open_database(where) as database:
        ring = await open_keyring(database, ROOT, now=MOMENT.time)
        with pytest.raises(RegisterTamperedError):
            await office.database.read(lambda session: read_snapshot(session, ring))


async def test_names_chosen_by_whoever_altered_a_row_are_shown_harmless_and_few(
    office: Office,
) -> None:
    for number in range(12):
        await office.sql(
            "INSERT INTO client (id, department, valid_from, row_mac) VALUES (:id, '', '', :mac)",
            id=f"\x1b[2J{number:02}王" + "x" * 500,
            mac=b"",
        )
    rows = await office.refused()
    assert len(rows) == 11
    assert rows[-1] == "and 2 more"
    assert all(row.isascii() and row.isprintable() and len(row) < 80 for row in rows)


# --- what the log says of changes -----------------------------------------------------------------


async def records(database: Database) -> list[dict[str, object]]:
    def read(session: Session) -> list[dict[str, object]]:
        bodies = session.scalars(select(AuditRecord.body).order_by(AuditRecord.index))
        return [orjson.loads(body) for body in bodies]

    return await database.read(read)


async def test_each_change_is_a_record_of_the_log_which_stays_intact(office: Office) -> None:
    change = office.database.write
    registrar = office.registrar
    await change(
        lambda session: registrar.add_client(
            session,
            client="edu",
            department="education",
            kid="second",
            jwk="{}",
            until=UNTIL,
            moment=MOMENT,
        )
    )
    await change(
        lambda session: registrar.revoke_key(session, client="edu", kid="k1", moment=MOMENT)
    )
    await office.revoke()
    await change(lambda session: registrar.end_official(session, entry=office.entry, moment=MOMENT))
    opened, *found = await records(office.database)
    assert opened["action"] == "audit.open"
    desk, entry, until = "community-police", f"entry:{office.entry}", "until:2026-12-31"
    assert [(record["action"], record["decision"]) for record in found] == [
        ("register.founded", f"departments:{DEPARTMENTS} register:1"),
        (
            "register.client-added",
            f"client:edu department:education key:{KEY} {until} register:2",
        ),
        (
            "register.official-added",
            f"{entry} department:{desk} role:{desk} division:150402 {until} register:3",
        ),
        (
            "register.key-added",
            f"client:edu department:education key:{OTHER_KEY} {until} register:4",
        ),
        ("register.key-revoked", f"client:edu key:{KEY} register:5"),
        ("register.client-revoked", "client:edu register:6"),
        ("register.official-ended", f"{entry} register:7"),
    ]
    assert found[1]["actor"] == {
        "client": "juzhu test",
        "official": "clerk-1",
        "department": "operator",
        "roles": [],
        "authentication": "machine",
        "address": "local",
    }
    (verdict,) = await verify_ledger(office.database)
    assert isinstance(verdict, Intact)


Change = Callable[[Office], Callable[[Session], object]]
REFUSED: dict[str, Change] = {
    "an unknown client": lambda office: (
        lambda session: office.registrar.revoke_client(session, client="nobody", moment=MOMENT)
    ),
    "an unknown key": lambda office: (
        lambda session: office.registrar.revoke_key(session, client="edu", kid="x", moment=MOMENT)
    ),
    "a key that is there": lambda office: (
        lambda session: office.registrar.add_key(
            session, issuer="edu", kid="k1", jwk="{}", until=None, moment=MOMENT
        )
    ),
}


@pytest.mark.parametrize("change", REFUSED.values(), ids=list(REFUSED))
async def test_a_change_that_is_refused_leaves_neither_row_nor_record(
    office: Office, change: Change
) -> None:
    before = len(await records(office.database)), await office.rows("register_state")
    with pytest.raises(RegisterError):
        await office.database.write(change(office))
    assert (len(await records(office.database)), await office.rows("register_state")) == before


async def test_a_change_that_cannot_be_recorded_does_not_happen(office: Office) -> None:
    register = Register(office.database, office.ring)
    await register.refresh()
    await office.sql("ALTER TABLE audit_record RENAME TO audit_record_away")
    with pytest.raises(DatabaseError):
        await office.revoke()
    assert await register.refresh() is False
    assert register.snapshot.client("edu", TODAY) is not None
