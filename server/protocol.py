"""The HTTP protocol of uvicorn with what it lacks: limits on a head, in size and time, our errors.

A client may hold a connection open or send headers without end before any application is asked;
both end here. What can't be read as HTTP gets an error of ours with a request id, as every answer
has. This module never looks at what a header says and never repeats it.
"""

import asyncio
from collections.abc import Callable
from secrets import token_hex
from typing import Final

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from schema.errors import Language, error_body
from schema.reasons import Reason
from server.exchange import REQUEST_ID

HEAD_BYTES: Final = 64 * 1024
HEAD_SECONDS: Final = 10.0
"""A request's line and headers must have arrived by then."""


class HeadTooLargeError(ValueError):
    """The request's line and headers are larger than HEAD_BYTES."""


Refused = Callable[[str, Reason], None]
"""Told the request id and the reason of what was refused before any application."""


def _unheard(_request_id: str, _reason: Reason) -> None:
    """Nobody listens."""


def _too_large() -> HeadTooLargeError:
    # The parser turns this into its own error, which uvicorn answers with 400 and closes.
    return HeadTooLargeError(f"a head of more than {HEAD_BYTES} bytes")


class LimitedHttpProtocol(HttpToolsProtocol):
    """Closes a connection whose head is too large, too slow or no HTTP."""

    head_seconds = HEAD_SECONDS
    language: Language = "zh-CN"
    """The deployment's: no header of such a request can be believed."""

    refused: Refused = staticmethod(_unheard)
    _head_bytes = 0
    _in_head = False
    _head_timer: asyncio.TimerHandle | None = None

    def data_received(self, data: bytes) -> None:
        """Bytes arrived; a head that began and is not whole has its time from now on."""
        super().data_received(data)
        if self._in_head and self._head_timer is None:
            self._await_head()

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] # as uvicorn narrows it
        """A connection opens: its first head is awaited."""
        super().connection_made(transport)
        self._in_head = True
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is gone; nothing is awaited any more."""
        self._head_arrived()
        super().connection_lost(exc)

    def on_message_begin(self) -> None:
        """A request begins on a connection that may have had others."""
        super().on_message_begin()
        self._head_bytes = 0
        self._in_head = True

    def on_url(self, url: bytes) -> None:
        """A part of the request line."""
        self._head_bytes += len(url)
        if self._head_bytes > HEAD_BYTES:
            raise _too_large()
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header."""
        self._head_bytes += len(name) + len(value)
        if self._head_bytes > HEAD_BYTES:
            raise _too_large()
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is whole; the body has a limit of its own in the application."""
        self._head_arrived()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:  # noqa: ARG002 - uvicorn's words are not ours
        """Say in our own words that this is no request, and end the connection."""
        reason = Reason.HEAD_TOO_LARGE if self._head_bytes > HEAD_BYTES else Reason.HTTP_MALFORMED
        request_id = token_hex(8)
        body = error_body(
            reason.code,
            language=self.language,
            request_id=request_id,
            message=reason.message(self.language),
            extensions={"reason": reason.name},
        )
        head = (
            b"HTTP/1.1 400 Bad Request",
            b"content-type: application/json; charset=utf-8",
            b"content-length: %d" % len(body),
            REQUEST_ID + b": " + request_id.encode(),
            b"cache-control: no-store",
            b"x-content-type-options: nosniff",
            b"connection: close",
        )
        self.transport.write(b"\r\n".join(head) + b"\r\n\r\n" + body)
        self.transport.close()
        self.refused(request_id, reason)

    def _await_head(self) -> None:
        self._head_timer = self.loop.call_later(self.head_seconds, self.transport.close)

    def _head_arrived(self) -> None:
        self._in_head = False
        if self._head_timer is not None:
            self._head_timer.cancel()
            self._head_timer = None
