"""The slot of a second language: empty by default, filled from a file, checked for its glyphs."""

from pathlib import Path

import pytest

from printing.fonts import GlyphMissingError, load_fonts
from printing.printer import Printer
from printing.words import NO_LABELS, WORDS, LabelsError, read_labels
from tests.printing.documents import Seen, html_of, pdf_text, receipt
from tests.printing.made_fonts import make_font

MONGOLIAN = "ᠨᠡᠷ᠎ᠡ"  # "name", with the vowel separator U+180E
LETTERS = "ᠨᠡᠷ"


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    path = tmp_path / "labels.toml"
    path.write_text(f'language = "mn-Mong"\n[labels]\nname = "{MONGOLIAN}"\n', "utf-8")
    return path


def test_every_word_is_chinese_and_none_is_empty() -> None:
    assert WORDS
    assert all(text.strip() for text in WORDS.values())


def test_without_a_file_no_second_language_stands_on_a_page() -> None:
    assert "second" not in html_of(receipt()).partition("<body>")[2]


def test_a_label_of_the_file_stands_beside_the_chinese_from_top_to_bottom(
    labels: Path, tmp_path: Path
) -> None:
    fonts = tmp_path / "fonts"
    fonts.mkdir()
    make_font(fonts / "mongolian.ttf", LETTERS)
    made = Printer(load_fonts(fonts), read_labels(labels)).print(receipt())
    seen = Seen(made.html)
    assert ("class", "second vertical") in seen.attributes
    assert ("lang", "mn-Mong") in seen.attributes
    assert seen.texts[seen.texts.index("姓名") + 1] == MONGOLIAN
    text = pdf_text(made.pdf)
    assert "姓名" in text
    assert all(letter in text for letter in LETTERS)


def test_a_label_without_a_glyph_stops_at_the_start_and_names_it(labels: Path) -> None:
    with pytest.raises(GlyphMissingError) as caught:
        Printer(load_fonts(), read_labels(labels))
    assert caught.value.characters == tuple(LETTERS)


def test_a_label_with_markup_is_text(tmp_path: Path) -> None:
    path = tmp_path / "labels.toml"
    path.write_text('language = "en"\n[labels]\nname = "<b>Name</b> #x"\n', "utf-8")
    made = Printer(load_fonts(), read_labels(path)).print(receipt())
    assert "<b>Name</b> #x" in Seen(made.html).texts
    assert "<b>Name</b> #x" in pdf_text(made.pdf)
    assert ("class", "second") in Seen(made.html).attributes


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("", "needs `language`"),
        ('language = ""\n[labels]\n', "needs `language`"),
        ('language = "mn-Mong"\nlabels = "x"\n', "needs `language`"),
        ('language = "mn-Mong"\n[labels]\nnmae = "x"\n', r"unknown codes \(nmae\)"),
        ('language = "mn-Mong"\n[labels]\nname = " "\n', "empty"),
        ('language = "mn-Mong"\n[labels]\nname = 1\n', "empty or no text"),
        ("language = ", "cannot be read"),
    ],
)
def test_a_file_that_is_wrong_is_refused_with_what_is_wrong(
    tmp_path: Path, text: str, told: str
) -> None:
    path = tmp_path / "labels.toml"
    path.write_text(text, "utf-8")
    with pytest.raises(LabelsError, match=told):
        read_labels(path)


def test_a_file_that_is_not_there_or_not_utf_8_is_refused(tmp_path: Path) -> None:
    (tmp_path / "labels.toml").write_bytes(b"\xff")
    for name in ("none.toml", "labels.toml"):
        with pytest.raises(LabelsError, match="cannot be read"):
            read_labels(tmp_path / name)


def test_the_default_slot_is_empty() -> None:
    assert not NO_LABELS.labels
    assert not NO_LABELS.vertical
