"""Reading a CSV file into records: delimiter, quoting, blank lines.

Two passes: `measure` reads to the end and counts, so that a file whose quoting breaks half way is
refused before anything is imported; `records` streams. A record is counted unless all its cells are
blank, as a spreadsheet leaves them behind.
"""

import csv
import os
from collections.abc import Iterator, Sequence
from typing import BinaryIO, Final, TextIO

from cli.register_encoding import Encoding
from resolvers.intake.columns import column_of

DELIMITERS: Final = (",", ";", "\t")
LONGEST_CELL: Final = 1 << 16
_LONGEST_HEADING: Final = 1 << 16
LONGEST_RECORD: Final = 1 << 20
"""Letters of a record, over all of its lines: more would be held in memory before it is refused."""


class LongRecordError(ValueError):
    """A record is longer than any of a register; `record` as below."""

    def __init__(self, record: int) -> None:
        super().__init__(f"record {record} is too long")
        self.record = record


class LongCellError(ValueError):
    """A cell has more than `LONGEST_CELL` letters; `column` counts from 1, `record` as below."""

    def __init__(self, *, record: int, column: int) -> None:
        super().__init__(f"column {column} of record {record} is too long")
        self.record = record
        self.column = column


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
        BrokenQuotingError: A quote never ends, or ends in the middle of a cell.
        LongCellError: A cell is longer than any of a register.
        LongRecordError: A record is; a quote that never ends may be why of either.
    """
    csv.field_size_limit(LONGEST_RECORD)  # which no cell can reach, so that its column is known
    seen = 0
    with _text(file, encoding) as text:
        lines = _Lines(text)
        try:
            for record in csv.reader(lines, delimiter=delimiter, strict=True):
                if LONGEST_RECORD - lines.left > LONGEST_CELL:
                    _check_cells(record, seen)
                lines.left = LONGEST_RECORD
                if any(cell and not cell.isspace() for cell in record):
                    yield record
                    seen += 1
        except _LongLinesError:
            raise LongRecordError(seen) from None
        except csv.Error:
            raise BrokenQuotingError(seen) from None


def _check_cells(cells: Sequence[str], record: int) -> None:
    for column, cell in enumerate(cells, 1):
        if len(cell) > LONGEST_CELL:
            raise LongCellError(record=record, column=column)


class _LongLinesError(Exception):
    """The lines of one record are longer than `LONGEST_RECORD` together."""


class _Lines:
    """The lines of a text, at most `left` letters of them until somebody sets it again."""

    def __init__(self, text: TextIO) -> None:
        self.left = LONGEST_RECORD
        self._text = text

    def __iter__(self) -> "_Lines":
        return self

    def __next__(self) -> str:
        line = self._text.readline(self.left + 1)
        if not line:
            raise StopIteration
        self.left -= len(line)
        if self.left < 0:
            raise _LongLinesError
        return line


def _text(file: BinaryIO, encoding: Encoding) -> TextIO:
    """The file as text from its beginning, under a descriptor of its own."""
    text = os.fdopen(os.dup(file.fileno()), encoding=encoding, newline="")
    text.seek(0)
    return text
