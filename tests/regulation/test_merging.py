"""What stands against merging two files of one person: each ground alone (articles 17, 23, 30)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from regulation.calendar import mainland_calendar
from regulation.identity import Proposed, propose_until
from regulation.merging import Joining, judge_confirmed_joining, judge_proposed_joining
from regulation.outcome import Mark, Outcome, Reason

DAY = date(2026, 3, 2)
UNTIL = propose_until(DAY, mainland_calendar())
ENTERED = Joining(
    official="clerk-2", materials=frozenset({"household_register"}), reasoned=True, holds=True
)
PROPOSED = Proposed(official="clerk-1", until=UNTIL.day, same=True)


@pytest.mark.parametrize(
    ("entered", "reason"),
    [
        (replace(ENTERED, same_file=True), Reason.SAME_FILE),
        (replace(ENTERED, other_holds=True), Reason.BOTH_HOLD_PERMITS),
        (replace(ENTERED, holds=False, other_holds=True), Reason.HOLDER_GOES_ON),
        (replace(ENTERED, other_applies=True), Reason.APPLICATION_PENDING),
        (replace(ENTERED, of_another=True), Reason.NUMBER_OF_ANOTHER),
        (replace(ENTERED, materials=frozenset({"photo"})), Reason.IDENTITY_PROOF_MISSING),
        (replace(ENTERED, reasoned=False), Reason.CORRECTION_WITHOUT_REASON),
    ],
)
def test_each_ground_alone_stands_against_a_merge(entered: Joining, reason: Reason) -> None:
    first = judge_proposed_joining(entered, UNTIL)
    second = judge_confirmed_joining(entered, PROPOSED, day=DAY)
    for decision in (first, second):
        assert (decision.outcome, decision.reasons) == (Outcome.BLOCKED, (reason,))


@pytest.mark.parametrize("holds", [True, False])
def test_two_officials_merge_a_file_without_a_permit_into_the_other(*, holds: bool) -> None:
    entered = replace(ENTERED, holds=holds)
    first = judge_proposed_joining(entered, UNTIL)
    assert (first.outcome, first.deadline) == (Outcome.PENDING, UNTIL)
    second = judge_confirmed_joining(entered, PROPOSED, day=DAY)
    assert (second.outcome, second.marks) == (Outcome.RECORDED, ())


def test_where_the_other_file_s_time_is_longer_a_person_looks_at_it() -> None:
    entered = replace(ENTERED, longer=True)
    assert judge_proposed_joining(entered, UNTIL).marks == (Mark.MANUAL_REVIEW,)
    confirmed = judge_confirmed_joining(entered, PROPOSED, day=DAY)
    assert confirmed.marks == (Mark.MANUAL_REVIEW,)


@pytest.mark.parametrize(
    ("proposed", "day", "reason"),
    [
        (None, DAY, Reason.NOTHING_PROPOSED),
        (replace(PROPOSED, official="clerk-2"), DAY, Reason.SAME_OFFICIAL),
        (replace(PROPOSED, same=False), DAY, Reason.PROPOSAL_DIFFERS),
        (PROPOSED, UNTIL.day + timedelta(days=1), Reason.PROPOSAL_EXPIRED),
    ],
)
def test_nobody_merges_alone_too_late_or_something_else(
    proposed: Proposed | None, day: date, reason: Reason
) -> None:
    assert judge_confirmed_joining(ENTERED, proposed, day=day).reasons == (reason,)
