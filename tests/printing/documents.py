"""Documents of invented people, one of each kind, and what an independent reader finds in a PDF."""

import io
import struct
import zlib
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from functools import cache
from html.parser import HTMLParser
from typing import Any

from pypdf import PdfReader

from printing.document import (
    Access,
    Applied,
    CardContents,
    Document,
    MissingList,
    Office,
    Person,
    Point,
    Receipt,
    Refusal,
    Section,
    SubjectReport,
)
from printing.fonts import load_fonts
from printing.photo import Photo, photo_of
from printing.printer import Printed, Printer
from printing.remedies import read_remedies
from regulation.calendar import Deadline
from regulation.outcome import Gap, Reason
from regulation.remedies import remedies_on

DAY = date(2026, 3, 2)
NUMBER = "152201199003079969"
OFFICE = Office(
    name="松山区振兴派出所",
    official="经办测",
    address="赤峰市松山区玉龙大街1号",
    telephone="0476-0000000",
)
PERSON = Person(name="林晓测", number=NUMBER)


@cache
def printer() -> Printer:
    return Printer(load_fonts())


@cache
def printed(document: Document) -> Printed:
    """A document in both forms, set once for all tests that look at it."""
    return printer().print(document)


@cache
def html_of(document: Document) -> str:
    return printer().html(document)


@cache
def made_pdf(document: Document) -> bytes:
    return printer().pdf(document)


def receipt(name: str = PERSON.name) -> Receipt:
    return Receipt(
        reference="赤松居〔2026〕1号",
        office=OFFICE,
        person=replace(PERSON, name=name),
        applied_for=Applied.PERMIT,
        accepted_on=DAY,
        due=Deadline(date(2026, 4, 1), provisional=False),
        materials=("居民身份证", "近期照片"),
    )


def missing_list(*missing: Point) -> MissingList:
    return MissingList(
        reference="赤松居〔2026〕2号",
        office=OFFICE,
        person=PERSON,
        applied_for=Applied.PERMIT,
        told_on=DAY,
        missing=missing or (Point.of(Gap.RESIDENT_ID_CARD), Point.of(Gap.PHOTO)),
    )


def refusal(in_words: str = "登记至今不满半年。") -> Refusal:
    return Refusal(
        reference="赤松居〔2026〕3号",
        office=OFFICE,
        person=PERSON,
        applied_for=Applied.PERMIT,
        decided_on=DAY,
        reasons=(Point.of(Reason.RESIDENCE_UNDER_HALF_YEAR),),
        in_words=in_words,
        county="松山区",
        remedies=remedies_on(read_remedies(), DAY),
    )


def card_contents(picture: Photo | None = None) -> CardContents:
    return CardContents(
        reference="赤松居〔2026〕4号",
        office=OFFICE,
        person=PERSON,
        sex="女",
        ethnicity="蒙古族",
        birth_date=date(1990, 3, 7),
        photo=picture,
        hukou_address="兴安盟乌兰浩特市测试街1号",
        current_address="赤峰市松山区西屯街道测试小区1号楼101室",
        issuing_authority="赤峰市公安局松山区分局",
        valid_from=DAY,
        valid_to=date(2027, 3, 1),
        made_on=DAY,
    )


def subject_report() -> SubjectReport:
    return SubjectReport(
        reference="赤松居〔2026〕5号",
        office=OFFICE,
        person=PERSON,
        as_of=DAY,
        sections=(Section(title="basics", rows=(("sex", "女"), ("自定一栏", "自定一值"))),),
        accesses=(
            Access(
                at=datetime(2026, 2, 28, 16, 5, tzinfo=UTC),
                department="教育局",
                official="edu-demo-01",
                purpose="入学",
                fields=("居住证是否有效", "现居住地区划"),
                outcome="已答复",
            ),
        ),
    )


def every_kind() -> list[Document]:
    return [
        receipt(),
        missing_list(),
        refusal(),
        card_contents(photo_of(png())),
        subject_report(),
    ]


def png(width: int = 26, height: int = 32) -> bytes:
    """A grey picture."""
    lines = b"".join(b"\x00" + b"\x80" * width for _ in range(height))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    parts = (_chunk(b"IHDR", header), _chunk(b"IDAT", zlib.compress(lines)), _chunk(b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    body = kind + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))


def pdf_of(content: bytes) -> PdfReader:
    return PdfReader(io.BytesIO(content), strict=True)


def under(value: Any, *names: str) -> Any:
    """What stands at a path of a PDF's dictionaries, references followed."""
    for name in names:
        value = value.get_object()[name]
    return value.get_object()


def pdf_text(content: bytes) -> str:
    """All of its text as a reader extracts it, without line ends."""
    pages = (page.extract_text() for page in pdf_of(content).pages)
    return "".join(pages).replace("\n", "")


class Seen(HTMLParser):
    """The texts, elements and attributes of a page, as a browser's parser finds them."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.texts: list[str] = []
        self.elements: list[str] = []
        self.attributes: list[tuple[str, str | None]] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(tag)
        self.attributes += attrs

    def handle_data(self, data: str) -> None:
        self.texts.append(data)

    def cells(self) -> Iterator[str]:
        return (text for text in self.texts if text.strip())
