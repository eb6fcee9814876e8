"""What partners are told of a permit and a place, and the days on which it changes (article 28)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from regulation.permit import CancelGround, PermitValidity
from regulation.told import ChangeKind, Tellable, changed, longest_follow, tellable_of, turned

FIRST, LAST = date(2026, 3, 2), date(2027, 3, 2)
DAY = timedelta(days=1)
PERMIT = PermitValidity(valid_from=FIRST, valid_to=LAST)
HOLDER = Tellable(permit=PERMIT, county="150402", township="150402001")
NOBODY = Tellable(permit=None, county="150402", township="150402001")


def test_a_permit_begins_on_its_first_day_and_ends_for_partners_on_the_day_after_its_last() -> None:
    assert turned(HOLDER, after=FIRST - DAY, through=LAST + DAY) == (
        (FIRST, ChangeKind.PERMIT_ACTIVE),
        (LAST + DAY, ChangeKind.PERMIT_NOT_ACTIVE),
    )


@pytest.mark.parametrize(
    ("after", "through"),
    [(FIRST, LAST), (LAST + DAY, LAST + 400 * DAY), (LAST, LAST), (LAST + DAY, FIRST)],
    ids=["while it is valid", "long after", "no day", "days that run backwards"],
)
def test_on_other_days_nothing_turns(after: date, through: date) -> None:
    assert turned(HOLDER, after=after, through=through) == ()


def test_without_a_permit_nothing_turns() -> None:
    assert turned(NOBODY, after=date(2000, 1, 1), through=date(2100, 1, 1)) == ()


def test_a_cancelled_permit_does_not_lapse_as_well() -> None:
    permit = replace(PERMIT, cancelled_on=LAST - 10 * DAY)
    cancelled = replace(HOLDER, permit=permit)
    assert turned(cancelled, after=LAST - 10 * DAY, through=LAST + DAY) == ()
    assert turned(cancelled, after=FIRST, through=LAST + DAY) == (
        (LAST - 10 * DAY, ChangeKind.PERMIT_NOT_ACTIVE),
    )


def test_a_permit_cancelled_before_its_first_day_never_begins() -> None:
    pending = replace(HOLDER, permit=replace(PERMIT, cancelled_on=FIRST - DAY))
    assert turned(pending, after=FIRST - 5 * DAY, through=LAST + DAY) == ()


def test_a_permit_until_the_leap_day_is_suspended_on_the_first_of_march() -> None:
    permit = PermitValidity(valid_from=date(2027, 2, 28), valid_to=date(2028, 2, 29))
    told = replace(HOLDER, permit=permit)
    march = date(2028, 3, 1)
    assert turned(told, after=date(2028, 2, 28), through=march) == (
        (march, ChangeKind.PERMIT_NOT_ACTIVE),
    )
    assert turned(told, after=date(2028, 2, 28), through=date(2028, 2, 29)) == ()


def test_an_act_changes_yes_or_no_and_never_says_why() -> None:
    cancelled = replace(HOLDER, permit=replace(PERMIT, cancelled_on=FIRST + DAY))
    assert changed(None, HOLDER, FIRST) is ChangeKind.PERMIT_ACTIVE
    assert changed(NOBODY, HOLDER, FIRST) is ChangeKind.PERMIT_ACTIVE
    assert changed(HOLDER, cancelled, FIRST + DAY) is ChangeKind.PERMIT_NOT_ACTIVE
    assert changed(HOLDER, cancelled, FIRST) is None
    assert changed(HOLDER, HOLDER, LAST) is None


def test_to_a_partner_suspended_and_cancelled_are_alike() -> None:
    """R28: who is told "no" already is told nothing when the permit is cancelled."""
    cancelled = replace(HOLDER, permit=replace(PERMIT, cancelled_on=LAST + 2 * DAY))
    assert changed(HOLDER, cancelled, LAST + 2 * DAY) is None


def test_a_move_is_told_of_an_active_holder_only() -> None:
    near = replace(HOLDER, township="150402002")
    far = replace(HOLDER, county="150430", township="150430100")
    assert changed(HOLDER, near, LAST) is ChangeKind.TOWNSHIP_CHANGED
    assert changed(HOLDER, far, LAST) is ChangeKind.COUNTY_CHANGED
    assert changed(HOLDER, far, LAST + DAY) is None
    assert changed(NOBODY, replace(NOBODY, county="150430"), FIRST) is None


def test_a_corrected_number_or_name_turns_the_answer_to_the_former_one() -> None:
    found = replace(HOLDER, found_by=b"former")
    corrected = replace(HOLDER, found_by=b"corrected", county="150430")
    assert changed(found, corrected, FIRST) is ChangeKind.ANSWER_CHANGED
    assert changed(found, corrected, LAST + DAY) is None


def test_an_act_that_both_ends_and_moves_tells_the_end_alone() -> None:
    gone = replace(NOBODY, county="150430", township="150430100")
    assert changed(HOLDER, gone, FIRST) is ChangeKind.PERMIT_NOT_ACTIVE


def test_why_a_permit_was_cancelled_is_no_part_of_what_can_be_told() -> None:
    def cancelled(ground: CancelGround) -> Tellable:
        permit = replace(PERMIT, cancelled_on=LAST, ground=ground, lapses_on=LAST)
        return tellable_of(permit, county="150402", township="")

    assert cancelled(CancelGround.FALSE_MATERIALS) == cancelled(CancelGround.LOCAL_HUKOU)


@pytest.mark.parametrize(
    ("purpose", "days"),
    [
        ("school-place", 180),
        ("social-insurance-enrolment", 90),
        ("housing-support", 365),
        ("annual-endorsement", 0),
    ],
)
def test_a_case_is_followed_as_long_as_its_purpose_needs_and_no_longer(
    purpose: str, days: int
) -> None:
    assert longest_follow(purpose, FIRST) == FIRST + days * DAY
