"""A change of address (article 19; readings R6, R12, R13, R14).

A holder who moves within Inner Mongolia declares it to the police of the new place within seven
working days; later is late, and no more. Unreported for a month, the time of residence counts from
the declaration, for every mobile resident, with a permit or without one. Of several moves each is
judged. Who leaves the region declares no change of address: the permit's ground is gone.

Never: ends a permit; it names the proceeding of article 23 that follows.
"""

from dataclasses import dataclass, replace
from datetime import date

from regulation.calendar import Deadline, WorkingCalendar
from regulation.dates import add_months
from regulation.divisions import COUNTY_DIGITS
from regulation.eligibility import competent_office, excluded_by_hukou, half_year_full_on
from regulation.evidence import Proves, proves
from regulation.fees import Chargeable, Fee, fee_for
from regulation.outcome import Actor, Decision, Gap, Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters
from regulation.permit import PermitStatus, PermitValidity, act_by, status
from regulation.registration import declare_by

INNER_MONGOLIA = "15"
"""The region's code: article 19 reaches as far as it does."""

CITY = "1504"
NO_LONGER_QUALIFIES = "23(2)"


class NoMoveError(ValueError):
    """A report without a move."""

    def __init__(self) -> None:
        super().__init__("a report of a move names the day of one move at least: pass `moves`")


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveReport:
    """What a report is judged by.

    `moves` are the days of all changes of address since the last report; `to` is the code of the
    division now lived in, `come_from` that of the one registered before, None where it is not
    known. `materials` are codes of `regulation.evidence`, None where the file is not at issue.
    `office` is the division of the office that it was made to, None for the competent one.
    """

    moves: tuple[date, ...]
    to: str
    come_from: str | None = None
    clock_start: date | None = None
    permit: PermitValidity | None = None
    hukou: str | None = None
    materials: frozenset[str] | None = None
    office: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MoveDecision(Decision):
    """What a report of a move does; permit and clock as they stand afterwards.

    `deadline` is the last day in time, `continuity_deadline` the last on which the time of
    residence was kept. `fee` says that a change is free (article 21). `proceeding` names the item
    of article 23 under which a proceeding is to be opened.
    """

    on_time: bool | None = None
    continuity_deadline: Deadline | None = None
    clock_start: date | None = None
    status: PermitStatus | None = None
    valid_to: date | None = None
    fee: Fee | None = None
    new_application_needed: bool = False
    competent_office: str | None = None
    proceeding: str | None = None


def keeps_time_until(
    moved: date, calendar: WorkingCalendar, parameters: Parameters = AS_ISSUED
) -> Deadline:
    """Return the last day to report a move without losing the time (article 19 para 2; R4, R6)."""
    return act_by(add_months(moved, parameters.values.move_months), calendar, parameters)


def decide_move(
    report: MoveReport,
    *,
    day: date,
    calendar: WorkingCalendar,
    parameters: Parameters = AS_ISSUED,
) -> MoveDecision:
    """Judge a report of one or more moves, made on `day` (article 19).

    Raises:
        NoMoveError: it names no move.
    """
    if not report.moves:
        raise NoMoveError
    if not report.to.startswith(INNER_MONGOLIA):
        return decide_departure(report, day=day, parameters=parameters)
    now = replace(
        _as_it_stands(report, day, parameters), competent_office=report.to[:COUNTY_DIGITS]
    )
    if max(report.moves) > day:
        return replace(now, outcome=Outcome.REJECTED_INPUT, reasons=(Reason.DATE_IN_FUTURE,))
    if report.office is not None and not competent_office(report.office, report.to):
        return replace(now, outcome=Outcome.REDIRECTED, reasons=(Reason.WRONG_OFFICE,))
    if report.clock_start is None and report.permit is None:
        return replace(now, outcome=Outcome.REFUSED, reasons=(Reason.NOT_REGISTERED,))
    missing = _missing(report.materials)
    if missing:
        return replace(
            now,
            outcome=Outcome.INCOMPLETE,
            reasons=(Reason.MATERIALS_MISSING,),
            missing=missing,
            deadline=declare_by(min(report.moves), calendar),
        )
    return _eligible_still(
        report, _recorded(report, now, day, calendar, parameters), day, parameters
    )


