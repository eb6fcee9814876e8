"""A row is accepted, held for review or rejected by the rules of articles 10, 11 and 31."""

from datetime import date

import pytest

from regulation.calendar import mainland_calendar
from regulation.id_number import with_check_digit
from resolvers.intake.codes import Code, Finding, Result
from resolvers.intake.columns import REQUIRED, Column
from resolvers.intake.judgement import Cells, Judgement
from resolvers.intake.judging import judge
from tests.register_rows import TODAY, id_number, row

CALENDAR = mainland_calendar()


def judged(**changes: str) -> Judgement:
    return judge(row(0, **changes), today=TODAY, calendar=CALENDAR)


def found(judgement: Judgement) -> list[tuple[Code, Column | None]]:
    return [(finding.code, finding.column) for finding in judgement.findings]


def test_a_faultless_row_is_accepted_without_a_word() -> None:
    judgement = judged()
    assert (judgement.result, judgement.findings) == (Result.ACCEPTED, ())
    registration = judgement.registration
    assert registration is not None
    assert registration.id_number == id_number(0)
    assert (registration.sex, registration.ethnicity, registration.reason) == (
        "FEMALE",
        "蒙古族",
        "务工",
    )
    assert (registration.county, registration.township) == ("150402", "")


def test_a_township_code_gives_county_and_township() -> None:
    registration = judged(CURRENT_DIVISION="150402001").registration
    assert registration is not None
    assert (registration.county, registration.township) == ("150402", "150402001")


@pytest.mark.parametrize("column", REQUIRED)
@pytest.mark.parametrize("blank", ["", " \u3000"])
def test_what_a_registration_can_not_stand_without_is_required(column: Column, blank: str) -> None:
    judgement = judged(**{column.name: blank})
    assert judgement.result is Result.REJECTED
    assert found(judgement)[0] == (Code.REQUIRED_MISSING, column)
    assert judgement.registration is None


