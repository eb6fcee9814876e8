"""What stands against undoing a slip: each ground alone, both sides of the limit (article 30)."""

from dataclasses import replace
from datetime import date

import pytest

from regulation.calendar import mainland_calendar
from regulation.outcome import Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED, Values
from regulation.voiding import DoneAct, Voiding, judge_void

CALENDAR = mainland_calendar()
DAY = date(2026, 3, 2)
ACT = DoneAct(official="clerk-1", office="one", recorded_on=DAY, is_last=True)
BY = Voiding(official="clerk-2", office="one", reasoned=True)


@pytest.mark.parametrize(
    ("act", "by", "reason"),
    [
        (None, BY, Reason.NO_SUCH_ACT),
        (replace(ACT, is_void=True), BY, Reason.VOID_OF_VOID),
        (replace(ACT, is_voided=True), BY, Reason.ALREADY_VOIDED),
        (replace(ACT, is_last=False), BY, Reason.LATER_ACT_STANDS),
        (ACT, replace(BY, official="clerk-1"), Reason.SAME_OFFICIAL),
        (ACT, replace(BY, official=" clerk-1 "), Reason.SAME_OFFICIAL),
        (ACT, replace(BY, office="other"), Reason.OTHER_OFFICE),
        (ACT, replace(BY, reasoned=False), Reason.VOID_WITHOUT_REASON),
        (replace(ACT, prints=True), BY, Reason.CARD_HANDED_OUT),
    ],
    ids=lambda value: value.value if isinstance(value, Reason) else "",
)
def test_each_ground_alone_stands_against_a_void(
    act: DoneAct | None, by: Voiding, reason: Reason
) -> None:
    decision = judge_void(act, by, day=DAY, calendar=CALENDAR)
    assert (decision.outcome, decision.reasons) == (Outcome.BLOCKED, (reason,))
    assert decision.articles == ("30",)


def test_a_second_official_of_the_office_voids_the_last_act_with_a_reason() -> None:
    for act, by in (
        (ACT, BY),
        (replace(ACT, prints=True), replace(BY, card_with_office=True)),
    ):
        assert judge_void(act, by, day=DAY, calendar=CALENDAR).outcome is Outcome.RECORDED


def test_all_that_can_be_mended_is_told_at_once() -> None:
    act = replace(ACT, is_last=False, prints=True)
    by = Voiding(official="clerk-1", office="other", reasoned=False)
    decision = judge_void(act, by, day=date(2026, 3, 20), calendar=CALENDAR)
    assert decision.reasons == (
        Reason.LATER_ACT_STANDS,
        Reason.SAME_OFFICIAL,
        Reason.OTHER_OFFICE,
        Reason.VOID_WITHOUT_REASON,
        Reason.VOID_TOO_LATE,
        Reason.CARD_HANDED_OUT,
    )


@pytest.mark.parametrize(("working_days", "last"), [(5, date(2026, 3, 9)), (1, date(2026, 3, 3))])
def test_a_slip_is_undone_within_the_working_days_that_held(working_days: int, last: date) -> None:
    parameters = replace(AS_ISSUED, values=Values(void_working_days=working_days))

    def judged(day: date) -> Outcome:
        return judge_void(ACT, BY, day=day, calendar=CALENDAR, parameters=parameters).outcome

    assert judged(last) is Outcome.RECORDED
    assert judged(last.replace(day=last.day + 1)) is Outcome.BLOCKED


def test_a_limit_in_a_year_without_a_notice_is_marked_provisional() -> None:
    act = replace(ACT, recorded_on=date(2040, 3, 2))
    decision = judge_void(act, BY, day=date(2040, 3, 2), calendar=CALENDAR)
    assert decision.marks == (Mark.PROVISIONAL,)
