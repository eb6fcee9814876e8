"""The HTTP protocol of uvicorn with two limits that it lacks: on a head's size and on its time.

A client may hold a connection open or send headers without end before any application is asked;
both end here. This module never looks at what a header says.
"""

import asyncio
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

HEAD_BYTES: Final = 64 * 1024
HEAD_SECONDS: Final = 10.0
"""A request's line and headers must have arrived by then."""


class HeadTooLargeError(ValueError):
    """The request's line and headers are larger than HEAD_BYTES."""


class LimitedHttpProtocol(HttpToolsProtocol):
    """Closes a connection whose head is too large or too slow."""

    head_seconds = HEAD_SECONDS
    _head_bytes = 0
    _head_timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn narrows it
        """A connection opens: its first head is awaited."""
        super().connection_made(transport)
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone; nothing is awaited any more."""
        self._head_arrived()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A request begins on a connection that may have had others."""
        super().on_message_begin()
        self._head_bytes = 0
        if self._head_timer is None:
            self._await_head()

    def on_url(self, url: bytes) -> None:
        """A part of the request line."""
        self._grow(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._grow(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole; the body has a limit of its own in the application."""
        self._head_arrived()
        super().on_headers_complete()

    def _grow(self, size: int) -> None:
        self._head_bytes += size
        if self._head_bytes > HEAD_BYTES:
            # The parser turns this into its own error, which uvicorn answers with 400 and closes.
            raise HeadTooLargeError(f"a head of more than {HEAD_BYTES} bytes")

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(self.head_seconds, self.transport.close)

    def _head_arrived(self) -> None:
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
