"""Which characters can be printed; one that can't stops the print and is named."""

from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pylopdf_fonts_zh_cn as noto
import pytest

from printing.document import Document
from printing.fonts import FontsError, GlyphMissingError, load_fonts
from printing.printer import Printer
from tests.printing.documents import (
    card_contents,
    pdf_of,
    pdf_text,
    printed,
    printer,
    receipt,
    refusal,
    subject_report,
    under,
)
from tests.printing.made_fonts import make_font

RARE = "𠮷"  # U+20BB7, Extension B


def missing(name: str) -> GlyphMissingError:
    with pytest.raises(GlyphMissingError) as caught:
        printer().print(receipt(name))
    return caught.value


def test_a_character_without_a_glyph_stops_the_print_and_is_named_with_its_code_point() -> None:
    error = missing(f"林{RARE}测")
    assert error.characters == (RARE,)
    assert error.named == ("𠮷 U+20BB7",)


def test_every_character_without_a_glyph_is_named_once_in_order() -> None:
    assert missing("林\U0002a6d6𠮷𠮷ᠠ").named == ("\U0002a6d6 U+2A6D6", "𠮷 U+20BB7", "ᠠ U+1820")


def test_the_message_of_a_missing_glyph_holds_nothing_of_the_name() -> None:
    error = missing(f"林{RARE}测")
    for told in (str(error), repr(error)):
        assert not set(told) & {"林", RARE, "测"}
        assert "20BB7" not in told


@pytest.mark.parametrize("form", ["pdf", "html"])
def test_neither_form_is_set_alone_without_a_glyph(form: str) -> None:
    with pytest.raises(GlyphMissingError):
        getattr(printer(), form)(receipt(RARE))


def test_a_missing_glyph_in_any_place_of_a_document_stops_it() -> None:
    report, card = subject_report(), card_contents()
    places: list[Document] = [
        refusal(RARE),
        replace(card, hukou_address=RARE),
        replace(report, sections=(replace(report.sections[0], rows=((RARE, "值"),)),)),
        replace(report, sections=(replace(report.sections[0], rows=(("栏", RARE),)),)),
        replace(report, sections=(replace(report.sections[0], title=RARE),)),
        replace(report, accesses=(replace(report.accesses[0], fields=("一", RARE)),)),
        replace(receipt(), office=replace(receipt().office, name=RARE)),
    ]
    for document in places:
        with pytest.raises(GlyphMissingError):
            printer().pdf(document)


def test_every_ideograph_of_the_basic_block_and_of_extension_a_can_be_printed() -> None:
    printer()._fonts.require(
        chr(code) for start, end in ((0x4E00, 0x9FFF), (0x3400, 0x4DBF))
        for code in range(start, end + 1)
    )  # fmt: skip


@pytest.mark.parametrize(
    "name", ["㐂", "䶮", "孛儿只斤·额尔德尼巴特尔", "Ανна".replace("Αν", "An")]
)
def test_a_rare_or_long_name_comes_out_of_the_pdf_as_it_went_in(name: str) -> None:
    assert name in pdf_text(printer().pdf(receipt(name)))


def test_a_folder_of_fonts_adds_what_the_shipped_ones_lack(tmp_path: Path) -> None:
    make_font(tmp_path / "rare.ttf", RARE)
    made = Printer(load_fonts(tmp_path)).print(receipt(f"林{RARE}测"))
    assert f"林{RARE}测" in pdf_text(made.pdf)
    assert f"林{RARE}测" in made.html
    # A third font is inside: the added one has that one character and no other.
    assert made.html.count("@font-face") == 3


def test_a_character_that_the_shipped_fonts_have_is_not_set_in_an_added_one(
    tmp_path: Path,
) -> None:
    make_font(tmp_path / "other.ttf", "林测")
    page = Printer(load_fonts(tmp_path)).html(receipt())
    assert page.count("@font-face") == 2


def test_the_form_of_a_character_that_no_font_has_stops_the_print() -> None:
    # 葛 with the first selector of the Hanyo-Denshi collection: another shape of the same name.
    error = missing("葛\U000e0102")
    assert error.named == ("葛\U000e0102 U+845B U+E0102",)


def test_a_selector_that_follows_nothing_stops_the_print() -> None:
    assert missing("\ufe00").named == ("\ufe00 U+FE00",)


def test_a_private_or_unassigned_character_stops_the_print() -> None:
    assert missing("\ue000\U0003ffff").named == ("\ue000 U+E000", "\U0003ffff U+3FFFF")


def test_half_of_a_surrogate_pair_stops_the_print() -> None:
    assert missing("\ud842").characters == ("\ud842",)


def test_a_folder_without_fonts_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FontsError, match=r"no \.ttf or \.otf"):
        load_fonts(tmp_path)


def test_a_folder_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FontsError, match="cannot be read"):
        load_fonts(tmp_path / "none")


@pytest.mark.parametrize("content", [b"", b"not a font", b"\x00\x01\x00\x00" + b"\xff" * 64])
def test_a_file_that_is_no_font_is_refused_by_its_name(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "broken.ttf").write_bytes(content)
    with pytest.raises(FontsError, match=r"broken\.ttf"):
        load_fonts(tmp_path)


def test_two_files_of_one_family_are_refused(tmp_path: Path) -> None:
    make_font(tmp_path / "a.ttf", RARE)
    make_font(tmp_path / "b.ttf", "\U0002a6d6")
    with pytest.raises(FontsError, match="one family"):
        load_fonts(tmp_path)


def test_the_fonts_bring_their_licence_and_are_allowed_to_be_embedded() -> None:
    folder = noto.serif_path().parent
    (licence,) = folder.parent.glob("pylopdf_fonts_zh_cn-*.dist-info/licenses/LICENSE")
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence.read_text("utf-8")


def test_the_machines_own_fonts_are_not_looked_at() -> None:
    descriptors = [
        under(font, "/BaseFont")
        for page in pdf_of(printed(receipt()).pdf).pages
        for font in under(page, "/Resources", "/Font").values()
    ]
    assert descriptors
    assert all("+NotoS" in name for name in descriptors)


def test_no_template_names_an_address() -> None:
    for name in ("sheet.html", "sheet.typ"):
        text = files("printing").joinpath(f"templates/{name}").read_text("utf-8")
        assert "//" not in text.replace("// ", "")
        assert "@preview" not in text
