"""A permit's state by its dates (articles 14, 17, 20, 23; R7 to R11)."""

import sqlite3
from contextlib import closing
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from regulation.calendar import Deadline, mainland_calendar
from regulation.permit import (
    PermitStage,
    PermitStatus,
    PermitValidity,
    WindowNotOpenError,
    expiry_endorsed,
    first_expiry,
    grace_ends,
    is_active,
    stage,
    status,
    suspended_from,
    window_opens,
)

_CALENDAR = mainland_calendar()
_DAY = timedelta(days=1)
_PERMIT = PermitValidity(valid_from=date(2024, 11, 20), valid_to=date(2025, 11, 20))


@pytest.mark.parametrize(
    ("issued", "expiry"),
    [
        (date(2025, 3, 20), date(2026, 3, 20)),
        (date(2024, 2, 29), date(2025, 2, 28)),
        (date(2023, 2, 28), date(2024, 2, 28)),
    ],
)
def test_a_permit_is_valid_to_the_corresponding_day_a_year_on(issued: date, expiry: date) -> None:
    assert first_expiry(issued) == expiry


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2024, 11, 19), PermitStatus.PENDING),
        (date(2024, 11, 20), PermitStatus.ACTIVE),
        (date(2025, 11, 20), PermitStatus.ACTIVE),
        (date(2025, 11, 21), PermitStatus.SUSPENDED),
        (date(2027, 11, 21), PermitStatus.SUSPENDED),
    ],
)
def test_a_permit_is_active_on_its_first_and_last_day_and_suspended_after(
    day: date, expected: PermitStatus
) -> None:
    assert status(_PERMIT, day) is expected
    assert is_active(_PERMIT, day) is (expected is PermitStatus.ACTIVE)


def test_a_permit_cancelled_on_a_day_is_not_active_on_that_day() -> None:
    cancelled = PermitValidity(
        valid_from=date(2024, 11, 20), valid_to=date(2025, 11, 20), cancelled_on=date(2025, 6, 10)
    )
    assert status(cancelled, date(2025, 6, 9)) is PermitStatus.ACTIVE
    assert status(cancelled, date(2025, 6, 10)) is PermitStatus.CANCELLED
    assert status(cancelled, date(2026, 6, 10)) is PermitStatus.CANCELLED


def test_the_first_suspended_day_follows_expiry() -> None:
    assert suspended_from(_PERMIT) == date(2025, 11, 21)


@pytest.mark.parametrize(
    ("expiry", "last"),
    [
        # S + 30 falls on a Sunday, a Monday, and into National Day.
        (date(2025, 11, 20), Deadline(date(2025, 12, 22), False)),
        (date(2025, 5, 16), Deadline(date(2025, 6, 16), False)),
        (date(2025, 9, 1), Deadline(date(2025, 10, 9), False)),
        # Into Spring Festival 2026; over New Year onto a Saturday; onto a make-up Sunday in 2024.
        (date(2026, 1, 15), Deadline(date(2026, 2, 24), False)),
        (date(2025, 12, 31), Deadline(date(2026, 2, 2), False)),
        (date(2024, 1, 10), Deadline(date(2024, 2, 18), False)),
        (date(2024, 1, 29), Deadline(date(2024, 2, 29), False)),
        (date(2029, 1, 10), Deadline(date(2029, 2, 12), True, (2029,))),
    ],
)
def test_the_grace_ends_thirty_days_after_the_first_suspended_day_or_rolls(
    expiry: date, last: Deadline
) -> None:
    permit = PermitValidity(valid_from=date(2024, 1, 1), valid_to=expiry)
    assert grace_ends(permit, _CALENDAR) == last


def test_the_window_opens_thirty_days_before_expiry() -> None:
    assert window_opens(_PERMIT) == date(2025, 10, 21)
    with pytest.raises(WindowNotOpenError):
        expiry_endorsed(_PERMIT, date(2025, 10, 20), _CALENDAR)
    assert expiry_endorsed(_PERMIT, date(2025, 10, 21), _CALENDAR) == date(2026, 11, 20)


