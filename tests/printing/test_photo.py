"""A photo that is none, cut short, enormous or in another form is refused (article 13)."""

import struct

import pytest

from printing.photo import MOST_BYTES, MOST_SIDE, PhotoError, photo_of
from printing.printer import Printer
from tests.printing.documents import card_contents, png, printer

JPEG_HEADER = b"\xff\xd8\xff\xe0\x00\x04\x00\x00"


def jpeg(width: int, height: int) -> bytes:
    """The outline of a JPEG: its frame header and no picture."""
    frame = b"\xff\xc0\x00\x11\x08" + struct.pack(">HH", height, width) + b"\x03" + bytes(9)
    return JPEG_HEADER + frame + b"\xff\xd9"


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not a photo",
        b"GIF89a" + bytes(32),
        b"<svg xmlns='http://www.w3.org/2000/svg'><text>x</text></svg>",
        b"%PDF-1.7",
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8\xff\xe0\xff\xff" + bytes(9) + b"\xff\xd9",
        b"\xff\xd8\xff\xe0\x00\x00" + b"\xff" * 4 + b"\xff\xd9",
        png()[:-1],
        png()[:60],
        b"\x89PNG\r\n\x1a\nIEND\xaeB`\x82",
    ],
)
def test_what_is_no_whole_photo_is_refused(content: bytes) -> None:
    with pytest.raises(PhotoError):
        photo_of(content)


@pytest.mark.parametrize("side", [1, MOST_SIDE])
def test_sides_within_the_limit_are_taken(side: int) -> None:
    assert photo_of(jpeg(side, 1)).media_type == "image/jpeg"
    assert photo_of(jpeg(1, side)).media_type == "image/jpeg"


@pytest.mark.parametrize("side", [0, MOST_SIDE + 1, 65_535])
def test_sides_out_of_the_limit_are_refused_before_anything_is_decoded(side: int) -> None:
    for sides in ((side, 1), (1, side)):
        with pytest.raises(PhotoError, match="sides"):
            photo_of(jpeg(*sides))


def test_a_png_of_enormous_sides_is_refused_before_anything_is_decoded() -> None:
    small = png(1, 1)
    bomb = small[:16] + struct.pack(">II", 60_000, 60_000) + small[24:]
    with pytest.raises(PhotoError, match="sides"):
        photo_of(bomb)


def test_a_file_above_two_mebibytes_is_refused() -> None:
    with pytest.raises(PhotoError, match="2 MiB"):
        photo_of(b"\xff\xd8\xff" + bytes(MOST_BYTES) + b"\xff\xd9")


@pytest.mark.parametrize("form", ["pdf", "html", "print"])
def test_a_photo_that_cannot_be_decoded_stops_each_form(form: str) -> None:
    hollow = card_contents(photo_of(jpeg(26, 32)))
    with pytest.raises(PhotoError, match="decoded"):
        getattr(Printer, form)(printer(), hollow)


def test_a_photo_is_in_no_repr() -> None:
    assert "PNG" not in repr(photo_of(png()))
