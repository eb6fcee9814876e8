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
LONGEST_RECORD: Final = 1 << 20
"""Letters of a record, over all of its lines: more would be held in memory before it is refused."""

_TOO_LONG: Final = "field larger than field limit"
"""How the csv module begins to say that a cell is longer than `_LONGEST_CELL`."""


class LongRecordError(ValueError):
    """A cell or a record is longer than any of a register; `record` as below."""

    def __init__(self, record: int) -> None:
        super().__init__(f"record {record} is too long")
        self.record = record


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
        LongRecordError: A cell or a record is longer than any of a register; a quote that never
            ends may be why.
    """
    csv.field_size_limit(_LONGEST_CELL)
    seen = 0
    with _text(file, encoding) as text:
        lines = _Lines(text)
        try:
            for record in csv.reader(lines, delimiter=delimiter, strict=True):
                lines.left = LONGEST_RECORD
                if any(cell and not cell.isspace() for cell in record):
                    yield record
                    seen += 1
        except _LongLinesError:
            raise LongRecordError(seen) from None
        except csv.Error as error:
            if str(error).startswith(_TOO_LONG):
                raise LongRecordError(seen) from None
            raise BrokenQuotingError(seen) from None


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