@pytest.mark.parametrize(
    ("day", "expiry"),
    [
        (date(2025, 11, 20), date(2026, 11, 20)),
        (date(2025, 11, 21), date(2026, 11, 20)),
        (date(2025, 12, 22), date(2026, 11, 20)),
        (date(2025, 12, 23), date(2026, 12, 23)),
        (date(2027, 1, 20), date(2028, 1, 20)),
    ],
)
def test_in_window_and_grace_a_year_is_added_to_the_old_expiry_later_to_the_day(
    day: date, expiry: date
) -> None:
    assert expiry_endorsed(_PERMIT, day, _CALENDAR) == expiry


def test_extensions_count_from_the_shortened_day() -> None:
    permit = PermitValidity(valid_from=date(2024, 2, 29), valid_to=first_expiry(date(2024, 2, 29)))
    third = PermitValidity(
        valid_from=permit.valid_from,
        valid_to=expiry_endorsed(permit, permit.valid_to, _CALENDAR),
    )
    assert third.valid_to == date(2026, 2, 28)


_DAYS = st.dates(date(2020, 1, 1), date(2022, 12, 31))
_VALIDITIES = st.builds(
    PermitValidity, valid_from=_DAYS, valid_to=_DAYS, cancelled_on=st.none() | _DAYS
)


@settings(deadline=None)
@given(st.lists(st.tuples(_VALIDITIES, _DAYS), min_size=1, max_size=20))
def test_active_is_what_the_documented_comparison_of_stored_dates_says(
    cases: list[tuple[PermitValidity, date]],
) -> None:
    with closing(sqlite3.connect(":memory:")) as connection:
        for validity, day in cases:
            (active,) = connection.execute(
                "SELECT :start <= :day AND :day <= :end"
                " AND NOT (:gone IS NOT NULL AND :gone <= :day)",
                {
                    "start": validity.valid_from.isoformat(),
                    "end": validity.valid_to.isoformat(),
                    "gone": validity.cancelled_on and validity.cancelled_on.isoformat(),
                    "day": day.isoformat(),
                },
            ).fetchone()
            assert is_active(validity, day) is bool(active)


@given(_DAYS, st.integers(0, 900))
def test_a_permit_left_alone_never_becomes_active_again(issued: date, age: int) -> None:
    permit = PermitValidity(valid_from=issued, valid_to=first_expiry(issued))
    day = issued + timedelta(days=age)
    if status(permit, day) is PermitStatus.SUSPENDED:
        assert status(permit, day + _DAY) is PermitStatus.SUSPENDED


@given(_DAYS, st.integers(-30, 800))
def test_an_endorsement_always_leaves_the_permit_active(issued: date, offset: int) -> None:
    permit = PermitValidity(valid_from=issued, valid_to=first_expiry(issued))
    day = permit.valid_to + timedelta(days=offset)
    endorsed = PermitValidity(valid_from=issued, valid_to=expiry_endorsed(permit, day, _CALENDAR))
    assert is_active(endorsed, day)
    assert endorsed.valid_to > permit.valid_to


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2024, 11, 19), PermitStage.PENDING),
        (date(2025, 10, 20), PermitStage.ACTIVE),
        (date(2025, 10, 21), PermitStage.WINDOW),
        (date(2025, 11, 20), PermitStage.WINDOW),
        (date(2025, 11, 21), PermitStage.GRACE),
        (date(2025, 12, 22), PermitStage.GRACE),
        (date(2025, 12, 23), PermitStage.LAPSED),
        (date(2030, 1, 1), PermitStage.LAPSED),
    ],
)
def test_a_permit_passes_through_window_grace_and_lapse(day: date, expected: PermitStage) -> None:
    assert stage(_PERMIT, day, _CALENDAR) is expected
    cancelled = PermitValidity(
        valid_from=_PERMIT.valid_from, valid_to=_PERMIT.valid_to, cancelled_on=date(2025, 6, 10)
    )
    if day >= date(2025, 6, 10):
        assert stage(cancelled, day, _CALENDAR) is PermitStage.CANCELLED
