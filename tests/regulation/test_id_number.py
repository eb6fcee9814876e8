"""Identity numbers: what is one, what is not and why, and what a register's cell may hold."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.id_number import (
    IdNumber,
    IdNumberFault,
    IdNumberMark,
    InvalidIdNumberError,
    Sex,
    birth_date,
    parse_id_number,
    read_id_number,
    sex,
    slips_of,
    with_check_digit,
)

# The check digits of GB 11643's remainders 0 to 10, and further synthetic persons: prefixes in and
# out of use, check digit X, born on 29 February.
_VALID = {
    "110105199005129975": (date(1990, 5, 12), Sex.MALE),
    "15040319950214996X": (date(1995, 2, 14), Sex.FEMALE),
    "410102200802299990": (date(2008, 2, 29), Sex.MALE),
    "370102202103209964": (date(2021, 3, 20), Sex.FEMALE),
    "15222119810306997X": (date(1981, 3, 6), Sex.MALE),
}


@pytest.mark.parametrize("text", list(_VALID))
def test_a_number_says_birth_date_and_sex(text: str) -> None:
    number = parse_id_number(text)
    assert number == text
    assert (birth_date(number), sex(number)) == _VALID[text]


def test_a_division_that_no_longer_exists_is_no_reason_to_refuse() -> None:
    assert parse_id_number(with_check_digit("15042719800101998"))


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("", IdNumberFault.EMPTY),
        ("   \u3000", IdNumberFault.EMPTY),
        ("152221810306997", IdNumberFault.FIFTEEN_DIGITS),
        ("110105199005129974", IdNumberFault.CHECK_DIGIT),
        ("15040319950214996Y", IdNumberFault.MALFORMED),
        ("1504031995021499X6", IdNumberFault.MALFORMED),
        ("11010519900512997", IdNumberFault.MALFORMED),
        ("1101051990051299755", IdNumberFault.MALFORMED),
        ("１１０１０５１９９００５１２９９７５", IdNumberFault.MALFORMED),
        ("١١٠١٠٥١٩٩٠٠٥١٢٩٩٧٥", IdNumberFault.MALFORMED),
        (" 110105199005129975", IdNumberFault.MALFORMED),
        (with_check_digit("11010519900231998"), IdNumberFault.BIRTH_DATE),
        (with_check_digit("11010519900229998"), IdNumberFault.BIRTH_DATE),
        (with_check_digit("11010500010101998"), IdNumberFault.BIRTH_DATE),
        (with_check_digit("11010518491231998"), IdNumberFault.BIRTH_DATE),
        ("810000199001159999", IdNumberFault.NOT_CITIZEN),
        ("820000197811119975", IdNumberFault.NOT_CITIZEN),
        ("830000199106069985", IdNumberFault.NOT_CITIZEN),
        (with_check_digit("91115619900115998"), IdNumberFault.NOT_CITIZEN),
        ("E00000000", IdNumberFault.NOT_CITIZEN),
        ("ea0000000", IdNumberFault.NOT_CITIZEN),
        ("1.50429E+17", IdNumberFault.DESTROYED),
        ("1.50429e17", IdNumberFault.DESTROYED),
        ("150429199311039000", IdNumberFault.DESTROYED),
        ("110105199005129975.0", IdNumberFault.DESTROYED),
        ("x" * 100_000, IdNumberFault.MALFORMED),
    ],
)
def test_what_is_no_number_is_refused_with_its_fault(text: str, fault: IdNumberFault) -> None:
    with pytest.raises(InvalidIdNumberError) as caught:
        parse_id_number(text)
    assert caught.value.fault is fault


@pytest.mark.parametrize("year", [1850, 1900, 2099])
def test_years_of_people_are_taken(year: int) -> None:
    assert birth_date(parse_id_number(with_check_digit(f"110105{year}0101998"))).year == year


def test_a_lower_case_x_is_the_same_check_digit() -> None:
    assert parse_id_number("15040319950214996x") == "15040319950214996X"


def test_no_error_shows_the_number() -> None:
    for text in ("110105199005129974", "152221810306997", "810000199001159999", "1.50429E+17"):
        with pytest.raises(InvalidIdNumberError) as caught:
            parse_id_number(text)
        assert text not in str(caught.value)
        assert text not in repr(caught.value)


@pytest.mark.parametrize(
    ("text", "number", "marks"),
    [
        ("110105199005129975", "110105199005129975", set()),
        ("２２０３０２１９７４０５１２９９９９", "220302197405129999", {IdNumberMark.FULL_WIDTH}),
        ("152221810306997", "15222119810306997X", {IdNumberMark.FIFTEEN_DIGITS}),
        ("15042919650521996x", "15042919650521996X", {IdNumberMark.LOWER_X}),
        (" 15042619840108997X\u3000", "15042619840108997X", {IdNumberMark.BLANKS}),
        ("150426 19840108 997X", "15042619840108997X", {IdNumberMark.BLANKS}),
        ("\ufeff15042619840108997X", "15042619840108997X", {IdNumberMark.BLANKS}),
        (
            "\u300015042619840108997ｘ",
            "15042619840108997X",
            {IdNumberMark.FULL_WIDTH, IdNumberMark.BLANKS, IdNumberMark.LOWER_X},
        ),
    ],
)
def test_a_register_cell_is_read_with_a_mark_for_each_liberty(
    text: str, number: str, marks: set[IdNumberMark]
) -> None:
    read = read_id_number(text)
    assert read.number == number
    assert read.marks == marks
    assert number not in repr(read)


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("\u3000", IdNumberFault.EMPTY),
        ("152221810231997", IdNumberFault.BIRTH_DATE),
        ("１．５０４２９Ｅ＋１７", IdNumberFault.DESTROYED),
        ("E12345678", IdNumberFault.NOT_CITIZEN),
    ],
)
def test_a_register_cell_that_is_no_number_has_its_fault(text: str, fault: IdNumberFault) -> None:
    with pytest.raises(InvalidIdNumberError) as caught:
        read_id_number(text)
    assert caught.value.fault is fault


_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@given(
    st.integers(110000, 659999),
    st.dates(date(1900, 1, 1), date(2099, 12, 31)),
    st.integers(996, 999),
)
def test_the_check_digit_is_the_standards_weighted_sum(
    prefix: int, born: date, sequence: int
) -> None:
    body = f"{prefix}{born:%Y%m%d}{sequence}"
    total = sum(int(digit) * weight for digit, weight in zip(body, _WEIGHTS, strict=True))
    number = body + "10X98765432"[total % 11]
    assert with_check_digit(body) == number
    assert birth_date(parse_id_number(number)) == born
    assert sex(IdNumber(number)) is (Sex.MALE if sequence % 2 else Sex.FEMALE)


@given(st.integers(0, 16), st.integers(1, 9))
def test_one_wrong_digit_never_passes(place: int, change: int) -> None:
    number = "150429199311039980"
    wrong = str((int(number[place]) + change) % 10)
    with pytest.raises(InvalidIdNumberError):
        parse_id_number(number[:place] + wrong + number[place + 1 :])


@pytest.mark.parametrize(
    ("text", "slips"),
    [
        ("110105199005129975", set()),
        ("１10105199005129975", {IdNumberMark.FULL_WIDTH}),
        ("110105 19900512 9975", {IdNumberMark.BLANKS}),
        ("\u200b110105199005129975", {IdNumberMark.BLANKS}),
        (" １10105199005129975", {IdNumberMark.FULL_WIDTH, IdNumberMark.BLANKS}),
    ],
    ids=["as a number is", "full width", "blanks", "a character without width", "both"],
)
def test_a_text_tells_how_it_is_written_otherwise_than_a_number(
    text: str, slips: set[IdNumberMark]
) -> None:
    assert slips_of(text) == slips
