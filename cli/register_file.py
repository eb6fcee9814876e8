"""A register export as a file: what kind it is, its headings, and its rows one after the other.

The kind is told by the file's first bytes, never by its name. A file that can't be read to its end
is refused with the reason in words and the next step. No message holds a value of a row; a heading
is repeated only when the line it stands in has been recognised as headings.
"""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import BinaryIO, Final

from cli.register_encoding import (
    Encoding,
    UndecodableError,
    WideEncodingError,
    digest_of,
    sniff,
)
from cli.register_package import BadWorkbookError
from cli.register_sheet import Sheet, open_sheet
from cli.register_source import (
    RegisterFileError,
    changed,
    changes_told,
    plain_file,
    state_of,
    steady,
)
from cli.register_text import (
    LONGEST_CELL,
    BrokenQuotingError,
    LongCellError,
    LongRecordError,
    measure,
    records,
    tell_delimiter,
)
from resolvers.intake.columns import (
    COLUMNS,
    ENGLISH,
    REQUIRED_OF,
    Column,
    Kind,
    column_of,
    looks_like,
)
from resolvers.intake.judgement import RegisterRow

_ZIP: Final = b"PK\x03\x04"
_KINDS: Final = (
    (b"PK\x05\x06", "an empty ZIP archive"),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old .xls workbook or one protected by a password"),
    (b"%PDF", "a PDF document"),
    (b"\x89PNG", "a picture"),
    (b"\xff\xd8\xff", "a picture"),
    (b"GIF8", "a picture"),
    (b"{\\rtf", "a text document"),
    (b"SQLite format 3\0", "a database"),
    (b"\x1f\x8b", "a compressed file"),
    (b"7z\xbc\xaf\x27\x1c", "a compressed file"),
    (b"Rar!", "a compressed file"),
    (b"\x7fELF", "a program"),
    (b"<", "a web page or XML document"),
)
MOST_HEADINGS: Final = 500
"""Columns of a file: a register has 16, and exports with all that an office keeps have some 100."""

_CONTROL: Final = re.compile(r"[^\w .()（）/#&:-]")
_LONGEST_SHOWN: Final = 40
_LONGEST_MAGIC: Final = max(len(magic) for magic, _ in _KINDS)
_EXPORT_AGAIN: Final = "export the register as CSV (UTF-8 or GB18030) or as XLSX"


@dataclass(frozen=True, slots=True)
class RegisterFile:
    """An open register export: its digest, its headings as they stand, and its rows."""

    digest: bytes
    headings: Mapping[Column, str]
    unread: tuple[str, ...]
    """Headings of columns that are not read."""

    expected: int | None
    """How many data rows there are, where that could be told cheaply."""

    rows: Iterator[RegisterRow]

    unread_sheets: int = 0
    """How many sheets a workbook has beside the one that is read."""


@contextmanager
def open_register(
    path: Path, *, encoding: Encoding | None, kind: Kind = Kind.REGISTRATIONS
) -> Iterator[RegisterFile]:
    """Open an export of one kind; the file is closed at the end, and must not change meanwhile.

    Raises:
        RegisterFileError: The file is missing, empty, of a wrong kind, broken, or lacks headings;
            raised while rows are read too.
    """
    with plain_file(path) as file:
        magic = file.read(_LONGEST_MAGIC)
        if not magic:
            raise RegisterFileError("the file is empty", _EXPORT_AGAIN)
        file.seek(0)
        if magic.startswith(_ZIP):
            yield _read_sheet(file, kind)
        else:
            yield _read_text(file, magic, encoding, kind)


def _read_sheet(file: BinaryIO, kind: Kind) -> RegisterFile:
    """Read to the end and count, then stream, as with text: nothing of a damaged file is taken."""
    before = state_of(file)
    try:
        sheet = open_sheet(file)
    except BadWorkbookError as error:
        raise RegisterFileError(str(error), _EXPORT_AGAIN) from None
    expected = max(sum(1 for _ in _sheet_records(sheet)) - 1, 0)
    source = steady(file, before, _sheet_records(sheet))
    register = _register(source, digest_of(file), kind, expected=expected)
    return replace(register, unread_sheets=sheet.others)


def _sheet_records(sheet: Sheet) -> Iterator[list[str]]:
    seen = 0
    try:
        for record in sheet.records():
            yield record
            seen += 1
    except BadWorkbookError as error:
        raise RegisterFileError(f"{error} (after row {max(seen - 1, 0)})", _EXPORT_AGAIN) from None


