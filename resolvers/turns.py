"""Turns at reading lists: nobody's many questions keep those of others waiting.

A work list with its total reads many rows, and the database reads few lists at once. So each client
waits in a line of its own, the lines take turns, and whoever has a full line is refused at once:
the next client waits for the lists in work and for no more.

In memory and bounded; several processes each take turns for themselves. This module never looks at
what is read.
"""

import asyncio
from collections import OrderedDict, deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

AT_ONCE: Final = 3
"""Lists in work at a time, of all clients."""

WAITING: Final = 32
"""Lists of one client that may wait: the desks of a whole department are one client."""


class TooManyListsError(Exception):
    """This client has enough lists in work and waiting; it may ask again in a second."""

    def __init__(self) -> None:
        super().__init__("too many lists at once: wait for answers before asking for more")


class Turns:
    """Who may read a list now, and who is next. One for the process."""

    __slots__ = ("_at_once", "_lines", "_taken", "_waiting")

    def __init__(self, *, at_once: int = AT_ONCE, waiting: int = WAITING) -> None:
        self._at_once = at_once
        self._waiting = waiting
        self._taken = 0
        self._lines: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()

    @asynccontextmanager
    async def turn(self, client: str) -> AsyncIterator[None]:
        """Wait for this client's turn, and have it until the block ends.

        Raises:
            TooManyListsError: its line is full.
        """
        if self._taken < self._at_once:
            self._taken += 1
        else:
            await self._wait(client)
        try:
            yield
        finally:
            self._pass_on()

    async def _wait(self, client: str) -> None:
        line = self._lines.setdefault(client, deque())
        if len(line) >= self._waiting:
            raise TooManyListsError
        called = asyncio.get_running_loop().create_future()
        line.append(called)
        try:
            await called
        except asyncio.CancelledError:
            if called.done() and not called.cancelled():
                # Its turn came in the moment in which it gave up.
                self._pass_on()
            else:
                self._leave(client, called)
            raise

    def _leave(self, client: str, called: "asyncio.Future[None]") -> None:
        line = self._lines.get(client)
        if line is not None and called in line:
            line.remove(called)
            if not line:
                del self._lines[client]

    def _pass_on(self) -> None:
        """Call the first of the line whose turn it is, and send that line to the end."""
        while self._lines:
            client, line = self._lines.popitem(last=False)
            called = line.popleft()
            if line:
                self._lines[client] = line
            if not called.done():
                called.set_result(None)
                return
        self._taken -= 1
