"""Limits that need no knowledge of a request: bytes, seconds, failed tokens, calls at once.

Everything here is in memory and bounded; several processes each count for themselves. This module
never looks at a document (schema/limits.py does) and never keeps what was sent.
"""

from collections import OrderedDict
from collections.abc import Callable
from math import ceil
from typing import Final

BODY_BYTES: Final = 1024 * 1024
"""The largest body that is read. The service refuses more than 256 KiB outside `verify`."""

BODY_SECONDS: Final = 10.0
"""A body must have arrived by then, however slowly its bytes come."""

CALLS_AT_ONCE: Final = 256
"""How many requests of one client may be in work at a time."""

FAILED_TOKENS: Final = 60
FAILED_TOKENS_SECONDS: Final = 60.0
"""Refused tokens that one address may send in that time; each costs a signature check."""

ADDRESSES_KEPT: Final = 10_000

Elapsed = Callable[[], float]


class FailureCount:
    """Counts refused tokens per address in fixed windows.

    Keeps the newest `ADDRESSES_KEPT` addresses, so that a flood of addresses can't grow memory.
    """

    __slots__ = ("_elapsed", "_windows")

    def __init__(self, elapsed: Elapsed) -> None:
        self._elapsed = elapsed
        self._windows: OrderedDict[str, tuple[float, int]] = OrderedDict()

    def wait(self, address: str) -> int:
        """Seconds until this address may try again; 0 if it may now."""
        window = self._windows.get(address)
        if window is None:
            return 0
        began, count = window
        left = began + FAILED_TOKENS_SECONDS - self._elapsed()
        if left <= 0:
            del self._windows[address]
            return 0
        return ceil(left) if count >= FAILED_TOKENS else 0

    def failed(self, address: str) -> None:
        """Count one refused token."""
        now = self._elapsed()
        began, count = self._windows.pop(address, (now, 0))
        if now - began >= FAILED_TOKENS_SECONDS:
            began, count = now, 0
        self._windows[address] = (began, count + 1)
        if len(self._windows) > ADDRESSES_KEPT:
            self._windows.popitem(last=False)


class CallsAtOnce:
    """Counts the requests of each client that are in work."""

    __slots__ = ("_calls", "_most")

    def __init__(self, most: int = CALLS_AT_ONCE) -> None:
        self._most = most
        self._calls: dict[str, int] = {}

    def enter(self, client: str) -> bool:
        """Take a place; False where this client has none left."""
        calls = self._calls.get(client, 0)
        if calls >= self._most:
            return False
        self._calls[client] = calls + 1
        return True

    def leave(self, client: str) -> None:
        """Give the place back; a client without calls is forgotten."""
        calls = self._calls[client] - 1
        if calls:
            self._calls[client] = calls
        else:
            del self._calls[client]
