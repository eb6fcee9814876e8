"""Reading a CSV file into records: delimiter, quoting, blank lines.

Two passes: `measure` reads to the end and counts, so that a file whose quoting breaks half way is
refused before anything is imported; `records` streams. A record is counted unless all its cells are
blank, as a spreadsheet leaves them behind.
"""

import csv
import os
from collections.abc import Iterator
from typing import BinaryIO, Final, TextIO

from cli.register_encoding import Encoding
from resolvers.intake.columns import column_of

DELIMITERS: Final = (",", ";", "\t")
_LONGEST_CELL: Final = 1 << 16
_LONGEST_HEADING: Final = 1 << 16


class BrokenQuotingError(ValueError):
    """The quotes of a record don't match; `record` counts data records from 1, 0 is headings."""

    def __init__(self, record: int) -> None:
        super().__init__(f"the quotes of record {record} do not match")
        self.record = record


def tell_delimiter(file: BinaryIO, encoding: Encoding) -> str:
    """The delimiter under which the first line shows the most headings that are known."""
    with _text(file, encoding) as text:
        line = text.readline(_LONGEST_HEADING)

    def known(delimiter: str) -> int:
        try:
            cells = next(csv.reader([line], delimiter=delimiter), [])
        except csv.Error:
            return 0
        return sum(column_of(cell) is not None for cell in cells)

    return max(DELIMITERS, key=known)


def measure(file: BinaryIO, encoding: Encoding, delimiter: str) -> int:
    """Read to the end and count the data records."""
    return max(sum(1 for _ in records(file, encoding, delimiter)) - 1, 0)


def records(file: BinaryIO, encoding: Encoding, delimiter: str) -> Iterator[list[str]]:
    """The file's records, headings first, blank ones left out.

    Raises:
        BrokenQuotingError: A quote never ends, ends in the middle of a cell, or opens a cell that
            is longer than any cell of a register.
    """
    csv.field_size_limit(_LONGEST_CELL)
    seen = 0
    with _text(file, encoding) as text:
        try:
            for record in csv.reader(text, delimiter=delimiter, strict=True):
                if any(cell and not cell.isspace() for cell in record):
                    yield record
                    seen += 1
        except csv.Error:
            raise BrokenQuotingError(seen) from None


def _text(file: BinaryIO, encoding: Encoding) -> TextIO:
    """The file as text from its beginning, under a descriptor of its own."""
    text = os.fdopen(os.dup(file.fileno()), encoding=encoding, newline="")
    text.seek(0)
    return text
