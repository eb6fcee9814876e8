"""The kinds of export that are imported, their columns, and the two headings of each.

A heading is known by its letters alone: full-width forms, upper case, blanks, `_`, `-` and `.` make
no difference. This module never sees a row.
"""

import unicodedata
from collections.abc import Collection, Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Kind(StrEnum):
    """What the rows of a file are; the value is the word on the command line."""

    REGISTRATIONS = "registrations"
    PERMITS = "permits"
    ENDORSEMENTS = "endorsements"
    TEMPORARY_PERMITS = "temporary-permits"


class Column(StrEnum):
    """A column of an export; the value is its Chinese heading."""

    NUMBER = "序号"
    NAME = "姓名"
    SEX = "性别"
    ETHNICITY = "民族"
    BIRTH_DATE = "出生日期"
    ID_NUMBER = "公民身份号码"
    HUKOU_DIVISION = "户籍地区划代码"
    HUKOU_ADDRESS = "户籍所在地住址"
    CURRENT_DIVISION = "现居住地区划代码"
    CURRENT_ADDRESS = "现居住地住址"
    REASON = "居住事由"
    WORKPLACE = "服务处所"
    PHONE = "联系方式"
    ARRIVED_ON = "到达日期"
    REGISTERED_ON = "登记日期"
    OFFICE = "登记机关"
    PERMIT_NUMBER = "居住证编号"
    ISSUED_ON = "签发日期"
    VALID_TO = "有效期至"
    ISSUING_OFFICE = "签发机关"
    CANCELLED_ON = "注销日期"
    CANCEL_GROUND = "注销事由"
    ENDORSED_ON = "签注日期"
    ENDORSING_OFFICE = "签注机关"
    TEMPORARY_FROM = "暂住证起始日期"
    TEMPORARY_TO = "暂住证截止日期"
    TEMPORARY_OFFICE = "暂住证发证机关"


ENGLISH: Final[Mapping[Column, str]] = MappingProxyType(
    {
        Column.NUMBER: "No.",
        Column.NAME: "name",
        Column.SEX: "sex",
        Column.ETHNICITY: "ethnicity",
        Column.BIRTH_DATE: "birth date",
        Column.ID_NUMBER: "ID number",
        Column.HUKOU_DIVISION: "hukou division",
        Column.HUKOU_ADDRESS: "hukou address",
        Column.CURRENT_DIVISION: "current division",
        Column.CURRENT_ADDRESS: "current address",
        Column.REASON: "reason for residence",
        Column.WORKPLACE: "workplace",
        Column.PHONE: "phone",
        Column.ARRIVED_ON: "arrival date",
        Column.REGISTERED_ON: "registration date",
        Column.OFFICE: "registration office",
        Column.PERMIT_NUMBER: "permit number",
        Column.ISSUED_ON: "issue date",
        Column.VALID_TO: "valid until",
        Column.ISSUING_OFFICE: "issuing office",
        Column.CANCELLED_ON: "cancellation date",
        Column.CANCEL_GROUND: "cancellation ground",
        Column.ENDORSED_ON: "endorsement date",
        Column.ENDORSING_OFFICE: "endorsing office",
        Column.TEMPORARY_FROM: "temporary permit from",
        Column.TEMPORARY_TO: "temporary permit to",
        Column.TEMPORARY_OFFICE: "temporary permit office",
    }
)
"""The English heading of each column."""

REQUIRED: Final = (
    Column.NAME,
    Column.ETHNICITY,
    Column.ID_NUMBER,
    Column.HUKOU_DIVISION,
    Column.HUKOU_ADDRESS,
    Column.CURRENT_DIVISION,
    Column.CURRENT_ADDRESS,
    Column.REASON,
    Column.ARRIVED_ON,
    Column.REGISTERED_ON,
)
"""What a registration can't stand without (articles 10 and 11).

Sex and birth date stand in the ID number too; a workplace is had only by some, and a person
without a telephone is registered all the same.
"""

