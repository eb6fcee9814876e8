"""A photo for the card (article 13): a JPEG or PNG that can be decoded, or none at all.

Size and dimensions are read from the header before anything is decoded, so that a small file
can't become an enormous picture.

Never: looks at whom a photo shows (PIPL article 26), changes it, or takes SVG, which can carry text
and addresses.
"""

import struct
from dataclasses import dataclass
from typing import Final

MOST_BYTES: Final = 2 * 1024 * 1024
MOST_SIDE: Final = 4_000
_PNG: Final = b"\x89PNG\r\n\x1a\n"
_PNG_END: Final = b"IEND\xaeB`\x82"
_JPEG: Final = b"\xff\xd8\xff"
_JPEG_END: Final = b"\xff\xd9"
_MARKER: Final = 0xFF
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
"""Markers of a JPEG frame header, which holds the dimensions (ITU-T T.81, table B.1)."""


class PhotoError(ValueError):
    """A photo can't be printed; the message says why and what to do."""


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Photo:
    """A photo whose form has been looked at; made by `photo_of` alone."""

    content: bytes
    media_type: str


def photo_of(content: bytes) -> Photo:
    """Look at a photo's form.

    Raises:
        PhotoError: it is no JPEG or PNG, cut short, or too large.

    """
    if len(content) > MOST_BYTES:
        raise PhotoError("the photo is larger than 2 MiB: take a smaller one")
    if content.startswith(_PNG) and content.endswith(_PNG_END):
        sides, media_type = _png_sides(content), "image/png"
    elif content.startswith(_JPEG) and content.endswith(_JPEG_END):
        sides, media_type = _jpeg_sides(content), "image/jpeg"
    else:
        raise PhotoError("the photo is no whole JPEG or PNG: take it again")
    if sides is None or not all(0 < side <= MOST_SIDE for side in sides):
        raise PhotoError("the photo's sides are not between 1 and 4,000 dots: take it again")
    return Photo(content=content, media_type=media_type)


def _png_sides(content: bytes) -> tuple[int, int] | None:
    if content[12:16] != b"IHDR" or len(content) < 24:  # noqa: PLR2004  (ISO/IEC 15948, 11.2.2)
        return None
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _jpeg_sides(content: bytes) -> tuple[int, int] | None:
    """Walk the segments up to the frame header (ITU-T T.81, B.2.2)."""
    at = 2
    while at + 9 <= len(content) and content[at] == _MARKER:
        marker, length = content[at + 1], struct.unpack(">H", content[at + 2 : at + 4])[0]
        if marker in _FRAMES:
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        at += 2 + length
    return None
