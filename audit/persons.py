"""Whether the index of persons agrees with the records, in memory that does not grow with them.

The index is stored by person, the records by time; sorting either would need as much memory as the
log is long. So both sides are summed up: for each bucket of records the SHA-256 values of
(person, year, index) are added modulo 2^256, and equal sums mean equal sets. Where two sums differ,
`first_difference` compares the rows of that one bucket. Never says who a person is.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from hashlib import sha256

BUCKET = 4096
"""Records a bucket: a hundred million records need 24,000 sums."""

_MODULUS = 1 << 256
_HEX_UUID = re.compile(r"[0-9a-f]{32}")

Entry = tuple[bytes, int, int]
"""A row of the index: person, year, index."""


class PersonIndexCheck:
    """Takes records and index rows in any order and says in which bucket they differ."""

    def __init__(self) -> None:
        self._sums: defaultdict[tuple[int, int], int] = defaultdict(int)

    def expect(self, year: int, index: int, record: Mapping[str, object]) -> None:
        """A record, whose persons the index must lead to."""
        for person in persons_of(record):
            self._sums[year, index // BUCKET] += _value((person, year, index))

    def found(self, entry: Entry) -> None:
        """A row of the index."""
        self._sums[entry[1], entry[2] // BUCKET] -= _value(entry)

    def differing(self) -> tuple[int, int] | None:
        """Year and bucket of the first difference."""
        return min((place for place, total in self._sums.items() if total % _MODULUS), default=None)


def first_difference(expected: Iterable[Entry], found: Iterable[Entry]) -> int | None:
    """The lowest index at which the rows of one bucket differ."""
    return min((index for _, _, index in set(expected) ^ set(found)), default=None)


def persons_of(record: Mapping[str, object]) -> frozenset[bytes]:
    """The persons that a record names; what is no uuid leads to nobody."""
    subjects = record.get("subjects", [])
    if not isinstance(subjects, list):
        return frozenset()
    found: set[bytes] = set()
    for subject in subjects:
        person = subject.get("person") if isinstance(subject, dict) else None
        if isinstance(person, str) and _HEX_UUID.fullmatch(person):
            found.add(bytes.fromhex(person))
    return frozenset(found)


def mark_of(person: bytes) -> bytes:
    """The bytes that a record's body holds if and only if it names this person.

    In canonical JSON no text can hold them, its quotes are escaped, and format 1 has the key
    `person` in subjects alone.
    """
    return b'"person":"' + person.hex().encode("ascii") + b'"'


def _value(entry: Entry) -> int:
    person, year, index = entry
    data = person + year.to_bytes(8, "big", signed=True) + index.to_bytes(8, "big", signed=True)
    return int.from_bytes(sha256(data).digest(), "big")
