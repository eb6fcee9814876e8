"""Divisions: banners, counties and districts, and their townships (GB/T 2260)."""

from enum import Enum

import strawberry

from policies.catalogue import Kind
from regulation.divisions import COUNTY_DIGITS, division
from schema.sources import Of, about, declared, value


@strawberry.enum(
    description=about("行政区划级别。", "The level of a division."),
)
class DivisionLevel(Enum):
    """The level of a division."""

    COUNTY = value("county", "旗县区。", "A banner, county or district.")
    TOWNSHIP = value("township", "苏木乡镇、街道。", "A township, sumu or street office.")


def _code(code: str) -> str:
    return code


def _name(code: str) -> str | None:
    found = division(code)
    return None if found is None else found.zh


def _level(code: str) -> DivisionLevel:
    return DivisionLevel.COUNTY if len(code) == COUNTY_DIGITS else DivisionLevel.TOWNSHIP


@strawberry.type(
    description=about(
        "行政区划：旗县区（6位代码）或苏木乡镇、街道（9位代码）。",
        "A division: a banner, county or district (code of 6 digits) or a sumu, township or "
        "subdistrict (9 digits).",
    )
)
class Division:
    """A division; its value is its code."""

    code: str | None = declared(
        Of(_code), "区划代码。", "The code.", kind=Kind.OBJECT, governed=False
    )
    name: str | None = declared(
        Of(_name), "区划名称。", "The name.", kind=Kind.OBJECT, governed=False
    )
    level: DivisionLevel | None = declared(
        Of(_level), "级别。", "The level.", kind=Kind.OBJECT, governed=False
    )
