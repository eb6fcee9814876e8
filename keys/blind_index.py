"""Blind indexes: a keyed tag by which a value is found without anything being opened.

An 18-digit identity number has about 2^36.7 possible values, so a hash without a key, or with a
salt that the database holds, would be searched in an hour. The key of each index and version is a
branch key of its own. Values arrive normalised and checked (`regulation`): this module normalises
nothing, and never keeps a value.
"""

from typing import Final, NamedTuple, final

from keys.errors import UnsealableValueError
from keys.seal import LABEL, length_prefixed
from keys.suites import MacKey

MIN_BITS: Final = 16
MAX_BITS: Final = 256


class Tag(NamedTuple):
    """A tag as the look-up table holds it: the index key's version and the truncated HMAC."""

    version: int
    value: bytes

    def __repr__(self) -> str:
        """Say the version; the value links to a person."""
        return f"Tag(version={self.version}, value=redacted)"


@final
class BlindIndex:
    """One index under one version of its key, giving tags of `bits` bits."""

    __slots__ = ("_bytes", "_key", "version")

    def __init__(
        self, key: MacKey, *, index: str, deployment: str, version: int, bits: int
    ) -> None:
        if bits % 8 or not MIN_BITS <= bits <= MAX_BITS:
            raise UnsealableValueError("a tag has 16 to 256 bits, in whole bytes: choose again")
        self.version = version
        self._bytes = bits // 8
        self._key = key.after(
            length_prefixed(LABEL, index.encode(), deployment.encode(), version.to_bytes(4))
        )

    def tag(self, *values: str) -> Tag:
        """Return the tag of normalised values, in the index's order."""
        message = b""
        try:
            for value in values:
                encoded = value.encode()
                message += len(encoded).to_bytes(2) + encoded
        except (OverflowError, UnicodeEncodeError):
            # After the handler, so that the value isn't carried along as the error's context.
            message = b""
        if not message:
            raise UnsealableValueError(
                "a value is missing, no Unicode text or too long: normalise it before it is indexed"
            )
        return Tag(self.version, self._key.mac(message)[: self._bytes])

    def __repr__(self) -> str:
        """Say the version, never the key."""
        return f"BlindIndex(version={self.version}, key=redacted)"
