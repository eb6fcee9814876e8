"""Which row of a file a person stood in first: 48 bytes a row at most, for files of any length.

Numbers stay in this process's memory and go no further. An open-addressing table in two arrays: a
`dict` of a million numbers takes four times as much.
"""

from array import array
from datetime import date
from typing import Final

from regulation.id_number import IdNumber, birth_date

_FIRST_SLOTS: Final = 1 << 10
_SPREAD: Final = 0x9E3779B97F4A7C15
"""2^64 divided by the golden ratio: neighbouring numbers fall far apart (Fibonacci hashing)."""

_WORD: Final = (1 << 64) - 1


_DAY_BITS: Final = 17
_FIRST_DAY: Final = date(1800, 1, 1).toordinal()
_LAST_DAY: Final = (1 << _DAY_BITS) - 1


class EarlierRows:
    """The first row of every number so far."""

    __slots__ = ("_count", "_numbers", "_rows", "_shift")

    def __init__(self) -> None:
        self._make(_FIRST_SLOTS)
        self._count = 0

    def first_row(self, number: IdNumber, row: int, day: date | None = None) -> int:
        """Return the row that `number`, with `day`, stood in first; `row` itself where it is new.

        All rows of a file are asked for with a day, or none is.
        """
        # The check digit follows from the other 17, which fit into 57 bits and are never 0.
        key = int(number[:-1]) if day is None else _with_day(number, day)
        slot = self._slot(key)
        if self._numbers[slot]:
            return self._rows[slot]
        self._numbers[slot], self._rows[slot] = key, row
        self._count += 1
        if 2 * self._count > len(self._numbers):
            self._grow()
        return row

    def _make(self, slots: int) -> None:
        self._numbers = array("Q", bytes(8 * slots))
        self._rows = array("I", bytes(4 * slots))
        self._shift = 64 - slots.bit_length() + 1

    def _slot(self, key: int) -> int:
        slot = (key * _SPREAD & _WORD) >> self._shift
        mask = len(self._numbers) - 1
        while self._numbers[slot] not in (0, key):
            slot = (slot + 1) & mask
        return slot

    def _grow(self) -> None:
        numbers, rows = self._numbers, self._rows
        self._make(2 * len(numbers))
        for key, row in zip(numbers, rows, strict=True):
            if key:
                slot = self._slot(key)
                self._numbers[slot], self._rows[slot] = key, row


def _with_day(number: IdNumber, day: date) -> int:
    """Number and day in 64 bits: place and sequence in 30, birth date and day in 17 each."""
    key = int(number[:6]) * 1000 + int(number[14:17])
    for one in (birth_date(number), day):
        key = key << _DAY_BITS | min(max(one.toordinal() - _FIRST_DAY, 0), _LAST_DAY)
    return key
