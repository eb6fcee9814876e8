"""The fonts of documents: which characters they have, which lack, and what part a page embeds.

Shipped: Noto Serif SC for values and Noto Sans SC for labels, under the SIL Open Font License, as
the locked distribution brings them: every unified ideograph of the basic block and of Extension A,
and some two hundred of the later extensions. The others need a folder of fonts that the deployment
adds; a character is set in the first font that has it.

Never: replaces a character, sets an empty box, or looks at the machine's own fonts: a page would
look different elsewhere.
"""

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

import pylopdf_fonts_zh_cn as noto
import typst
from fontTools import subset
from fontTools.ttLib import TTFont, TTLibError

from printing.text import code_point

_SELECTORS: Final = frozenset(range(0xFE00, 0xFE10)) | frozenset(range(0xE0100, 0xE01F0))
_JOINING: Final = frozenset("\u180b\u180c\u180d\u180e\u180f\u200c\u200d\u202f")
"""What shapes Mongolian letters and has no glyph of its own; labels of the deployment hold it."""
_WITH_OTHERS: Final = _JOINING | frozenset(map(chr, _SELECTORS))
"""What is taken into every part: it changes the form of the characters beside it."""
_FOR_SHAPING: Final = ["BASE", "GDEF", "GPOS", "GSUB", "VORG", "vhea", "vmtx"]
_SUFFIXES: Final = frozenset({".otf", ".ttf"})


class FontsError(ValueError):
    """A folder of fonts can't be used; the message says why and what to do."""


class GlyphMissingError(ValueError):
    """No font has some of a document's characters, so it is not printed.

    `characters` are they, for the official at the desk alone: the message is for everywhere else,
    and names none of them.
    """

    def __init__(self, characters: Sequence[str]) -> None:
        super().__init__("no font has a glyph for a character: add a folder of fonts that has it")
        self.characters = tuple(characters)

    @property
    def named(self) -> tuple[str, ...]:
        """Each character with its code point: `𠮷 U+20BB7`."""
        return tuple(f"{each} {code_point(each)}" for each in self.characters)


@dataclass(frozen=True, slots=True, kw_only=True)
class Font:
    """One font file, and what it can set."""

    family: str
    path: Path
    characters: frozenset[str]
    variants: frozenset[str]
    """A character with its variation selector, where the font has that very form."""

    added: bool
    """Whether the deployment added it: its letters may need to be shaped, as Mongolian ones do."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fonts:
    """The fonts of a deployment in the order in which they are tried."""

    fonts: tuple[Font, ...]
    typesetter: typst.Fonts

    @property
    def of_values(self) -> list[int]:
        """The fonts in which values are set, first choice first."""
        return list(range(len(self.fonts)))

    @property
    def of_labels(self) -> list[int]:
        """The fonts in which labels are set: the upright face comes first."""
        return [1, 0, *self.of_values[2:]]

    def require(self, values: Iterable[str], labels: Iterable[str] = ()) -> None:
        """Stop unless every character can be set.

        Raises:
            GlyphMissingError: some can't.

        """
        wanted = dict.fromkeys(each for text in values for each in _characters(text))
        of_labels = (each for text in labels for each in _characters(text))
        wanted |= dict.fromkeys(each for each in of_labels if each not in _JOINING)
        lacking = [each for each in wanted if each != "\n" and not self._sets(each)]
        if lacking:
            raise GlyphMissingError(lacking)

    def _sets(self, character: str) -> bool:
        # The first font with the character sets it; it must have the asked form itself.
        font = next((font for font in self.fonts if character[0] in font.characters), None)
        return font is not None and (len(character) == 1 or character in font.variants)

    def parts(self, values: Iterable[str], labels: Iterable[str]) -> list[bytes | None]:
        """Return for each font a WOFF with what a page needs of it; None where it needs nothing."""
        needed: list[set[str]] = [set() for _ in self.fonts]
        for texts, order in ((values, self.of_values), (labels, self.of_labels)):
            rest = set("".join(texts))
            for index in order:
                own = rest & self.fonts[index].characters
                needed[index] |= own
                rest -= own
        return [
            _part(font, own | _WITH_OTHERS) if own else None
            for font, own in zip(self.fonts, needed, strict=True)
        ]


def load_fonts(added: Path | None = None) -> Fonts:
    """Load the shipped fonts and those of a folder that the deployment adds.

    Raises:
        FontsError: the folder holds no font, one that can't be read, or two of a family.

    """
    shipped = [noto.serif_path(), noto.sans_path()]
    paths = [*shipped, *([] if added is None else _fonts_in(added))]
    folders = [shipped[0].parent, *([] if added is None else [added])]
    typesetter = typst.Fonts(
        include_system_fonts=False,
        include_embedded_fonts=False,
        font_paths=[str(folder) for folder in folders],
    )
    families = {Path(info.path).resolve(): info.family for info in typesetter.fonts() if info.path}
    fonts = tuple(_read(path, families, added=path not in shipped) for path in paths)
    if len({font.family for font in fonts}) < len(fonts):
        # The typesetter takes a family for one font and would look for a glyph in one file only.
        raise FontsError("two files are of one family: leave one of each in the folder")
    return Fonts(fonts=fonts, typesetter=typesetter)


def _fonts_in(folder: Path) -> list[Path]:
    try:
        found = sorted(path for path in folder.iterdir() if path.suffix.lower() in _SUFFIXES)
    except OSError:
        raise FontsError("the folder of fonts cannot be read: name one that is there") from None
    if not found:
        raise FontsError("the folder of fonts holds no .ttf or .otf: put one there")
    return found


def _read(path: Path, families: dict[Path, str], *, added: bool) -> Font:
    family = families.get(path.resolve())
    try:
        with path.open("rb") as file, TTFont(file, lazy=True) as font:
            held, variants = font.getBestCmap() or {}, _variants(font)
    except (OSError, TTLibError):
        held, variants = {}, frozenset()
    if family is None or not held:
        raise FontsError(f"{path.name} is no font that can be set: take it out of the folder")
    return Font(
        family=family,
        path=path,
        characters=frozenset(map(chr, held)),
        variants=variants,
        added=added,
    )


def _variants(font: TTFont) -> frozenset[str]:
    """Every ideographic variation sequence of a font (OpenType, cmap format 14)."""
    tables = [table for table in font["cmap"].tables if table.format == 14]  # noqa: PLR2004
    return frozenset(
        chr(base) + chr(selector)
        for table in tables
        for selector, entries in table.uvsDict.items()
        for base, _glyph in entries
    )


def _characters(text: str) -> list[str]:
    """Split a text into characters, each with the variation selector that follows it."""
    found: list[str] = []
    for each in text:
        if ord(each) in _SELECTORS and found:
            found[-1] += each
        else:
            found.append(each)
    return found


def _part(font: Font, characters: set[str]) -> bytes:
    options = subset.Options()
    options.flavor = "woff"
    options.name_IDs = []
    options.recalc_timestamp = False
    options.desubroutinize = True
    if not font.added:
        # Han text in lines needs no shaping, and leaving these out halves the time.
        options.layout_features = []
        options.drop_tables += _FOR_SHAPING
    with subset.load_font(font.path, options) as source:
        part = subset.Subsetter(options)
        part.populate(unicodes=[ord(each) for each in characters])
        part.subset(source)
        out = io.BytesIO()
        subset.save_font(source, out, options)
    return out.getvalue()
