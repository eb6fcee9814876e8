"""Several processes, and processes that are killed: what was acknowledged stands."""

import subprocess
import sys
from itertools import islice
from pathlib import Path

import pytest

from tests.audit.drafts import draft
from tests.db.ledgers import bench, records, sizes

ROOT = Path(__file__).parents[2]


def start(url: str, home: Path, total: int) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tests.db.ledger_load", url, str(home), str(total)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )


def acknowledged(lines: list[str]) -> dict[int, str]:
    """Index → request of every whole line; the kill may have cut the last one short."""
    found = {}
    for line in lines:
        if line.endswith("\n"):
            _, index, request = line.split()
            found[int(index)] = request
    return found


@pytest.mark.parametrize("after", [1, 150, 700])
async def test_a_writer_killed_under_load_loses_nothing_that_it_acknowledged(
    after: int, database_url: str, tmp_path: Path
) -> None:
    process = start(database_url, tmp_path, 1_000_000)
    assert process.stdout is not None
    lines = list(islice(process.stdout, after))
    process.kill()
    lines.extend(process.stdout)
    process.wait()
    process.stdout.close()
    async with bench(database_url, tmp_path) as at:
        (size,) = await sizes(at.database)
        stored = await records(at.database)
        promised = acknowledged(lines)
        assert len(promised) >= after
        assert len(stored) == size
        for index, request in promised.items():
            assert stored[index]["request"] == request
        requests = [str(record["request"]) for record in stored[1:]]
        assert len(set(requests)) == len(requests)
        assert (await at.ledger.append(draft())).index == size
        assert await sizes(at.database) == [size + 1]


async def test_two_processes_write_one_log_on_postgres(postgres_url: str, tmp_path: Path) -> None:
    async with bench(postgres_url, tmp_path) as at:
        processes = [start(postgres_url, tmp_path, 300) for _ in range(2)]
        outputs = [process.communicate()[0] for process in processes]
        assert [process.returncode for process in processes] == [0, 0]
        promised = acknowledged("".join(outputs).splitlines(keepends=True))
        stored = await records(at.database)
        assert sorted(promised) == list(range(1, 601))
        assert {index: stored[index]["request"] for index in promised} == promised
        assert await sizes(at.database) == [601]