COLUMNS: Final[Mapping[Kind, tuple[Column, ...]]] = MappingProxyType(
    {
        Kind.REGISTRATIONS: (
            Column.NUMBER,
            Column.NAME,
            Column.SEX,
            Column.ETHNICITY,
            Column.BIRTH_DATE,
            Column.ID_NUMBER,
            Column.HUKOU_DIVISION,
            Column.HUKOU_ADDRESS,
            Column.CURRENT_DIVISION,
            Column.CURRENT_ADDRESS,
            Column.REASON,
            Column.WORKPLACE,
            Column.PHONE,
            Column.ARRIVED_ON,
            Column.REGISTERED_ON,
            Column.OFFICE,
        ),
        Kind.PERMITS: (
            Column.NUMBER,
            Column.NAME,
            Column.ID_NUMBER,
            Column.PERMIT_NUMBER,
            Column.ISSUED_ON,
            Column.VALID_TO,
            Column.ISSUING_OFFICE,
            Column.CANCELLED_ON,
            Column.CANCEL_GROUND,
        ),
        Kind.ENDORSEMENTS: (
            Column.NUMBER,
            Column.NAME,
            Column.ID_NUMBER,
            Column.ENDORSED_ON,
            Column.VALID_TO,
            Column.ENDORSING_OFFICE,
        ),
        Kind.TEMPORARY_PERMITS: (
            Column.NUMBER,
            Column.NAME,
            Column.ID_NUMBER,
            Column.TEMPORARY_FROM,
            Column.TEMPORARY_TO,
            Column.TEMPORARY_OFFICE,
        ),
    }
)
"""The columns that are read of each kind."""

REQUIRED_OF: Final[Mapping[Kind, tuple[Column, ...]]] = MappingProxyType(
    {
        Kind.REGISTRATIONS: REQUIRED,
        Kind.PERMITS: (
            Column.NAME,
            Column.ID_NUMBER,
            Column.ISSUED_ON,
            Column.VALID_TO,
            Column.ISSUING_OFFICE,
        ),
        Kind.ENDORSEMENTS: (
            Column.NAME,
            Column.ID_NUMBER,
            Column.ENDORSED_ON,
            Column.VALID_TO,
            Column.ENDORSING_OFFICE,
        ),
        Kind.TEMPORARY_PERMITS: (
            Column.NAME,
            Column.ID_NUMBER,
            Column.TEMPORARY_FROM,
            Column.TEMPORARY_TO,
        ),
    }
)
"""What a row of each kind can't stand without."""

_ARTICLES: Final = {
    Column.ARRIVED_ON: 10,
    Column.REGISTERED_ON: 10,
    Column.ISSUED_ON: 17,
    Column.VALID_TO: 17,
    Column.ISSUING_OFFICE: 13,
    Column.CANCELLED_ON: 23,
    Column.CANCEL_GROUND: 23,
    Column.ENDORSED_ON: 20,
    Column.ENDORSING_OFFICE: 20,
    Column.TEMPORARY_FROM: 32,
    Column.TEMPORARY_TO: 32,
    Column.TEMPORARY_OFFICE: 32,
}

ARTICLE: Final[Mapping[Column, int]] = MappingProxyType(
    {column: _ARTICLES.get(column, 11) for column in Column}
)
"""The article of the Measures that asks for a column."""


def _letters(heading: str) -> str:
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


_BY_LETTERS: Final = {
    _letters(heading): column for column in Column for heading in (column, ENGLISH[column])
}


def column_of(heading: str) -> Column | None:
    """The column that a heading of a file names; None where it names none of any kind."""
    return _BY_LETTERS.get(_letters(heading))


def looks_like(columns: Collection[Column | None]) -> Kind | None:
    """The kind of a file whose headings name these columns; None where it is of none."""
    complete = (kind for kind in Kind if all(one in columns for one in REQUIRED_OF[kind]))
    return next(complete, None)
