"""Reading the first visible sheet of an XLSX workbook into records of text.

Numbers become text, days ISO days, and a formula stays the text of the formula: nothing is
evaluated. The sheet is streamed; of the rest only the shared texts are held, and how many and how
long they may be is limited (`MOST_SHARED`, `register_rows.MOST_TEXTS`, `MOST_HELD`).
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import BinaryIO, Final

from cli.register_cells import LONGEST_FORMAT, is_day_format
from cli.register_package import MOST_OF_A_MAP, BadWorkbookError, Package, Related
from cli.register_rows import SharedTexts, SheetRows, index

MOST_STREAMED: Final = 1 << 30
"""Bytes that a sheet may unpack to: it is never held, so this bounds the time."""

MOST_SHARED: Final = 1 << 27
"""Bytes that the shared texts may unpack to."""

MOST_STYLES: Final = 65_536
"""Styles of cells: spreadsheets stop a little below."""

_HIDDEN: Final = frozenset({"hidden", "veryHidden"})


@dataclass(frozen=True, slots=True)
class Sheet:
    """The sheet that is read, and how many others the workbook has."""

    package: Package
    part: str
    others: int
    texts: list[str]
    day_styles: frozenset[int]

    def records(self) -> Iterator[list[str]]:
        """The records, headings first, blank ones left out; each call reads anew.

        Raises:
            BadWorkbookError: the sheet is damaged or too large.
        """
        rows = SheetRows(self.texts, self.day_styles)
        width = 0
        for found in self._pieces(rows):
            for record in found:
                width = width or len(record)
                # A sheet leaves out the empty cells at the end of a row; a CSV file does not.
                yield record + [""] * (width - len(record))

    def _pieces(self, rows: SheetRows) -> Iterator[list[list[str]]]:
        try:
            for _ in self.package.read(self.part, rows, most=MOST_STREAMED):
                yield rows.take()
        except BadWorkbookError:
            yield rows.take()  # so that it can be told how far the sheet is sound
            raise


def open_sheet(file: BinaryIO) -> Sheet:
    """Find the first visible sheet and what is needed to read it.

    Raises:
        BadWorkbookError: the file is no workbook, damaged, or unpacks to more than a register
            needs.
    """
    package = Package(file)
    path = _only("officeDocument", package.related(None))
    if path is None:
        raise BadWorkbookError("the file is a ZIP archive but not an XLSX workbook")
    book = _Workbook()
    for _ in package.read(path, book, most=MOST_OF_A_MAP):
        pass
    if not book.is_workbook:
        raise BadWorkbookError("the file is an office document but not an XLSX workbook")
    if book.counts_from_1904:
        raise BadWorkbookError("the workbook counts days from 1904, not 1900")
    related = package.related(path)
    sheets = {one.id: one.part for one in related if one.kind == "worksheet"}
    visible = [sheets[sheet] for sheet in book.visible if sheet in sheets]
    if not visible:
        raise BadWorkbookError("the workbook has no visible sheet with cells")
    return Sheet(
        package,
        visible[0],
        len(sheets) - 1,
        _shared_texts(package, related),
        _day_styles(package, related),
    )


def _only(kind: str, related: list[Related]) -> str | None:
    """The one part of its kind (ECMA-376 part 1, clauses 12.3.15, 12.3.20, 12.3.23)."""
    parts = [one.part for one in related if one.kind == kind]
    if len(parts) > 1:
        raise BadWorkbookError("the workbook names two parts of a kind that it may have one of")
    return parts[0] if parts else None


def _shared_texts(package: Package, related: list[Related]) -> list[str]:
    texts = SharedTexts()
    part = _only("sharedStrings", related)
    if part is not None:
        for _ in package.read(part, texts, most=MOST_SHARED):
            pass
    return texts.found


def _day_styles(package: Package, related: list[Related]) -> frozenset[int]:
    styles = _Styles()
    part = _only("styles", related)
    if part is not None:
        for _ in package.read(part, styles, most=MOST_OF_A_MAP):
            pass
    days = {number for number in set(styles.numbers) if is_day_format(number, styles.formats)}
    return frozenset(style for style, number in enumerate(styles.numbers) if number in days)


class _Workbook:
    """The workbook's part (ECMA-376 part 1, clause 18.2): its visible sheets, its calendar."""

    def __init__(self) -> None:
        self.is_workbook = False
        self.counts_from_1904 = False
        self.visible: list[str] = []

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "workbook":
            self.is_workbook = True
        elif name == "workbookPr":
            self.counts_from_1904 = attributes.get("date1904") in {"1", "true"}
        elif name == "sheet" and attributes.get("state") not in _HIDDEN:
            self.visible += (value for key, value in attributes.items() if key.endswith(":id"))

    def end(self, name: str) -> None:
        pass

    def text(self, piece: str) -> None:
        pass


class _Styles:
    """The formats of cells (clause 18.8): custom ones, and the number that each style has."""

    def __init__(self) -> None:
        self.formats: dict[int, str] = {}
        self.numbers: list[int] = []
        self._in_cells = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        if name == "numFmt":
            code = attributes.get("formatCode", "")
            if len(code) > LONGEST_FORMAT:
                raise BadWorkbookError("a format of the workbook is longer than any may be")
            self.formats[index(attributes.get("numFmtId"))] = code
        elif name == "cellXfs":
            self._in_cells = True
        elif name == "xf" and self._in_cells:
            if len(self.numbers) == MOST_STYLES:
                raise BadWorkbookError("the workbook has too many styles")
            self.numbers.append(index(attributes.get("numFmtId", "0")))

    def end(self, name: str) -> None:
        if name == "cellXfs":
            self._in_cells = False

    def text(self, piece: str) -> None:
        pass
