"""A catchment: a department's dated list of townships, as the register holds it.

Article 24(4): a school asks whether somebody lives where its places are for, and learns yes or no.
A version counts once public security has let it be used, from its first day to its last, unless it
was retired. This module never counts people and never decides who may ask.
"""

from dataclasses import dataclass

from db.rows import RowValues


@dataclass(frozen=True, slots=True, kw_only=True)
class Catchment:
    """One version of a catchment."""

    id: str
    department: str
    name: str
    places: frozenset[str]
    valid_from: str
    valid_until: str | None
    loaded_by: str
    approved_by: str | None
    retired_at: str | None

    def on(self, day: str) -> bool:
        """Whether this version may be used on a day."""
        usable = self.approved_by is not None and self.retired_at is None
        return usable and self.valid_from <= day <= (self.valid_until or day)

    def overlaps(self, first: str, last: str | None) -> bool:
        """Whether this version, unless retired, is dated into a time."""
        if self.retired_at is not None:
            return False
        begins_in = last is None or self.valid_from <= last
        return begins_in and (self.valid_until is None or self.valid_until >= first)


def catchment_of(row: RowValues) -> Catchment:
    """The version that a verified row is."""
    identity = row["id"]
    return Catchment(
        id=identity.hex() if isinstance(identity, bytes) else "",
        department=str(row["department"]),
        name=str(row["name"]),
        places=frozenset(str(row["places"]).split()),
        valid_from=str(row["valid_from"]),
        valid_until=None if row["valid_until"] is None else str(row["valid_until"]),
        loaded_by=str(row["loaded_by"]),
        approved_by=None if row["approved_by"] is None else str(row["approved_by"]),
        retired_at=None if row["retired_at"] is None else str(row["retired_at"]),
    )
