"""Pages as one workbook (XLSX: ECMA-376, SpreadsheetML), a tab each, ready for A4 and a pen.

Every cell is text, so nothing that a page says can become a formula. The same pages give the same
bytes: no time and no program's name is in them, so a signed file can be compared with a new one.

Never: reads a workbook; `cli/register_package.py` does that.
"""

import io
import re
import zipfile
from dataclasses import dataclass
from string import ascii_uppercase
from typing import Final

import jinja2

from printing.pages import Page, Table

_TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.PackageLoader("printing", "templates/workbook"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_THEN: Final = (1980, 1, 1, 0, 0, 0)
"""The first time that a ZIP archive can tell."""

_MOST_OF_NAME: Final = 31
_NOT_IN_NAME: Final = re.compile(r"[\[\]:*?/\\']")
_NARROWEST, _WIDEST = 8, 60
_PLAIN, _TITLE, _HEADING, _HEAD_CELL, _CELL = range(5)
"""The styles, by their place in styles.xml."""


@dataclass(frozen=True, slots=True)
class _Row:
    style: int
    cells: tuple[str, ...]


def pages_to_workbook(pages: tuple[Page, ...]) -> bytes:
    """One workbook of all pages.

    Raises:
        ValueError: there is no page, which no workbook can say; hand over at least one.

    """
    if not pages:
        raise ValueError("A workbook has a page at least; hand over one.")
    tabs = _tabs(pages)
    parts = {
        "[Content_Types].xml": _part("types.xml", tabs=tabs),
        "_rels/.rels": _part("package.xml"),
        "xl/workbook.xml": _part("workbook.xml", tabs=tabs),
        "xl/_rels/workbook.xml.rels": _part("relations.xml", tabs=tabs),
        "xl/styles.xml": _part("styles.xml"),
    }
    for place, page in enumerate(pages, start=1):
        parts[f"xl/worksheets/sheet{place}.xml"] = _sheet(page)
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in parts.items():
            archive.writestr(zipfile.ZipInfo(name, _THEN), text, zipfile.ZIP_DEFLATED)
    return packed.getvalue()


def _part(template: str, **values: object) -> str:
    return _TEMPLATES.get_template(template).render(**values)


def _sheet(page: Page) -> str:
    rows = [_Row(_TITLE, (page.title,)), *(_Row(_PLAIN, (fact,)) for fact in page.facts)]
    for table in page.tables:
        rows += _table(table)
    rows += [_Row(_PLAIN, ()), *(_Row(_PLAIN, (line,)) for line in page.signatures)]
    return _part("sheet.xml", rows=rows, widths=_widths(page), columns=ascii_uppercase)


def _table(table: Table) -> list[_Row]:
    return [
        _Row(_PLAIN, ()),
        _Row(_HEADING, (table.title,)),
        *(_Row(_PLAIN, (note,)) for note in table.notes),
        _Row(_HEAD_CELL, table.heading),
        *(_Row(_CELL, cells) for cells in table.rows),
    ]


def _widths(page: Page) -> list[int]:
    lines = [cells for table in page.tables for cells in (table.heading, *table.rows)]
    count = max((len(cells) for cells in lines), default=0)
    return [
        min(_WIDEST, max(_NARROWEST, *(_width(cells[place]) + 2 for cells in lines)))
        for place in range(count)
    ]


def _width(text: str) -> int:
    # A Chinese character takes the room of two digits, which is what a width counts.
    return sum(1 if character.isascii() else 2 for character in text)


def _tabs(pages: tuple[Page, ...]) -> list[str]:
    """A name for each tab: legal, short enough, and no two alike (case aside)."""
    tabs: list[str] = []
    for page in pages:
        name = _NOT_IN_NAME.sub("_", page.name)[:_MOST_OF_NAME] or "_"
        taken = {tab.casefold() for tab in tabs}
        number = 2
        tried = name
        while tried.casefold() in taken:
            ending = f" {number}"
            tried = name[: _MOST_OF_NAME - len(ending)] + ending
            number += 1
        tabs.append(tried)
    return tabs
