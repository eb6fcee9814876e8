"""How long work may take, at no cost for work that never waits.

`asyncio.timeout` sets a timer and takes it back, which costs more than most of what it guards: a
body that has arrived already, a look-up that is answered at once. So the work is begun first, and
only what really waits gets a timer. This module never ends work that does not wait.
"""

import asyncio
from collections.abc import Coroutine, Generator
from typing import Any, Generic, TypeVar

T = TypeVar("T")


async def within(seconds: float, work: Coroutine[Any, Any, T]) -> T:
    """Do work that may wait so long; it begins at once.

    Raises:
        TimeoutError: it waited longer, and was cancelled.
    """
    try:
        awaited = work.send(None)
    except StopIteration as end:
        found: T = end.value
        return found
    async with asyncio.timeout(seconds):
        return await _Begun(work, awaited)


class _Begun(Generic[T]):
    """Work that waits for something: whoever awaits this waits for that, then for the rest."""

    __slots__ = ("_awaited", "_work")

    def __init__(self, work: Coroutine[Any, Any, T], awaited: object) -> None:
        self._work = work
        self._awaited = awaited

    def __await__(self) -> Generator[Any, Any, T]:
        awaited = self._awaited
        try:
            while True:
                try:
                    sent = yield awaited
                except BaseException as error:  # noqa: BLE001 - the work's own to handle: a cancellation, mostly
                    awaited = self._work.throw(error)
                else:
                    awaited = self._work.send(sent)
        except StopIteration as end:
            found: T = end.value
            return found
