"""The migrations make exactly the tables that the models describe; on both databases."""

from pathlib import Path

from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import inspect
from sqlalchemy.orm import Session

from db.models import Base
from db.session import DatabaseSettings, open_database


async def test_a_migrated_database_is_what_the_models_say(
    empty_database_url: str, tmp_path: Path
) -> None:
    def differences(session: Session) -> list[object]:
        context = MigrationContext.configure(
            session.connection(), opts={"compare_type": True, "compare_server_default": True}
        )
        return list(compare_metadata(context, Base.metadata))

    def details(session: Session) -> dict[str, object]:
        found = inspect(session.connection())
        return {
            name: (
                found.get_pk_constraint(name)["constrained_columns"],
                sorted(str(one["name"]) for one in found.get_check_constraints(name)),
                {one["name"]: one["nullable"] for one in found.get_columns(name)},
            )
            for name in Base.metadata.tables
        }

    def recreate(session: Session) -> None:
        Base.metadata.drop_all(session.connection())
        Base.metadata.create_all(session.connection())

    settings = DatabaseSettings(url=empty_database_url, home=tmp_path)
    async with await open_database(settings) as database:
        assert await database.read(differences) == []
        migrated = await database.read(details)
        await database.write(recreate)
        assert await database.read(details) == migrated


async def test_postgres_compares_all_text_by_bytes(postgres_url: str, tmp_path: Path) -> None:
    def collations(session: Session) -> set[tuple[str, str]]:
        found = inspect(session.connection())
        return {
            (table, column["name"])
            for table in Base.metadata.tables
            for column in found.get_columns(table)
            if getattr(column["type"], "collation", "C") != "C"
        }

    settings = DatabaseSettings(url=postgres_url, home=tmp_path)
    async with await open_database(settings) as database:
        assert await database.read(collations) == set()
