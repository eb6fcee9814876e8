"""Which counts of a table may be shown: small ones withheld, and others so that no sum tells them.

A table is a tree of counts: a place's count is the sum of its parts' counts, and every sum that is
published runs along that tree. A count below ten is withheld, and with a withheld count all of its
parts. Where the withheld parts of a place are one alone, or come to less than ten together, the
next part in the order of the keys is withheld as well. So of what is withheld under a place, at
least two counts and at least ten persons are hidden together, and any of them may be everything
between nothing and all of it: whoever subtracts can't tell a count, nor whether it is below ten.
What remains is shown to the nearest ten, so that two days can't be subtracted either.

The order of the keys decides, never the size: the same counts fall away tomorrow, unless others
become small. Never: knows what is counted, or hides how a person's own knowledge adds to a table.
"""

from collections.abc import Mapping, Sequence
from typing import Final

Key = tuple[str, ...]
"""A place of a table: () for all, ("150402",) for a county, and so on."""

LEAST: Final = 10
"""The least count that is shown, and the step in which counts are shown (article 28)."""


def protect(leaves: Mapping[Key, int]) -> dict[Key, int | None]:
    """Count every place of the tree that these leaves make; None where it is withheld.

    No leaf may be another's part.
    """
    counts: dict[Key, int] = {}
    parts: dict[Key, dict[Key, None]] = {}
    for leaf, count in leaves.items():
        counts[leaf] = counts.get(leaf, 0) + count
        for depth in range(len(leaf)):
            place = leaf[:depth]
            counts[place] = counts.get(place, 0) + count
            parts.setdefault(place, {})[leaf[: depth + 1]] = None
    shown: dict[Key, int | None] = dict.fromkeys(counts)
    if counts.get((), 0) >= LEAST:
        _show((), counts, {place: sorted(found) for place, found in parts.items()}, shown)
    return shown


def _show(
    place: Key,
    counts: Mapping[Key, int],
    parts: Mapping[Key, Sequence[Key]],
    shown: dict[Key, int | None],
) -> None:
    """Show a place and what may be shown below it; what isn't reached stays withheld."""
    shown[place] = counts[place]
    below = parts.get(place, ())
    hidden = _withheld([counts[part] for part in below])
    for number, part in enumerate(below):
        if number not in hidden:
            _show(part, counts, parts, shown)


def _withheld(counts: Sequence[int]) -> set[int]:
    """Which parts of a place are withheld, by their numbers: two or more, ten persons or more."""
    hidden = {number for number, count in enumerate(counts) if count < LEAST}
    if hidden and (len(hidden) == 1 or sum(counts[number] for number in hidden) < LEAST):
        first = min(hidden)
        around = [*range(first + 1, len(counts)), *range(first)]
        hidden.update([number for number in around if number not in hidden][:1])
    return hidden


def rounded(count: int | None) -> int | None:
    """Return a count to the nearest ten, five upwards; what is withheld stays so."""
    return None if count is None else (count + LEAST // 2) // LEAST * LEAST
