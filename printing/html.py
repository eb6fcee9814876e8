"""A sheet as one HTML file that needs nothing else: styles, fonts and photo are inside it.

It prints on A4. Every value is escaped, and a content security policy forbids scripts and every
address, so that even a mistake here could load nothing.

Never: marks a value as safe.
"""

from base64 import b64encode
from typing import Final

import jinja2

from printing.fonts import Fonts
from printing.photo import Photo
from printing.plain import plain
from printing.sheet import Sheet, labels_of, values_of
from printing.words import SecondLabels

_TEMPLATES: Final = jinja2.Environment(
    loader=jinja2.PackageLoader("printing"),
    autoescape=True,
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
)


def to_html(sheet: Sheet, fonts: Fonts, second: SecondLabels) -> str:
    """Set a sheet as HTML; the fonts are known to have its characters."""
    labels = [part for label in labels_of(sheet) for part in (label.zh, label.second) if part]
    parts = fonts.parts(values_of(sheet), labels)
    return _TEMPLATES.get_template("sheet.html").render(
        sheet=plain(sheet, _in_base64),
        fonts=[
            {"name": _name(index), "base64": _text(part)}
            for index, part in enumerate(parts)
            if part is not None
        ],
        of_values=", ".join(map(_name, fonts.of_values)),
        of_labels=", ".join(map(_name, fonts.of_labels)),
        language=second.language,
        vertical=second.vertical,
    )


def _name(index: int) -> str:
    # A name of ours: what a font file calls itself never stands in the page.
    return f"juzhu-{index}"


def _in_base64(photo: Photo) -> str:
    return _text(photo.content)


def _text(content: bytes) -> str:
    return b64encode(content).decode("ascii")
