"""A sheet as the plain values that both templates are given."""

from collections.abc import Callable

from printing.photo import Photo
from printing.sheet import Block, Heading, Items, Row, Rows, Said, Sheet, Table
from printing.words import WORDS, Label


def plain(sheet: Sheet, photo: Callable[[Photo], object]) -> dict[str, object]:
    """Return a sheet as dictionaries, lists and texts; `photo` says how bytes are carried."""
    return {
        "title": _label(sheet.title),
        "office": sheet.office,
        "made_on": [sheet.made_on.year, sheet.made_on.month, sheet.made_on.day],
        "blocks": [_block(block, photo) for block in sheet.blocks],
        "closing": [_row(row) for row in sheet.closing],
        "page_of": WORDS["page-of"],
    }


def _label(label: Label) -> dict[str, object]:
    return {"zh": label.zh, "second": label.second}


def _row(row: Row) -> dict[str, object]:
    return {"label": _label(row.label), "value": row.value}


def _block(block: Block, photo: Callable[[Photo], object]) -> dict[str, object]:
    match block:
        case Rows():
            carried = None
            if block.photo is not None:
                carried = {"alt": WORDS["photo"], "bytes": photo(block.photo)}
                carried["media_type"] = block.photo.media_type
            return {"kind": "rows", "rows": [_row(row) for row in block.rows], "photo": carried}
        case Heading():
            return {"kind": "heading", "label": _label(block.label)}
        case Said():
            return {"kind": "said", "label": _label(block.label)}
        case Items():
            return {"kind": "items", "items_": list(block.items)}
        case Table():
            return {
                "kind": "table",
                "widths": list(block.widths),
                "head": [_label(head) for head in block.head],
                "rows": [list(row) for row in block.rows],
            }
