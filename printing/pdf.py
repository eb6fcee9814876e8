"""A sheet as PDF/A-2a and PDF/UA-1: tagged, with a title, its language and its fonts inside.

Typst sets the page. It is given a template of ours and values as JSON: it opens no file, no package
and no address. The same sheet gives the same bytes: the only date is the sheet's own.

Never: passes on what the typesetter says of a document: it may quote it.
"""

from datetime import UTC, datetime, time
from importlib.resources import files
from typing import Final

import orjson
import typst

from printing.fonts import Fonts
from printing.photo import Photo, PhotoError
from printing.plain import plain
from printing.sheet import Rows, Sheet
from printing.words import SecondLabels

_TEMPLATE: Final = files("printing").joinpath("templates/sheet.typ").read_bytes()
_IMAGE_FAULT: Final = "failed to decode image"


class TypesettingError(RuntimeError):
    """A page could not be set; it holds nothing of the document."""


def to_pdf(sheet: Sheet, fonts: Fonts, second: SecondLabels) -> bytes:
    """Set a sheet as PDF; the fonts are known to have its characters.

    Raises:
        PhotoError: its photo can't be decoded.
        TypesettingError: it can't be set otherwise.

    """
    families = [font.family for font in fonts.fonts]
    given = plain(sheet, _in_numbers) | {
        "fonts": {
            "values": [families[index] for index in fonts.of_values],
            "labels": [families[index] for index in fonts.of_labels],
        },
        "language": second.language.partition("-")[0] or "zh",
        "vertical": second.vertical,
    }
    moment = datetime.combine(sheet.made_on, time(), tzinfo=UTC)
    try:
        compiler = typst.Compiler(
            _TEMPLATE,
            font_paths=fonts.typesetter,
            ignore_system_fonts=True,
            sys_inputs={"sheet": orjson.dumps(given).decode()},
        )
        pdf, warnings = compiler.compile_with_warnings(
            format="pdf", timestamp=moment, pdf_standards=["a-2a", "ua-1"]
        )
    except typst.TypstError as fault:
        if fault.message.startswith(_IMAGE_FAULT):
            raise PhotoError("the photo cannot be decoded: take it again") from None
        raise TypesettingError("the page cannot be set: report it as a fault") from None
    if warnings or not isinstance(pdf, bytes):
        raise TypesettingError("the page was set with a warning: report it as a fault")
    return pdf


def has_photo(sheet: Sheet) -> bool:
    """Whether a photo stands on it, which only setting the page decodes."""
    return any(isinstance(block, Rows) and block.photo is not None for block in sheet.blocks)


def _in_numbers(photo: Photo) -> list[int]:
    return list(photo.content)
