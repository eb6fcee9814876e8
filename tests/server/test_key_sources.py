"""Where the identity provider's keys come from, and what happens when they can't be had."""

import http.server
import threading
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest

from server.key_sources import (
    LARGEST_KEY_SET,
    LONGEST_STALE_SECONDS,
    REFRESH_SECONDS,
    UNKNOWN_KEY_SECONDS,
    KeySet,
    KeySourceError,
    fetch,
)
from server.log import Log
from tests.server.actors import Issuer, StillClock, es256

FIRST, SECOND = es256("city"), es256("city")


def published(*issuers: Issuer) -> bytes:
    return orjson.dumps({"keys": [orjson.loads(issuer.public.jwk()) for issuer in issuers]})


class Source:
    """An identity provider whose key set a test changes, or breaks."""

    def __init__(self) -> None:
        self.text: bytes | None = published(FIRST)
        self.reads = 0
        self.clock = StillClock(1000.0)
        self.lines: list[bytes] = []

    def read(self, _address: str) -> bytes:
        self.reads += 1
        if self.text is None:
            raise KeySourceError("away: wait")
        return self.text

    def keys(self) -> KeySet:
        log = Log(self.clock, self.lines.append)
        return KeySet("https://id.example.cn/jwks", log, self.read, seconds=self.clock.now)


async def test_keys_are_renewed_when_it_is_time() -> None:
    source = Source()
    keys = source.keys()
    await keys.load()
    source.text = published(FIRST, SECOND)
    source.clock.seconds += REFRESH_SECONDS - 1
    assert await keys.refresh() is False
    assert source.reads == 1
    source.clock.seconds += 1
    assert await keys.refresh() is True
    assert [key.kid for key in keys.keys] == [FIRST.public.kid, SECOND.public.kid]
    source.clock.seconds += REFRESH_SECONDS
    assert await keys.refresh() is False
    assert source.reads == 3


async def test_an_unknown_key_id_renews_sooner_but_not_at_a_senders_pace() -> None:
    source = Source()
    keys = source.keys()
    await keys.load()
    source.text = published(SECOND)
    for _ in range(50):
        keys.unknown_key()
        assert await keys.refresh() is False
    source.clock.seconds += UNKNOWN_KEY_SECONDS
    assert await keys.refresh() is True
    assert source.reads == 2
    source.clock.seconds += UNKNOWN_KEY_SECONDS
    assert await keys.refresh() is False
    assert source.reads == 2


async def test_a_lost_provider_ends_in_no_keys_after_a_day() -> None:
    source = Source()
    keys = source.keys()
    await keys.load()
    source.text = None
    source.clock.seconds += LONGEST_STALE_SECONDS
    assert await keys.refresh() is False
    assert len(keys.keys) == 1
    source.clock.seconds += REFRESH_SECONDS
    assert await keys.refresh() is True
    assert not keys.keys
    assert len(source.lines) == 2
    source.text = published(FIRST)
    source.clock.seconds += REFRESH_SECONDS
    assert await keys.refresh() is True
    assert len(keys.keys) == 1


async def test_a_provider_that_never_finishes_is_a_lost_one() -> None:
    source = Source()
    silent = threading.Event()

    def drip(address: str) -> bytes:
        if source.reads:
            silent.wait()
        return source.read(address)

    log = Log(source.clock, source.lines.append)
    keys = KeySet("https://id.example.cn/jwks", log, drip, seconds=source.clock.now, longest=0.05)
    await keys.load()
    source.clock.seconds += LONGEST_STALE_SECONDS + REFRESH_SECONDS
    try:
        assert await keys.refresh() is True
    finally:
        silent.set()
    assert not keys.keys
    assert b"identity provider keys not renewed" in source.lines[0]


@pytest.mark.parametrize("text", [b"", b"{}", b'{"keys":[]}', b"<html>login</html>", None])
async def test_a_start_without_keys_is_refused(text: bytes | None) -> None:
    source = Source()
    source.text = text
    with pytest.raises(KeySourceError):
        await source.keys().load()


def test_a_file_is_read_up_to_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    path.write_bytes(b"x" * LARGEST_KEY_SET)
    assert len(fetch(str(path))) == LARGEST_KEY_SET
    path.write_bytes(b"x" * (LARGEST_KEY_SET + 1))
    with pytest.raises(KeySourceError, match="too large"):
        fetch(str(path))
    with pytest.raises(KeySourceError, match="check that JUZHU_JWKS"):
        fetch(str(tmp_path / "nowhere.json"))


@pytest.fixture
def plain_server() -> Iterator[int]:
    """A server that speaks plain HTTP."""
    handler = http.server.BaseHTTPRequestHandler
    with http.server.HTTPServer(("127.0.0.1", 0), handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def test_an_address_without_a_valid_certificate_is_not_trusted(plain_server: int) -> None:
    with pytest.raises(KeySourceError, match="check that JUZHU_JWKS"):
        fetch(f"https://127.0.0.1:{plain_server}/jwks")
