"""A real port: slow and huge requests, a port that is taken, and an end that loses nothing."""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from schema.reasons import Reason
from server.limits import BODY_BYTES
from server.listening import AddressTakenError, listen
from server.log import Log
from server.protocol import HEAD_BYTES, LimitedHttpProtocol
from server.serving import http_server
from tests.server.http_house import House, house
from tests.server.real_house import demonstrate, settings_of

ROOT = Path(__file__).parents[2]
BODY = b'{"query":"{ __typename }"}'


@asynccontextmanager
async def served(place: House, tmp_path: Path) -> AsyncIterator[int]:
    """Serve on a free port in this process; the port."""
    listener = listen(settings_of(tmp_path, PORT="0"))
    server = http_server(place.application, log=Log(place.clock, place.lines.append), language="en")
    task = asyncio.create_task(server.serve(sockets=[listener]))
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        await task


def head(place: House, *more: str, method: str = "POST") -> bytes:
    lines = [
        f"{method} /graphql HTTP/1.1",
        "host: juzhu.test",
        f"authorization: {place.headers()['authorization']}",
        "content-type: application/json",
        *more,
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


async def answer_of(reader: asyncio.StreamReader) -> tuple[int, dict[str, str], bytes]:
    """One HTTP answer, read by its content-length."""
    first = await reader.readline()
    headers: dict[str, str] = {}
    while line := (await reader.readline()).strip():
        name, _, value = line.decode().partition(": ")
        headers[name] = value
    body = await reader.readexactly(int(headers["content-length"]))
    return int(first.split()[1]), headers, body


async def test_a_request_over_a_real_port_is_answered_and_the_connection_kept(
    tmp_path: Path,
) -> None:
    place = house()
    async with served(place, tmp_path) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for _ in range(2):
            writer.write(head(place, f"content-length: {len(BODY)}") + BODY)
            status, headers, body = await answer_of(reader)
            assert (status, json.loads(body)) == (200, {"data": {"__typename": "Query"}})
            assert "server" not in headers
        writer.close()


async def test_a_slow_body_meets_408_and_the_end_of_the_connection(tmp_path: Path) -> None:
    place = house(body_seconds=0.3)
    async with served(place, tmp_path) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head(place, f"content-length: {len(BODY)}"))
        for byte in BODY[:5]:
            writer.write(bytes([byte]))
            await asyncio.sleep(0.05)
        status, headers, body = await answer_of(reader)
        assert status == 408
        assert json.loads(body)["errors"][0]["extensions"]["code"] == "TIMED_OUT"
        assert headers["connection"] == "close"
        assert await reader.read() == b""
        writer.close()


@pytest.mark.parametrize("announced", [True, False])
async def test_a_huge_body_meets_413_before_it_has_arrived(
    tmp_path: Path, *, announced: bool
) -> None:
    place = house()
    async with served(place, tmp_path) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        if announced:
            writer.write(head(place, "content-length: 1000000000"))
        else:
            writer.write(head(place, "transfer-encoding: chunked"))
            piece = b"10000\r\n" + b"x" * 65536 + b"\r\n"
            for _ in range(BODY_BYTES // 65536 + 1):
                writer.write(piece)
        status, headers, _ = await answer_of(reader)
        assert (status, headers["connection"]) == (413, "close")
        writer.close()


async def test_a_body_in_chunks_is_one_body(tmp_path: Path) -> None:
    place = house()
    async with served(place, tmp_path) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head(place, "transfer-encoding: chunked"))
        for start in range(0, len(BODY), 7):
            piece = BODY[start : start + 7]
            writer.write(f"{len(piece):x}\r\n".encode() + piece + b"\r\n")
            await asyncio.sleep(0.01)
        writer.write(b"0\r\n\r\n")
        assert (await answer_of(reader))[0] == 200
        assert place.service.asked[0][0].size == len(BODY)
        writer.close()


async def test_a_client_that_goes_away_in_its_body_is_no_fault(tmp_path: Path) -> None:
    place = house()
    async with served(place, tmp_path) as port:
        _, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head(place, "content-length: 100") + b"{")
        await writer.drain()
        await asyncio.sleep(0.1)
        writer.close()
        for _ in range(100):
            if place.lines:
                break
            await asyncio.sleep(0.02)
    (line,) = place.log
    assert (line["code"], line["status"]) == ("DISCONNECTED", None)


async def test_a_head_without_end_is_cut_off(tmp_path: Path) -> None:
    place = house()
    async with served(place, tmp_path) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(head(place)[:-2] + b"x-padding: " + b"x" * HEAD_BYTES)
        writer.write(b"\r\n\r\n")
        await is_refused(reader, place, "HEAD_TOO_LARGE")
        writer.close()
    assert not place.service.asked


