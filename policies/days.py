"""Days on which rules hold: whether one of many holds on a common day, or on every day of another.

A rule set may have a hundred thousand lines, all of one cell: each question costs a search in what
was sorted once, never a look at every line.

Never: knows what a rule says beside its days.
"""

from bisect import bisect_right
from collections.abc import Iterable
from datetime import date
from itertools import accumulate
from typing import Protocol


class Dated(Protocol):
    """What holds from a day until a day."""

    @property
    def since(self) -> date:
        """The first day."""

    @property
    def until(self) -> date | None:
        """The last day, None where it is open."""


def last_day(entry: Dated) -> date:
    """The last day of an entry; that of the calendar where it is open."""
    return date.max if entry.until is None else entry.until


def meet(first: Dated, second: Dated) -> bool:
    """Whether two entries hold on a common day."""
    return first.since <= last_day(second) and second.since <= last_day(first)


class Stretches:
    """The days of many entries, asked as one."""

    __slots__ = ("_latest", "_starts")

    def __init__(self, entries: Iterable[Dated]) -> None:
        ordered = sorted((entry.since, last_day(entry)) for entry in entries)
        self._starts = [start for start, _ in ordered]
        self._latest = list(accumulate((end for _, end in ordered), max))

    def meets(self, entry: Dated) -> bool:
        """Whether one of them holds on some day of this entry."""
        return self._reaches(by=last_day(entry), to=entry.since)

    def spans(self, entry: Dated) -> bool:
        """Whether one of them alone holds on every day of this entry."""
        return self._reaches(by=entry.since, to=last_day(entry))

    def _reaches(self, *, by: date, to: date) -> bool:
        """Whether one begins by a day and lasts to another."""
        begun = bisect_right(self._starts, by)
        return begun > 0 and self._latest[begun - 1] >= to
