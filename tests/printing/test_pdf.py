"""The PDF as a reader that is not ours finds it."""

import hashlib
import subprocess
import sys
from pathlib import Path

import pytest

from printing.document import Document, Kind, Point
from printing.photo import photo_of
from tests.printing.documents import (
    card_contents,
    every_kind,
    made_pdf,
    missing_list,
    pdf_of,
    pdf_text,
    png,
    printed,
    printer,
    receipt,
    under,
)

ROOT = Path(__file__).resolve().parent.parent.parent
KINDS = [kind.value for kind in Kind]


@pytest.mark.parametrize("document", every_kind(), ids=KINDS)
def test_fonts_are_embedded_as_subsets(document: Document) -> None:
    content = made_pdf(document)
    fonts = [
        font.get_object()
        for page in pdf_of(content).pages
        for font in under(page, "/Resources", "/Font").values()
    ]
    assert fonts
    for font in fonts:
        tag, plus, _ = font["/BaseFont"].lstrip("/").partition("+")
        descriptor = under(under(font["/DescendantFonts"])[0], "/FontDescriptor")
        assert (len(tag), plus) == (6, "+")  # ISO 32000-1, 9.6.4: a subset has such a tag
        assert "/FontFile3" in descriptor
        assert "/ToUnicode" in font
    assert len(content) < 300_000  # the two fonts whole are twenty megabytes


@pytest.mark.parametrize("document", every_kind(), ids=KINDS)
def test_title_language_and_tags_are_there(document: Document) -> None:
    made = printed(document)
    reader = pdf_of(made.pdf)
    root = under(reader.trailer["/Root"])
    assert reader.metadata is not None
    assert reader.metadata.title == made.title
    assert root["/Lang"] == "zh-CN"
    assert under(root, "/MarkInfo", "/Marked")
    assert under(root, "/ViewerPreferences", "/DisplayDocTitle")
    about = reader.xmp_metadata
    assert about is not None
    assert "pdfuaid:part" in about.stream.get_data().decode()


def test_the_only_date_in_it_is_the_documents_own() -> None:
    metadata = pdf_of(made_pdf(receipt())).metadata
    assert metadata is not None
    assert {str(metadata[name]) for name in ("/CreationDate", "/ModDate")} == {"D:20260302000000Z"}


def test_nothing_of_a_person_is_in_the_metadata() -> None:
    metadata = pdf_of(made_pdf(receipt())).metadata
    assert "林晓测" not in str(metadata)


def test_it_runs_nothing_and_leads_nowhere() -> None:
    content = made_pdf(card_contents(photo_of(png())))
    for name in (b"/JavaScript", b"/Launch", b"/URI", b"/EmbeddedFile", b"/OpenAction"):
        assert name not in content


def test_sixty_missing_items_run_over_pages_with_their_head_repeated() -> None:
    items = [Point(says=f"第{number}项材料", article="15") for number in range(1, 61)]
    content = made_pdf(missing_list(*items))
    pages = [page.extract_text() for page in pdf_of(content).pages]
    assert len(pages) > 1
    assert all("序号" in page for page in pages[:2])
    text = pdf_text(content)
    assert all(f"第{number}项材料" in text for number in range(1, 61))
    assert f"第 2 页，共 {len(pages)} 页" in pages[1]


def test_a_photo_is_inside_with_words_for_who_does_not_see_it() -> None:
    content = made_pdf(card_contents(photo_of(png(26, 32))))
    objects = under(pdf_of(content).pages[0], "/Resources", "/XObject")
    assert [(each["/Width"], each["/Height"]) for each in map(under, objects.values())] == [
        (26, 32)
    ]
    assert "未存照片" not in pdf_text(content)
    assert "未存照片" in pdf_text(made_pdf(card_contents()))


@pytest.mark.parametrize("document", every_kind(), ids=KINDS)
def test_the_same_document_gives_the_same_bytes(document: Document) -> None:
    first, second = printer().print(document), printer().print(document)
    assert (first.pdf, first.html) == (second.pdf, second.html)


def test_another_process_with_other_hashes_gives_the_same_bytes() -> None:
    line = (
        "import hashlib; from tests.printing.documents import *; "
        "made = printer().print(receipt()); "
        "print(hashlib.sha256(made.pdf + made.html.encode()).hexdigest())"
    )
    digests = {
        subprocess.run(
            [sys.executable, "-c", line],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "TZ": zone},
            check=True,
            capture_output=True,
            text=True,
        ).stdout.strip()
        for seed, zone in (("1", "UTC"), ("2", "Asia/Shanghai"))
    }
    made = printer().print(receipt())
    assert digests == {hashlib.sha256(made.pdf + made.html.encode()).hexdigest()}
