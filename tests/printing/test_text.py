"""Dates, articles and characters as they stand on paper."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from printing import text


@pytest.mark.parametrize(
    ("number", "words"),
    [(1, "一"), (9, "九"), (10, "十"), (11, "十一"), (19, "十九"), (20, "二十"), (33, "三十三")],
)
def test_numbers_are_written_as_in_the_measures(number: int, words: str) -> None:
    assert text.numeral(number) == words


@pytest.mark.parametrize(
    ("reference", "words"),
    [
        ("16", "第十六条"),
        ("24(4)", "第二十四条第（四）项"),
        ("PIPL 45", "PIPL 45"),
        ("100", "100"),
        ("0", "0"),
        ("", ""),
    ],
)
def test_articles_are_written_in_words_and_what_is_none_stays(reference: str, words: str) -> None:
    assert text.article(reference) == words


def test_a_day_has_no_leading_zeros() -> None:
    assert text.day(date(2026, 3, 2)) == "2026年3月2日"


def test_a_moment_is_told_in_the_citys_time() -> None:
    assert text.moment(datetime(2026, 2, 28, 16, 0, 59, tzinfo=UTC)) == "2026-03-01 00:00"


def test_a_code_point_has_at_least_four_digits() -> None:
    assert text.code_point("a") == "U+0061"
    assert text.code_point("𠮷") == "U+20BB7"


@given(st.text())
def test_nothing_unseen_is_left_and_twice_is_as_once(value: str) -> None:
    seen = text.visible(value)
    assert text.visible(seen) == seen
    assert all(each.isprintable() or each in "\n　" or ord(each) > 0x7F for each in seen)


@given(st.text(st.characters(categories=("Lo", "Lu", "Ll", "Nd", "Po"))))
def test_what_is_seen_stays_as_it_is(value: str) -> None:
    assert text.visible(value) == value
