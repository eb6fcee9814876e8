"""What stands against correcting a name or a number: each ground alone (articles 11, 30)."""

from dataclasses import replace
from datetime import date

import pytest

from regulation.calendar import mainland_calendar
from regulation.identity import (
    Correction,
    Proposed,
    judge_confirmed_identity,
    judge_proposed_identity,
    propose_until,
)
from regulation.outcome import Outcome, Reason
from regulation.parameters import AS_ISSUED, Values

CALENDAR = mainland_calendar()
DAY = date(2026, 3, 2)
UNTIL = propose_until(DAY, CALENDAR)
ENTERED = Correction(
    official="clerk-2",
    changes=True,
    of_another=False,
    materials=frozenset({"household_register"}),
    reasoned=True,
)
PROPOSED = Proposed(official="clerk-1", until=UNTIL.day, same=True)
OF_BOTH = [
    (replace(ENTERED, changes=False), Reason.NOTHING_CHANGED),
    (replace(ENTERED, of_another=True), Reason.NUMBER_OF_ANOTHER),
    (replace(ENTERED, materials=frozenset()), Reason.IDENTITY_PROOF_MISSING),
    (replace(ENTERED, materials=frozenset({"photo"})), Reason.IDENTITY_PROOF_MISSING),
    (replace(ENTERED, reasoned=False), Reason.CORRECTION_WITHOUT_REASON),
]


@pytest.mark.parametrize(("entered", "reason"), OF_BOTH)
def test_each_ground_alone_stands_against_a_correction(entered: Correction, reason: Reason) -> None:
    first = judge_proposed_identity(entered, UNTIL)
    second = judge_confirmed_identity(entered, PROPOSED, day=DAY)
    for decision in (first, second):
        assert (decision.outcome, decision.reasons) == (Outcome.BLOCKED, (reason,))


def test_a_first_official_s_correction_waits() -> None:
    decision = judge_proposed_identity(ENTERED, UNTIL)
    assert (decision.outcome, decision.deadline) == (Outcome.PENDING, UNTIL)


def test_a_second_official_confirms_what_a_first_one_entered() -> None:
    decision = judge_confirmed_identity(ENTERED, PROPOSED, day=DAY)
    assert (decision.outcome, decision.reasons) == (Outcome.RECORDED, ())


@pytest.mark.parametrize(
    ("proposed", "reason"),
    [
        (None, Reason.NOTHING_PROPOSED),
        (replace(PROPOSED, official=" clerk-2"), Reason.SAME_OFFICIAL),
        (replace(PROPOSED, same=False), Reason.PROPOSAL_DIFFERS),
    ],
)
def test_nobody_confirms_alone_or_something_else(proposed: Proposed | None, reason: Reason) -> None:
    assert judge_confirmed_identity(ENTERED, proposed, day=DAY).reasons == (reason,)


@pytest.mark.parametrize(("working_days", "last"), [(10, date(2026, 3, 16)), (1, date(2026, 3, 3))])
def test_a_proposal_holds_to_its_last_day(working_days: int, last: date) -> None:
    parameters = replace(AS_ISSUED, values=Values(proposal_working_days=working_days))
    until = propose_until(DAY, CALENDAR, parameters).day
    assert until == last
    proposed = replace(PROPOSED, until=until)
    late = judge_confirmed_identity(ENTERED, proposed, day=last.replace(day=last.day + 1))
    assert late.reasons == (Reason.PROPOSAL_EXPIRED,)
    assert judge_confirmed_identity(ENTERED, proposed, day=last).outcome is Outcome.RECORDED


def test_all_that_stands_against_it_is_told_at_once() -> None:
    entered = Correction(
        official="clerk-1", changes=False, of_another=True, materials=frozenset(), reasoned=False
    )
    proposed = Proposed(official="clerk-1", until=date(2026, 3, 1), same=False)
    assert len(judge_confirmed_identity(entered, proposed, day=DAY).reasons) == 7
