"""Canonical JSON: the one byte sequence a value of the log has.

RFC 8785 restricted to what the log needs: objects with ASCII keys, arrays, strings, booleans and
integers of magnitude below 2^53. Within that subset sorting keys by code point equals the RFC's
sorting by UTF-16 unit, and no number needs the RFC's floating-point rules. Never writes a null or
a float, never repairs a value, never repeats a value in an error.
"""

from collections.abc import Mapping, Sequence
from typing import TypeAlias

import orjson

Json: TypeAlias = "str | int | Sequence[Json] | Mapping[str, Json]"
"""What may stand in a record. `bool` is an `int` to Python; `float` and `None` are absent."""

INTEGER_LIMIT = 2**53
"""First magnitude that readers on IEEE 754 doubles cannot keep apart (RFC 8785, 3.2.2.3)."""


class NotCanonicalError(ValueError):
    """A value or a byte sequence outside the restricted subset."""


def check(value: object) -> None:
    """Refuse anything outside the subset; the message names the kind of value, never the value."""
    if isinstance(value, str):
        _check_text(value)
    elif isinstance(value, int):
        if not -INTEGER_LIMIT < value < INTEGER_LIMIT:
            raise NotCanonicalError("an integer of 2^53 or more: write it as a string")
    elif isinstance(value, dict):
        for key, item in value.items():
            if not isinstance(key, str) or not key.isascii():
                raise NotCanonicalError("a key that is not ASCII text: rename the key")
            # Most of a record is plain text: half the cost of a record is saved here.
            if item.__class__ is not str or not item.isascii():
                check(item)
    elif isinstance(value, (list, tuple)):
        for item in value:
            check(item)
    else:
        raise NotCanonicalError(
            f"a value of type {type(value).__name__}: leave the key out or write text"
        )


def _check_text(text: str) -> None:
    """Refuse a lone surrogate, or one bad text would fail the whole batch that is written later."""
    if not text.isascii() and any("\ud800" <= character <= "\udfff" for character in text):
        raise NotCanonicalError("text that is not Unicode: hand over decoded text")


def canonical_json(value: Json) -> bytes:
    """The canonical bytes of a value (RFC 8785, restricted as the module says)."""
    check(value)
    return dump_checked(value)


def dump_checked(value: object) -> bytes:
    """The same for a checked value, which may hold `orjson.Fragment`s of canonical bytes."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def load_canonical(data: bytes) -> dict[str, Json]:
    """Read an object back, refusing bytes that are not its canonical form."""
    try:
        value = orjson.loads(data)
    except orjson.JSONDecodeError:
        raise NotCanonicalError("bytes that are not JSON") from None
    try:
        if isinstance(value, dict) and canonical_json(value) == data:
            return value
    except RecursionError:
        raise NotCanonicalError("values nested too deep for a record") from None
    raise NotCanonicalError("bytes that are not a canonical JSON object")
