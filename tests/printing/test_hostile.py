"""Values that would break out of their cell, seen by readers that are not ours."""

from dataclasses import replace

import pytest

from printing.document import Access
from tests.printing.documents import (
    OFFICE,
    Seen,
    card_contents,
    html_of,
    made_pdf,
    pdf_of,
    pdf_text,
    printed,
    receipt,
    refusal,
    subject_report,
)

SCRIPT = "<script>alert('居住')</script>"
MARKUP = (
    SCRIPT,
    '"><img src=x onerror=alert(1)>',
    "</td></tr></table><h1>伪</h1>",
    "{{ 7 * 7 }}{% for x in y %}",
    '#set text(fill: red); #image("x.png") $x$ *b* _i_ = 标题 @preview',
    "&lt;b&gt;&#60;",
    "\\u{202e} \\ `raw` //注释 /* */",
)


@pytest.mark.parametrize("value", MARKUP)
def test_markup_in_a_value_is_text_in_both_forms(value: str) -> None:
    made = printed(refusal(value))
    plain = Seen(made.html)
    assert value in plain.texts
    assert plain.elements == Seen(html_of(refusal("甲"))).elements
    assert value.replace(" ", "") in pdf_text(made.pdf).replace(" ", "")


@pytest.mark.parametrize("value", MARKUP)
def test_markup_in_every_other_place_is_text(value: str) -> None:
    office = replace(OFFICE, name=value, official=value, address=value, telephone=value)
    access = Access(
        at=subject_report().accesses[0].at,
        department=value,
        official=value,
        purpose=value,
        fields=(value, value),
        outcome=value,
    )
    section = replace(subject_report().sections[0], title=value, rows=((value, value),))
    report = replace(
        subject_report(), office=office, reference=value, sections=(section,), accesses=(access,)
    )
    page = Seen(html_of(report))
    assert "script" not in page.elements
    assert page.elements.count("h1") == 1
    assert not any(name.startswith("on") for name, _ in page.attributes)
    assert "".join(page.texts).count(value) >= 12


def widest(content: bytes) -> float:
    """How far to the right any text begins, in points."""
    places: list[float] = []

    def seen(_text: str, cm: list[float], tm: list[float], _font: object, _size: float) -> None:
        places.append(cm[0] * tm[4] + cm[4])

    for page in pdf_of(content).pages:
        page.extract_text(visitor_text=seen)
    return max(places)


@pytest.mark.parametrize(
    "name",
    [
        "额尔德尼巴特尔·" * 5,
        "Erdenebaatar·Borjigin·Altanshagai·Khulan",
        "A" * 256,
        "-" * 256,
        "，。" * 128,
        "(" * 256,
        "1" * 256,
        "a\u00a0" * 128,
    ],
)
def test_a_long_name_is_broken_inside_its_cell_and_comes_out_whole(name: str) -> None:
    content = made_pdf(receipt(name))
    shown = pdf_text(content).replace(" ", "")
    assert name.replace("\u00a0", "") in shown
    assert _lines_within(content)


def _lines_within(content: bytes) -> bool:
    """Whether no glyph lies to the right of the margin (A4 is 595.3 points wide)."""
    right = 595.3 - 18 / 25.4 * 72
    return widest(content) < right


def test_a_line_break_stays_in_its_cell() -> None:
    made = printed(refusal("一行\r\n二行\n三行\r四行"))
    assert "一行\n二行\n三行\n四行" in Seen(made.html).texts
    assert all(f"{each}行" in pdf_text(made.pdf) for each in "一二三四")


@pytest.mark.parametrize(
    ("character", "shown"),
    [
        ("\u202e", "[U+202E]"),
        ("\u2066", "[U+2066]"),
        ("\u200b", "[U+200B]"),
        ("\ufeff", "[U+FEFF]"),
        ("\x00", "[U+0000]"),
        ("\x1b", "[U+001B]"),
        ("\x7f", "[U+007F]"),
        ("\u2028", "[U+2028]"),
        ("\u00ad", "[U+00AD]"),
        ("\U000e0041", "[U+E0041]"),
    ],
)
def test_what_is_not_seen_is_written_out(character: str, shown: str) -> None:
    made = printed(receipt(f"林{character}测"))
    assert f"林{shown}测" in pdf_text(made.pdf)
    assert f"林{shown}测" in Seen(made.html).texts
    assert character not in made.html


@pytest.mark.parametrize("space", ["\u00a0", "\u2003", "\u202f", "\t"])
def test_every_narrow_space_is_one_that_a_line_can_break_at(space: str) -> None:
    assert "林 测" in Seen(html_of(receipt(f"林{space}测"))).texts


def test_a_value_of_ten_thousand_characters_runs_over_pages() -> None:
    content = made_pdf(replace(card_contents(), hukou_address="赤峰市松山区" * 1_700))
    assert len(pdf_of(content).pages) > 2
    assert pdf_text(content).count("赤峰市松山区") >= 1_700
