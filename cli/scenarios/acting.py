"""Actions at a desk: each is the use case that the service itself runs (docs/adr/0011).

Never: decides; what an action gives beside the decision is read off it.
"""

from collections.abc import Awaitable, Callable, Mapping
from typing import Final

from cli.scenarios import words
from cli.scenarios.applying import (
    apply_permit,
    issue_card,
    no_application,
    register_residence,
    supply_missing,
)
from cli.scenarios.came import Came
from cli.scenarios.given import county_of
from cli.scenarios.holding import (
    cancel_permit,
    endorse,
    replace_card,
    report_address_change,
    report_departure,
)
from cli.scenarios.keys import WrongValueError
from cli.scenarios.scene import Scene, fee_said
from regulation.divisions import COUNTY_DIGITS
from regulation.third_party import Reporter, ThirdPartyReport
from resolvers.desk import recorded


async def settlement_check(scene: Scene) -> Came:
    """Ask whether article 22 is met."""
    given = scene.case.given
    family = given.flag("whole_family")
    if family is None:
        raise WrongValueError("given.whole_family", "is missing", "write true or false")
    done = await recorded.settlement(
        scene.office.desk,
        scene.desk(),
        scene.number,
        hukou_kind=words.HUKOU_KINDS[scene.look("hukou_kind", words.HUKOU_KINDS, "given")],
        area=words.AREAS[scene.look("area", words.AREAS, "given")],
        whole_family=family,
    )
    decision = done.decision
    notes = {"indication", *(each.value for each in decision.reasons)}
    return Came(
        decision=decision,
        says={"answer": decision.outcome.value, "note": frozenset(notes)},
    )


async def charge_fee(scene: Scene) -> Came:
    """Charge an amount for a service (article 21)."""
    service = words.SERVICES[scene.look("service", words.SERVICES)]
    amount = scene.case.when.value("amount_cny")
    if not isinstance(amount, int | float) or isinstance(amount, bool) or amount < 0:
        raise WrongValueError("when.amount_cny", "is no amount", "write yuan, as 10 or 10.5")
    done = await recorded.charge(scene.office.desk, scene.desk(), service, fen=round(amount * 100))
    return Came(decision=done.decision, says={"fee": fee_said(done.decision.fee)})


_REPORTED: Final[Mapping[str, tuple[str, Reporter]]] = {
    "report_hire": ("hired", Reporter.EMPLOYER),
    "report_lease": ("lease_start", Reporter.PROPERTY_MANAGER),
    "report_brokerage": ("deal_date", Reporter.INTERMEDIARY),
    "record_tenant": ("lease_start", Reporter.LANDLORD),
}


async def report(scene: Scene) -> Came:
    """Report somebody as a third party (articles 6 to 9)."""
    case = scene.case
    key, reporter = _REPORTED[case.action]
    word = case.given.text("reporter")
    happened = case.given.day(key) or case.given.day("learned")
    if happened is None:
        raise WrongValueError(f"given.{key}", "is missing", "say on which day it happened")
    done = await recorded.report_by_third_party(
        scene.office.desk,
        scene.desk(),
        ThirdPartyReport(
            reporter=reporter if word is None else words.PARTIES[word],
            happened_on=happened,
            learned_on=case.given.day("learned"),
            contents=case.when.codes("fields"),
        ),
    )
    return Came(decision=done.decision, says={"on_time": done.decision.on_time, "fee": 0})


async def record_custody(scene: Scene) -> Came:
    """Ask to record that somebody keeps another's permit (article 27)."""
    desk = scene.office.acting(scene.day, county_of(scene.case)[:COUNTY_DIGITS])
    done = await recorded.record_custody(scene.office.desk, desk)
    return Came(decision=done.decision)


ACTS: Final[Mapping[str, Callable[[Scene], Awaitable[Came]]]] = {
    "register_residence": register_residence,
    "apply_permit": apply_permit,
    "supply_missing": supply_missing,
    "no_application": no_application,
    "issue_card": issue_card,
    "endorse": endorse,
    "report_address_change": report_address_change,
    "report_departure": report_departure,
    "replace_card": replace_card,
    "cancel_permit": cancel_permit,
    "settlement_check": settlement_check,
    "charge_fee": charge_fee,
    "report_hire": report,
    "report_lease": report,
    "report_brokerage": report,
    "record_tenant": report,
    "record_custody": record_custody,
}
"""Every action that is a desk's."""
