"""A year's holiday notice from a file, and a calendar from a file of scenarios (R5, R30)."""

from datetime import UTC, date, datetime

import pytest

from regulation.calendar import Deadline, mainland_calendar
from regulation.notices import NoticeError, calendar_of, notice_of, read_notices

_CALENDAR = mainland_calendar()
_INVENTED = """
[2027]
source = "invented for this test"
days_off = ["2027-01-01/2027-01-03", "2027-02-05/2027-02-11", "2027-05-03"]
make_up_days = ["2027-02-14", "2026-12-27"]
"""


def test_a_file_adds_a_year_to_the_calendar() -> None:
    assert _CALENDAR.add_working_days(date(2027, 2, 3), 7).provisional
    calendar = _CALENDAR.with_notices(read_notices(_INVENTED))
    seven = calendar.add_working_days(date(2027, 2, 3), 7)
    # Thursday 4th; off from the 5th to the 11th; Friday 12th, make-up Sunday 14th; 15th to 18th.
    assert seven == Deadline(date(2027, 2, 18), provisional=False)
    assert calendar.is_known(date(2026, 12, 31))
    assert calendar.is_working_day(date(2026, 12, 27))
    assert calendar.notices_wanted(date(2026, 12, 1)) == ()


def test_a_file_has_the_last_word_on_a_year_that_was_known() -> None:
    (notice,) = read_notices('[2026]\nsource = "corrected"\ndays_off = ["2026-01-01"]\n')
    calendar = _CALENDAR.with_notices([notice])
    assert calendar.is_working_day(date(2026, 2, 17))
    assert not calendar.is_working_day(date(2026, 2, 14))
    assert not calendar.is_working_day(date(2025, 10, 1))


def test_a_replaced_year_keeps_what_the_next_years_notice_said_about_its_end() -> None:
    (notice,) = read_notices('[2018]\nsource = "corrected"\ndays_off = ["2018-01-01"]\n')
    calendar = _CALENDAR.with_notices([notice])
    assert calendar.is_working_day(date(2018, 12, 29))
    assert not calendar.is_working_day(date(2018, 12, 31))
    assert calendar.is_working_day(date(2018, 2, 16))


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[2027", "is not TOML"),
        ('source = "x"', "outside a year's table"),
        ('[2027]\nsource = "x"\ndays = []', "unknown key days"),
        ('[2027]\ndays_off = ["2027-01-01"]', "names no source"),
        ('[2027]\nsource = " "\ndays_off = ["2027-01-01"]', "names no source"),
        ('[2027]\nsource = "x"', "lists no days_off"),
        ('[2027]\nsource = "x"\ndays_off = []', "has no days off"),
        ('[2027]\nsource = "x"\ndays_off = "2027-01-01"', "is no list"),
        ('[2027]\nsource = "x"\ndays_off = [1]', "no text"),
        ('[2027]\nsource = "x"\ndays_off = ["1 January"]', "is no day"),
        ('[2027]\nsource = "x"\ndays_off = ["2027-02-29"]', "is no day"),
        ('[2027]\nsource = "x"\ndays_off = ["2027-02-03/2027-02-01"]', "no range"),
        ('[2027]\nsource = "x"\ndays_off = ["2027-02-01/2027-03-01"]', "no range"),
        ('[2027]\nsource = "x"\ndays_off = ["2026-05-01"]', "another year"),
        (
            '[2027]\nsource = "x"\ndays_off = ["2027-01-01"]\nmake_up_days = ["2027-02-15"]',
            "a weekday",
        ),
        (
            '[2027]\nsource = "x"\ndays_off = ["2027-02-14"]\nmake_up_days = ["2027-02-14"]',
            "both off",
        ),
        ('[27]\nsource = "x"\ndays_off = ["2027-01-01"]', "four digits"),
        ('[0000]\nsource = "x"\ndays_off = ["2027-01-01"]', "four digits"),
    ],
)
def test_what_is_no_notice_is_refused_with_what_to_write(text: str, says: str) -> None:
    with pytest.raises(NoticeError, match=says) as caught:
        read_notices(text)
    assert "; " in str(caught.value)


def test_days_may_be_written_as_dates() -> None:
    notice = notice_of("2027", {"days_off": [date(2027, 1, 1)]})
    assert notice.days_off == {date(2027, 1, 1)}
    moment = datetime(2027, 1, 1, tzinfo=UTC)
    with pytest.raises(NoticeError, match="no text"):
        notice_of("2027", {"days_off": [moment]})


def test_a_file_of_scenarios_brings_the_years_that_it_lists_and_no_other() -> None:
    calendar = calendar_of(
        {
            "2026": {
                "confidence": "high",
                "days_off": ["2026-01-01/2026-01-03", "2026-02-15/2026-02-23"],
                "make_up_days": ["2026-01-04", "2026-02-14", "2026-02-28"],
                "note": "part of the year",
            },
            "other": {"confidence": "not looked up"},
        }
    )
    assert calendar.years == {2026}
    assert calendar.add_working_days(date(2026, 2, 13), 7) == Deadline(date(2026, 3, 2), False)
    assert calendar.add_working_days(date(2025, 6, 2), 7).missing == (2025,)


@pytest.mark.parametrize("table", ["2026-01-01", ["2026-01-01"], None])
def test_a_year_of_a_scenario_file_that_is_no_table_is_refused(table: object) -> None:
    with pytest.raises(NoticeError, match="is no table"):
        calendar_of({"2026": table})
