"""Issuing (article 17; R8, R19)."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.issue import issue_card, issue_due, issue_marks, issue_warning
from regulation.outcome import Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED

_ACCEPTED = date(2025, 3, 3)
_NATIONAL = AS_ISSUED.reading(R19="15-days")


def test_s18_a_card_issued_on_the_31st_day_is_issued_and_the_overrun_reported() -> None:
    judged = issue_card(_ACCEPTED, day=date(2025, 4, 3))
    assert judged.outcome is Outcome.ISSUED
    assert judged.deadline is not None
    assert judged.deadline.day == date(2025, 4, 2)
    assert (judged.overdue_days, judged.marks) == (1, (Mark.OVERDUE,))
    timely = issue_card(_ACCEPTED, day=date(2025, 4, 2))
    assert (timely.overdue_days, timely.marks) == (0, ())


def test_s19_a_permit_is_valid_for_a_year_from_its_issue() -> None:
    judged = issue_card(_ACCEPTED, day=date(2025, 3, 20))
    assert (judged.valid_from, judged.valid_to) == (date(2025, 3, 20), date(2026, 3, 20))
    assert {each.id for each in judged.readings} == {"R8", "R19"}
    before = AS_ISSUED.reading(R8="day-before")
    judged = issue_card(_ACCEPTED, day=date(2025, 3, 20), parameters=before)
    assert judged.valid_to == date(2026, 3, 19)


def test_no_card_is_issued_before_the_application_was_accepted() -> None:
    judged = issue_card(_ACCEPTED, day=_ACCEPTED - timedelta(days=1))
    assert (judged.outcome, judged.reasons) == (
        Outcome.REJECTED_INPUT,
        (Reason.DATES_OUT_OF_ORDER,),
    )
    assert issue_card(_ACCEPTED, day=_ACCEPTED).outcome is Outcome.ISSUED


@pytest.mark.parametrize(
    ("day", "marks"),
    [
        (date(2025, 3, 17), ()),
        (date(2025, 3, 18), (Mark.DUE_SOON,)),
        (date(2025, 4, 2), (Mark.DUE_SOON,)),
        (date(2025, 4, 3), (Mark.OVERDUE,)),
    ],
)
def test_an_open_application_is_warned_of_from_the_fifteenth_day(
    day: date, marks: tuple[Mark, ...]
) -> None:
    assert issue_marks(_ACCEPTED, day=day) == marks


def test_read_by_the_national_regulation_the_limit_is_fifteen_days() -> None:
    assert issue_due(_ACCEPTED, _NATIONAL).day == date(2025, 3, 18)
    assert issue_warning(_ACCEPTED, _NATIONAL) == date(2025, 3, 10)


@given(st.dates(date(2017, 6, 22), date(2100, 1, 1)))
def test_the_authoritys_limit_never_rolls_over_days_off(accepted: date) -> None:
    due = issue_due(accepted)
    assert due.day - accepted == timedelta(days=30)
    assert not due.provisional
    assert accepted < issue_warning(accepted) < due.day
