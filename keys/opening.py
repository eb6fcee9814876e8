"""Groups of a row's owner, opened one after the other: what they share is worked out once.

A page opens a hundred groups of one kind and place. The header of a wrapped key names the cipher
that opens it by one look-up, and the data key lives in a local name for as long as one group takes
to open. Whatever is not plainly as it should be is left to the ring's way for a single group, which
makes every check in its order and says which one failed.

This module never keeps a data key or what it opened, and never opens what that way would refuse.
"""

from collections.abc import Callable, Mapping
from typing import Final, TypeAlias, final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keys.errors import OpenError
from keys.seal import HEADER_BYTES, OVERHEAD, ROW_LP, decode_json, unpad
from keys.suites import KEY_BYTES, NONCE_BYTES, SealingKey

WRAPPED_KEY_BYTES: Final = OVERHEAD + KEY_BYTES

_BODY: Final = HEADER_BYTES + NONCE_BYTES

Single: TypeAlias = Callable[[bytes, bytes, bytes, int, bytes], dict[str, object]]
"""Opens (owner, wrapped key, row, generation, sealed) with all checks, or raises."""


@final
class GroupOpener:
    """Opens one group of one table; `KeyRing.opener` makes one.

    `wrapping` maps the header of a wrapped key to the branch key that it names and to the four
    bytes that a group begins with which such a data key sealed. `wrapped_at` and `sealed_at` are
    the places of the wrapped key and of the group.
    """

    __slots__ = ("_sealed_at", "_single", "_wrapped_at", "_wrapping")

    def __init__(
        self,
        wrapping: Mapping[bytes, tuple[SealingKey, bytes]],
        *,
        wrapped_at: bytes,
        sealed_at: bytes,
        single: Single,
    ) -> None:
        self._wrapping = {header: (key.cipher, begin) for header, (key, begin) in wrapping.items()}
        self._wrapped_at = wrapped_at + ROW_LP
        self._sealed_at = sealed_at + ROW_LP
        self._single = single

    def open(
        self, owner: bytes, wrapped: bytes, row: bytes, generation: int, sealed: bytes
    ) -> dict[str, object]:
        """Open the group of one row under its owner's key.

        Raises:
            SealError: as `KeyRing.unwrap_data_key` and `KeyRing.open_group` do.
        """
        header = wrapped[:HEADER_BYTES]
        known = self._wrapping.get(header)
        if known is not None and len(wrapped) == WRAPPED_KEY_BYTES:
            cipher, begin = known
            head = sealed[:HEADER_BYTES]
            try:
                if head == begin + generation.to_bytes(4):
                    key = cipher.decrypt(
                        wrapped[HEADER_BYTES:_BODY],
                        wrapped[_BODY:],
                        header + self._wrapped_at + owner,
                    )
                    padded = AESGCM(key).decrypt(
                        sealed[HEADER_BYTES:_BODY], sealed[_BODY:], head + self._sealed_at + row
                    )
                    return decode_json(unpad(padded))
            except (InvalidTag, ValueError, OverflowError, OpenError):
                # Not kept: the way below finds the fault again and names it.
                pass
        return self._single(owner, wrapped, row, generation, sealed)

    def __repr__(self) -> str:
        """Say nothing of the keys."""
        return "GroupOpener(redacted)"