def test_a_row_may_lack_the_columns_that_are_not_required() -> None:
    cells: Cells = {column: cell for column, cell in row().items() if column in REQUIRED}
    judgement = judge(cells, today=TODAY, calendar=CALENDAR)
    assert judgement.result is Result.ACCEPTED
    assert set(found(judgement)) == {
        (Code.TAKEN_FROM_NUMBER, Column.SEX),
        (Code.TAKEN_FROM_NUMBER, Column.BIRTH_DATE),
        (Code.PHONE_MISSING, Column.PHONE),
    }


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"NAME": "测试\x00某"}, Code.NAME_CONTROL_CHARACTER, Column.NAME),
        ({"NAME": "测试?"}, Code.NAME_UNREADABLE, Column.NAME),
        ({"NAME": "测试■"}, Code.NAME_UNREADABLE, Column.NAME),
        ({"NAME": "=A1"}, Code.NAME_UNREADABLE, Column.NAME),
        ({"NAME": "测" * 101}, Code.TEXT_TOO_LONG, Column.NAME),
        ({"ID_NUMBER": "1.50429E+17"}, Code.ID_NUMBER_DESTROYED, Column.ID_NUMBER),
        ({"ID_NUMBER": "E12345678"}, Code.ID_NUMBER_NOT_CITIZEN, Column.ID_NUMBER),
        ({"ID_NUMBER": "12345"}, Code.ID_NUMBER_MALFORMED, Column.ID_NUMBER),
        (
            {"ID_NUMBER": with_check_digit("15042620990101999")},
            Code.ID_NUMBER_BIRTH_DATE,
            Column.ID_NUMBER,
        ),
        ({"CURRENT_DIVISION": "150427"}, Code.DIVISION_UNKNOWN, Column.CURRENT_DIVISION),
        ({"CURRENT_DIVISION": "110105"}, Code.DIVISION_UNKNOWN, Column.CURRENT_DIVISION),
        ({"HUKOU_DIVISION": "1504"}, Code.HUKOU_DIVISION_MALFORMED, Column.HUKOU_DIVISION),
        ({"HUKOU_DIVISION": "990101"}, Code.HUKOU_DIVISION_MALFORMED, Column.HUKOU_DIVISION),
        ({"HUKOU_DIVISION": "810000"}, Code.HUKOU_NOT_MAINLAND, Column.HUKOU_DIVISION),
        ({"ARRIVED_ON": "25-06-16"}, Code.DATE_TWO_DIGIT_YEAR, Column.ARRIVED_ON),
        ({"REGISTERED_ON": "soon"}, Code.DATE_UNREADABLE, Column.REGISTERED_ON),
        ({"ARRIVED_ON": "2026-11-23"}, Code.ARRIVAL_IN_FUTURE, Column.ARRIVED_ON),
        ({"REGISTERED_ON": "2026-11-23"}, Code.REGISTRATION_IN_FUTURE, Column.REGISTERED_ON),
        ({"ARRIVED_ON": "1949-12-31"}, Code.ARRIVAL_BEFORE_BIRTH, Column.ARRIVED_ON),
        ({"CURRENT_ADDRESS": "测试\x07路"}, Code.TEXT_UNREADABLE, Column.CURRENT_ADDRESS),
    ],
)
def test_what_is_missing_or_unreadable_is_rejected(
    changes: dict[str, str], code: Code, column: Column
) -> None:
    judgement = judged(**changes)
    assert judgement.result is Result.REJECTED
    assert found(judgement)[0] == (code, column)
    assert judgement.registration is None


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"SEX": "男"}, Code.SEX_CONTRADICTS, Column.SEX),
        ({"SEX": "公"}, Code.SEX_UNKNOWN, Column.SEX),
        ({"BIRTH_DATE": "1950-01-02"}, Code.BIRTH_DATE_CONTRADICTS, Column.BIRTH_DATE),
        ({"ETHNICITY": "测试族"}, Code.ETHNICITY_UNKNOWN, Column.ETHNICITY),
        ({"REASON": "旅游"}, Code.REASON_UNKNOWN, Column.REASON),
        ({"REGISTERED_ON": "2025-06-15"}, Code.REGISTERED_BEFORE_ARRIVAL, Column.REGISTERED_ON),
    ],
)
def test_readable_contradictions_are_held_for_review(
    changes: dict[str, str], code: Code, column: Column
) -> None:
    judgement = judged(**changes)
    assert judgement.result is Result.HELD
    assert found(judgement) == [(code, column)]
    assert judgement.registration is None
    assert judgement.id_number == id_number(0)


@pytest.mark.parametrize(
    ("changes", "code", "column"),
    [
        ({"ID_NUMBER": f" {id_number(0)}\u3000"}, Code.ID_NUMBER_BLANKS, Column.ID_NUMBER),
        ({"NAME": "测试•巴根"}, Code.NAME_DOT, Column.NAME),
        ({"NAME": " 测试 "}, Code.NAME_NORMALISED, Column.NAME),
        ({"ARRIVED_ON": "45824"}, Code.DATE_SERIAL, Column.ARRIVED_ON),
        ({"ARRIVED_ON": "2025/06/16"}, Code.DATE_SLASHES, Column.ARRIVED_ON),
        ({"ARRIVED_ON": "2025.6.16"}, Code.DATE_DOTS, Column.ARRIVED_ON),
        ({"ARRIVED_ON": "2025年6月16日"}, Code.DATE_CHINESE, Column.ARRIVED_ON),
        ({"ARRIVED_ON": "20250616"}, Code.DATE_COMPACT, Column.ARRIVED_ON),
        ({"WORKPLACE": "=1+1"}, Code.STORED_AS_TEXT, Column.WORKPLACE),
        ({"PHONE": ""}, Code.PHONE_MISSING, Column.PHONE),
        ({"SEX": ""}, Code.TAKEN_FROM_NUMBER, Column.SEX),
    ],
)
def test_liberties_are_marked_and_the_row_is_accepted(
    changes: dict[str, str], code: Code, column: Column
) -> None:
    judgement = judged(**changes)
    assert judgement.result is Result.ACCEPTED
    assert found(judgement) == [(code, column)]
    assert judgement.registration is not None


