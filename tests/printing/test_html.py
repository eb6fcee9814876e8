"""The HTML file: one file that needs nothing else and may load nothing."""

import base64
import io
import re

import pytest
from fontTools.ttLib import TTFont

from printing.document import Document, Kind
from printing.photo import photo_of
from tests.printing.documents import Seen, card_contents, every_kind, html_of, png, receipt

KINDS = [kind.value for kind in Kind]


@pytest.mark.parametrize("document", every_kind(), ids=KINDS)
def test_it_loads_nothing_from_anywhere(document: Document) -> None:
    page = html_of(document)
    outside = re.sub(r"data:(font/woff|image/png);base64,[A-Za-z0-9+/=]+", "", page)
    assert "://" not in outside
    assert "url(" not in outside.replace('url("")', "")
    seen = Seen(page)
    assert not set(seen.elements) & {"script", "link", "iframe", "object", "form", "a", "base"}
    policy = dict(seen.attributes)["content"]
    assert ("http-equiv", "Content-Security-Policy") in seen.attributes
    assert "default-src 'none'" in page
    assert policy is not None


def test_it_says_its_language_and_title_and_prints_on_a4() -> None:
    page = html_of(receipt())
    seen = Seen(page)
    assert seen.attributes[0] == ("lang", "zh-CN")
    assert seen.texts.count("受理回执") == 2  # the title and the heading
    assert "@page { size: A4;" in page


def test_its_fonts_have_every_character_that_it_shows() -> None:
    page = html_of(receipt("孛儿只斤·㐂"))
    parts = re.findall(r"data:font/woff;base64,([A-Za-z0-9+/=]+)", page)
    held: set[int] = set()
    for part in parts:
        content = base64.b64decode(part)
        assert len(content) < 100_000
        held |= set(TTFont(io.BytesIO(content)).getBestCmap())
    body = page.partition("<body>")[2]
    shown = {ord(each) for each in "".join(Seen(body).texts) if each != "\n"}
    assert shown <= held


def test_a_photo_is_inside_with_words_for_who_does_not_see_it() -> None:
    content = png()
    page = html_of(card_contents(photo_of(content)))
    assert base64.b64encode(content).decode() in page
    assert ("alt", "近期照片") in Seen(page).attributes
