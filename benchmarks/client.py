"""The load: raw requests over kept connections, one at a time on each.

Written for cheapness, so that it keeps up from a core of its own. An answer that is no success
raises: a refused request is quickly refused, and would be taken for speed.
"""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

HOST = "127.0.0.1"
ANSWER_SECONDS = 60.0


class AnswerError(RuntimeError):
    """A candidate did not answer with a success; the message is the answer's beginning."""


@dataclass(frozen=True, slots=True)
class Spent:
    """What a round of requests took: the serving process's CPU, and time on the wall."""

    requests: int
    cpu: float
    wall: float

    @property
    def cpu_microseconds(self) -> float:
        """CPU of one request."""
        return self.cpu / self.requests * 1e6

    @property
    def per_second(self) -> float:
        """Requests a second."""
        return self.requests / self.wall


class _Connection(asyncio.Protocol):
    """Sends the next request when the answer to the last one is whole."""

    def __init__(self, requests: Iterator[bytes], ended: "asyncio.Future[None]") -> None:
        self._requests = requests
        self._ended = ended
        self._received = b""
        self._awaited = 0
        self._transport: asyncio.Transport | None = None
        self.last = b""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # a stream's transport
        self._transport = transport
        self._next(transport)

    def data_received(self, data: bytes) -> None:
        received = self._received = self._received + data if self._received else data
        if not self._awaited:
            end = received.find(b"\r\n\r\n")
            if end < 0:
                return
            head = received[:end].lower()
            start = head.index(b"content-length:") + 15
            length = int(head[start:].split(b"\r", 1)[0])
            self._awaited = end + 4 + length
        if len(received) < self._awaited or self._transport is None:
            return
        if not received.startswith(b"HTTP/1.1 200"):
            self._fail(AnswerError(received[:2000].decode(errors="replace")))
            return
        self.last, self._received, self._awaited = received, b"", 0
        self._next(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:
        if not self._ended.done():
            self._fail(AnswerError(f"the connection was closed: {exc}"))

    def _next(self, transport: asyncio.Transport) -> None:
        request = next(self._requests, None)
        if request is not None:
            transport.write(request)
        elif not self._ended.done():
            self._ended.set_result(None)
            transport.close()

    def _fail(self, error: Exception) -> None:
        if not self._ended.done():
            self._ended.set_exception(error)
        if self._transport is not None:
            self._transport.close()


async def ask(port: int, requests: Sequence[bytes], *, connections: int) -> list[bytes]:
    """Send all requests; the last answer of each connection, head and body.

    Raises:
        AnswerError: An answer is no success.
    """
    loop = asyncio.get_running_loop()
    shared = iter(requests)
    opened: list[_Connection] = []
    ends: list[asyncio.Future[None]] = []
    for _ in range(min(connections, len(requests))):
        ended: asyncio.Future[None] = loop.create_future()
        connection = _Connection(shared, ended)
        ends.append(ended)
        opened.append(connection)
        await loop.create_connection(lambda made=connection: made, HOST, port)  # type: ignore[misc]  # bound early: the loop goes on
    async with asyncio.timeout(ANSWER_SECONDS):
        await asyncio.gather(*ends)
    return [connection.last for connection in opened]


async def body_of(port: int, request: bytes) -> bytes:
    """The body of the answer to one request."""
    (answer,) = await ask(port, [request], connections=1)
    return answer.partition(b"\r\n\r\n")[2]


async def cpu_of(port: int) -> float:
    """CPU seconds of the serving process until now."""
    return float(await body_of(port, b"GET /cpu HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n"))


async def spend(port: int, requests: Sequence[bytes], *, count: int, connections: int) -> Spent:
    """Send `count` requests, taking the given ones round and round, and say what they took."""
    wanted = list(islice(cycle(requests), count))
    before = await cpu_of(port)
    began = time.perf_counter()
    await ask(port, wanted, connections=connections)
    wall = time.perf_counter() - began
    return Spent(count, await cpu_of(port) - before, wall)


def data_of(body: bytes) -> bytes:
    """The bytes of `data`, which the record commits to, out of a whole answer.

    Raises:
        AnswerError: There is no data, or there are errors beside it.
    """
    start, _, rest = body.partition(b'{"data":')
    data, found, _ = rest.rpartition(b',"extensions":{"audit":')
    if start or not found or b',"errors":[' in rest:
        raise AnswerError(body[:2000].decode(errors="replace"))
    return data
