"""Sealed bytes, format 1: one header, one AEAD, one place that the bytes are bound to.

    magic 'J' | format 01 | suite | kind | key_ref u32 | nonce (12) | ciphertext | tag (16)

Opening checks, in this order, length, magic and format, kind, suite, key reference, and then the
tag over header and place; exactly one key is tried. docs/encryption-format.md is the description
to implement from.

This module never chooses a key, never tries a second one, and raises no error that carries bytes.
"""

import os
import struct
from collections.abc import Callable, Mapping
from functools import lru_cache
from typing import Final, NoReturn, TypeAlias

import orjson
from cryptography.exceptions import InvalidTag

from keys.errors import OpenError, UnknownFormatError, UnsealableValueError, WrongKeyError
from keys.suites import FORMAT, MAGIC, NONCE_BYTES, TAG_BYTES, AllowedSuites, Kind, SealingKey

HEADER_BYTES: Final = 8
OVERHEAD: Final = HEADER_BYTES + NONCE_BYTES + TAG_BYTES
PAD_TO: Final = 64
ROW_BYTES: Final = 16
LABEL: Final = b"juzhu/v1"

_HEADER: Final = struct.Struct(">BBBBI")
_MAX_KEY_REF: Final = 2**32 - 1
_MAX_LP: Final = 2**16 - 1
# RFC 8785 writes numbers as IEEE doubles: larger integers would not come back as they went in.
_MAX_INTEGER: Final = 2**53 - 1
ROW_LP: Final = ROW_BYTES.to_bytes(2)
_JSON: Final = (
    orjson.OPT_SORT_KEYS
    | orjson.OPT_PASSTHROUGH_DATETIME
    | orjson.OPT_PASSTHROUGH_DATACLASS
    | orjson.OPT_PASSTHROUGH_SUBCLASS
)

RandomSource: TypeAlias = Callable[[int], bytes]
"""Where nonces and keys come from: `os.urandom`. Handed over only to write golden files."""


def length_prefixed(*parts: bytes) -> bytes:
    """Return LP(part) for each part: u16 length, then the bytes. Injective by construction."""
    encoded = bytearray()
    for part in parts:
        if len(part) > _MAX_LP:
            raise UnsealableValueError(f"a part is longer than {_MAX_LP} bytes: shorten it")
        encoded += len(part).to_bytes(2)
        encoded += part
    return bytes(encoded)


@lru_cache(maxsize=256)
def place_of(deployment: str, table: str, group: str) -> bytes:
    """Return the part of the associated data that all rows of one table and group share."""
    if not (deployment and table and group):
        raise UnsealableValueError(
            "a place needs a deployment, a table and a group: name all three"
        )
    return length_prefixed(LABEL, deployment.encode(), table.encode(), group.encode())


def row_part(row: bytes) -> bytes:
    """Return LP(row uuid), refusing what isn't the 16 bytes of a UUID."""
    if len(row) != ROW_BYTES:
        raise UnsealableValueError(f"a row id has {ROW_BYTES} bytes: make a UUIDv4 before INSERT")
    return ROW_LP + row


def seal(
    key: SealingKey,
    *,
    kind: Kind,
    key_ref: int,
    place: bytes,
    plaintext: bytes,
    random: RandomSource = os.urandom,
) -> bytes:
    """Seal a plaintext to a place: `place` is all of the associated data after the header."""
    if not 1 <= key_ref <= _MAX_KEY_REF:
        raise UnsealableValueError("a key reference is 1 to 2^32-1: number keys from 1")
    header = _HEADER.pack(MAGIC, FORMAT, key.suite, kind, key_ref)
    nonce = random(NONCE_BYTES)
    return header + nonce + key.cipher.encrypt(nonce, plaintext, header + place)


def open_sealed(
    key: SealingKey,
    *,
    allowed: AllowedSuites,
    kind: Kind,
    key_ref: int,
    place: bytes,
    sealed: bytes,
) -> bytes:
    """Open what was sealed with this key, kind and key reference to this very place.

    Raises:
        SealError: one of its family; see the module docstring for the order of the checks.
    """
    header = sealed[:HEADER_BYTES]
    try:
        expected = allowed.begin(kind, key.suite) + key_ref.to_bytes(4)
    except OverflowError:
        # The row's own column holds a number that no header can: it matches nothing.
        expected = b""
    if len(sealed) < OVERHEAD or header != expected:
        _refuse(sealed, allowed=allowed, kind=kind)
    try:
        return key.cipher.decrypt(
            sealed[HEADER_BYTES : HEADER_BYTES + NONCE_BYTES],
            sealed[HEADER_BYTES + NONCE_BYTES :],
            header + place,
        )
    except InvalidTag:
        raise OpenError(
            f"{kind.name} can't be opened: its bytes or its place are not those that were sealed; "
            "restore the row from a backup and look for tampering"
        ) from None


