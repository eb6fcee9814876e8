"""The figure for memory is that of a service with the benchmark's own settings, or says why not."""

from pathlib import Path

import pytest

from benchmarks.city import found, load, settings_of
from benchmarks.memory import WARM_UP, MemoryUnknownError, memory


async def test_a_service_that_does_not_start_says_why_there_is_no_figure(tmp_path: Path) -> None:
    with pytest.raises(MemoryUnknownError, match=r"did not start: .*root"):
        await memory(settings_of(tmp_path / "without keys"), persons=1)


async def test_what_the_shell_sets_does_not_reach_the_measured_service(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_of(tmp_path / "home")
    await found(settings)
    await load(settings, first=0, last=600, progress=lambda _done: None)
    monkeypatch.setenv("JUZHU_LANGUAGE", "none that exists")
    monkeypatch.setattr(
        "benchmarks.memory.WARM_UP", tuple((question, 2, 1) for question, *_ in WARM_UP)
    )
    held = await memory(settings, persons=600)
    assert min(held.started, held.warm) > 20
