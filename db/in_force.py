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
    """Whether anything of a person is in force: else the file was a slip as a whole."""
    return bool(in_force(sources.events))
