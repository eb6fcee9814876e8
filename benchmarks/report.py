"""The figures of one run as a page, and as JSON.

CPU of one run on one machine and ratios within it; no promise about any other. This module never
measures.
"""

import platform
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from importlib.metadata import version

from benchmarks.city import Loaded
from benchmarks.compare import Cell
from benchmarks.costs import Costs
from benchmarks.house import CANDIDATES
from benchmarks.imports import Import
from benchmarks.measures import MeasureCosts, lines
from benchmarks.memory import Memory

LIBRARIES = (
    "strawberry-graphql",
    "graphql-core",
    "uvicorn",
    "uvloop",
    "httptools",
    "orjson",
    "cryptography",
    "sqlalchemy",
    "asyncpg",
)


_METHOD = """\
## How it is measured

One serving process holds one store, one vault, one audit log and one register, and answers as
four candidates on four ports of the same HTTP server, each with the same token check:

- **ours**: the application that `juzhu serve` serves;
- **hand-written**: plain Python for exactly these three documents behind our HTTP layer, with the
  same checks of ID numbers and names, the same row MACs, the same opening and masking, the same
  audit record. It replaces parsing, validation, planning and rendering, and could answer no fourth
  document;
- **strawberry**: what a sensible user of the library writes over the same store: Strawberry's own
  ASGI application in Starlette, parser and validation caches, a data loader, SQLAlchemy Core with
  each statement built once, one statement for a list, orjson, permissions and masks from a table
  made once. Each governed field looks itself up there, which is what lets documents differ;
- **strawberry on our HTTP and reads**: the same types and resolvers behind our HTTP layer and our
  reads, so that graphql-core's executor is all that differs.

Before anything is timed, all candidates answer every request of the run and their `data` is
compared byte for byte; a test compares their audit records too. Then they take turns: a round
gives each the same requests over kept connections, from a process of its own, in an order that
turns from round to round. CPU is the serving process's own count before and after; ratios are
medians of the rounds' ratios. Every answer is on disk in the audit log before it is sent.

Q1 is asked by a school authority for holders of active permits, Q2 by a community police desk for
the first pages of its list, Q3 by a school authority for a thousand persons, holders or not.

    make bench                                   # writes this page
    .venv/bin/python -m benchmarks --quick       # a minute, writes nothing
    .venv/bin/python -m benchmarks --persons 200000 --json
    .venv/bin/python -m benchmarks --postgres    # PostgreSQL, as the tests find or start it
"""

_DURABLE = {
    "SQLite": "",
    "PostgreSQL": "\nThe PostgreSQL started for a run does not wait for its disk (fsync off).\n",
}


@dataclass(frozen=True, slots=True)
class Run:
    """All that one run found; None where it was left out."""

    day: date
    database: str
    persons: int
    rounds: int
    loaded: Loaded
    cells: Sequence[Cell]
    costs: Costs | None
    memory: Memory | None
    imported: Import | None
    measures: MeasureCosts | None = None


def as_json(run: Run) -> dict[str, object]:
    """The run as plain values."""
    return {
        "day": run.day.isoformat(),
        "database": run.database,
        "persons": run.persons,
        "rounds": run.rounds,
        "python": platform.python_version(),
        "libraries": {name: version(name) for name in LIBRARIES},
        "loaded": asdict(run.loaded)
        | {"personsPerSecond": run.loaded.persons / run.loaded.seconds},
        "questions": [
            {
                "question": cell.question.name,
                "connections": cell.connections,
                "cpuMicroseconds": {name: cell.cpu(name) for name in CANDIDATES},
                "requestsPerSecond": {name: cell.per_second(name) for name in CANDIDATES},
                "oursToHandWritten": cell.to_hand_written,
                "strawberryToOurs": cell.strawberry_to_ours,
                "sharingToOurs": cell.sharing_to_ours,
            }
            for cell in run.cells
        ],
        "steps": None if run.costs is None else asdict(run.costs),
        "memory": None if run.memory is None else asdict(run.memory),
        "measures": None
        if run.measures is None
        else asdict(run.measures) | {"personsPerSecond": run.measures.per_second},
        "import": None
        if run.imported is None
        else asdict(run.imported) | {"rowsPerSecond": run.imported.per_second},
    }