def key_ref_of(sealed: bytes, *, allowed: AllowedSuites, kind: Kind) -> int:
    """Return the key reference in the header, after checking everything that stands before it."""
    _check_format(sealed)
    _, _, suite, found, key_ref = _HEADER.unpack_from(sealed)
    _check_kind(found, kind)
    allowed.require(kind, suite)
    return int(key_ref)


def tag_of(sealed: bytes) -> bytes:
    """Return the GCM tag, which a row MAC covers in place of the sealed bytes."""
    _check_format(sealed)
    return sealed[-TAG_BYTES:]


def _refuse(sealed: bytes, *, allowed: AllowedSuites, kind: Kind) -> NoReturn:
    """Say which check of the header failed. Always raises."""
    key_ref_of(sealed, allowed=allowed, kind=kind)
    raise WrongKeyError(
        f"{kind.name} names another key version, generation or suite than its row: "
        "restore the row from a backup and look for tampering"
    )


def _check_format(sealed: bytes) -> None:
    if len(sealed) < OVERHEAD:
        raise UnknownFormatError(
            f"sealed bytes have at least {OVERHEAD} bytes: these were cut; restore them"
        )
    if sealed[0] != MAGIC or sealed[1] != FORMAT:
        raise UnknownFormatError(
            "sealed bytes start with 'J' and format 01: these are damaged or from a newer release; "
            "restore them from a backup or upgrade"
        )


def _check_kind(found: int, kind: Kind) -> None:
    if found != kind:
        raise WrongKeyError(
            f"the header says kind {found:02x} where {kind.name} belongs: "
            "restore the row from a backup and look for tampering"
        )


def pad(data: bytes) -> bytes:
    """Append 0x80 and zeros up to a multiple of 64 (ISO/IEC 7816-4): lengths stay hidden."""
    return data + b"\x80" + bytes(-(len(data) + 1) % PAD_TO)


def unpad(padded: bytes) -> bytes:
    """Return what `pad` was given."""
    data = padded.rstrip(b"\0")
    if not data.endswith(b"\x80") or len(padded) % PAD_TO or len(padded) - len(data) >= PAD_TO:
        raise OpenError("an opened plaintext isn't padded as format 1 says: its writer has a bug")
    return data[:-1]


def encode_json(value: Mapping[str, object]) -> bytes:
    """Return canonical JSON (RFC 8785 restricted): sorted ASCII keys, no floats.

    Raises:
        UnsealableValueError: the value would not come back as it went in.
    """
    _check_json(value)
    try:
        return orjson.dumps(value, option=_JSON)
    except TypeError:
        # orjson's own error may show a piece of the value.
        raise UnsealableValueError(
            "a value has no canonical JSON: hand over plain text, integers, booleans, lists, dicts"
        ) from None


def decode_json(data: bytes) -> dict[str, object]:
    """Return the object that `encode_json` wrote."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        # The error holds the whole document, so it must not be chained.
        value = None
    if not isinstance(value, dict):
        raise OpenError("an opened plaintext isn't a JSON object: its writer has a bug")
    return value


def _check_json(value: object) -> None:
    """Walk the value: only plain JSON types, keys in ASCII, integers below 2^53."""
    if value is None or isinstance(value, str | bool):
        return
    if isinstance(value, int):
        if abs(value) > _MAX_INTEGER:
            raise UnsealableValueError("an integer is 2^53 or more: store it as text")
        return
    if isinstance(value, list):
        for item in value:
            _check_json(item)
        return
    if isinstance(value, dict):
        for key, item in value.items():
            if not (isinstance(key, str) and key.isascii()):
                raise UnsealableValueError("a key isn't ASCII text: name items in ASCII")
            if type(item) is not str:  # most are, and a call for each costs more than the rest
                _check_json(item)
        return
    raise UnsealableValueError(
        f"a {type(value).__name__} has no canonical JSON: store it as text or an integer"
    )
