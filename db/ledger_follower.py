"""What keeps the index of persons up to the log while a service runs.

A fault is told, once until it is over, and the work is tried again: an append or a look-up never
waits for it and never fails by it. This module never writes by itself.
"""

import asyncio
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from db.ledger_index import PersonIndex

LOOK_SECONDS: Final = 5.0
"""How often to look for what others appended: another process, or a mutation that committed."""

REST: Final = 1.0
"""The follower rests as long as it wrote: half of the one writer's time is never its."""

Report = Callable[[str, BaseException], None]


class IndexFollower:
    """Keeps the index up to the log in the background, between `start` and `stop`.

    Args:
        seconds: how long after an append to begin, so that many appends share a transaction.
        report: is told of a fault, once until it is over; it must not repeat the error's text.
    """

    def __init__(self, index: PersonIndex, *, seconds: float, report: Report) -> None:
        self._index = index
        self._seconds = seconds
        self._report = report
        self._wake = asyncio.Event()
        self._failing = False
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Follow from now on."""
        if self._task is None:
            self._task = asyncio.create_task(self._follow(), name="audit index")

    async def stop(self) -> None:
        """Follow no more; a transaction that has begun ends by itself or is rolled back."""
        task, self._task = self._task, None
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    def wake(self) -> None:
        """Say that records were appended that name persons."""
        self._wake.set()

    async def _follow(self) -> None:
        while True:
            await asyncio.sleep(self._seconds)
            self._wake.clear()
            try:
                await self._index.catch_up(rest=REST)
                self._failing = False
            except Exception as error:  # noqa: BLE001 - no fault may end it: look-ups would grow slow
                if not self._failing:
                    self._report("audit index does not follow", error)
                self._failing = True
            with suppress(TimeoutError):
                async with asyncio.timeout(LOOK_SECONDS):
                    await self._wake.wait()
