"""The rows and the shared texts of a sheet's XML, with the limits that spreadsheets have.

A handler of `cli.register_package.Package.read`: rows are given away as they come, so that none is
held. This module never opens a file.
"""

import re
from collections.abc import Mapping
from sys import getsizeof
from typing import Final

from cli.register_cells import BadNumberError, number_text
from cli.register_package import BadWorkbookError

MOST_TEXTS: Final = 3_000_000
"""Shared texts, however short."""

MOST_HELD: Final = 192 << 20
"""Bytes of memory for all shared texts: each costs some 80 bytes and up to 4 a letter."""

MOST_RECORDS: Final = 1_048_576
"""Rows of a sheet, as spreadsheets have them."""

MOST_COLUMNS: Final = 500
"""Columns that may hold anything, as many as a register's file may have; behind them, cells that
are blank and only have a style are passed over."""

LAST_COLUMN: Final = 16_384
"""Columns of a sheet, as spreadsheets have them: up to XFD."""

LONGEST_CELL: Final = 32_767
"""Letters of a cell, as spreadsheets have them."""

_PLACE: Final = re.compile(r"([A-Z]{1,3})[0-9]{1,7}")
_ESCAPED: Final = re.compile(r"(?:_x[0-9A-Fa-f]{4}_)+")
_REFERENCE: Final = 8
_ESCAPE: Final = len("_x0000_")
_AS_IT_STANDS: Final = frozenset({"str", "inlineStr", "e", "d"})


class _Gathering:
    """Gathers the text of `<t>` inside one element, without readings (`<rPh>`)."""

    def __init__(self) -> None:
        self._pieces: list[str] = []
        self._letters = 0
        self._gathers = False
        self._in_reading = False

    def text(self, piece: str) -> None:
        if not self._gathers:
            return
        self._letters += len(piece)
        if self._letters > LONGEST_CELL:
            raise BadWorkbookError("a cell of the workbook is longer than a spreadsheet allows")
        self._pieces.append(piece)

    def _gathered(self) -> str:
        text = "".join(self._pieces)
        self._pieces.clear()
        self._letters = 0
        return _unescaped(text) if "_x" in text else text


class SharedTexts(_Gathering):
    """The table of shared texts (clause 18.4)."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []
        self._held = 0

    def start(self, name: str, _attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        if name == "rPh":
            self._in_reading = True
        elif name == "t":
            self._gathers = not self._in_reading

    def end(self, name: str) -> None:
        """End an element."""
        if name == "t":
            self._gathers = False
        elif name == "rPh":
            self._in_reading = False
        elif name == "si":
            if len(self.found) == MOST_TEXTS:
                raise BadWorkbookError("the workbook holds too many texts")
            text = self._gathered()
            self._held += getsizeof(text) + _REFERENCE
            if self._held > MOST_HELD:
                raise BadWorkbookError("the texts of the workbook are too long together")
            self.found.append(text)


class SheetRows(_Gathering):
    """The rows of a sheet (clause 18.3) as records, given away as they come."""

    def __init__(self, texts: list[str], day_styles: frozenset[int]) -> None:
        super().__init__()
        self._texts = texts
        self._day_styles = day_styles
        self._done: list[list[str]] = []
        self._count = 0
        self._row: list[str] | None = None
        self._column = 0
        self._kind = "n"
        self._is_day = False
        self._formula: str | None = None

    def take(self) -> list[list[str]]:
        """The records since the last time."""
        done, self._done = self._done, []
        return done

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        if name == "c":
            if self._row is not None:
                self._begin_cell(attributes)
        elif name in {"v", "t", "f"}:
            self._gathers = self._row is not None and not self._in_reading
        elif name == "row":
            self._count += 1
            if self._count > MOST_RECORDS:
                raise BadWorkbookError("the sheet has too many rows")
            self._row = []
            self._column = 0
        elif name == "rPh":
            self._in_reading = True

    def end(self, name: str) -> None:
        """End an element."""
        if name in {"v", "t"}:
            self._gathers = False
        elif name == "c":
            if self._row is not None and self._column:
                self._end_cell(self._row)
        elif name == "f":
            self._gathers = False
            self._formula = self._gathered()
        elif name == "row":
            self._end_row()
        elif name == "rPh":
            self._in_reading = False

    def _begin_cell(self, attributes: Mapping[str, str]) -> None:
        place = attributes.get("r")
        column = self._column + 1 if place is None else _column(place)
        if not self._column < column <= LAST_COLUMN:
            raise BadWorkbookError("the workbook is damaged")
        self._column = column
        self._kind = attributes.get("t", "n")
        self._is_day = index(attributes.get("s", "0")) in self._day_styles
        self._formula = None
        self._pieces.clear()
        self._letters = 0

    def _end_cell(self, row: list[str]) -> None:
        text = self._cell()
        if not text:
            return
        if self._column > MOST_COLUMNS:
            if text.isspace():
                return
            raise BadWorkbookError(
                f"a row of the sheet has more than {MOST_COLUMNS} cells: keep the register's "
                "columns only"
            )
        row += [""] * (self._column - len(row))
        row[-1] = text

    def _cell(self) -> str:
        text = self._gathered()
        if self._formula is not None:
            text = f"={self._formula}"
        elif self._kind == "s":
            place = index(text.strip())
            if place >= len(self._texts):
                raise BadWorkbookError("the workbook is damaged")
            text = self._texts[place]
        elif self._kind == "b":
            text = {"1": "TRUE", "0": "FALSE"}.get(text, text)
        elif self._kind == "n" and text:
            try:
                text = number_text(text.strip(), is_day=self._is_day)
            except BadNumberError:
                raise BadWorkbookError("the workbook is damaged") from None
        elif self._kind not in _AS_IT_STANDS and text:
            raise BadWorkbookError("the workbook is damaged")
        return text

    def _end_row(self) -> None:
        row = self._row or []
        self._row = None
        if any(cell and not cell.isspace() for cell in row):
            self._done.append(row)


def _unescaped(text: str) -> str:
    """Text with the characters that XML lacks, which stand as `_x0000_` (clause 22.9.2.19)."""

    def characters(found: re.Match[str]) -> str:
        units = bytes.fromhex(
            "".join(found[0][at + 2 : at + 6] for at in range(0, len(found[0]), _ESCAPE))
        )
        return units.decode("utf-16-be", "replace")

    return _ESCAPED.sub(characters, text)


def index(text: str | None) -> int:
    """A number that counts things in the workbook."""
    if text is None or not text.isascii() or not text.isdecimal() or len(text) > len("1048576"):
        raise BadWorkbookError("the workbook is damaged")
    return int(text)


def _column(place: str) -> int:
    """The column of `BC23`, from 1."""
    found = _PLACE.fullmatch(place)
    if found is None:
        raise BadWorkbookError("the workbook is damaged")
    column = 0
    for letter in found[1]:
        column = 26 * column + ord(letter) - ord("A") + 1
    return column