async def is_refused(reader: asyncio.StreamReader, place: House, reason: str) -> None:
    """What never came to be a request is answered as one, with an id that the log has too."""
    status, headers, body = await answer_of(reader)
    (error,) = json.loads(body)["errors"]
    assert (status, headers["connection"]) == (400, "close")
    assert error["extensions"] == {
        "code": "BAD_REQUEST",
        "reason": reason,
        "requestId": headers["x-request-id"],
    }
    assert error["message"] == Reason[reason].message("en")
    assert await reader.read() == b""
    line = place.log[-1]
    assert (line["event"], line["code"]) == ("request", "BAD_REQUEST")
    assert line["request"] == headers["x-request-id"]


async def test_a_slow_head_is_cut_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(LimitedHttpProtocol, "head_seconds", 0.2)
    place = house()
    async with served(place, tmp_path) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"POST /graphql HTTP/1.1\r\n")
        async with asyncio.timeout(2):
            assert await reader.read() == b""
        writer.close()
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        async with asyncio.timeout(2):
            assert await reader.read() == b"", "a connection that asks nothing is closed as well"
        writer.close()


async def test_what_is_not_http_meets_400(tmp_path: Path) -> None:
    place = house()
    async with served(place, tmp_path) as port:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(b"\x16\x03\x01\x02\x00\x01\x00\r\n\r\n")
        await is_refused(reader, place, "HTTP_MALFORMED")
        writer.close()


async def test_a_request_in_work_is_finished_before_the_end(tmp_path: Path) -> None:
    place = house()
    place.service.hold = asyncio.Event()
    listener = listen(settings_of(tmp_path, PORT="0"))
    server = http_server(place.application)
    task = asyncio.create_task(server.serve(sockets=[listener]))
    reader, writer = await asyncio.open_connection("127.0.0.1", listener.getsockname()[1])
    writer.write(head(place, f"content-length: {len(BODY)}") + BODY)
    await place.service.entered.wait()
    server.should_exit = True
    await asyncio.sleep(0.3)
    assert not task.done()
    place.service.hold.set()
    assert (await answer_of(reader))[0] == 200
    await task
    writer.close()


def test_a_taken_port_is_named_with_a_hint(tmp_path: Path) -> None:
    with listen(settings_of(tmp_path, PORT="0")) as listener:
        port = listener.getsockname()[1]
        with pytest.raises(AddressTakenError, match=f"port {port} is taken") as caught:
            listen(settings_of(tmp_path, PORT=str(port)))
        assert "juzhu serve --port 8001" in caught.value.hint
        assert "make run PORT=8001" in caught.value.hint


def test_an_unknown_host_is_named_with_a_hint(tmp_path: Path) -> None:
    for host in ("192.0.2.1", "no-such-host.invalid"):
        with pytest.raises(AddressTakenError) as caught:
            listen(settings_of(tmp_path, JUZHU_HOST=host))
        assert "JUZHU_HOST" in caught.value.hint


SERVE = "from cli.serve import serve; serve()"


def started(home: Path, port: int) -> "subprocess.Popen[str]":
    environment = os.environ | {"JUZHU_HOME": str(home), "PORT": str(port), "PYTHONPATH": str(ROOT)}
    return subprocess.Popen(
        [sys.executable, "-c", SERVE],
        env=environment,
        cwd=home,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
async def test_serve_says_its_address_and_a_signal_ends_it_cleanly(
    tmp_path: Path, number: signal.Signals
) -> None:
    await demonstrate(settings_of(tmp_path))
    port = free_port()
    process = await asyncio.to_thread(started, tmp_path, port)
    assert process.stdout is not None
    line = await asyncio.to_thread(process.stdout.readline)
    assert line == f"serving http://127.0.0.1:{port}/graphql\n"
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET /health/ready HTTP/1.1\r\nhost: x\r\n\r\n")
    assert (await answer_of(reader))[0] == 200
    taken = await asyncio.to_thread(started, tmp_path, port)
    out, err = await asyncio.to_thread(taken.communicate, timeout=20)
    assert (taken.returncode, out) == (1, "")
    assert err.startswith(f"error: port {port} is taken\nhint: ")
    process.send_signal(number)
    _, err = await asyncio.to_thread(process.communicate, timeout=20)
    writer.close()
    assert process.returncode == 0, err
    events = [json.loads(each)["event"] for each in err.splitlines()]
    assert events == ["listening", "finished requests", "closed"]


async def test_a_second_server_on_one_embedded_database_is_refused(tmp_path: Path) -> None:
    await demonstrate(settings_of(tmp_path))
    first = await asyncio.to_thread(started, tmp_path, free_port())
    assert first.stdout is not None
    await asyncio.to_thread(first.stdout.readline)
    second = await asyncio.to_thread(started, tmp_path, free_port())
    out, err = await asyncio.to_thread(second.communicate, timeout=20)
    assert (second.returncode, out) == (1, "")
    assert "Another Juzhu process is writing" in err
    first.terminate()
    await asyncio.to_thread(first.communicate, timeout=20)
    assert first.returncode == 0
