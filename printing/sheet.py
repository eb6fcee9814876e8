"""A document as blocks, the one form from which both HTML and PDF are set.

What stands in a sheet stands in both, in this order; a template adds nothing but rules and space.

Never: holds a font, a measure or markup.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from printing.document import Kind
from printing.photo import Photo
from printing.words import Label


@dataclass(frozen=True, slots=True, repr=False)
class Row:
    """A label and its value."""

    label: Label
    value: str


@dataclass(frozen=True, slots=True, repr=False)
class Rows:
    """Labels and values, beside a photo where there is one."""

    rows: tuple[Row, ...]
    photo: Photo | None = None


@dataclass(frozen=True, slots=True, repr=False)
class Heading:
    """A heading over the blocks that follow."""

    label: Label


@dataclass(frozen=True, slots=True, repr=False)
class Said:
    """A paragraph."""

    label: Label


@dataclass(frozen=True, slots=True, repr=False)
class Items:
    """A numbered list of sentences."""

    items: tuple[str, ...]


@dataclass(frozen=True, slots=True, repr=False)
class Table:
    """A table with a head that is repeated on every page; `widths` are the columns' shares."""

    head: tuple[Label, ...]
    rows: tuple[tuple[str, ...], ...]
    widths: tuple[int, ...]


Block = Rows | Heading | Said | Items | Table


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Sheet:
    """A document ready to be set. `made_on` is its date, in the file's metadata too."""

    kind: Kind
    title: Label
    office: str
    made_on: date
    blocks: tuple[Block, ...]
    closing: tuple[Row, ...]


def labels_of(sheet: Sheet) -> Iterator[Label]:
    """Every fixed word of a sheet."""
    yield sheet.title
    for row in sheet.closing:
        yield row.label
    for block in sheet.blocks:
        match block:
            case Rows():
                yield from (row.label for row in block.rows)
            case Heading() | Said():
                yield block.label
            case Table():
                yield from block.head
            case Items():
                pass


def values_of(sheet: Sheet) -> Iterator[str]:
    """Every value of a sheet."""
    yield sheet.office
    for row in sheet.closing:
        yield row.value
    for block in sheet.blocks:
        match block:
            case Rows():
                yield from (row.value for row in block.rows)
            case Items():
                yield from block.items
            case Table():
                yield from (cell for row in block.rows for cell in row)
            case Heading() | Said():
                pass
