"""A recycled database is as new, or it is not used again."""

import pytest

from tests.postgres import Server
from tests.recycling import MOST_USES, Recycled


def content(postgres: Server, database: str) -> str:
    """Every row of every table, and where the sequences stand."""
    named = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = 'public'"
    tables = postgres.say(named, database=database).splitlines()
    rows = [f"SELECT '{each}', json_agg(t ORDER BY t::text) FROM {each} t" for each in tables]  # noqa: S608 — names of our own
    rows.append("SELECT sequencename, last_value FROM pg_sequences ORDER BY 1")
    return postgres.say("; ".join(rows), database=database)


@pytest.fixture
def own(postgres: Server, postgres_template: str) -> Recycled:
    return Recycled(postgres, postgres_template)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO register_state VALUES (1, 7, '\\x00')",
        "DELETE FROM alembic_version",
        "UPDATE alembic_version SET version_num = '9999'",
        "INSERT INTO department VALUES ('a', '2020-01-01', '甲', 'a', 1, NULL, '\\x00')",
    ],
)
def test_what_a_test_wrote_is_gone_and_what_was_there_is_there(
    postgres: Server, own: Recycled, statement: str
) -> None:
    name = own.take()
    try:
        before = content(postgres, name)
        postgres.say(statement, database=name)
        assert content(postgres, name) != before
        own.give_back(name)
        assert own.take() == name
        assert content(postgres, name) == before
    finally:
        own.close()


@pytest.mark.parametrize(
    "statement",
    [
        "ALTER TABLE person RENAME TO somebody",
        "ALTER TABLE person ADD COLUMN more text",
        "ALTER TABLE person DISABLE TRIGGER ALL; ALTER TABLE audit_record DISABLE TRIGGER ALL",
        "DROP TABLE report CASCADE",
        "CREATE TABLE more (id integer)",
        "CREATE SCHEMA more",
        "GRANT SELECT ON person TO PUBLIC",
        "CREATE INDEX more ON person (id)",
        "CREATE FUNCTION more() RETURNS integer LANGUAGE sql AS 'SELECT 1'",
        "INSERT INTO register_state VALUES (1, 7, '\\x00'); ANALYZE register_state",
        "DO $$ BEGIN EXECUTE 'ALTER DATABASE '||current_database()||' SET work_mem=64'; END $$",
    ],
)
def test_a_database_whose_catalogue_was_changed_is_not_used_again(
    postgres: Server, own: Recycled, statement: str
) -> None:
    name = own.take()
    try:
        postgres.say(statement, database=name)
        own.give_back(name)
        assert own.take() != name
    finally:
        own.close()


def test_a_database_is_used_so_often_and_then_dropped(postgres: Server, own: Recycled) -> None:
    names = []
    try:
        for _ in range(MOST_USES + 1):
            names.append(own.take())
            own.give_back(names[-1])
        assert len(set(names[:MOST_USES])) == 1
        assert names[MOST_USES] != names[0]
    finally:
        own.close()
    left = postgres.say("SELECT datname FROM pg_database").splitlines()
    assert not set(names) & set(left)
