"""What employers, property managers, intermediaries and landlords report (articles 6 to 9; R26).

One kind of report for all four. It never registers anybody or starts a clock, for only the person's
own declaration does; it opens a follow-up at the receiving office. Lateness is noted, and no
sanction follows: the Measures provide for none. A landlord has a duty and no limit of days.

Never: takes more than the duty asks for, asks an employer for hires who do not move here, or ends a
follow-up by lapse of time.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from regulation.calendar import Deadline, WorkingCalendar
from regulation.outcome import Actor, Decision, Gap, Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters


class Reporter(StrEnum):
    """Who reports; each under an article of its own."""

    EMPLOYER = "employer"
    PROPERTY_MANAGER = "property_manager"
    INTERMEDIARY = "intermediary"
    LANDLORD = "landlord"

    @property
    def article(self) -> str:
        """The article of the duty."""
        return _DUTIES[self][0]

    @property
    def contents(self) -> frozenset[str]:
        """The codes of what is reported, and no more."""
        return _DUTIES[self][1]


_REQUIRED = (Gap.NAME, Gap.ID_TYPE, Gap.ID_NUMBER)
_PERSON = frozenset(gap.value for gap in _REQUIRED)
_DUTIES = {
    Reporter.EMPLOYER: ("6", _PERSON | {"hire_date", "workplace"}),
    Reporter.PROPERTY_MANAGER: ("7", _PERSON | {"landlord", "lease_start", "address"}),
    Reporter.INTERMEDIARY: (
        "8",
        _PERSON | {"landlord", "employer", "deal_date", "address", "workplace"},
    ),
    Reporter.LANDLORD: ("9", _PERSON | {"lease_start", "address"}),
}


class ReportState(StrEnum):
    """How a duty to report stands on a day."""

    DUE = "due"
    ON_TIME = "on_time"
    LATE = "late"
    NOT_REPORTED = "not_reported"


class Timeliness(StrEnum):
    """How a report that was made stands to its limit of days, if its duty has one."""

    ON_TIME = "on_time"
    LATE = "late"
    NO_LIMIT = "no_limit"


class FollowUp(StrEnum):
    """What the receiving office found when it followed a report up: a code, never a story."""

    REGISTERED = "registered"
    ALREADY_REGISTERED = "already_registered"
    NO_DUTY = "no_duty"
    NOT_LIVING_HERE = "not_living_here"
    REPEATED = "repeated"


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdPartyReport:
    """A report. `happened_on` is the hire, the deal, or the start of the lease.

    `learned_on` is the day on which a property manager learned of it; None where not known.
    `contents` are the codes of what is reported; None where they are not at issue.
    """

    reporter: Reporter
    happened_on: date
    learned_on: date | None = None
    contents: frozenset[str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportDecision(Decision):
    """What becomes of a report; `on_time` is None where the duty has no limit of days."""

    on_time: bool | None = None

    @property
    def timeliness(self) -> Timeliness:
        """How it stands to the limit, as it is kept (articles 6 to 9)."""
        if self.on_time is None:
            return Timeliness.NO_LIMIT
        return Timeliness.ON_TIME if self.on_time else Timeliness.LATE


def report_deadline(
    report: ThirdPartyReport, calendar: WorkingCalendar, parameters: Parameters = AS_ISSUED
) -> Deadline | None:
    """Return the last day to report, None without a limit (articles 6, 7, 8, 9; R5, R26).

    Seven working days from the hire or the deal; a property manager's run from knowledge, since
    article 7 names no start; article 9 names no limit.
    """
    start, reporter = report.happened_on, report.reporter
    if reporter is Reporter.LANDLORD and parameters.chosen("R26") != "landlord-seven-days":
        return None
    if reporter is Reporter.PROPERTY_MANAGER and parameters.chosen("R26") != "from-lease-start":
        start = report.learned_on or start
    return calendar.add_working_days(start, parameters.values.report_working_days)


def report_state(deadline: Deadline | None, *, reported_on: date | None, day: date) -> ReportState:
    """Return how a duty stands on `day`; without a limit it is never late (articles 6 to 9)."""
    if reported_on is not None and reported_on <= day:
        late = deadline is not None and reported_on > deadline.day
        return ReportState.LATE if late else ReportState.ON_TIME
    if deadline is None or day <= deadline.day:
        return ReportState.DUE
    return ReportState.NOT_REPORTED


def missing_in_report(contents: Iterable[str]) -> tuple[Gap, ...]:
    """Return what a report lacks: name, kind and number of the document (article 9)."""
    given = frozenset(contents)
    return tuple(gap for gap in _REQUIRED if gap.value not in given)


def judge_report(
    report: ThirdPartyReport,
    *,
    day: date,
    calendar: WorkingCalendar,
    parameters: Parameters = AS_ISSUED,
) -> ReportDecision:
    """Judge a report made on `day`: late or not, it is recorded (articles 6, 7, 8, 9)."""
    faults = _faults(report, day)
    ahead = Reason.DATE_IN_FUTURE in faults
    deadline = None if ahead else report_deadline(report, calendar, parameters)
    gaps = () if report.contents is None else missing_in_report(report.contents)
    outcome = Outcome.INCOMPLETE if gaps else Outcome.RECORDED
    late = deadline is not None and day > deadline.day
    provisional = deadline is not None and deadline.provisional
    dependent = report.reporter in {Reporter.PROPERTY_MANAGER, Reporter.LANDLORD}
    touched = [id_ for id_, holds in (("R5", deadline is not None), ("R26", dependent)) if holds]
    marks = {Mark.LATE: late, Mark.PROVISIONAL: provisional}
    return ReportDecision(
        outcome=Outcome.REJECTED_INPUT if faults else outcome,
        reasons=(*faults, Reason.CONTENTS_MISSING) if gaps else faults,
        missing=gaps,
        articles=(report.reporter.article,),
        readings=parameters.readings.applied(*touched),
        deadline=deadline,
        who=Actor(report.reporter.value) if faults or gaps else Actor.RECEIVING_OFFICE,
        marks=tuple(mark for mark, holds in marks.items() if holds),
        on_time=None if deadline is None else not late,
        version=parameters.version,
    )


def judge_follow_up(
    reporter: Reporter,
    *,
    reported_on: date,
    closed_on: date | None,
    day: date,
    parameters: Parameters = AS_ISSUED,
) -> Decision:
    """Judge the end of a follow-up on `day`: once, and not before the report (articles 6 to 9).

    Whatever was found, it registers nobody: only the person's own declaration does (article 10).
    """
    early = day < reported_on
    outcome, reasons = Outcome.RECORDED, tuple[Reason, ...]()
    if early:
        outcome, reasons = Outcome.REJECTED_INPUT, (Reason.DATES_OUT_OF_ORDER,)
    elif closed_on is not None:
        outcome, reasons = Outcome.NONE, (Reason.REPORT_FOLLOWED_UP,)
    return Decision(
        outcome=outcome,
        reasons=reasons,
        articles=(reporter.article,),
        who=Actor.RECEIVING_OFFICE if early else None,
        version=parameters.version,
    )


def _faults(report: ThirdPartyReport, day: date) -> tuple[Reason, ...]:
    # A lease may be reported before it begins; a hire or a deal not before it is one.
    of_lease = report.reporter in {Reporter.PROPERTY_MANAGER, Reporter.LANDLORD}
    days = [report.learned_on] if of_lease else [report.happened_on, report.learned_on]
    future = any(each is not None and each > day for each in days)
    contents = report.contents
    found = {
        Reason.DATE_IN_FUTURE: future,
        Reason.NOT_A_CONTENT_ART_11: contents is not None
        and bool(contents - report.reporter.contents),
    }
    return tuple(reason for reason, holds in found.items() if holds)
