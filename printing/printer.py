"""The printer: documents in, HTML and PDF out; one for the process, it keeps nothing of a document.

Every character is looked up before anything is set: a document comes out whole or not at all.

Never: writes a file, logs, or names a person in a file's name.
"""

from dataclasses import dataclass

from printing.composing import compose
from printing.document import Document
from printing.fonts import Fonts
from printing.html import to_html
from printing.pdf import has_photo, to_pdf
from printing.sheet import Sheet, labels_of, values_of
from printing.words import NO_LABELS, WORDS, SecondLabels


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Printed:
    """A document in both forms. `file_name` has no suffix and nothing of a person."""

    title: str
    file_name: str
    html: str
    pdf: bytes


@dataclass(frozen=True, slots=True)
class Name:
    """What a document is called: its title, and a file's name without suffix."""

    title: str
    file_name: str


class Printer:
    """Sets documents with the fonts and second labels of a deployment."""

    __slots__ = ("_fonts", "_second")

    def __init__(self, fonts: Fonts, second: SecondLabels = NO_LABELS) -> None:
        """Take the fonts, and make sure that they have every fixed word.

        Raises:
            GlyphMissingError: no font has some character of the labels.

        """
        fonts.require(WORDS.values(), second.labels.values())
        self._fonts = fonts
        self._second = second

    def print(self, document: Document) -> Printed:
        """Set a document in both forms.

        Raises:
            GlyphMissingError: no font has some of its characters.
            PhotoError: its photo can't be decoded.

        """
        sheet, name = self._sheet(document), self.name(document)
        return Printed(
            title=name.title,
            file_name=name.file_name,
            pdf=to_pdf(sheet, self._fonts, self._second),
            html=to_html(sheet, self._fonts, self._second),
        )

    def name(self, document: Document) -> Name:
        """Name a document, with nothing of a person."""
        sheet = compose(document, self._second)
        return Name(sheet.title.zh, f"{sheet.kind.value}-{sheet.made_on.isoformat()}")

    def pdf(self, document: Document) -> bytes:
        """Set a document as PDF alone; raises as `print` does."""
        return to_pdf(self._sheet(document), self._fonts, self._second)

    def html(self, document: Document) -> str:
        """Set a document as HTML alone; raises as `print` does."""
        sheet = self._sheet(document)
        if has_photo(sheet):
            to_pdf(sheet, self._fonts, self._second)
        return to_html(sheet, self._fonts, self._second)

    def _sheet(self, document: Document) -> Sheet:
        sheet = compose(document, self._second)
        labels = [part for each in labels_of(sheet) for part in (each.zh, each.second) if part]
        self._fonts.require(values_of(sheet), labels)
        return sheet
