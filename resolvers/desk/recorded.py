"""What a desk is asked that changes no person's file: each is decided by the rules and recorded.

Reports of employers, property managers, intermediaries and landlords (articles 6 to 9), a charge
(21), the indication for settlement (22), a demand to keep somebody's permit (27).
"""

from typing import TypeVar
from uuid import uuid4

from db.desk import Done, File, NotReachedError, Written
from db.reports import FollowedUp, StoredReport, TakenReport
from regulation.duties import judge_custody
from regulation.fees import Chargeable, FeeDecision, judge_charge
from regulation.id_number import IdNumber
from regulation.outcome import Decision, Outcome, Reason
from regulation.settlement import Area, HukouKind, SettlementFacts, check_settlement
from regulation.third_party import (
    FollowUp,
    ReportDecision,
    ThirdPartyReport,
    judge_follow_up,
    judge_report,
)
from resolvers.desk.acting import Acting, Desk, recorder, rejected, untimely
from resolvers.kinds import REPORT_ID

D = TypeVar("D", bound=Decision)

REPORT = "Mutation.reportByThirdParty"
CHARGE = "Mutation.checkCharge"
SETTLE = "Mutation.checkSettlement"
FOLLOW_UP = "Mutation.closeReport"
CUSTODY = "Mutation.recordCustody"


async def report_by_third_party(
    desk: Desk, acting: Acting, report: ThirdPartyReport
) -> Done[ReportDecision]:
    """Take a report: late or not, it registers nobody and starts no clock (articles 6 to 9).

    A report that is whole waits for its follow-up; one that lacks something is no report yet.
    """
    decision = untimely(ReportDecision, desk, acting, None) or judge_report(
        report, day=acting.day, calendar=desk.calendar, parameters=desk.on(acting.day)
    )
    division = acting.division
    if division is None:
        # Nobody would follow it up: it has to lie in some office's division.
        decision = rejected(ReportDecision, desk, acting, Reason.WRONG_OFFICE)
    taken: TakenReport | None = None
    if division is not None and decision.outcome is Outcome.RECORDED:
        taken = TakenReport(
            id=uuid4().bytes,
            division=division,
            office=acting.office,
            official=acting.context.caller.official,
            reporter=report.reporter,
            happened_on=report.happened_on,
            learned_on=report.learned_on,
            reported_on=acting.day,
            deadline=decision.deadline,
            timeliness=decision.timeliness,
            contents=report.contents,
        )

    def decide(_file: File | None) -> Written[ReportDecision]:
        return Written(decision=decision, record=recorder(desk, acting, REPORT), report=taken)

    return await desk.files.act(None, decide, acting.terms)


async def close_report(
    desk: Desk, acting: Acting, report: str, finding: FollowUp
) -> Done[Decision]:
    """End the follow-up of a report of this office's division, once (articles 6 to 9).

    Raises:
        NotReachedError: no such report lies in the division.
    """
    named = desk.ring.global_ids.decode(acting.context.caller.department, report)
    if named is None or named[0] != REPORT_ID:
        raise NotReachedError

    def decide(found: StoredReport) -> Written[Decision]:
        decision = untimely(Decision, desk, acting, None) or judge_follow_up(
            found.reporter,
            reported_on=found.reported_on,
            closed_on=found.closed_on,
            day=acting.day,
            parameters=desk.on(acting.day),
        )
        ended: FollowedUp | None = None
        if decision.outcome is Outcome.RECORDED:
            official = acting.context.caller.official
            ended = FollowedUp(
                report=found, finding=finding, official=official, closed_on=acting.day
            )
        return Written(decision=decision, record=recorder(desk, acting, FOLLOW_UP), report=ended)

    return await desk.files.follow_up(named[1], decide, acting.terms)


async def charge(desk: Desk, acting: Acting, service: Chargeable, *, fen: int) -> Done[FeeDecision]:
    """Say whether an amount may be charged; what is free never may (article 21)."""
    return await _record(
        desk, acting, CHARGE, judge_charge(service, fen=fen, parameters=desk.on(acting.day))
    )


async def record_custody(desk: Desk, acting: Acting) -> Done[Decision]:
    """Refuse to record that somebody keeps another's permit (article 27)."""
    return await _record(desk, acting, CUSTODY, judge_custody(desk.on(acting.day)))


async def settlement(
    desk: Desk,
    acting: Acting,
    number: IdNumber,
    *,
    hukou_kind: HukouKind,
    area: Area,
    whole_family: bool,
    own_wish: bool = True,
) -> Done[Decision]:
    """Indicate whether article 22 is met; it is never the hukou police's decision."""

    def decide(file: File | None) -> Written[Decision]:
        decision = check_settlement(
            SettlementFacts(
                hukou_kind=hukou_kind,
                area=area,
                whole_family=whole_family,
                since=None if file is None else file.standing.clock_start,
                own_wish=own_wish,
            ),
            day=acting.day,
            parameters=desk.on(acting.day),
        )
        return Written(decision=decision, record=recorder(desk, acting, SETTLE))

    return await desk.files.act(desk.ring.id_number_tag(number), decide, acting.terms)


async def _record(desk: Desk, acting: Acting, path: str, decision: D) -> Done[D]:
    def decide(_file: File | None) -> Written[D]:
        return Written(decision=decision, record=recorder(desk, acting, path))

    return await desk.files.act(None, decide, acting.terms)
