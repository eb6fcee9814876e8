"""Limits that need no knowledge of a document: bytes, seconds, refused tokens, calls at once.

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
"""Refused tokens that one address may send under one issuer's name in that time."""

ADDRESSES_KEPT: Final = 10_000
"""Addresses, each with an issuer, whose refused tokens are counted."""

CHECKING_SHARE: Final = 0.1
"""Share of time for checking signatures of addresses that are over their limit: tens of thousands a
minute, so that a good token among a neighbour's bad ones is still found."""

Elapsed = Callable[[], float]


class FailureCount:
    """Counts refused tokens per address and issuer in fixed windows.

    The issuer is one that the service has keys of, or none: a name that nobody registered is not
    counted by itself. Keeps the newest `ADDRESSES_KEPT`, so that a flood can't grow memory.
    """

    __slots__ = ("_elapsed", "_windows")

    def __init__(self, elapsed: Elapsed) -> None:
        self._elapsed = elapsed
        self._windows: OrderedDict[tuple[str, str | None], tuple[float, int]] = OrderedDict()

    def wait(self, address: str, issuer: str | None) -> int:
        """Seconds until this address may try again under this name; 0 if it may now."""
        window = self._windows.get((address, issuer))
        if window is None:
            return 0
        began, count = window
        left = began + FAILED_TOKENS_SECONDS - self._elapsed()
        if left <= 0:
            del self._windows[address, issuer]
            return 0
        return ceil(left) if count >= FAILED_TOKENS else 0

    def failed(self, address: str, issuer: str | None) -> None:
        """Count one refused token."""
        now = self._elapsed()
        place = address, issuer
        began, count = self._windows.pop(place, (now, 0))
        if now - began >= FAILED_TOKENS_SECONDS:
            began, count = now, 0
        self._windows[place] = (began, count + 1)
        if len(self._windows) > ADDRESSES_KEPT:
            self._windows.popitem(last=False)


class CheckingTime:
    """Measures out, second by second, the time for checks that are over a limit already."""

    __slots__ = ("_began", "_elapsed", "_share", "_spent")

    def __init__(self, elapsed: Elapsed, share: float = CHECKING_SHARE) -> None:
        self._elapsed = elapsed
        self._share = share
        self._began = elapsed()
        self._spent = 0.0

    @property
    def left(self) -> bool:
        """Whether there is time for another check in this second."""
        now = self._elapsed()
        if now - self._began >= 1:
            self._began, self._spent = now, 0.0
        return self._spent < self._share

    def spend(self, seconds: float) -> None:
        """A check took so long."""
        self._spent += seconds


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
