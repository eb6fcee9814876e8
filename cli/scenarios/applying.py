"""Registering residence and applying for a permit: the use cases of the desks (articles 10 to 17).

Never: decides; what an action gives beside the decision is read off it.
"""

from dataclasses import replace
from typing import Final

from cli.scenarios import words
from cli.scenarios.came import Came
from cli.scenarios.given import (
    ADDRESS,
    APPLICATION,
    PROVEN_BY,
    county_of,
    held,
    hukou_of,
    kind_of,
    number_of,
    unreported_moves,
)
from cli.scenarios.keys import WrongValueError
from cli.scenarios.reading import Case
from cli.scenarios.scene import Scene, fee_said
from db.facts import Brought
from regulation.application import ApplicationDecision
from regulation.declaration import REQUIRED_CONTENTS
from regulation.divisions import COUNTY_DIGITS
from regulation.duties import Refusal, judge_refusal
from regulation.evidence import Claim, Proves, QualifyingCondition, proven, proves
from regulation.fees import Chargeable, fee_for
from regulation.id_number import InvalidIdNumberError, parse_id_number
from regulation.outcome import Gap, Mark, Outcome, Reason
from resolvers.desk import application, registration

_OFFICIAL: Final = "official-1"
_FIRST_MATERIALS: Final = frozenset({"resident_id_card", "photo"})


async def register_residence(scene: Scene) -> Came:
    """Declare residence (articles 10, 11)."""
    done = await registration.register(scene.office.desk, scene.desk(), form_of(scene))
    decision = done.decision
    says: dict[str, object] = {
        "permit_prospect": "none" if decision.prospect else "possible",
        "permit_reason": decision.prospect,
        "earliest_date": decision.permit_from,
        "on_time": decision.on_time,
        "agent_role": decision.agent,
        "route": decision.route,
        "competent_office_division": decision.competent_division,
        "fee": fee_said(fee_for(Chargeable.REGISTRATION, scene.parameters)),
    }
    return Came(decision=decision, says=says)


def form_of(scene: Scene, *, brought: Brought | None = None) -> registration.Form:
    """Fill in a declaration with all that the case does not leave out (article 11)."""
    case = scene.case
    given, person = case.given, case.person
    if person is None:
        raise WrongValueError("given.person", "is missing", "say who declares residence")
    entered = given.text("citizen_id_entered") or person.number
    omitted = {words.CONTENTS[each] for each in given.listed("omitted_fields")}
    contents = dict.fromkeys(REQUIRED_CONTENTS, "测试") | {
        Gap.NAME: person.name,
        Gap.SEX: given.text("sex_entered") or person.sex or "",
        Gap.ETHNICITY: person.ethnicity,
        Gap.BIRTH_DATE: person.born.isoformat() if person.born else "",
        Gap.CURRENT_ADDRESS: ADDRESS,
        Gap.WORKPLACE: "测试公司",
    }
    contents = {gap: "" if gap in omitted else text for gap, text in contents.items()}
    here = given.text("new_division") if brought else None
    here = here or county_of(case)
    temporary = given.part("temporary_permit")
    arrived = given.day("arrival_date") or (given.day("moved") if brought else None)
    return registration.Form(
        number=None if Gap.CITIZEN_ID in omitted else entered,
        kind=kind_of(person),
        hukou=hukou_of(case),
        county=here[:COUNTY_DIGITS],
        township=here if len(here) > COUNTY_DIGITS else "",
        arrived_on=arrived or scene.day,
        contents=contents,
        materials=case.when.codes("materials") or frozenset(),
        limited_mobility=person.limited_mobility,
        brought=brought,
        temporary=None if temporary is None else held(temporary),
    )


async def apply_permit(scene: Scene) -> Came:
    """File an application; where the case says so, let a clerk refuse it (articles 15 to 17)."""
    case = scene.case
    if unreported_moves(case):
        raise WrongValueError(
            "given.moved", "is a move that nobody reported", "give change_reported too"
        )
    fault = _fault_of_number(case)
    if fault is not None:
        rejected = ApplicationDecision(
            outcome=Outcome.REJECTED_INPUT, reasons=(fault,), articles=("11",)
        )
        return Came(decision=rejected, says=_of_application(scene, rejected))
    given = await scene.office.stand(number_of(case.person), scene.day)
    materials = case.when.codes("materials") or frozenset()
    done = await application.file(
        scene.office.desk, scene.desk(), _filing(scene, materials), application=APPLICATION[::-1]
    )
    came = Came(decision=done.decision, says=_of_application(scene, done.decision))
    if done.decision.outcome is Outcome.ACCEPTED and given.permit is not None:
        came.says["fee"] = fee_said(fee_for(Chargeable.REAPPLICATION, scene.parameters))
    if case.when.text("clerk_decision") in {"not_eligible", "refused", "refuse"}:
        return await _refused_by_clerk(scene, done.decision)
    return came


