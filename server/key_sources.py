"""Where an issuer's public keys come from: a JWKS file, an https address, or the register.

A source is asked for the keys of an issuer and answers at once from memory; `refresh` renews it.
A refresh that fails keeps the last good keys for a day, then there are none: a lost identity
provider ends in refused tokens, never in trusting old keys for ever.

This module never follows an address that a token names (`jku`, `x5u`).
"""

import asyncio
from collections.abc import Callable
from http.client import HTTPException
from pathlib import Path
from typing import Final
from urllib.request import HTTPRedirectHandler, Request, build_opener

from server.clock import elapsed
from server.log import Log
from server.public_keys import PublicKey, PublicKeyError, read_key_set

LARGEST_KEY_SET: Final = 256 * 1024
FETCH_SECONDS: Final = 5.0
"""How long connecting, or the wait for the next bytes, may take."""

RENEWAL_SECONDS: Final = 15.0
"""How long reading all keys may take: a provider that sends a byte now and then is lost too."""

REFRESH_SECONDS: Final = 300.0
"""How often keys are renewed without a reason."""

UNKNOWN_KEY_SECONDS: Final = 30.0
"""How soon after a renewal an unknown key id may cause another."""

LONGEST_STALE_SECONDS: Final = 24 * 3600.0

Fetch = Callable[[str], bytes]


class KeySourceError(RuntimeError):
    """The issuer's keys can't be had; the message says what to check."""


class _NoRedirect(HTTPRedirectHandler):
    """An address that answers with another address is refused: only the named one is trusted."""

    def redirect_request(self, *_args: object, **_kwargs: object) -> None:
        """Follow nothing."""


def fetch(address: str) -> bytes:
    """Read a JWK set from a file or an https address.

    Raises:
        KeySourceError: It can't be read, or is larger than a JWK set should be.
    """
    try:
        if address.startswith("https://"):
            opener = build_opener(_NoRedirect)
            with opener.open(
                Request(address, headers={"Accept": "application/json"}),  # noqa: S310 - https only
                timeout=FETCH_SECONDS,
            ) as answer:
                text: bytes = answer.read(LARGEST_KEY_SET + 1)
        else:
            with Path(address).open("rb") as file:
                text = file.read(LARGEST_KEY_SET + 1)
    except (OSError, ValueError, HTTPException):
        raise KeySourceError(
            "the identity provider's keys can't be read: check that JUZHU_JWKS is right and that "
            "this machine reaches it"
        ) from None
    if len(text) > LARGEST_KEY_SET:
        raise KeySourceError("the identity provider's key set is too large: check JUZHU_JWKS")
    return text


class KeySet:
    """The keys of the city's identity provider, kept fresh."""

    __slots__ = (
        "_address",
        "_elapsed",
        "_fetch",
        "_log",
        "_longest",
        "_renewed",
        "_tried",
        "_wanted",
        "keys",
    )

    def __init__(
        self,
        address: str,
        log: Log,
        read: Fetch = fetch,
        *,
        seconds: Callable[[], float] = elapsed,
        longest: float = RENEWAL_SECONDS,
    ) -> None:
        self._address = address
        self._longest = longest
        self._elapsed = seconds
        self._fetch = read
        self._log = log
        self._renewed = self._tried = -LONGEST_STALE_SECONDS
        self._wanted = False
        self.keys: tuple[PublicKey, ...] = ()

    async def load(self) -> None:
        """Load the keys for the first time.

        Raises:
            KeySourceError: They can't be had; a server without them should not start.
        """
        self._tried = self._elapsed()
        self.keys = await self._read_in_time()
        self._renewed = self._tried

    async def refresh(self) -> bool:
        """Renew the keys where it is due; True if they have changed."""
        now = self._elapsed()
        due = UNKNOWN_KEY_SECONDS if self._wanted else REFRESH_SECONDS
        if now - self._tried < due:
            return False
        self._tried = now
        self._wanted = False
        before = self.keys
        try:
            self.keys = await self._read_in_time()
        except KeySourceError as error:
            self._log.fault("identity provider keys not renewed", error)
            if now - self._renewed > LONGEST_STALE_SECONDS:
                self.keys = ()
        else:
            self._renewed = now
        return _names(before) != _names(self.keys)

    def unknown_key(self) -> None:
        """A token names a key that is not here: renew soon, the provider may have rotated."""
        self._wanted = True

    async def _read_in_time(self) -> tuple[PublicKey, ...]:
        try:
            async with asyncio.timeout(self._longest):
                return await asyncio.to_thread(self._read)
        except TimeoutError:
            raise KeySourceError(
                "the identity provider's keys did not arrive in time: check JUZHU_JWKS"
            ) from None

    def _read(self) -> tuple[PublicKey, ...]:
        try:
            return read_key_set(self._fetch(self._address))
        except PublicKeyError as error:
            raise KeySourceError(f"{error} (JUZHU_JWKS)") from None


def _names(keys: tuple[PublicKey, ...]) -> list[str]:
    return [key.jwk() for key in keys]
