"""What a desk is asked that changes no file: each is decided by the rules and recorded.

Reports of employers, property managers, intermediaries and landlords (articles 6 to 9), a charge
(21), the indication for settlement (22), a demand to keep somebody's permit (27).
"""

from typing import TypeVar

from db.desk import Done, File, Written
from regulation.duties import judge_custody
from regulation.fees import Chargeable, FeeDecision, judge_charge
from regulation.id_number import IdNumber
from regulation.outcome import Decision
from regulation.settlement import Area, HukouKind, SettlementFacts, check_settlement
from regulation.third_party import ReportDecision, ThirdPartyReport, judge_report
from resolvers.desk.acting import Acting, Desk, recorder

D = TypeVar("D", bound=Decision)

REPORT = "Mutation.reportByThirdParty"
CHARGE = "Mutation.checkCharge"
SETTLE = "Mutation.checkSettlement"
CUSTODY = "Mutation.recordCustody"


async def report_by_third_party(
    desk: Desk, acting: Acting, report: ThirdPartyReport
) -> Done[ReportDecision]:
    """Take a report: late or not, it registers nobody and starts no clock (articles 6 to 9)."""
    decision = judge_report(
        report, day=acting.day, calendar=desk.calendar, parameters=desk.on(acting.day)
    )
    return await _record(desk, acting, REPORT, decision)


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