def _read_text(file: BinaryIO, begins: bytes, wanted: Encoding | None, kind: Kind) -> RegisterFile:
    for magic, what in _KINDS:
        if begins.startswith(magic):
            raise RegisterFileError(f"the file is {what}, not a register export", _EXPORT_AGAIN)
    before = state_of(file)
    try:
        sniffed = sniff(file, wanted=wanted)
    except WideEncodingError:
        raise RegisterFileError("the file is UTF-16", _EXPORT_AGAIN) from None
    except UndecodableError as error:
        raise RegisterFileError(
            f"the file is not text in {error.encoding}: byte {error.offset}, line {error.line}",
            "export it again, or name its encoding with --encoding",
        ) from None
    with changes_told():
        delimiter = tell_delimiter(file, sniffed.encoding)
    expected = _measured(file, sniffed.encoding, delimiter)
    source = steady(file, before, records(file, sniffed.encoding, delimiter))
    return _register(source, sniffed.digest, kind, expected=expected)


def _measured(file: BinaryIO, encoding: Encoding, delimiter: str) -> int:
    try:
        return measure(file, encoding, delimiter)
    except UnicodeError:
        raise changed() from None
    except LongCellError as error:
        raise RegisterFileError(
            f"the cell in row {error.record}, column {error.column} has more than "
            f"{LONGEST_CELL:,} letters, or a quote in it never ends (0 is the line of headings)",
            "correct that cell, or export the register again",
        ) from None
    except LongRecordError as error:
        raise RegisterFileError(
            f"row {error.record} is longer than any of a register, or a quote in it never ends "
            "(0 is the line of headings)",
            "correct that row, or export the register again",
        ) from None
    except BrokenQuotingError as error:
        raise RegisterFileError(
            f"the quotes of row {error.record} do not match (0 is the line of headings)",
            "correct that row, or export the register again",
        ) from None


def _register(
    source: Iterator[list[str]], digest: bytes, kind: Kind, *, expected: int | None
) -> RegisterFile:
    headings = next(source, None)
    if headings is None:
        raise RegisterFileError("the file holds no headings and no rows", _EXPORT_AGAIN)
    if len(headings) > MOST_HEADINGS:
        raise RegisterFileError(
            f"the first line has more than {MOST_HEADINGS} cells",
            "keep the register's columns only",
        )
    named = tuple(column_of(heading) for heading in headings)
    columns = tuple(column if column in COLUMNS[kind] else None for column in named)
    _check_headings(columns, named, kind)
    return RegisterFile(
        digest=digest,
        headings={
            column: heading.strip()
            for column, heading in zip(columns, headings, strict=True)
            if column is not None
        },
        unread=tuple(
            _shown(heading, place)
            for place, (column, heading) in enumerate(zip(columns, headings, strict=True), 1)
            if column is None and heading.strip()
        ),
        expected=expected,
        rows=_rows(source, columns),
    )


def _check_headings(
    columns: Sequence[Column | None], named: Sequence[Column | None], kind: Kind
) -> None:
    """Every required heading of the kind once, none twice; `named` are those of any kind."""
    times = Counter(column for column in columns if column is not None)
    twice = [column for column, count in times.items() if count > 1]
    if twice:
        raise RegisterFileError(
            f"a heading stands twice: {_named(twice)}", "keep one column under each heading"
        )
    missing = [column for column in REQUIRED_OF[kind] if column not in times]
    other = looks_like(named)
    if missing and other is not None:
        raise RegisterFileError(
            f"this looks like a file of {other}, not of {kind}",
            f"give --kind {other}, or the file of {kind}",
        )
    if missing:
        raise RegisterFileError(
            f"a heading is missing: {_named(missing)}",
            "the first line must hold the headings, in Chinese or English as docs/import.md lists "
            "them; if it does, name the encoding with --encoding",
        )


def _named(columns: Sequence[Column]) -> str:
    return ", ".join(f"{column.value} ({ENGLISH[column]})" for column in columns)


def _shown(heading: str, place: int) -> str:
    return f"{_CONTROL.sub('?', heading.strip())[:_LONGEST_SHOWN]} (column {place})"


def _rows(source: Iterator[list[str]], columns: Sequence[Column | None]) -> Iterator[RegisterRow]:
    width = len(columns)
    for number, record in enumerate(source, 1):
        if len(record) < width or any(cell.strip() for cell in record[width:]):
            yield RegisterRow(number, None)
            continue
        yield RegisterRow(
            number,
            {
                column: cell
                for column, cell in zip(columns, record[:width], strict=True)
                if column is not None
            },
        )
