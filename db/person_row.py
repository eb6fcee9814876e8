"""A person's row of the read model as it is read: positions, not names, because it is read often.

`PERSON_COLUMNS` are always all there, since the row MAC covers them; sealed groups only when they
were asked for. This module never opens a group.
"""

from collections.abc import Callable
from hmac import compare_digest
from itertools import combinations
from operator import itemgetter
from typing import Final, TypeAlias, cast

from db.database import Row, Value
from db.lookup import ID_NAME, ID_NUMBER
from db.models import PersonNow

_GROUP_COLUMNS: Final = {
    "core": "core_sealed",
    "contact": "contact_sealed",
    "residence": "residence_sealed",
}

PERSON_COLUMNS: Final = tuple(
    column.name
    for column in PersonNow.__table__.columns
    if column.name not in _GROUP_COLUMNS.values()
)
"""The plain columns in their fixed order: `person` first, `row_mac` last."""

ROW_GROUPS: Final = tuple(_GROUP_COLUMNS)
"""The sealed groups that stand in the row itself."""

MAC_PLACE: Final = len(PERSON_COLUMNS) - 1
"""Where the row MAC stands; it covers everything between it and the person's id."""

_WRAPPED: Final = PERSON_COLUMNS.index("wrapped_key")
_GENERATION: Final = PERSON_COLUMNS.index("generation")
_RESIDENCE: Final = PERSON_COLUMNS.index("residence")
_TAG_OF: Final = {
    ID_NUMBER: PERSON_COLUMNS.index("number_tag"),
    ID_NAME: PERSON_COLUMNS.index("name_tag"),
}
_TAGS: Final = {group: PERSON_COLUMNS.index(f"{group}_tag") for group in ROW_GROUPS}
_PLACES: Final = {"core": 0, "contact": 0, "residence": _RESIDENCE}
"""Where the id of the row stands to which a group is sealed."""

ToOpen: TypeAlias = tuple[bytes, bytes, bytes, int, Value, bytes]
"""Person, wrapped key, the id of the row that a group is sealed to, generation, sealed bytes, and
the tag that these must end with. All but the sealed bytes are under the row's MAC: as written."""


def _picks() -> dict[tuple[str, ...], dict[str, Callable[[Row], ToOpen]]]:
    """For all sets of groups that a load can name: what opening each of them takes."""
    return {
        loaded: {
            group: cast(
                "Callable[[Row], ToOpen]",
                itemgetter(
                    0, _WRAPPED, _PLACES[group], _GENERATION, MAC_PLACE + 1 + place, _TAGS[group]
                ),
            )
            for place, group in enumerate(loaded)
        }
        for size in range(len(ROW_GROUPS) + 1)
        for loaded in combinations(ROW_GROUPS, size)
    }


_PICKS: Final = _picks()


def group_column(group: str) -> str:
    """Return the column that holds a sealed group."""
    return _GROUP_COLUMNS[group]


class PersonRow:
    """A row whose MAC was verified. `values[i]` follows PERSON_COLUMNS; sealed groups follow."""

    __slots__ = ("_groups", "values")

    def __init__(self, values: Row, groups: tuple[str, ...]) -> None:
        self.values = values
        self._groups = groups

    @property
    def person(self) -> bytes:
        """The person's id."""
        value = self.values[0]
        return value if isinstance(value, bytes) else b""

    def is_found_by(self, index: int, tag: bytes) -> bool:
        """Whether this is the person that a tag of a blind index stands for."""
        return compare_digest(_bytes(self.values[_TAG_OF[index]]), tag)

    @property
    def wrapped_key(self) -> bytes:
        """The person's data key, wrapped."""
        return _bytes(self.values[_WRAPPED])

    @property
    def generation(self) -> int:
        """Which data key of the person sealed the groups."""
        value = self.values[_GENERATION]
        return value if isinstance(value, int) else 0

    def sealed(self, group: str) -> bytes | None:
        """The sealed bytes of a group; None where the load did not ask for it."""
        if group not in self._groups:
            return None
        return _bytes(self.values[MAC_PLACE + 1 + self._groups.index(group)])

    def to_open(self, group: str) -> ToOpen | None:
        """What opening a group takes; None where the load did not ask for it."""
        pick = _PICKS[self._groups].get(group)
        return None if pick is None else pick(self.values)

    def __repr__(self) -> str:
        """Say nothing of the person."""
        return "PersonRow(redacted)"


def _bytes(value: Value) -> bytes:
    return value if isinstance(value, bytes) else b""
