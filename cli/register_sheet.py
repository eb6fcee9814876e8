"""Reading the first sheet of an XLSX workbook into records of text.

Numbers become text, real days ISO days, and a formula stays the text of the formula: nothing is
evaluated. A number of more than 15 digits has lost its last ones and is shown as such. The workbook
is streamed; what it may unpack to is limited before anything is unpacked.
"""

import warnings
import zipfile
from collections.abc import Iterator
from contextlib import closing
from datetime import date, datetime, time
from typing import BinaryIO, Final
from zipfile import BadZipFile, ZipFile

import openpyxl
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.worksheet.formula import ArrayFormula

MOST_UNPACKED: Final = 1 << 30
"""Bytes that a workbook may unpack to; zipfile never unpacks more than an entry declares."""

MOST_HELD: Final = 1 << 27
"""Bytes of a part that is held in memory: every one but the sheets, above all the shared texts."""

MOST_RATIO: Final = 200
"""How many times its packed size a large part may unpack to; registers stay under 40."""

MOST_RECORDS: Final = 1_048_576
"""Rows of a sheet, as spreadsheets have them."""

_SMALL: Final = 1 << 20
_EXACT_DIGITS: Final = 15


class BadWorkbookError(ValueError):
    """The workbook can't be read; the message says why, and no cell."""


def check_workbook(file: BinaryIO) -> None:
    """Refuse what is no workbook, or unpacks to more than a register needs."""
    file.seek(0)
    try:
        with ZipFile(file) as archive:
            entries = archive.infolist()
    except (BadZipFile, NotImplementedError, ValueError):
        raise BadWorkbookError("the file is a damaged ZIP archive") from None
    names = {entry.filename for entry in entries}
    if "xl/workbook.xml" not in names:
        raise BadWorkbookError("the file is a ZIP archive but not an XLSX workbook")
    if any(entry.flag_bits & 1 for entry in entries):
        raise BadWorkbookError("the workbook is protected by a password")
    for entry in entries:
        packed = max(entry.compress_size, 1)
        if entry.file_size > _SMALL and entry.file_size / packed > MOST_RATIO:
            raise BadWorkbookError("the workbook unpacks to far more than its size")
        streamed = entry.filename.startswith("xl/worksheets/")
        if not streamed and entry.file_size > MOST_HELD:
            raise BadWorkbookError("a part of the workbook is too large")
    if sum(entry.file_size for entry in entries) > MOST_UNPACKED:
        raise BadWorkbookError("the workbook is too large when unpacked")


def sheet_records(file: BinaryIO) -> Iterator[list[str]]:
    """The records of the first sheet, headings first, blank ones left out.

    Raises:
        BadWorkbookError: The workbook is damaged, counts days from 1904, or is too large.
    """
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # openpyxl's warnings show the cell's value
            yield from _records(file)
    except BadWorkbookError:
        raise
    except (
        BadZipFile,
        zipfile.LargeZipFile,
        SyntaxError,
        KeyError,
        ValueError,
        TypeError,
        OSError,
        IndexError,
        EOFError,
        AttributeError,
        AssertionError,
        OverflowError,
    ):
        # openpyxl lets whatever its parsers meet come through; `ParseError` is a SyntaxError.
        raise BadWorkbookError("the workbook is damaged") from None


def _records(file: BinaryIO) -> Iterator[list[str]]:
    workbook = openpyxl.load_workbook(file, read_only=True, data_only=False, keep_links=False)
    with closing(workbook):
        if not workbook.worksheets:
            raise BadWorkbookError("the workbook has no sheet with cells")
        if workbook.epoch == CALENDAR_MAC_1904:
            raise BadWorkbookError("the workbook counts days from 1904, not 1900")
        sheet = workbook.worksheets[0]
        sheet.reset_dimensions()  # some exporters declare a wrong size
        width = 0
        for count, row in enumerate(sheet.iter_rows(values_only=True)):
            if count > MOST_RECORDS:
                raise BadWorkbookError("the sheet has too many rows")
            record = [_text(value) for value in row]
            while record and not record[-1]:
                record.pop()
            if not any(cell and not cell.isspace() for cell in record):
                continue
            width = width or len(record)
            # A sheet leaves out the empty cells at the end of a row; a CSV file does not.
            yield record + [""] * (width - len(record))


def _text(value: object) -> str:
    """A cell as text. What is neither text, number, day nor a plain formula counts as a formula."""
    text = "="
    match value:
        case None:
            text = ""
        case str():
            text = value
        case bool():
            text = "TRUE" if value else "FALSE"
        case int():
            text = _whole(value)
        case float():
            text = _whole(int(value)) if value.is_integer() else repr(value)
        case datetime():
            at_midnight = value.time() == time()
            text = value.date().isoformat() if at_midnight else value.isoformat(sep=" ")
        case date():
            text = value.isoformat()
        case ArrayFormula():
            text = value.text or "="
    return text


def _whole(number: int) -> str:
    digits = str(number)
    rounded = len(digits) > _EXACT_DIGITS and not digits[_EXACT_DIGITS:].strip("0")
    return f"{number:.14E}" if rounded else digits