def test_a_dot_that_is_unified_already_is_no_liberty() -> None:
    assert judged(NAME="测试·巴根").findings == ()


def test_formula_text_is_kept_as_it_stands() -> None:
    registration = judged(WORKPLACE='=HYPERLINK("http://x","y")').registration
    assert registration is not None
    assert registration.workplace == '=HYPERLINK("http://x","y")'


def test_a_row_with_too_few_cells_is_rejected() -> None:
    judgement = judge(None, today=TODAY, calendar=CALENDAR)
    assert found(judgement) == [(Code.ROW_RAGGED, None)]
    assert judgement.result is Result.REJECTED


def test_all_findings_are_told_at_once_the_weightiest_first() -> None:
    judgement = judged(SEX="男", CURRENT_ADDRESS="", ARRIVED_ON="2025/06/16")
    assert [code for code, _ in found(judgement)] == [
        Code.REQUIRED_MISSING,
        Code.SEX_CONTRADICTS,
        Code.DATE_SLASHES,
    ]


# Article 10: seven working days from arrival, which is not counted itself. Monday 2025-06-16.


@pytest.mark.parametrize(
    ("registered", "late"),
    [("2025-06-16", False), ("2025-06-25", False), ("2025-06-26", True), ("2026-06-26", True)],
)
def test_registration_is_late_after_the_seventh_working_day_and_only_marked(
    registered: str, *, late: bool
) -> None:
    judgement = judged(REGISTERED_ON=registered)
    assert judgement.result is Result.ACCEPTED
    assert judgement.registration is not None
    assert found(judgement) == ([(Code.REGISTERED_LATE, Column.REGISTERED_ON)] if late else [])


def test_days_off_do_not_count_and_make_up_days_do() -> None:
    # 2025: 1 to 8 October off, Saturday 11 October made up: the seventh is 16 October.
    assert judged(ARRIVED_ON="2025-09-30", REGISTERED_ON="2025-10-16").findings == ()
    late = judged(ARRIVED_ON="2025-09-30", REGISTERED_ON="2025-10-17")
    assert found(late) == [(Code.REGISTERED_LATE, Column.REGISTERED_ON)]


def test_lateness_in_a_year_without_a_known_calendar_is_provisional() -> None:
    judgement = judge(
        row(ARRIVED_ON="2040-03-01", REGISTERED_ON="2040-04-01"),
        today=date(2040, 5, 1),
        calendar=CALENDAR,
    )
    assert found(judgement) == [(Code.REGISTERED_LATE_PROVISIONAL, Column.REGISTERED_ON)]


def test_today_itself_is_not_the_future() -> None:
    assert judged(ARRIVED_ON="2026-11-22", REGISTERED_ON="2026-11-22").findings == ()


def test_arrival_on_the_day_of_birth_is_possible() -> None:
    assert judged(ARRIVED_ON="1950-01-01", REGISTERED_ON="1950-01-03").findings == ()


def test_findings_and_judgements_show_no_value() -> None:
    judgement = judged(NAME="测试哨兵")
    assert "哨兵" not in repr(judgement)
    assert id_number(0) not in repr(judgement)


@pytest.mark.parametrize("code", Code)
def test_every_code_has_words_in_both_languages(code: Code) -> None:
    finding = Finding(code, Column.CURRENT_ADDRESS, earlier=3)
    for words in (finding.words("zh-CN"), finding.words("en")):
        assert "{" not in words
        assert bool(words) is (code is not Code.ACCEPTED)
