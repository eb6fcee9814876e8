"""Cursors of lists: the order's values of a row, sealed so that only the same question goes on.

A cursor is sealed for one department and names by a digest the list, the division, the filter and
the order that it was made for: any other question is refused it. The bounds of a day are no part of
that, so a page that was asked for before midnight goes on after it.

This module never says what a cursor holds.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import Enum

import orjson

from db.database import Value
from keys.ring import KeyRing
from resolvers.faults import ArgumentFaultError, Fault

Order = tuple[tuple[str, bool], ...]
"""Columns of an order, each with whether it descends."""

After = tuple[str | bytes | None, ...]
"""The order's values of the last row seen, and its id."""

_DIGEST_BYTES = 16


@dataclass(frozen=True, slots=True)
class Cursors:
    """Seals and opens the cursors of one question."""

    ring: KeyRing
    audience: str
    made_for: str

    def seal(self, values: Sequence[Value], row: bytes) -> str:
        """Return the cursor of a row."""
        payload = orjson.dumps([self.made_for, list(values), row.hex()])
        return self.ring.global_ids.seal_cursor(self.audience, payload)

    def open(self, given: object) -> After | None:
        """Return where to go on from; None where the question is asked for the first time.

        Raises:
            ArgumentFaultError: it was made for another question, or never here.
        """
        if not isinstance(given, str):
            return None
        payload = self.ring.global_ids.open_cursor(self.audience, given)
        if payload is None:
            raise ArgumentFaultError(Fault.CURSOR_INVALID)
        made_for, values, row = orjson.loads(payload)
        if made_for != self.made_for:
            raise ArgumentFaultError(Fault.CURSOR_INVALID)
        return (*values, bytes.fromhex(row))


def question(name: str, division: str | None, conditions: object, order: Order) -> str:
    """Return the digest of a question: which list, in which division, filter and order."""
    asked = orjson.dumps([name, division, _plain(conditions), order], option=orjson.OPT_SORT_KEYS)
    return hashlib.sha256(asked).digest()[:_DIGEST_BYTES].hex()


def _plain(value: object) -> object:
    """A coerced argument as JSON: what is left out and what is null are one."""
    match value:
        case Enum():
            return value.name
        case date():
            return value.isoformat()
        case Mapping():
            return {key: _plain(each) for key, each in value.items() if each is not None}
        case list() | tuple():
            return [_plain(each) for each in value]
        case _:
            return value
