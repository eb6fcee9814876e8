"""Old temporary permits on a day, and how long they may be continued (article 32; R24)."""

from datetime import date

import pytest

from regulation.calendar import Deadline, mainland_calendar
from regulation.parameters import AS_ISSUED
from regulation.temporary_permit import (
    TemporaryPermit,
    TemporaryStatus,
    bridged_start,
    continued_by,
    temporary_status,
)

_CALENDAR = mainland_calendar()
_PERMIT = TemporaryPermit(valid_from=date(2017, 3, 6), valid_to=date(2017, 9, 5))


@pytest.mark.parametrize(
    ("day", "expected"),
    [
        (date(2017, 3, 5), TemporaryStatus.NOT_YET_VALID),
        (date(2017, 3, 6), TemporaryStatus.VALID),
        (date(2017, 8, 15), TemporaryStatus.VALID),
        (date(2017, 9, 5), TemporaryStatus.VALID),
        (date(2017, 9, 6), TemporaryStatus.EXPIRED),
    ],
)
def test_a_temporary_permit_stays_valid_to_its_last_day(
    day: date, expected: TemporaryStatus
) -> None:
    assert temporary_status(_PERMIT, day) is expected


def test_it_is_continued_within_thirty_days_of_its_expiry_or_the_next_working_day() -> None:
    assert continued_by(_PERMIT, _CALENDAR) == Deadline(date(2017, 10, 9), provisional=False)
    at_once = AS_ISSUED.reading(R24="at-expiry")
    assert continued_by(_PERMIT, _CALENDAR, at_once) == Deadline(date(2017, 9, 5), False)
    assert continued_by(_PERMIT, _CALENDAR, AS_ISSUED.reading(R24="no-limit")) is None


@pytest.mark.parametrize(
    ("acted_on", "start"),
    [
        (date(2017, 3, 5), None),
        (date(2017, 3, 6), date(2017, 3, 6)),
        (date(2017, 10, 9), date(2017, 3, 6)),
        (date(2017, 10, 10), None),
    ],
)
def test_who_acts_in_time_has_the_time_under_the_temporary_permit(
    acted_on: date, start: date | None
) -> None:
    assert bridged_start(_PERMIT, acted_on=acted_on, calendar=_CALENDAR) == start