def page(run: Run) -> str:
    """The run as a page of Markdown."""
    return figures(run) + "\n" + _METHOD + _DURABLE[run.database]


def figures(run: Run) -> str:
    """The run's tables alone."""
    return "\n".join([*_head(run), "", *_questions(run), "", *_others(run), ""])


def _head(run: Run) -> list[str]:
    libraries = ", ".join(f"{name} {version(name)}" for name in LIBRARIES)
    return [
        "# Benchmarks",
        "",
        "Written by `make bench`; run it again to see the figures of your machine. Read the",
        "ratios: microseconds belong to the machine and the day they were measured on.",
        "",
        f"Run of {run.day.isoformat()}: {run.database}, {run.persons:,} synthetic persons.",
        f"Medians of {run.rounds} rounds.",
        f"{platform.python_implementation()} {platform.python_version()} on {sys.platform}:",
        f"{libraries}.",
    ]


def _questions(run: Run) -> list[str]:
    rows = [
        "## CPU of one request",
        "",
        "Microseconds of the serving process's CPU, all threads, for all that a request costs:",
        "HTTP, token, look-up, row MACs, opening, answer and durable audit record. *Ours ÷",
        "hand-written* is what a plan costs beside plain Python, *Strawberry ÷ ours* what it saves",
        "beside Strawberry, *executor ÷ ours* beside graphql-core's executor alone. What all share",
        "is in each figure: where opening and the audit record weigh most (Q2, Q3), ratios are the",
        "smaller for it.",
        "",
        _table(
            "Question",
            "connections",
            *CANDIDATES,
            "ours ÷ hand-written",
            "Strawberry ÷ ours",
            "executor ÷ ours",
        ),
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    rows += [
        _table(
            f"{cell.question.name} {cell.question.title}",
            str(cell.connections),
            *[f"{cell.cpu(name):,.0f}" for name in CANDIDATES],
            f"{cell.to_hand_written:.2f}",
            f"{cell.strawberry_to_ours:.1f}",
            f"{cell.sharing_to_ours:.1f}",
        )
        for cell in run.cells
    ]
    rows += [
        "",
        _table("Requests a second, one process", "connections", *CANDIDATES),
        "|---|--:|--:|--:|--:|--:|",
    ]
    rows += [
        _table(
            cell.question.name,
            str(cell.connections),
            *[f"{cell.per_second(name):,.0f}" for name in CANDIDATES],
        )
        for cell in run.cells
    ]
    return rows


def _others(run: Run) -> list[str]:
    rows = ["## Other figures of the run", "", "| | |", "|---|--:|"]
    rate = run.loaded.persons / run.loaded.seconds
    rows.append(_table("persons stored a second, sealed, indexed, with history", f"{rate:,.0f}"))
    if run.imported is not None:
        title = f"rows a second of `juzhu import`, a CSV of {run.imported.rows:,} rows, SQLite"
        rows.append(_table(title, f"{run.imported.per_second:,.0f}"))
    if run.memory is not None:
        title = f"memory of `juzhu serve` with {run.memory.persons:,} persons, just started"
        rows.append(_table(title, f"{run.memory.started:,.0f} MiB"))
        rows.append(_table("the same after thousands of requests", f"{run.memory.warm:,.0f} MiB"))
    if run.costs is not None:
        for title, microseconds in (
            ("a view made, once for each table of rules", run.costs.view),
            ("Q1 parsed, measured and validated, once for each document", run.costs.document),
            ("Q1 planned, once for each variant of a document", run.costs.plan),
            ("Q1 answered without HTTP, audit included", run.costs.answer),
        ):
            rows.append(_table(title, f"{microseconds:,.0f} µs"))
    if run.measures is not None:
        rows += [_table(title, value) for title, value in lines(run.measures)]
    return rows


def _table(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
