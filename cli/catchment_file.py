"""Reading a department's list of townships: CSV (UTF-8 or GB18030) or XLSX, as registers come.

One column is read, 区划代码 (`division`): codes of townships, nine digits each. A row that names no
township is told by row and column and never repeated: a file may be the wrong one, full of persons.

This module never stores anything.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, Final

from cli.register_encoding import UndecodableError, WideEncodingError, sniff
from cli.register_package import BadWorkbookError
from cli.register_sheet import open_sheet
from cli.register_text import BrokenQuotingError, LongRecordError, records, tell_delimiter
from db.register_refusals import RegisterError
from regulation import divisions

HEADINGS: Final = frozenset({"区划代码", "division"})
MOST_ROWS: Final = 500
"""The city has under 200 townships: a longer list is another file."""

_ZIP: Final = b"PK\x03\x04"
_TOWNSHIP_DIGITS: Final = 9


def read_places(path: Path) -> list[str]:
    """The townships that a file lists, in its order.

    Raises:
        RegisterError: the file can't be read, or a row names no township or one twice.
    """
    with _open(path) as file:
        rows = _records(file)
        column = _column(next(rows, []))
        places: list[str] = []
        for number, row in enumerate(rows, start=2):
            if number > MOST_ROWS + 1:
                raise RegisterError("the list has more rows than townships", hint="check the file")
            code = row[column].strip() if column < len(row) else ""
            places.append(_township(code, f"row {number}, column {column + 1}", places))
    if not places:
        raise RegisterError("the list names no township", hint="write one code a row")
    return places


def _township(code: str, at: str, before: list[str]) -> str:
    if code in before:
        raise RegisterError(f"{at}: this township stands in an earlier row", hint="write it once")
    if code.isdigit() and len(code) > _TOWNSHIP_DIGITS:
        raise RegisterError(
            f"{at}: the code is finer than a township",
            hint="registrations know townships and no communities: give the nine digits",
        )
    if len(code) != _TOWNSHIP_DIGITS or divisions.division(code) is None:
        raise RegisterError(
            f"{at}: this is no township of the city",
            hint="give its code of nine digits; the query `divisions` lists them",
        )
    return code


def _column(headings: list[str]) -> int:
    named = [place for place, text in enumerate(headings) if text.strip() in HEADINGS]
    if len(named) != 1:
        raise RegisterError(
            "the first row has no heading 区划代码 (division), or has it twice",
            hint="put the codes of the townships under this heading",
        )
    return named[0]


@contextmanager
def _open(path: Path) -> Iterator[BinaryIO]:
    try:
        with path.open("rb") as file:
            yield file
    except OSError:
        raise RegisterError("the file can't be opened", hint="check path and rights") from None
    except (BadWorkbookError, LongRecordError, BrokenQuotingError):
        raise RegisterError("the file is damaged", hint="save it again as XLSX or CSV") from None
    except (UndecodableError, WideEncodingError):
        raise RegisterError(
            "the file is neither XLSX nor text in UTF-8 or GB18030", hint="save it as XLSX"
        ) from None


def _records(file: BinaryIO) -> Iterator[list[str]]:
    magic = file.read(len(_ZIP))
    file.seek(0)
    if magic == _ZIP:
        yield from open_sheet(file).records()
        return
    sniffed = sniff(file, wanted=None)
    yield from records(file, sniffed.encoding, tell_delimiter(file, sniffed.encoding))
