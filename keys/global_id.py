"""Global ids: what a client gets in place of a UUID. They reveal nothing and differ by audience.

AES-SIV (RFC 5297) over one kind byte and the UUID, with the audience as associated data: the same
node gets the same id each time for one audience, and an unlinkable one for another, so two
departments can't join their records by it. An id that doesn't open is None, whatever the cause.
This module never says whether a node exists: that is for the look-up, after authorisation.
"""

import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Final, final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from keys.errors import UnsealableValueError
from keys.seal import LABEL, ROW_BYTES

MAX_KIND: Final = 255

# 16 bytes of SIV, one of kind, 16 of UUID: 33 bytes are 44 characters without padding, so each id
# has exactly one spelling.
_TEXT: Final = re.compile(r"[A-Za-z0-9_-]{44}")

_CURSOR: Final = b"cursor"
_CURSOR_TEXT: Final = re.compile(r"[A-Za-z0-9_-]{24,1024}")


@final
class GlobalIds:
    """Encodes and decodes the ids of one deployment."""

    __slots__ = ("_deployment", "_siv")

    def __init__(self, key: bytes, deployment: str) -> None:
        self._siv = AESSIV(key)
        self._deployment = deployment.encode()

    def encode(self, audience: str, kind: int, uuid: bytes) -> str:
        """Return the id of a node for an audience."""
        if not 0 < kind <= MAX_KIND or len(uuid) != ROW_BYTES:
            raise UnsealableValueError("a node has a kind of 1 to 255 and a UUID of 16 bytes")
        sealed = self._siv.encrypt(kind.to_bytes(1) + uuid, self._context(audience))
        return urlsafe_b64encode(sealed).decode("ascii")

    def decode(self, audience: str, text: str) -> tuple[int, bytes] | None:
        """Return the kind and UUID, or None for what was never given to this audience."""
        if _TEXT.fullmatch(text) is None:
            return None
        try:
            opened = self._siv.decrypt(urlsafe_b64decode(text), self._context(audience))
        except InvalidTag:
            return None
        return opened[0], opened[1:]

    def seal_cursor(self, audience: str, payload: bytes) -> str:
        """Return a cursor that only this deployment reads back, and only for this audience."""
        sealed = self._siv.encrypt(payload, [*self._context(audience), _CURSOR])
        return urlsafe_b64encode(sealed).decode("ascii").rstrip("=")

    def open_cursor(self, audience: str, text: str) -> bytes | None:
        """Return what a cursor holds, or None for what was never given to this audience."""
        if _CURSOR_TEXT.fullmatch(text) is None:
            return None
        try:
            sealed = urlsafe_b64decode(text + "=" * (-len(text) % 4))
            return self._siv.decrypt(sealed, [*self._context(audience), _CURSOR])
        except (InvalidTag, ValueError):
            return None

    def _context(self, audience: str) -> list[bytes]:
        return [LABEL, self._deployment, audience.encode()]

    def __repr__(self) -> str:
        """Say nothing of the key."""
        return "GlobalIds(redacted)"
