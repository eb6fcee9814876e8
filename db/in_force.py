"""Which events are in force: all but those of acts that were voided, and the voids themselves.

An act's events carry the version that it gave the file. A void is an event that names a version:
both entries stay (articles 28, 30), and neither counts. Every fold begins here.

This module never decides whether an act may be voided; that is `regulation.voiding`.
"""

from collections.abc import Sequence
from typing import Final

from db.rows import RowValues, Sources

VOIDED: Final = "act-voided"
"""The kind of the event by which an act is voided."""

MERGED: Final = "file-merged"
SPLIT: Final = "file-split"
"""Kinds of events of the file that goes on: another was merged into it, or split from it."""

ABSORBED: Final = "file-absorbed"
RESTORED: Final = "file-restored"
"""Kinds of events of the other file."""

OF_MERGES: Final = frozenset({MERGED, SPLIT, ABSORBED, RESTORED})


def in_force(events: Sequence[RowValues]) -> Sequence[RowValues]:
    """Leave out what was voided, and what voided it."""
    voided = {row["voids"] for row in events if row["kind"] == VOIDED}
    if not voided:
        return events
    return [
        row
        for row in events
        if row["kind"] != VOIDED and (row["version"] is None or row["version"] not in voided)
    ]


def stands(sources: Sources) -> bool:
    """Whether anything of a file is in force, and it was not merged into another (article 17)."""
    left = in_force(sources.events)
    ends = [row["kind"] for row in left if row["kind"] in {ABSORBED, RESTORED}]
    return bool(left) and ends[-1:] != [ABSORBED]


def absorbed_by(sources: Sources) -> list[bytes]:
    """Return the files that are merged into this one, the last one first."""
    found: list[bytes] = []
    for row in in_force(sources.events):
        other = row["other"]
        if isinstance(other, bytes) and row["kind"] == MERGED:
            found.insert(0, other)
        elif isinstance(other, bytes) and row["kind"] == SPLIT:
            found.remove(other)
    return found
