"""The columns of a register export and the two headings that each may stand under.

A heading is known by its letters alone: full-width forms, upper case, blanks, `_`, `-` and `.` make
no difference. This module never sees a row.
"""

import unicodedata
from collections.abc import Mapping
from enum import StrEnum
from types import MappingProxyType
from typing import Final


class Column(StrEnum):
    """A column of the export; the value is its Chinese heading."""

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

ARTICLE: Final[Mapping[Column, int]] = MappingProxyType(
    {column: 10 if column in {Column.ARRIVED_ON, Column.REGISTERED_ON} else 11 for column in Column}
)
"""The article of the Measures that asks for a column."""


def _letters(heading: str) -> str:
    folded = unicodedata.normalize("NFKC", heading).casefold()
    return "".join(letter for letter in folded if letter.isalnum())


_BY_LETTERS: Final = {
    _letters(heading): column for column in Column for heading in (column, ENGLISH[column])
}


def column_of(heading: str) -> Column | None:
    """The column that a heading of a file names; None where it names none."""
    return _BY_LETTERS.get(_letters(heading))
