"""Groups of a row's owner, opened one after the other: what they share is worked out once.

A page opens a hundred groups of one kind and place. The header of a wrapped key names the cipher
that opens it by one look-up, and no data key outlives the opening of its one group. Whatever is
not plainly as it should be is left to the ring's way for a single group, which makes every check in
its order and says which one failed.

This module never keeps a data key or what it opened, and never opens what that way would refuse.
"""

from collections.abc import Callable, Iterable, Mapping
from typing import Final, TypeAlias, final

import orjson
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from keys.errors import OpenError
from keys.seal import HEADER_BYTES, OVERHEAD, ROW_LP, unpad
from keys.suites import KEY_BYTES, NONCE_BYTES, SealingKey

WRAPPED_KEY_BYTES: Final = OVERHEAD + KEY_BYTES

_BODY: Final = HEADER_BYTES + NONCE_BYTES

Sealed: TypeAlias = tuple[bytes, bytes, bytes, int, bytes]
"""A group to open: owner, wrapped key, row, generation, sealed bytes."""

Single: TypeAlias = Callable[[bytes, bytes, bytes, int, bytes], dict[str, object]]
"""Opens one such group with all checks, or raises."""


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
        self._wrapping = {
            header: (key.cipher.decrypt, begin) for header, (key, begin) in wrapping.items()
        }
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
        (opened,) = self.open_each([(owner, wrapped, row, generation, sealed)])
        return opened

    def open_each(self, groups: Iterable[Sealed]) -> list[dict[str, object]]:
        """Open the groups of many rows in their order, each under its owner's key.

        Raises:
            SealError: as `open` does; nothing of the others is handed out then.
        """
        wrapping, wrapped_at, sealed_at = self._wrapping.get, self._wrapped_at, self._sealed_at
        opened: list[dict[str, object]] = []
        for owner, wrapped, row, generation, sealed in groups:
            value = None
            header, head = wrapped[:HEADER_BYTES], sealed[:HEADER_BYTES]
            known = wrapping(header)
            if known is not None and len(wrapped) == WRAPPED_KEY_BYTES:
                unwrap, begin = known
                try:
                    if head == begin + generation.to_bytes(4):
                        cipher = AESGCM(
                            unwrap(
                                wrapped[HEADER_BYTES:_BODY],
                                wrapped[_BODY:],
                                header + wrapped_at + owner,
                            )
                        )
                        padded = cipher.decrypt(
                            sealed[HEADER_BYTES:_BODY], sealed[_BODY:], head + sealed_at + row
                        )
                        value = orjson.loads(unpad(padded))
                except (InvalidTag, ValueError, OverflowError, OpenError):
                    # Not kept: the way below finds the fault again and names it.
                    value = None
            if not isinstance(value, dict):
                value = self._single(owner, wrapped, row, generation, sealed)
            opened.append(value)
        return opened

    def __repr__(self) -> str:
        """Say nothing of the keys."""
        return "GroupOpener(redacted)"
