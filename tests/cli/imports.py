"""Running `juzhu import` in tests: on a database of the test's own, and looking at what it left."""

import asyncio
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from click.testing import CliRunner, Result
from sqlalchemy import select
from sqlalchemy.orm import Session

from cli.import_ import import_
from db.models import (
    AuditRecord,
    Base,
    Event,
    ImportPerson,
    ImportRow,
    Lookup,
    Person,
    PersonNow,
    Residence,
    table_of,
)
from db.session import DatabaseSettings, open_database
from resolvers.intake.columns import Column
from tests.register_rows import write_csv

WRITTEN: tuple[type[Base], ...] = (
    Person,
    Lookup,
    Residence,
    Event,
    PersonNow,
    ImportPerson,
    ImportRow,
    AuditRecord,
)
"""Every table that importing a row may write to; the job's own row is not among them."""

Rows = dict[str, list[tuple[object, ...]]]


@dataclass(frozen=True, slots=True)
class Place:
    """A deployment's folder and database, which need not exist yet."""

    home: Path
    url: str

    @property
    def environment(self) -> dict[str, str]:
        """What the command is told of it."""
        return {
            "JUZHU_HOME": str(self.home),
            "JUZHU_DATABASE_URL": self.url,
            "JUZHU_MODE": "demo",
            "JUZHU_LANGUAGE": "en",
        }

    def run(self, *arguments: str | Path, **environment: str) -> Result:
        """Run the command."""
        return CliRunner().invoke(
            import_,
            [str(argument) for argument in arguments],
            env={**self.environment, **environment},
        )

    def take(self, rows: Sequence[Mapping[Column, str]], *arguments: str | Path) -> "Taken":
        """Import rows as a file, with a report."""
        file = write_csv(self.home.with_name("taken.csv"), rows)
        return self.take_file(file, *arguments)

    def take_file(self, file: Path, *arguments: str | Path) -> "Taken":
        """Import a file, with a report."""
        report = self.home.with_name("taken.json")
        report.unlink(missing_ok=True)
        result = self.run(file, "--report", report, *arguments)
        assert result.exit_code in {0, 1}, result.output
        return Taken(result, json.loads(report.read_bytes()))

    def rows(self) -> Rows:
        """All that importing wrote."""

        def read(session: Session) -> Rows:
            return {
                model.__tablename__: sorted(tuple(row) for row in session.execute(select(table)))
                for model in WRITTEN
                for table in (table_of(model),)
            }

        async def look() -> Rows:
            settings = DatabaseSettings(url=self.url, home=self.home, writing=False)
            async with await open_database(settings) as database:
                return await database.read(read)

        return asyncio.run(look())


@dataclass(frozen=True, slots=True)
class Taken:
    """An import that ended, and its report."""

    result: Result
    report: dict[str, object]

    @property
    def rows(self) -> list[dict[str, object]]:
        """The report's results."""
        results = self.report["results"]
        assert isinstance(results, list)
        return results

    @property
    def codes(self) -> list[object]:
        """The code of each row."""
        return [row["code"] for row in self.rows]
