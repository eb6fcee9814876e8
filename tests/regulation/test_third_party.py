"""Reports of third parties (articles 6 to 9; R5, R26)."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from regulation.calendar import Deadline, mainland_calendar
from regulation.outcome import Actor, Gap, Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED
from regulation.third_party import (
    Reporter,
    ReportState,
    ThirdPartyReport,
    Timeliness,
    judge_follow_up,
    judge_report,
    missing_in_report,
    report_deadline,
    report_state,
)

_CALENDAR = mainland_calendar()
_HIRE = ThirdPartyReport(reporter=Reporter.EMPLOYER, happened_on=date(2025, 9, 26))
_DEAL = ThirdPartyReport(reporter=Reporter.INTERMEDIARY, happened_on=date(2026, 4, 29))
_LEASE = ThirdPartyReport(
    reporter=Reporter.PROPERTY_MANAGER,
    happened_on=date(2025, 6, 3),
    learned_on=date(2025, 6, 10),
)
_TENANT = ThirdPartyReport(reporter=Reporter.LANDLORD, happened_on=date(2025, 6, 3))


@pytest.mark.parametrize(
    ("report", "last"),
    [(_HIRE, date(2025, 10, 13)), (_DEAL, date(2026, 5, 12)), (_LEASE, date(2025, 6, 19))],
)
def test_s46_s47_s48_seven_working_days_are_in_time_and_the_next_day_is_late(
    report: ThirdPartyReport, last: date
) -> None:
    judged = judge_report(report, day=last, calendar=_CALENDAR)
    assert (judged.outcome, judged.on_time) == (Outcome.RECORDED, True)
    assert judged.deadline == Deadline(last, provisional=False)
    assert judged.articles == (report.reporter.article,)
    assert judged.who is Actor.RECEIVING_OFFICE
    late = judge_report(report, day=last + timedelta(days=1), calendar=_CALENDAR)
    assert (late.outcome, late.on_time, late.marks) == (Outcome.RECORDED, False, (Mark.LATE,))


def test_s48_read_from_the_start_of_the_lease_the_report_is_late() -> None:
    from_start = AS_ISSUED.reading(R26="from-lease-start")
    judged = judge_report(_LEASE, day=date(2025, 6, 19), calendar=_CALENDAR, parameters=from_start)
    assert judged.deadline == Deadline(date(2025, 6, 12), provisional=False)
    assert judged.on_time is False
    unknown = replace(_LEASE, learned_on=None)
    assert report_deadline(unknown, _CALENDAR) == judged.deadline


def test_s49_a_landlord_has_no_limit_of_days() -> None:
    contents = frozenset({"name", "id_type", "id_number"})
    report = replace(_TENANT, contents=contents)
    judged = judge_report(report, day=date(2025, 7, 15), calendar=_CALENDAR)
    assert judged.outcome is Outcome.RECORDED
    assert (judged.deadline, judged.on_time, judged.marks) == (None, None, ())
    analogy = AS_ISSUED.reading(R26="landlord-seven-days")
    strict = judge_report(report, day=date(2025, 7, 15), calendar=_CALENDAR, parameters=analogy)
    assert strict.deadline == Deadline(date(2025, 6, 12), provisional=False)
    assert strict.on_time is False


def test_what_a_report_lacks_or_tells_too_much_is_named() -> None:
    assert missing_in_report({"name"}) == (Gap.ID_TYPE, Gap.ID_NUMBER)
    named = frozenset({"name", "id_type", "id_number"})
    day = date(2025, 9, 28)
    lacking = judge_report(
        replace(_HIRE, contents=named - {"id_number"}), day=day, calendar=_CALENDAR
    )
    assert (lacking.outcome, lacking.missing) == (Outcome.INCOMPLETE, (Gap.ID_NUMBER,))
    assert lacking.who is Actor.EMPLOYER
    asked = replace(_HIRE, contents=named | {"religion"})
    judged = judge_report(asked, day=day, calendar=_CALENDAR)
    assert judged.outcome is Outcome.REJECTED_INPUT
    assert judged.reasons == (Reason.NOT_A_CONTENT_ART_11,)
    for reporter in Reporter:
        assert reporter.contents >= named


def test_a_hire_lies_not_ahead_and_a_lease_may() -> None:
    tomorrow = date(2025, 9, 27)
    ahead = replace(_HIRE, happened_on=tomorrow)
    judged = judge_report(ahead, day=date(2025, 9, 26), calendar=_CALENDAR)
    assert judged.reasons == (Reason.DATE_IN_FUTURE,)
    assert judge_report(ahead, day=tomorrow, calendar=_CALENDAR).reasons == ()
    lease = replace(_LEASE, happened_on=tomorrow, learned_on=date(2025, 9, 20))
    assert judge_report(lease, day=date(2025, 9, 26), calendar=_CALENDAR).reasons == ()
    foreseen = replace(_LEASE, learned_on=tomorrow)
    judged = judge_report(foreseen, day=date(2025, 9, 26), calendar=_CALENDAR)
    assert judged.reasons == (Reason.DATE_IN_FUTURE,)


def test_a_hire_at_the_end_of_time_is_a_fault_and_has_no_limit() -> None:
    ahead = replace(_HIRE, happened_on=date.max)
    judged = judge_report(ahead, day=date(2025, 9, 26), calendar=_CALENDAR)
    assert (judged.reasons, judged.deadline) == ((Reason.DATE_IN_FUTURE,), None)


def test_a_report_in_a_year_without_notice_is_provisional() -> None:
    report = replace(_HIRE, happened_on=date(2029, 2, 9))
    judged = judge_report(report, day=date(2029, 2, 9), calendar=_CALENDAR)
    assert judged.marks == (Mark.PROVISIONAL,)


def test_a_duty_is_due_then_in_time_late_or_not_reported() -> None:
    limit = Deadline(date(2025, 10, 13), provisional=False)
    after = date(2025, 10, 14)
    assert report_state(limit, reported_on=None, day=limit.day) is ReportState.DUE
    assert report_state(limit, reported_on=None, day=after) is ReportState.NOT_REPORTED
    assert report_state(limit, reported_on=limit.day, day=after) is ReportState.ON_TIME
    assert report_state(limit, reported_on=after, day=after) is ReportState.LATE
    assert report_state(limit, reported_on=after, day=limit.day) is ReportState.DUE
    assert report_state(None, reported_on=None, day=date.max) is ReportState.DUE
    assert report_state(None, reported_on=after, day=date.max) is ReportState.ON_TIME


@given(st.dates(date(2018, 1, 1), date(2025, 12, 1)), st.integers(0, 30))
def test_a_later_start_never_ends_the_limit_earlier(day: date, shift: int) -> None:
    early = report_deadline(replace(_HIRE, happened_on=day), _CALENDAR)
    late = report_deadline(replace(_HIRE, happened_on=day + timedelta(days=shift)), _CALENDAR)
    assert early is not None
    assert late is not None
    assert early.day <= late.day
    assert timedelta(days=7) <= early.day - day
    assert _CALENDAR.is_working_day(early.day)


@pytest.mark.parametrize(
    ("report", "day", "how"),
    [
        (_HIRE, date(2025, 10, 13), Timeliness.ON_TIME),
        (_HIRE, date(2025, 10, 14), Timeliness.LATE),
        (_TENANT, date(2026, 6, 3), Timeliness.NO_LIMIT),
    ],
)
def test_a_report_is_kept_as_on_time_late_or_without_a_limit(
    report: ThirdPartyReport, day: date, how: Timeliness
) -> None:
    assert judge_report(report, day=day, calendar=_CALENDAR).timeliness is how


@pytest.mark.parametrize("reporter", Reporter)
def test_a_follow_up_ends_once_and_not_before_its_report(reporter: Reporter) -> None:
    reported = date(2026, 3, 2)
    ended = judge_follow_up(reporter, reported_on=reported, closed_on=None, day=reported)
    assert (ended.outcome, ended.reasons, ended.articles) == (
        Outcome.RECORDED, (), (reporter.article,),
    )  # fmt: skip
    again = judge_follow_up(reporter, reported_on=reported, closed_on=reported, day=reported)
    assert (again.outcome, again.reasons) == (Outcome.NONE, (Reason.REPORT_FOLLOWED_UP,))
    early = judge_follow_up(
        reporter, reported_on=reported, closed_on=None, day=reported - timedelta(days=1)
    )
    assert (early.outcome, early.reasons) == (
        Outcome.REJECTED_INPUT, (Reason.DATES_OUT_OF_ORDER,),
    )  # fmt: skip
