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

from benchmarks.acts import ActRate
from benchmarks.acts import lines as act_lines
from benchmarks.city import Loaded
from benchmarks.compare import Cell
from benchmarks.costs import Costs
from benchmarks.house import CANDIDATES
from benchmarks.imports import Import
from benchmarks.measures import BatchCosts, MeasureCosts, batch_line, lines
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
four candidates on four ports. They share and differ thus:

| | ours | hand-written | strawberry | strawberry on our HTTP and reads |
|---|---|---|---|---|
| HTTP | our endpoint | our endpoint | Starlette and Strawberry's ASGI view | our endpoint |
| reads | our driver calls | our driver calls | SQLAlchemy Core, in a session | our driver calls |
| documents | planned once, then run | three, in plain Python | graphql-core | graphql-core |
| permissions | in the plan | in the code | looked up by each governed field | as beside |
| limits on documents | yes | no other document | none | none |

All four share the HTTP server and its settings, the token check, the reading of purpose and case,
the checks of ID numbers and names, the SQL, row MACs, vault, masks and cursors, the committer of
the audit log and one line in the log for each request: a service must do all that, however it
answers. They are in every figure, so they bring every ratio nearer to 1.

- **ours** is the application that `juzhu serve` serves.
- **hand-written** is plain Python for exactly these three documents. It replaces parsing,
  validation, planning and rendering, and could answer no fourth document. Beside it one sees what
  a language for questions costs.
- **strawberry** is what a competent user of the library writes over the same store, following its
  documentation: its ASGI application in Starlette, parser and validation caches, a data loader,
  whose look-up takes any number of keys, Core statements built once, one statement for a list,
  orjson, permissions and masks from a table made once. It has none of our limits on depth, cost,
  body and calls at once, which is work that it saves. Beside it one sees what this service's way
  of answering saves in all.
- **strawberry on our HTTP and reads** is the same schema with the same resolvers behind our
  endpoint and on our reads. Beside it one sees what a plan saves over the executor alone; what it
  saves beside *strawberry* is due to HTTP and reads.

Before anything is timed, all candidates answer every request of the run and their `data` is
compared byte for byte; a test compares their audit records too. Then they take turns: a round
gives each the same requests over kept connections, from a process of its own, in an order that
turns from round to round. CPU is the serving process's own count before and after; ratios are
medians of the rounds' ratios. Every answer is on disk in the audit log before it is sent. The
log's index of accessed persons follows a second later: a turn ends, and its CPU is read, when the
index has caught up with that turn's own records.

Q1 is asked by a school authority for holders of active permits; Q3 by the same for a thousand
persons, holders or not. Q2 is the list that a community police desk works through: the hundred
permits of its division that expire next, 15 leaves a person, names and numbers masked, then the
pages after it. The desk's rules grant each field; permits there are active, so the days of
suspension and cancellation in it are null.

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
    """All that one run found; None where it was left out, `memory` a text that says why not."""

    day: date
    database: str
    persons: int
    rounds: int
    loaded: Loaded
    cells: Sequence[Cell]
    costs: Costs | None
    memory: Memory | str | None
    imported: Import | None
    measures: MeasureCosts | None = None
    batch: BatchCosts | None = None
    acts: Sequence[ActRate] = ()


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
        "memory": asdict(run.memory) if isinstance(run.memory, Memory) else run.memory,
        "measures": None
        if run.measures is None
        else asdict(run.measures) | {"personsPerSecond": run.measures.per_second},
        "batch": None if run.batch is None else asdict(run.batch),
        "acts": [asdict(rate) | {"actsPerSecond": rate.per_second} for rate in run.acts],
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
        "beside Strawberry as its users write it, *Strawberry on ours ÷ ours* beside the same on",
        "our HTTP endpoint and reads. What all share is in each figure: where opening and the",
        "audit record weigh most (Q2, Q3), ratios are the smaller for it.",
        "",
        _table(
            "Question",
            "connections",
            *CANDIDATES,
            "ours ÷ hand-written",
            "Strawberry ÷ ours",
            "Strawberry on ours ÷ ours",
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
    if isinstance(run.memory, str):
        rows.append(_table("memory of `juzhu serve`", f"not measured: {run.memory}"))
    elif run.memory is not None:
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
    if run.batch is not None:
        rows.append(_table(*batch_line(run.batch)))
    rows += [_table(title, value) for title, value in act_lines(run.acts)]
    return rows


def _table(*cells: str) -> str:
    return f"| {' | '.join(cells)} |"
