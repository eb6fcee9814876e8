"""Reading what the rows of every kind of export hold: who the person is, days, texts.

Every reader returns a value or leaves a finding; nothing is raised with a cell's text. What a kind
asks for beyond that, and how its days stand to each other, is its own.
"""

from collections.abc import Iterable
from datetime import date
from typing import Final

from regulation.id_number import (
    IdNumber,
    IdNumberFault,
    IdNumberMark,
    InvalidIdNumberError,
    birth_date,
    read_id_number,
)
from regulation.person_name import UnreadableNameError, stored_name
from resolvers.intake.codes import Code, Finding
from resolvers.intake.columns import Column
from resolvers.intake.judgement import Cells
from resolvers.intake.values import (
    FORMULA_SIGNS,
    has_control_character,
    plain_word,
    read_day,
    read_text,
)

_FAULTS: Final = {
    IdNumberFault.EMPTY: Code.REQUIRED_MISSING,
    IdNumberFault.FIFTEEN_DIGITS: Code.ID_NUMBER_MALFORMED,
    IdNumberFault.CHECK_DIGIT: Code.ID_NUMBER_CHECK_DIGIT,
    IdNumberFault.BIRTH_DATE: Code.ID_NUMBER_BIRTH_DATE,
    IdNumberFault.NOT_CITIZEN: Code.ID_NUMBER_NOT_CITIZEN,
    IdNumberFault.DESTROYED: Code.ID_NUMBER_DESTROYED,
    IdNumberFault.MALFORMED: Code.ID_NUMBER_MALFORMED,
}
_MARKS: Final = {
    IdNumberMark.FIFTEEN_DIGITS: Code.ID_NUMBER_FIFTEEN_DIGITS,
    IdNumberMark.FULL_WIDTH: Code.ID_NUMBER_FULL_WIDTH,
    IdNumberMark.BLANKS: Code.ID_NUMBER_BLANKS,
    IdNumberMark.LOWER_X: Code.ID_NUMBER_LOWER_X,
}
_MOST: Final = {
    Column.NAME: 100,
    Column.HUKOU_ADDRESS: 300,
    Column.CURRENT_ADDRESS: 300,
    Column.WORKPLACE: 200,
    Column.PHONE: 60,
    Column.OFFICE: 100,
    Column.PERMIT_NUMBER: 60,
    Column.ISSUING_OFFICE: 100,
    Column.ENDORSING_OFFICE: 100,
    Column.TEMPORARY_OFFICE: 100,
}
MIDDLE_DOT: Final = "\u00b7"


class UnexplainedRowError(AssertionError):
    """A value is missing though no finding says so: a fault of this module, not of the row."""


class RowReader:
    """One row while it is judged: each reader returns a value or leaves a finding."""

    def __init__(self, cells: Cells, today: date) -> None:
        self._cells = cells
        self._today = today
        self._findings: list[Finding] = []

    def _find(self, code: Code, column: Column) -> None:
        self._findings.append(Finding(code, column))

    def _cell(self, column: Column) -> str:
        return self._cells.get(column, "")

    def _plain(self, column: Column) -> str:
        return plain_word(self._cell(column))

    def _required(self, columns: Iterable[Column]) -> None:
        for column in columns:
            if not self._cell(column).strip():
                self._find(Code.REQUIRED_MISSING, column)

    def _id_number(self) -> IdNumber | None:
        if not self._cell(Column.ID_NUMBER).strip():
            return None
        try:
            read = read_id_number(self._cell(Column.ID_NUMBER))
        except InvalidIdNumberError as error:
            self._find(_FAULTS[error.fault], Column.ID_NUMBER)
            return None
        if birth_date(read.number) > self._today:
            self._find(Code.ID_NUMBER_BIRTH_DATE, Column.ID_NUMBER)
            return None
        for mark, code in _MARKS.items():
            if mark in read.marks:
                self._find(code, Column.ID_NUMBER)
        return read.number

    def _name(self) -> str | None:
        cell = self._cell(Column.NAME).strip()
        if not cell:
            return None
        if has_control_character(cell):
            self._find(Code.NAME_CONTROL_CHARACTER, Column.NAME)
            return None
        if len(cell) > _MOST[Column.NAME]:
            self._find(Code.TEXT_TOO_LONG, Column.NAME)
            return None
        try:
            name = stored_name(cell)
        except UnreadableNameError:
            self._find(Code.NAME_UNREADABLE, Column.NAME)
            return None
        if name.startswith(FORMULA_SIGNS):  # nobody is called so: the cell held a formula
            self._find(Code.NAME_UNREADABLE, Column.NAME)
            return None
        if name != self._cell(Column.NAME):
            moved = len(name) == len(cell) and any(
                kept == MIDDLE_DOT != given for kept, given in zip(name, cell, strict=True)
            )
            self._find(Code.NAME_DOT if moved else Code.NAME_NORMALISED, Column.NAME)
        return name

    def _text(self, column: Column) -> str:
        text = read_text(self._cell(column), most=_MOST[column])
        if isinstance(text, Code):
            self._find(text, column)
            return ""
        if text.startswith(FORMULA_SIGNS):
            self._find(Code.STORED_AS_TEXT, column)
        return text

    def _day(self, column: Column) -> date | None:
        if not self._cell(column).strip():
            return None
        day = read_day(self._cell(column))
        if isinstance(day, Code):
            self._find(day, column)
            return None
        if day.mark is not None:
            self._find(day.mark, column)
        return day.value
