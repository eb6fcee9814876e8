"""What one serving process holds in memory: `juzhu serve` on its own, after it has warmed up.

It is told its settings by this module alone: what a shell happens to name would be another service.
Where no figure can be had, the error says why, in the service's own words.
"""

import asyncio
import os
import re
import sys
from asyncio.subprocess import PIPE, Process
from contextlib import suppress
from dataclasses import dataclass
from itertools import cycle, islice
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from benchmarks.client import ask
from benchmarks.compare import requests_for
from benchmarks.questions import Q1, Q2, Q3
from server.settings import Settings

WARM_UP = ((Q1, 3000, 64), (Q2, 100, 4), (Q3, 20, 4))
_MIB = 1024
_STOP_SECONDS = 30


class MemoryUnknownError(RuntimeError):
    """The system does not say how much memory a process holds, or the service did not start."""


@dataclass(frozen=True, slots=True)
class Memory:
    """Resident memory in MiB: after the start, and after the warm-up."""

    persons: int
    started: float
    warm: float


async def memory(settings: Settings, *, persons: int) -> Memory:
    """Start the service, ask it everything many times, and look.

    Raises:
        MemoryUnknownError: It can't be told.
    """
    environment = {
        name: value for name, value in os.environ.items() if not name.startswith("JUZHU_")
    } | {
        "JUZHU_HOME": str(settings.home.resolve()),
        "JUZHU_DATABASE_URL": settings.database_url,
        "JUZHU_PORT": "0",
    }
    with TemporaryFile() as log:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "cli.main",
            "serve",
            stdout=PIPE,
            stderr=log,
            env=environment,
            cwd=Path(__file__).parents[1],
        )
        try:
            port = await _port(process, log)
            started = resident(process.pid)
            requests = await requests_for(settings, persons=persons, port=port)
            for question, count, connections in WARM_UP:
                wanted = list(islice(cycle(requests[question]), count))
                await ask(port, wanted, connections=connections)
            return Memory(persons, started, resident(process.pid))
        finally:
            with suppress(ProcessLookupError):
                process.terminate()
            await asyncio.wait_for(process.wait(), _STOP_SECONDS)


async def _port(process: Process, log: IO[bytes]) -> int:
    line = b"" if process.stdout is None else await process.stdout.readline()
    found = re.search(rb":([0-9]+)/graphql", line)
    if found is not None:
        return int(found[1])
    await asyncio.wait_for(process.wait(), _STOP_SECONDS)
    log.seek(0)
    said = [line for line in log.read().decode(errors="replace").splitlines() if line]
    why = next((line for line in said if line.startswith("error: ")), "".join(said[-1:]))
    raise MemoryUnknownError(f"`juzhu serve` did not start: {why.removeprefix('error: ')}")


def resident(pid: int) -> float:
    """Resident memory of a process in MiB, where the system has /proc.

    Raises:
        MemoryUnknownError: It has none.
    """
    try:
        status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    except OSError:
        raise MemoryUnknownError("this system has no /proc") from None
    found = re.search(r"VmRSS:\s+([0-9]+) kB", status)
    if found is None:
        raise MemoryUnknownError("/proc does not say VmRSS")
    return int(found[1]) / _MIB
