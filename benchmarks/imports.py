"""How many rows a second `juzhu import` takes, from a file to a durable register on SQLite."""

import asyncio
import os
import sys
import time
from asyncio.subprocess import DEVNULL, PIPE
from dataclasses import dataclass
from pathlib import Path

from tests.register_rows import row, write_csv

_ACCEPTED_ALL = 0


class ImportFailedError(RuntimeError):
    """The import did not accept every row of a faultless file."""


@dataclass(frozen=True, slots=True)
class Import:
    """One import of a faultless CSV."""

    rows: int
    seconds: float

    @property
    def per_second(self) -> float:
        """Rows a second, with the start of the process and the report's counts."""
        return self.rows / self.seconds


async def import_rate(folder: Path, *, rows: int) -> Import:
    """Write a register export and import it into a new deployment.

    Raises:
        ImportFailedError: Some row was not accepted.
    """
    file = write_csv(folder / "register.csv", (row(number) for number in range(rows)))
    environment = dict(os.environ) | {"JUZHU_HOME": str(folder / "imported")}
    environment.pop("JUZHU_DATABASE_URL", None)
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "cli.main",
        "import",
        str(file),
        "--no-progress",
        stdout=DEVNULL,
        stderr=PIPE,
        env=environment,
        cwd=Path(__file__).parents[1],
    )
    _, error = await process.communicate()
    seconds = time.perf_counter() - began
    if process.returncode != _ACCEPTED_ALL:
        raise ImportFailedError(f"exit {process.returncode}: {error.decode(errors='replace')}")
    return Import(rows, seconds)
