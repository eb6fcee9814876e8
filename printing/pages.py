"""Tables to be read, signed and kept, as values: set as one HTML file or as one workbook.

Never: knows what the tables say.
"""

from dataclasses import dataclass
from typing import Final

import jinja2

_TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.PackageLoader("printing"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """One table with what is said above it."""

    title: str
    notes: tuple[str, ...]
    heading: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """What is signed as one: facts at the top, tables, and a line for each who signs.

    `name` tells it from the other pages (a workbook's tab).
    """

    name: str
    title: str
    facts: tuple[str, ...]
    tables: tuple[Table, ...]
    signatures: tuple[str, ...]


def pages_to_html(pages: tuple[Page, ...]) -> str:
    """One HTML file, each page on paper of its own; nothing in it can load anything."""
    return _TEMPLATES.get_template("pages.html").render(pages=pages)
