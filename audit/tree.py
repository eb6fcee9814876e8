"""The Merkle tree of the log: RFC 6962 section 2.1 over SHA-256 (RFC 9162 keeps it unchanged).

A `Frontier` is all that appending needs: the roots of the perfect subtrees that make up the tree,
largest first, one for each 1-bit of the size. Never holds leaves, never forgets a leaf it has
hashed in: a tree only grows.
"""

from collections.abc import Iterable
from hashlib import sha256

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()
"""Root of the tree without leaves (RFC 6962, 2.1: the hash of an empty list)."""

_SIZE_BYTES = 8


class FrontierError(ValueError):
    """Stored frontier bytes that no tree gives; restore the head row from a backup."""


def leaf_hash(body: bytes) -> bytes:
    """Hash of a leaf, RFC 6962 2.1: the prefix 00 keeps a leaf from posing as a node."""
    return sha256(b"\x00" + body).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node, RFC 6962 2.1: prefix 01."""
    return sha256(b"\x01" + left + right).digest()


class Frontier:
    """A tree that grows by one leaf hash at a time."""

    __slots__ = ("_peaks", "_size")

    def __init__(self) -> None:
        self._size = 0
        self._peaks: list[bytes] = []

    @property
    def size(self) -> int:
        """Number of leaves."""
        return self._size

    @property
    def peaks(self) -> tuple[bytes, ...]:
        """Roots of the perfect subtrees, largest first."""
        return tuple(self._peaks)

    def append(self, leaf: bytes) -> None:
        """Add one leaf hash at index `size`."""
        peaks = self._peaks
        node = leaf
        # Each trailing 1-bit of the size is a perfect subtree as large as the one just completed.
        carry = self._size
        while carry & 1:
            node = node_hash(peaks.pop(), node)
            carry >>= 1
        peaks.append(node)
        self._size += 1

    def root(self) -> bytes:
        """The tree's root hash."""
        if not self._peaks:
            return EMPTY_ROOT
        root = self._peaks[-1]
        for peak in reversed(self._peaks[:-1]):
            root = node_hash(peak, root)
        return root

    def serialise(self) -> bytes:
        """Size as 8 bytes big-endian, then the peaks, largest first."""
        return self._size.to_bytes(_SIZE_BYTES, "big") + b"".join(self._peaks)

    @classmethod
    def parse(cls, data: bytes, *, root: bytes) -> "Frontier":
        """Read `serialise`d bytes and hold them against the root stored beside them.

        Raises:
            FrontierError: the length does not fit the size, or the peaks give another root.
        """
        size = int.from_bytes(data[:_SIZE_BYTES], "big")
        if len(data) != _SIZE_BYTES + HASH_SIZE * size.bit_count():
            raise FrontierError("the frontier's length does not fit its size")
        frontier = cls()
        frontier._size = size
        frontier._peaks = [
            data[start : start + HASH_SIZE] for start in range(_SIZE_BYTES, len(data), HASH_SIZE)
        ]
        if frontier.root() != root:
            raise FrontierError("the frontier does not give the stored root")
        return frontier


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Root of the tree over these leaf hashes."""
    frontier = Frontier()
    for leaf in leaves:
        frontier.append(leaf)
    return frontier.root()


def perfect_subtrees(size: int) -> tuple[tuple[int, int], ...]:
    """Index ranges (first, past the last) that the peaks of a tree of this size cover."""
    ranges: list[tuple[int, int]] = []
    start = 0
    for bit in range(size.bit_length() - 1, -1, -1):
        if size >> bit & 1:
            ranges.append((start, start + (1 << bit)))
            start += 1 << bit
    return tuple(ranges)
