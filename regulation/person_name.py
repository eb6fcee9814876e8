"""Names of persons: how one is stored, and when two writings are the same name.

`stored_name` keeps a name as given, in NFC, its middle dots unified to U+00B7 and its edges
trimmed. `match_key` is what names are compared by: dots, blanks and invisible characters dropped,
full-width letters narrowed (NFKC), and the characters that GB18030 once placed in Unicode's private
area mapped to the code points that they have since been assigned (gb18030_private_use.csv). Rare
characters of every extension stay as they are. A name is one field: Mongol names may have no family
name, may contain a dot and be long.

A name with a replacement mark (`?`, `■`, `*` and their like), a control character or half a
surrogate pair raises `UnreadableNameError`: it names nobody, and to answer it with "no" would be
wrong.

Never: folds traditional and simplified or variant forms (different names in law), guesses at an
unreadable character, or shows a name in an error.
"""

import csv
import re
import unicodedata
from importlib.resources import files

_DOT = "\u00b7"
# U+FF0E comes before NFKC, which would make it a full stop; the half-width katakana dot too.
_DOTS = dict.fromkeys(map(ord, "\u2022\u30fb\uff0e\uff65\u2027\u2219\u22c5\u0387"), _DOT)
_EDGES = " \t\r\n\u00a0\u3000\ufeff\u200b"
# What a system writes for a character that it cannot show: question marks, squares, stars, the geta
# mark and U+FFFD. Then control characters, lone surrogates, line separators and noncharacters.
_UNREADABLE = re.compile(
    "[?*\u25a0\u25a1\u3013\ufffd\u0000-\u001f\u007f-\u009f\ud800-\udfff\u2028\u2029\ufdd0-\ufdef]"
)
# Blanks, a full stop typed for the dot, and characters without a form of their own: joiners,
# direction marks, variation selectors.
_IGNORED = re.compile(
    "[\\s.\u00b7\u00ad\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ufe00-\ufe0f"
    "\ufeff\U000e0100-\U000e01ef]+"
)


class UnreadableNameError(ValueError):
    """The name holds a character that stands for no character. It is never shown."""

    def __init__(self) -> None:
        super().__init__(
            "the name is empty or holds a character that cannot be read: enter it again from the "
            "identity card"
        )


def _private_use() -> dict[int, int]:
    table = files("regulation").joinpath("gb18030_private_use.csv").read_text(encoding="ascii")
    rows = csv.DictReader(table.splitlines())
    return {int(row["private_use"], 16): int(row["assigned"], 16) for row in rows}


_PRIVATE_USE = _private_use()


def stored_name(text: str) -> str:
    """Return the name as it is kept: NFC, dots unified to U+00B7, edges trimmed (article 11)."""
    name = unicodedata.normalize("NFC", text.translate(_DOTS)).strip(_EDGES)
    match_key(name)
    return name


def match_key(text: str) -> str:
    """Return what this name is compared by; two writings of one name have the same key."""
    name = unicodedata.normalize("NFKC", text.strip(_EDGES).translate(_DOTS))
    # After NFKC, so that full-width and small forms of the marks are seen too.
    if _UNREADABLE.search(name):
        raise UnreadableNameError
    key = _IGNORED.sub("", name.translate(_PRIVATE_USE))
    if not key:
        raise UnreadableNameError
    return key
