"""Where and since when an item of article 26 has been introduced: dated data of the city's policy.

Article 26 is a programme (逐步): an item is "not guaranteed" unless the city has decided otherwise
for a county from a day on (reading R27). A file of such decisions is TOML, a table for each:

    [[roll_out]]
    item = "26:elder_care"
    division = "150402"        # a county, or 1504 for the whole city
    from = 2027-01-01
    until = 2029-12-31         # the last day; left out while it lasts
    basis = "赤政办发〔2026〕00号"

`roll_out.toml` is shipped without any: the Measures alone introduce nothing.

Never: reads a file but the shipped one, or takes an entry without the document that it rests on.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from importlib.resources import files

from regulation.divisions import COUNTIES
from regulation.services import find_service

CITY = "1504"
_COUNTIES = frozenset(county.code for county in COUNTIES)
_KEYS = frozenset({"item", "division", "from", "until", "basis"})
_NEEDED = ("item", "division", "from", "basis")


class RollOutError(ValueError):
    """An entry cannot be read; says which, counted from 1, and what to write."""

    def __init__(self, position: int, problem: str, hint: str) -> None:
        super().__init__(f"roll_out entry {position}: {problem}; {hint}")


@dataclass(frozen=True, slots=True, kw_only=True)
class RolledOut:
    """One item of article 26 in one county or the whole city; the last day is included."""

    item: str
    division: str
    since: date
    until: date | None
    basis: str

    def holds(self, county: str, day: date) -> bool:
        """Whether the item is introduced in `county` on `day`."""
        return (
            self.division in {CITY, county}
            and self.since <= day
            and (self.until is None or day <= self.until)
        )


@dataclass(frozen=True, slots=True)
class RollOut:
    """All that the city has introduced."""

    entries: tuple[RolledOut, ...] = ()

    def items(self, county: str, day: date) -> frozenset[str]:
        """Return the items of article 26 introduced in `county` on `day` (R27)."""
        if not self.entries:
            return _NOTHING
        return frozenset(entry.item for entry in self.entries if entry.holds(county, day))

    def basis(self, item: str, county: str, day: date) -> str | None:
        """Return the document by which an item is introduced, None where it is not."""
        held = (e.basis for e in self.entries if e.item == item and e.holds(county, day))
        return next(held, None)


_NOTHING = frozenset[str]()

NOWHERE = RollOut()
"""Nothing of article 26 introduced anywhere."""


def shipped_roll_out() -> RollOut:
    """Return what the shipped file says."""
    return read_roll_out(files("regulation").joinpath("roll_out.toml").read_text(encoding="utf-8"))


def read_roll_out(text: str) -> RollOut:
    """Return the decisions of a file (article 26).

    Raises:
        RollOutError: the text is no such file.
    """
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise RollOutError(0, f"the file is not TOML ({error})", "write [[roll_out]]") from None
    entries = document.pop("roll_out", [])
    if document or not isinstance(entries, list):
        raise RollOutError(0, "the file holds something else", "write [[roll_out]] tables only")
    return roll_out_of(entries)


def roll_out_of(tables: Iterable[object]) -> RollOut:
    """Return the decisions that these tables make.

    Raises:
        RollOutError: an entry is incomplete, names what is unknown, or doubles another.
    """
    entries: list[RolledOut] = []
    for position, table in enumerate(tables, start=1):
        entry = _entry(position, table)
        for other in entries:
            if _overlap(entry, other):
                hint = "leave one of them out"
                raise RollOutError(position, "says again what an earlier entry says", hint)
        entries.append(entry)
    return RollOut(tuple(entries))


def _entry(position: int, table: object) -> RolledOut:
    if not isinstance(table, Mapping):
        raise RollOutError(position, "is no table", "write [[roll_out]]")
    wrong = [str(key) for key in table if key not in _KEYS]
    wrong += [key for key in _NEEDED if not table.get(key)]
    if wrong:
        hint = f"write {', '.join(_NEEDED)} and, where it ends, until"
        raise RollOutError(position, f"lacks or misspells {wrong[0]}", hint)
    item, division, basis = (str(table[key]) for key in ("item", "division", "basis"))
    service = find_service(item)
    if service is None or service.guaranteed:
        raise RollOutError(position, "names no item of article 26", "write its code, 26:…")
    if division != CITY and division not in _COUNTIES:
        raise RollOutError(position, "names no county of the city", f"write its code, or {CITY}")
    since, until = _day(position, table["from"]), None
    if "until" in table:
        until = _day(position, table["until"])
        if until < since:
            raise RollOutError(position, "ends before it begins", "write from before until")
    return RolledOut(item=item, division=division, since=since, until=until, basis=basis)


def _overlap(one: RolledOut, other: RolledOut) -> bool:
    return (
        (one.item, one.division) == (other.item, other.division)
        and (one.until is None or other.since <= one.until)
        and (other.until is None or one.since <= other.until)
    )


def _day(position: int, value: object) -> date:
    if isinstance(value, date) and not isinstance(value, datetime):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise RollOutError(position, "has a day that is none", "write 2027-01-01") from None