def _fault_of_number(case: Case) -> Reason | None:
    entered = case.given.text("citizen_id_entered")
    if entered is None:
        return None
    try:
        parse_id_number(entered)
    except InvalidIdNumberError as error:
        return Reason(f"ID_{error.fault.value}")
    return None


def _filing(scene: Scene, materials: frozenset[str]) -> application.Filing:
    case = scene.case
    stated = case.given.codes("conditions")
    shown = {each.value for each in proven(materials)}
    # Who names no condition relies on those that the materials show.
    claimed = stated if stated is not None else shown
    # The one that is shown is looked at first, in whatever order they are listed.
    ordered = sorted(claimed, key=lambda each: (each not in shown, each))
    return application.Filing(
        number=number_of(case.person),
        kind=kind_of(case.person),
        claims=tuple(Claim(condition=QualifyingCondition(each)) for each in ordered),
        materials=materials,
        hukou=hukou_of(case),
        division=county_of(case),
        limited_mobility=case.person is not None and case.person.limited_mobility,
    )


def _of_application(scene: Scene, decision: ApplicationDecision) -> dict[str, object]:
    accepted = decision.outcome is Outcome.ACCEPTED
    given = scene.case.when.codes("materials") or frozenset[str]()
    shows_address = proves(given, Proves.ADDRESS)
    proof = "given" if shows_address else None
    return {
        "receipt": decision.receipt,
        "acceptance_date": decision.accepted_on,
        "issue_due": decision.deadline.day if accepted and decision.deadline else None,
        "relied_on": decision.relied_on,
        "address_proof": "reused" if Mark.PROOF_REUSED in decision.marks else proof,
        "competent_office_division": (decision.competent_division or "")[:COUNTY_DIGITS] or None,
        "agent_role": decision.agent,
        "route": decision.route,
        "qualifying_start": decision.qualifying_start,
        "new_permit": accepted,
        "fee": fee_said(fee_for(Chargeable.FIRST_APPLICATION, scene.parameters)),
    }


async def _refused_by_clerk(scene: Scene, proposed: ApplicationDecision) -> Came:
    reasons = scene.case.when.listed("clerk_reasons")
    refusal = Refusal(
        reasons=tuple(Reason(each) for each in reasons if each in set(Reason)),
        written_reason="；".join(each for each in reasons if each not in set(Reason)),
        official=_OFFICIAL,
    )
    if proposed.outcome in {Outcome.ACCEPTED, Outcome.INCOMPLETE}:
        done = await application.refuse(scene.office.desk, scene.desk(), scene.number, refusal)
        decision = done.decision
    else:
        decision = judge_refusal(proposed, refusal)
    stands = await scene.office.stand(scene.number, scene.day)
    blocked = decision.outcome is Outcome.BLOCKED
    return Came(
        decision=decision,
        says={"receipt": stands.application_open, "issue_due": None},
        claims={"refusal_needs_reason": blocked and stands.application_open},
    )


async def supply_missing(scene: Scene) -> Came:
    """File without what is supplied now, then supply it: the days run from completion (16, 17)."""
    case = scene.case
    supplied = case.when.codes("materials") or frozenset[str]()
    claimed = case.given.listed("conditions") or ("housing",)
    whole = _FIRST_MATERIALS | {PROVEN_BY[each] for each in claimed[:1]}
    lacking = frozenset(
        each for each in whole if each not in supplied and not _same(each, supplied)
    )
    first = case.when.need_day("first_filing")
    filing = _filing(scene, lacking)
    if case.given.codes("conditions") is None:
        filing = replace(filing, claims=(Claim(condition=QualifyingCondition.HOUSING),))
    at = scene.desk(on=first)
    await application.file(scene.office.desk, at, filing, application=APPLICATION[::-1])
    done = await application.supplement(scene.office.desk, scene.desk(), scene.number, supplied)
    return Came(decision=done.decision, says=_of_application(scene, done.decision))


def _same(material: str, supplied: frozenset[str]) -> bool:
    """Whether what is supplied proves the condition that this material would have proven."""
    return bool(proven({material}) & proven(supplied))


async def no_application(scene: Scene) -> Came:
    """Do nothing: applying is voluntary (article 2)."""
    await scene.office.stand(number_of(scene.case.person), scene.day)
    return Came(word=words.OUTCOMES[Outcome.NONE])


async def issue_card(scene: Scene) -> Came:
    """Issue the card of an accepted application (article 17)."""
    done = await application.issue(scene.office.desk, scene.desk(), scene.number)
    decision = done.decision
    says: dict[str, object] = {
        "issue_due": decision.deadline.day if decision.deadline else None,
        "overdue_days": decision.overdue_days,
        "fee": fee_said(fee_for(Chargeable.FIRST_APPLICATION, scene.parameters)),
    }
    return Came(decision=decision, says=says)