def decide_departure(
    report: MoveReport, *, day: date, parameters: Parameters = AS_ISSUED
) -> MoveDecision:
    """Record that somebody left Inner Mongolia; a permit's ground is gone (articles 19, 23(2)).

    It is no change of address: no limit was missed, and no clock runs on.
    """
    now = _as_it_stands(report, day, parameters)
    held = now.status not in {None, PermitStatus.CANCELLED}
    return replace(
        now,
        outcome=Outcome.RECORDED,
        articles=(NO_LONGER_QUALIFIES,),
        reasons=(Reason.LEFT_THE_REGION,),
        clock_start=None,
        who=Actor.RECEIVING_OFFICE,
        proceeding=NO_LONGER_QUALIFIES if held else None,
    )


def _as_it_stands(report: MoveReport, day: date, parameters: Parameters) -> MoveDecision:
    permit = report.permit
    return MoveDecision(
        outcome=Outcome.PENDING,
        articles=("19",),
        who=Actor.MOBILE_RESIDENT,
        version=parameters.version,
        clock_start=report.clock_start,
        status=None if permit is None else status(permit, day),
        valid_to=None if permit is None else permit.valid_to,
    )


def _missing(materials: frozenset[str] | None) -> tuple[Gap, ...]:
    """Return what the report lacks: any valid proof of identity, one of the new dwelling."""
    if materials is None:
        return ()
    gaps = list[Gap]()
    if not proves(materials, Proves.IDENTITY):
        gaps.append(Gap.PROOF_OF_IDENTITY)
    if not proves(materials, Proves.ADDRESS):
        gaps.append(Gap.PROOF_OF_RESIDENCE)
    return tuple(gaps)


def _recorded(
    report: MoveReport,
    now: MoveDecision,
    day: date,
    calendar: WorkingCalendar,
    parameters: Parameters,
) -> MoveDecision:
    """Record the moves: in time or late, and whether the time of residence is kept (R12)."""
    latest_only = parameters.chosen("R12") == "latest-move"
    judged = max(report.moves) if latest_only else min(report.moves)
    due = declare_by(judged, calendar)
    keeps = keeps_time_until(judged, calendar, parameters)
    from_elsewhere = _from_elsewhere(report.come_from)
    kept = day <= keeps.day
    start = min(report.moves) if from_elsewhere else report.clock_start
    if not kept:
        start = day
    elif _other_county(report) and parameters.chosen("R13") == "county-half-year":
        kept, start = False, day
    marks = {
        Mark.LATE: day > due.day,
        Mark.CLOCK_RESTARTED: not kept and not from_elsewhere,
        Mark.PROVISIONAL: due.provisional or keeps.provisional,
    }
    touched = ["R4", "R5", "R6", "R12"]
    if _other_county(report):
        touched.append("R13")
    return replace(
        now,
        outcome=Outcome.RECORDED,
        articles=("19", "21"),
        readings=parameters.readings.applied(*touched),
        deadline=due,
        marks=tuple(mark for mark, holds in marks.items() if holds),
        on_time=day <= due.day,
        continuity_deadline=keeps,
        clock_start=start,
        fee=fee_for(Chargeable.ADDRESS_CHANGE, parameters),
    )


def _eligible_still(
    report: MoveReport, now: MoveDecision, day: date, parameters: Parameters
) -> MoveDecision:
    """Name the proceeding that follows where the move takes the permit's ground away (23(2))."""
    reasons = list[Reason]()
    if report.hukou:
        excluded = excluded_by_hukou(hukou=report.hukou, division=report.to)
        if excluded is not None:
            reasons.append(excluded)
    three_districts = Reason.THREE_DISTRICT_EXCLUSION in reasons
    if three_districts and parameters.chosen("R14") == "no-registration":
        now = replace(now, outcome=Outcome.OUT_OF_SCOPE)
    start = now.clock_start
    if (
        parameters.chosen("R12") == "ends-permit"
        and Mark.CLOCK_RESTARTED in now.marks
        and start is not None
        and day < half_year_full_on(start, parameters)
    ):
        reasons.append(Reason.RESIDENCE_UNDER_HALF_YEAR)
    if not reasons:
        return now
    held = now.status not in {None, PermitStatus.CANCELLED}
    also = parameters.readings.applied("R14") if three_districts else ()
    return replace(
        now,
        articles=(*now.articles, NO_LONGER_QUALIFIES) if held else now.articles,
        reasons=tuple(reasons),
        readings=(*now.readings, *also),
        proceeding=NO_LONGER_QUALIFIES if held else None,
    )


def _from_elsewhere(code: str | None) -> bool:
    """Whether a division lies in Inner Mongolia outside this city."""
    return code is not None and code.startswith(INNER_MONGOLIA) and not code.startswith(CITY)


def _other_county(report: MoveReport) -> bool:
    come_from = report.come_from
    return come_from is not None and come_from[:COUNTY_DIGITS] != report.to[:COUNTY_DIGITS]
