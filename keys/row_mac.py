"""Row MACs and commitments: the plain columns of a row are what this service wrote.

Who runs the database can change any plain column; a MAC over table, row and all authoritative
columns makes the change visible when the row is read. It doesn't tell that a whole older row was
put back: the audit log's row digests do.

A MAC names the version of its key: u32 version | HMAC-SHA-256 (32). This module never says which
column differs, and never repairs one.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from hmac import compare_digest
from typing import Final, TypeAlias, final

import orjson

from keys.errors import UnsealableValueError
from keys.seal import LABEL, ROW_BYTES, ROW_LP, length_prefixed, row_part
from keys.suites import MacKey

VERSION_BYTES: Final = 4
MAC_BYTES: Final = VERSION_BYTES + 32

_COLUMNS: Final = orjson.OPT_PASSTHROUGH_DATETIME | orjson.OPT_PASSTHROUGH_SUBCLASS

Column: TypeAlias = str | int | bytes | None


@final
class VersionedMac:
    """HMACs under the active version of one branch key, checked under any version held."""

    __slots__ = ("_active", "_keys")

    def __init__(
        self, keys: Mapping[int, MacKey], *, active: int, purpose: str, deployment: str
    ) -> None:
        prefix = length_prefixed(LABEL, purpose.encode(), deployment.encode())
        self._keys = {
            version.to_bytes(VERSION_BYTES): key.after(prefix) for version, key in keys.items()
        }
        self._active = active.to_bytes(VERSION_BYTES)

    def mac(self, message: bytes) -> bytes:
        """Return version and HMAC of a message that is encoded injectively."""
        return self._active + self._keys[self._active].mac(message)

    def holds(self, message: bytes, mac: bytes) -> bool:
        """Whether the MAC is of this message. An unknown version is no."""
        key = self._keys.get(mac[:VERSION_BYTES])
        return key is not None and compare_digest(key.mac(message), mac[VERSION_BYTES:])

    def of_rows(self, table: str) -> "RowMacs":
        """Return what checks the MACs of many rows of one table."""
        begin = _table_part(table) + ROW_LP
        return RowMacs({version: key.after(begin) for version, key in self._keys.items()})

    def __repr__(self) -> str:
        """Say the version, never a key."""
        return f"VersionedMac(active={int.from_bytes(self._active)}, keys=redacted)"


@final
class RowMacs:
    """The MACs of rows of one table; the keys have taken in all that its rows share."""

    __slots__ = ("_keys",)

    def __init__(self, keys: Mapping[bytes, MacKey]) -> None:
        self._keys = keys

    def holds(self, row: bytes, columns: Sequence[Column], mac: bytes) -> bool:
        """Whether the MAC is of this row and these columns, as `KeyRing.verify_row_mac` says."""
        key = self._keys.get(mac[:VERSION_BYTES])
        if key is None or len(row) != ROW_BYTES:
            return False
        return compare_digest(key.mac(row + _encode(columns)), mac[VERSION_BYTES:])

    def __repr__(self) -> str:
        """Say nothing of a key."""
        return "RowMacs(redacted)"


def encode_row(table: str, row: bytes, columns: Sequence[Column]) -> bytes:
    """Return LP(table) | LP(row uuid) | canonical JSON of the columns, bytes as {"b":"hex"}.

    JSON because it is injective over text, integers, null and this form of bytes, and because
    writing it costs less than half of packing the columns one by one.
    """
    return _table_part(table) + row_part(row) + _encode(columns)


def _encode(columns: Sequence[Column]) -> bytes:
    try:
        return orjson.dumps(columns, _bytes_as_hex, _COLUMNS)
    except TypeError:
        # orjson's own error may show a piece of a column: what is raised stands outside.
        pass
    raise UnsealableValueError(
        "a row MAC covers text, integers, bytes and null: store the column as one of them"
    )


@lru_cache(maxsize=64)
def _table_part(table: str) -> bytes:
    return length_prefixed(table.encode())


def _bytes_as_hex(value: object) -> dict[str, str]:
    if isinstance(value, bytes):
        return {"b": value.hex()}
    raise TypeError
