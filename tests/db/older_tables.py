"""Tables as an older release of ours left them."""

from pathlib import Path

from alembic import command
from sqlalchemy import Connection, create_engine
from sqlalchemy.ext.asyncio import create_async_engine

from db.migrate import _config
from db.sqlite_file import prepare_file

OLDER = "0001"


async def make_older_tables(url: str) -> None:
    """Run the migrations of an older release on an empty database."""
    if url.startswith("sqlite:"):
        prepare_file(Path(url.removeprefix("sqlite:///")), writing=True)
        engine = create_engine(url)
        with engine.begin() as connection:
            _upgrade(connection)
        engine.dispose()
        return
    server = create_async_engine(url.replace("postgresql:", "postgresql+asyncpg:", 1))
    async with server.begin() as connected:
        await connected.run_sync(_upgrade)
    await server.dispose()


def _upgrade(connection: Connection) -> None:
    config = _config()
    config.attributes["connection"] = connection
    command.upgrade(config, OLDER)
