"""What each kind of document says, in both forms alike (articles 13, 16, 17, 28, 30)."""

from dataclasses import replace
from datetime import date

import pytest

from printing.document import Document, DocumentError, Kind, Point
from regulation.calendar import Deadline
from regulation.card import CARD_FIELDS, card_fields
from regulation.outcome import Gap, Reason
from regulation.parameters import AS_ISSUED
from tests.printing.documents import (
    NUMBER,
    Seen,
    card_contents,
    every_kind,
    made_pdf,
    missing_list,
    pdf_text,
    printed,
    receipt,
    refusal,
    subject_report,
)


def both_forms(document: Document) -> tuple[str, str]:
    made = printed(document)
    return pdf_text(made.pdf), "".join(Seen(made.html).texts)


@pytest.mark.parametrize("document", every_kind(), ids=[kind.value for kind in Kind])
def test_every_kind_names_office_official_person_and_reference_in_both_forms(
    document: Document,
) -> None:
    for text in both_forms(document):
        for value in ("松山区振兴派出所", "经办测", "林晓测", "赤松居〔2026〕", "2026年3月2日"):
            assert value in text


@pytest.mark.parametrize("document", every_kind(), ids=[kind.value for kind in Kind])
def test_a_file_name_says_kind_and_day_and_nothing_of_a_person(document: Document) -> None:
    made = printed(document)
    kind, _, day = made.file_name.partition("-2026")
    assert kind in set(Kind)
    assert day == "-03-02"


@pytest.mark.parametrize("document", every_kind(), ids=[kind.value for kind in Kind])
def test_what_a_document_holds_is_in_no_repr(document: Document) -> None:
    for value in (document, document.office, document.person, printed(document)):
        assert "林晓测" not in repr(value)
        assert NUMBER not in repr(value)


@pytest.mark.parametrize("document", [receipt(), missing_list(), refusal()])
def test_a_receipt_a_list_and_a_refusal_mask_the_number(document: Document) -> None:
    for text in both_forms(document):
        assert "****9969" in text
        assert NUMBER not in text


def test_a_short_number_is_hidden_whole() -> None:
    short = replace(receipt(), person=replace(receipt().person, number="9969996"))
    assert "9996" not in pdf_text(made_pdf(short))


@pytest.mark.parametrize("document", [card_contents(), subject_report()])
def test_the_card_and_the_report_show_the_number_whole(document: Document) -> None:
    for text in both_forms(document):
        assert NUMBER in text


def test_a_receipt_says_what_was_applied_for_and_when_it_is_due_by_article_17() -> None:
    for text in both_forms(receipt()):
        assert "申领居住证" in text
        assert "2026年4月1日（第十七条）" in text


def test_a_provisional_day_says_that_it_is() -> None:
    due = Deadline(date(2027, 4, 1), provisional=True, missing=(2027,))
    for text in both_forms(replace(receipt(), due=due)):
        assert "暂定" in text


def test_a_missing_list_tells_everything_at_once_each_with_its_article() -> None:
    every = tuple(Point.of(gap) for gap in Gap)
    for text in both_forms(missing_list(*every)):
        for gap in Gap:
            assert gap.zh in text
        assert "第十五条" in text
        assert "第二十条" in text


def test_a_list_of_nothing_is_not_made() -> None:
    with pytest.raises(DocumentError, match="accept it"):
        replace(missing_list(), missing=())


def test_a_refusal_gives_reasons_articles_official_and_both_remedies() -> None:
    for text in both_forms(refusal()):
        assert Reason.RESIDENCE_UNDER_HALF_YEAR.zh in text
        assert "第二条" in text
        assert "登记至今不满半年。" in text
        assert "六十日内，向松山区人民政府申请行政复议" in text
        assert "六个月内，向松山区人民法院提起行政诉讼" in text


def test_a_refusal_without_a_reason_is_not_made() -> None:
    with pytest.raises(DocumentError, match="no reason: "):
        replace(refusal(), reasons=())


def test_a_refusal_without_a_reason_in_words_is_not_made() -> None:
    with pytest.raises(DocumentError, match="in words"):
        refusal(" \n")


def test_a_refusal_that_names_no_official_is_not_made() -> None:
    with pytest.raises(DocumentError, match="official"):
        replace(refusal(), office=replace(refusal().office, official=" "))


def test_a_refusal_without_the_county_of_its_remedies_is_not_made() -> None:
    with pytest.raises(DocumentError, match="county"):
        replace(refusal(), county="")


def test_the_card_shows_the_items_of_article_13_and_no_more() -> None:
    for text in both_forms(card_contents()):
        for value in (
            "姓名", "性别", "民族", "出生日期", "公民身份号码", "近期照片", "户籍地址",
            "现居住地址", "签发机关", "有效期限", "2026年3月2日至2027年3月1日",
        ):  # fmt: skip
            assert value in text
        assert "签发日期" not in text


def test_the_day_of_issue_stands_on_the_card_where_the_city_reads_article_13_so() -> None:
    fields = card_fields(AS_ISSUED.reading(R28="issue-date-on-card"))
    shown = replace(card_contents(), issue_date=date(2026, 2, 27), fields=fields)
    assert len(fields) == len(CARD_FIELDS) + 1
    for text in both_forms(shown):
        assert "签发日期" in text
        assert "2026年2月27日" in text


def test_a_subject_report_tells_what_is_stored_and_who_saw_it_in_the_citys_time() -> None:
    for text in both_forms(subject_report()):
        for value in ("性别", "自定一栏", "自定一值", "教育局", "入学", "已答复"):
            assert value in text
        assert "2026-03-01" in text
        assert "00:05" in text


def test_a_report_that_nobody_saw_says_so() -> None:
    for text in both_forms(replace(subject_report(), accesses=())):
        assert "没有查看记录" in text


def test_an_empty_value_says_that_there_is_none() -> None:
    for text in both_forms(replace(receipt(), materials=())):
        assert "收到的材料无" in text.replace("\n", "").replace(" ", "")
