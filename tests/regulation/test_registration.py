"""Declaring in time, and against one's own number (articles 10, 11, 19; R5, R29)."""

from datetime import date

import pytest

from regulation.calendar import Deadline, mainland_calendar
from regulation.id_number import Sex, parse_id_number
from regulation.registration import (
    Contradiction,
    Timeliness,
    contradictions,
    declare_by,
    timeliness,
)

_CALENDAR = mainland_calendar()
_NUMBER = parse_id_number("110105199005129975")


def test_seven_working_days_after_arrival_are_in_time_and_the_eighth_is_late() -> None:
    arrived = date(2026, 2, 13)
    assert declare_by(arrived, _CALENDAR) == Deadline(date(2026, 3, 2), provisional=False)
    for day, late in ((2, False), (3, True)):
        told = timeliness(happened_on=arrived, reported_on=date(2026, 3, day), calendar=_CALENDAR)
        assert told == Timeliness(late=late, provisional=False)


def test_lateness_in_a_year_without_notice_is_provisional() -> None:
    arrived = date(2029, 2, 9)
    told = timeliness(happened_on=arrived, reported_on=date(2029, 3, 30), calendar=_CALENDAR)
    assert told == Timeliness(late=True, provisional=True)


@pytest.mark.parametrize(
    ("born", "sex", "found"),
    [
        (date(1990, 5, 12), Sex.MALE, set()),
        (None, None, set()),
        (date(1990, 5, 13), Sex.MALE, {Contradiction.BIRTH_DATE}),
        (date(1990, 5, 12), Sex.FEMALE, {Contradiction.SEX}),
        (date(1991, 5, 12), Sex.FEMALE, {Contradiction.BIRTH_DATE, Contradiction.SEX}),
        (None, Sex.FEMALE, {Contradiction.SEX}),
    ],
)
def test_a_declaration_against_its_number_is_named_and_nothing_overwritten(
    born: date | None, sex: Sex | None, found: set[Contradiction]
) -> None:
    assert contradictions(_NUMBER, born=born, declared_sex=sex) == found
