"""The twelve banners, counties and districts of Chifeng and their townships.

County codes have 6 digits (GB/T 2260), township codes 9; the first six of a township's are its
county's. Townships here are what statistics list at that level: sumu, townships, towns,
subdistricts and the few parks and farms beside them. divisions.csv holds them; where its facts come
from stands in docs/regulation.md. Development zones have no county code; an address there belongs
to one of the twelve.

Never: knows hukou divisions elsewhere, or tells a division from an identity number (reading R15).
"""

import csv
from dataclasses import dataclass
from importlib.resources import files
from itertools import groupby

COUNTY_DIGITS = 6


@dataclass(frozen=True, slots=True, kw_only=True)
class Division:
    """A county or a township; townships have a Chinese name only."""

    code: str
    zh: str
    en: str | None

    @property
    def county(self) -> str:
        """The code of the county that this is, or is in."""
        return self.code[:COUNTY_DIGITS]


def _load() -> tuple[Division, ...]:
    table = files("regulation").joinpath("divisions.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(table.splitlines())
    return tuple(Division(code=row["code"], zh=row["zh"], en=row["en"] or None) for row in rows)


_DIVISIONS = _load()
_BY_CODE = {division.code: division for division in _DIVISIONS}

COUNTIES: tuple[Division, ...] = tuple(d for d in _DIVISIONS if len(d.code) == COUNTY_DIGITS)
"""The twelve, in the order of their codes."""

_TOWNSHIPS = {
    county: tuple(d for d in group if len(d.code) > COUNTY_DIGITS)
    for county, group in groupby(_DIVISIONS, key=lambda d: d.county)
}


def division(code: str) -> Division | None:
    """Return the county or township with this code, None where there is none today."""
    return _BY_CODE.get(code)


def townships(county: str) -> tuple[Division, ...]:
    """Return the townships of a county, none for a code that is no county's."""
    return _TOWNSHIPS.get(county, ())


def within(code: str, ancestor: str) -> bool:
    """Whether the division `code` is `ancestor` or lies in it."""
    return code == ancestor or (len(ancestor) == COUNTY_DIGITS and code[:COUNTY_DIGITS] == ancestor)


def township_in_address(county: str, address: str) -> str | None:
    """Return the code of the township that a Chinese address in `county` names.

    The longest name wins, being the least likely to stand there by chance; then the first, because
    an address goes from the large to the small.
    """
    found = [
        (len(township.zh), -address.index(township.zh), township.code)
        for township in townships(county)
        if township.zh in address
    ]
    return max(found)[2] if found else None
