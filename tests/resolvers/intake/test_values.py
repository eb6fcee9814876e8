"""Cells are read as clerks and spreadsheets write them, and never guessed at."""

import csv
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resolvers.intake.codes import Code
from resolvers.intake.ethnic_groups import ethnic_group
from resolvers.intake.values import Day, read_day, read_reason, read_sex, read_text

DAY = date(2024, 5, 3)
VECTORS = Path(__file__).parents[2] / "vectors"


@pytest.mark.parametrize(
    ("text", "mark"),
    [
        ("2024-05-03", None),
        ("2024-5-3", None),
        (" 2024-05-03 ", None),
        ("2024-05-03 00:00:00", None),
        ("2024/05/03", Code.DATE_SLASHES),
        ("2024/5/3 0:00", Code.DATE_SLASHES),
        ("2024.5.3", Code.DATE_DOTS),
        ("2024年5月3日", Code.DATE_CHINESE),
        ("2024年05月03日", Code.DATE_CHINESE),
        ("２０２４年５月３日", Code.DATE_CHINESE),
        ("20240503", Code.DATE_COMPACT),
        ("45415", Code.DATE_SERIAL),
        ("45415.0", Code.DATE_SERIAL),
    ],
)
def test_every_form_of_a_day_is_read_and_marked(text: str, mark: Code | None) -> None:
    assert read_day(text) == Day(DAY, mark)


@pytest.mark.parametrize(
    "text", ["24-05-03", "24/5/3", "24.5.3", "05/03/24", "240503", "24年5月3日"]
)
def test_two_digit_years_are_refused_by_name(text: str) -> None:
    assert read_day(text) is Code.DATE_TWO_DIGIT_YEAR


@pytest.mark.parametrize(
    "text",
    [
        "2024-02-30",
        "2024-13-01",
        "20241301",
        "05/03/2024",
        "1234",
        "123456789",
        "2024-05-03 08:30",
        "昨天",
        "1879-12-31",
        "²⁰24-05-03x",
    ],
)
def test_what_is_no_day_is_refused(text: str) -> None:
    assert read_day(text) is Code.DATE_UNREADABLE


def test_a_leap_day_exists_in_leap_years_only() -> None:
    assert read_day("2024-02-29") == Day(date(2024, 2, 29), None)
    assert read_day("2023-02-29") is Code.DATE_UNREADABLE


@given(st.dates(date(1950, 1, 1), date(2100, 1, 1)))
def test_a_serial_day_counts_from_the_end_of_1899(day: date) -> None:
    serial = (day - date(1899, 12, 30)) // timedelta(days=1)
    assert read_day(str(serial)) == Day(day, Code.DATE_SERIAL)


@given(st.text())
def test_no_text_makes_the_readers_fail(text: str) -> None:
    for read in (read_day, read_sex, read_reason, ethnic_group):
        read(text)
    read_text(text, most=20)


@pytest.mark.parametrize(
    ("text", "sex"),
    [
        ("男", "MALE"),
        ("１", "MALE"),
        ("M", "MALE"),
        ("female", "FEMALE"),
        ("2", "FEMALE"),
        ("女性", "FEMALE"),
        ("", None),
        ("0", None),
        ("9", None),
        ("未说明", None),
        ("公", Code.SEX_UNKNOWN),
        ("3", Code.SEX_UNKNOWN),
    ],
)
def test_a_sex_is_read_by_word_or_code(text: str, sex: str | Code | None) -> None:
    assert read_sex(text) == sex


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("02", "蒙古族"),
        ("2", "蒙古族"),
        ("蒙古族", "蒙古族"),
        ("蒙古", "蒙古族"),
        ("mongol", "蒙古族"),
        ("56", "基诺族"),
        ("满", "满族"),
        ("97", "其他"),
        ("98", "外国血统中国籍人士"),
        ("57", None),
        ("蒙", None),
        ("", None),
    ],
)
def test_an_ethnic_group_is_read_by_code_or_name(word: str, name: str | None) -> None:
    assert ethnic_group(word) == name


def test_all_56_groups_have_a_code_of_their_own() -> None:
    assert len({ethnic_group(f"{code:02d}") for code in range(1, 57)} - {None}) == 56


def test_a_reason_is_read_by_its_word_in_either_language() -> None:
    assert read_reason(" 务工 ") == read_reason("Work") == "务工"
    assert read_reason("旅游") is Code.REASON_UNKNOWN


def test_line_ends_and_blanks_in_text_become_one_blank() -> None:
    assert read_text(" 测试路\r\n 1号\u3000楼 ", most=20) == "测试路 1号 楼"


@pytest.mark.parametrize("text", ["测试\x00路", "测试\x1b[2J", "测试\ufffd路"])
def test_control_and_replacement_characters_in_text_are_refused(text: str) -> None:
    assert read_text(text, most=20) is Code.TEXT_UNREADABLE


def test_text_is_refused_one_character_past_its_limit() -> None:
    assert read_text("路" * 20, most=20) == "路" * 20
    assert read_text("路" * 21, most=20) is Code.TEXT_TOO_LONG


def test_the_56_ethnic_groups_are_those_of_the_standard() -> None:
    with (VECTORS / "gb3304-1991.csv").open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))
    assert sorted(entry["code"] for entry in table) == [f"{code:02}" for code in range(1, 57)]
    for entry in table:
        for word in (entry["code"], entry["name"], entry["roman"]):
            assert ethnic_group(word) == entry["name"]


@pytest.mark.parametrize("code", ["00", "57", "58", "96", "99", "0", "001"])
def test_other_codes_are_no_ethnic_group(code: str) -> None:
    assert ethnic_group(code) is None
