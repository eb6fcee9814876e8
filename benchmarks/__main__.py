"""`python -m benchmarks`: load a city, compare the candidates, measure the rest, write the page.

Progress goes to standard error, `--json` to standard output. The store lies in a temporary folder
that is removed at the end.
"""

import argparse
import asyncio
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import orjson
import uvloop

from benchmarks.acts import both as act_rates
from benchmarks.city import found, load, settings_of, today
from benchmarks.client import AnswerError
from benchmarks.compare import DifferentAnswersError, measure
from benchmarks.costs import step_costs
from benchmarks.imports import ImportFailedError, import_rate
from benchmarks.measures import measure_batch, measure_costs
from benchmarks.memory import Memory, MemoryUnknownError, memory
from benchmarks.report import Run, as_json, figures, page
from tests.postgres import embedded_server, named_server

PAGE = Path(__file__).parents[1] / "docs" / "benchmarks.md"
MOST_PERSONS = 200_000


def progress(text: str) -> None:
    """Say what is being done."""
    print(text, file=sys.stderr, flush=True)


def _loaded(done: int) -> None:
    if done % 10_000 == 0:
        progress(f"{done:,} persons stored")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--persons", type=int, default=20_000, help="in the store (20000)")
    parser.add_argument(
        "--memory-persons", type=int, default=100_000, help="for the memory figure (100000)"
    )
    parser.add_argument("--rounds", type=int, default=9, help="of the comparison (9)")
    parser.add_argument("--seconds", type=float, default=0.6, help="of each turn (0.6)")
    parser.add_argument("--import-rows", type=int, default=20_000, help="of the import (20000)")
    parser.add_argument(
        "--batch-persons", type=int, default=1_000_000, help="to decide about in a row (1000000)"
    )
    parser.add_argument("--acts", type=int, default=600, help="of the desks, each database (600)")
    parser.add_argument("--postgres", action="store_true", help="compare on PostgreSQL")
    parser.add_argument("--quick", action="store_true", help="small and short; writes no page")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.persons = min(arguments.persons, 2_000)
        arguments.memory_persons = arguments.persons
        arguments.rounds, arguments.seconds = 3, 0.2
        arguments.import_rows = 2_000
        arguments.batch_persons, arguments.acts = 20_000, 100
    if not 0 < arguments.persons <= MOST_PERSONS:
        parser.error(f"--persons: from 1 to {MOST_PERSONS}")
    return arguments


@contextmanager
def _database(*, postgres: bool) -> Iterator[str | None]:
    """The URL of an empty PostgreSQL database, or None for SQLite."""
    if not postgres:
        yield None
        return
    name = f"juzhu_bench_{os.getpid()}"
    url = os.environ.get("JUZHU_TEST_POSTGRES")
    if url:
        server = named_server(url)
        try:
            yield server.create_database(name)
        finally:
            server.drop_database(name)
    else:
        with embedded_server() as server:
            yield server.create_database(name)


async def _run(arguments: argparse.Namespace, folder: Path, url: str | None) -> Run:
    settings = settings_of(folder / "home", url)
    persons = arguments.persons
    await found(settings)
    loaded = await load(settings, first=0, last=persons, progress=_loaded)
    cells = await measure(
        settings,
        persons=persons,
        rounds=arguments.rounds,
        seconds=arguments.seconds,
        progress=progress,
    )
    progress("steps")
    costs = await step_costs(settings, persons=persons)
    progress("measures")
    measured = measure_costs()
    progress("batch")
    batch = measure_batch(persons=arguments.batch_persons)
    progress("acts")
    acts = await act_rates(folder, acts=arguments.acts)
    progress("import")
    imported = await import_rate(folder, rows=arguments.import_rows)
    held: Memory | str | None = None
    if url is None:
        more = max(arguments.memory_persons, persons)
        await load(settings, first=persons, last=more, progress=_loaded)
        progress("memory")
        try:
            held = await memory(settings, persons=more)
        except MemoryUnknownError as error:
            held = str(error)
            progress(f"no figure for memory: {error}")
    return Run(
        day=today(),
        database="SQLite" if url is None else "PostgreSQL",
        persons=persons,
        rounds=arguments.rounds,
        loaded=loaded,
        cells=cells,
        costs=costs,
        memory=held,
        imported=imported,
        measures=measured,
        batch=batch,
        acts=acts,
    )


def main() -> int:
    """Run everything; 1 where candidates differ or one refuses."""
    arguments = _arguments()
    with (
        tempfile.TemporaryDirectory(prefix="juzhu-bench-") as folder,
        _database(postgres=arguments.postgres) as url,
        asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner,
    ):
        try:
            run = runner.run(_run(arguments, Path(folder), url))
        except (AnswerError, DifferentAnswersError, ImportFailedError) as error:
            print(f"error: {error}", file=sys.stderr)
            return 1
    if arguments.json:
        print(orjson.dumps(as_json(run), option=orjson.OPT_INDENT_2).decode())
    elif arguments.quick or arguments.postgres:
        print(figures(run))
    else:
        PAGE.write_text(page(run), encoding="utf-8")
        progress(f"written: {PAGE}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
