"""Actions at a desk: each is the use case that the service itself runs (docs/adr/0011).

Never: decides; what an action gives beside the decision is read off it.
"""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from cli.scenarios import words
from cli.scenarios.came import Came
from cli.scenarios.given import (
    APPLICATION,
    NEW_ADDRESS,
    PROVEN_BY,
    brought_of,
    county_of,
    held,
    hukou_of,
    kind_of,
    lives_elsewhere_unreported,
    number_of,
    unreported_moves,
)
from cli.scenarios.keys import WrongValueError
from cli.scenarios.office import Office
from cli.scenarios.reading import Case
from db.facts import Brought
from regulation.application import ApplicationDecision
from regulation.cancellation import Proceeding
from regulation.declaration import REQUIRED_CONTENTS
from regulation.divisions import COUNTY_DIGITS
from regulation.duties import ForbiddenAct, Refusal, judge_refusal, refer
from regulation.evidence import Claim, Proves, QualifyingCondition, proven, proves
from regulation.fees import Chargeable, Fee, fee_for
from regulation.id_number import IdNumber, InvalidIdNumberError, parse_id_number
from regulation.moving import MoveDecision, MoveReport, decide_move
from regulation.outcome import Actor, Gap, Mark, Outcome, Reason
from regulation.parameters import Parameters
from regulation.permit import CancelGround, PermitValidity
from regulation.third_party import Reporter, ThirdPartyReport
from resolvers.desk import application, moving, permit, recorded, registration
from resolvers.desk.acting import Acting

_OFFICIAL: Final = "official-1"
_FIRST_MATERIALS: Final = frozenset({"resident_id_card", "photo"})


@dataclass(frozen=True, slots=True)
class Scene:
    """A case in its city, on its day."""

    case: Case
    office: Office

    @property
    def day(self) -> date:
        """The day of the action."""
        return self.case.when.need_day("date")

    @property
    def parameters(self) -> Parameters:
        """What holds on that day."""
        return self.office.on(self.day)

    @property
    def number(self) -> IdNumber:
        """The person's number."""
        number = number_of(self.case.person)
        if number is None:
            raise WrongValueError("given.person", "has no citizen ID number", "name a citizen")
        return number

    @property
    def by(self) -> Actor:
        """Who stands at the desk."""
        word = self.case.when.text("by")
        if word is None:
            return Actor.APPLICANT
        if word not in words.AGENTS:
            raise WrongValueError("when.by", f"{word!r} stands at no desk", ", ".join(words.AGENTS))
        return words.AGENTS[word]

    def desk(self, *, at: str | None = None, on: date | None = None) -> Acting:
        """The desk that the case goes to: the county's unless it names another."""
        division = self.case.when.text("office_division") or (at or county_of(self.case))
        return self.office.acting(on or self.day, division[:COUNTY_DIGITS], by=self.by)

    def look(self, name: str, known: Mapping[str, object], where: str = "when") -> str:
        """A word of the case that has to be one of these."""
        said = self.case.when if where == "when" else self.case.given
        word = said.need_text(name)
        if word not in known:
            hint = f"write one of {', '.join(known)}"
            raise WrongValueError(f"{where}.{name}", f"unknown word {word[:60]!r}", hint)
        return word


async def register_residence(scene: Scene) -> Came:
    """Declare residence (articles 10, 11)."""
    done = await registration.register(scene.office.desk, scene.desk(), _form(scene))
    decision = done.decision
    says: dict[str, object] = {
        "permit_prospect": "none" if decision.prospect else "possible",
        "permit_reason": decision.prospect,
        "earliest_date": decision.permit_from,
        "on_time": decision.on_time,
        "agent_role": decision.agent,
        "route": decision.route,
        "competent_office_division": decision.competent_division,
        "fee": _fee(fee_for(Chargeable.REGISTRATION, scene.parameters)),
    }
    return Came(decision=decision, says=says)


def _form(scene: Scene, *, brought: Brought | None = None) -> registration.Form:
    case = scene.case
    given, person = case.given, case.person
    entered = given.text("citizen_id_entered") or (None if person is None else person.number)
    omitted = {words.CONTENTS[each] for each in given.listed("omitted_fields")}
    contents = dict.fromkeys(REQUIRED_CONTENTS, "测试") | {Gap.WORKPLACE: "测试公司"}
    if person is not None:
        contents[Gap.NAME] = person.name
        contents[Gap.ETHNICITY] = person.ethnicity
        contents[Gap.SEX] = given.text("sex_entered") or person.sex or ""
        contents[Gap.BIRTH_DATE] = person.born.isoformat() if person.born else ""
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
        limited_mobility=person is not None and person.limited_mobility,
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
        came.says["fee"] = _fee(fee_for(Chargeable.REAPPLICATION, scene.parameters))
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
        "fee": _fee(fee_for(Chargeable.FIRST_APPLICATION, scene.parameters)),
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
        "fee": _fee(fee_for(Chargeable.FIRST_APPLICATION, scene.parameters)),
    }
    return Came(decision=decision, says=says)


async def endorse(scene: Scene) -> Came:
    """Ask for the yearly endorsement (articles 14, 20)."""
    when, given = scene.case.when, scene.case.given
    word = when.text("police_review")
    if word is not None:
        scene.look("police_review", words.REVIEWS)
    conditions = given.codes("conditions")
    done = await permit.endorse(
        scene.office.desk,
        scene.desk(),
        scene.number,
        permit.Endorsing(
            review=None if word is None else words.REVIEWS[word],
            review_reason=when.text("review_reason") or "",
            reviewer=_OFFICIAL,
            conditions=None
            if conditions is None
            else frozenset(map(QualifyingCondition, conditions)),
            materials=when.codes("materials"),
            unreported_move=lives_elsewhere_unreported(scene.case),
            hukou=hukou_of(scene.case),
        ),
    )
    decision = done.decision
    says: dict[str, object] = {
        "window": list(decision.window) if decision.window else None,
        "next_step": decision.proceeding,
        "fee": _fee(decision.fee or fee_for(Chargeable.ENDORSEMENT, scene.parameters)),
    }
    return Came(decision=decision, says=says)


async def report_address_change(scene: Scene) -> Came:
    """Report a move, or several (article 19)."""
    case = scene.case
    moves = tuple(sorted({*unreported_moves(case), *case.when.days("declared_moves")}))
    if not moves:
        raise WrongValueError("given.moved", "is missing", "say on which day the person moved")
    to = case.given.text("new_division") or county_of(case)
    materials = case.when.codes("materials")
    stands = await scene.office.stand(scene.number, scene.day)
    brought = brought_of(case)
    if brought is not None and stands.registered_on is None:
        return await _come_with_permit(scene, brought, moves, to)
    done = await moving.report_move(
        scene.office.desk,
        scene.desk(at=to),
        scene.number,
        moving.Moving(
            moves=moves, to=to, address=NEW_ADDRESS, materials=materials, hukou=hukou_of(case)
        ),
    )
    return Came(decision=done.decision, says=_of_move(done.decision))


async def _come_with_permit(
    scene: Scene, brought: Brought, moves: tuple[date, ...], to: str
) -> Came:
    """A holder from another league or city is registered with the permit that they bring."""
    case = scene.case
    printed = PermitValidity(valid_from=brought.valid_from, valid_to=brought.valid_to)
    issued_by = case.given.part("permit")
    decision = decide_move(
        MoveReport(
            moves=moves,
            to=to,
            come_from=None if issued_by is None else issued_by.text("issued_by_division"),
            permit=printed,
            hukou=hukou_of(case),
            materials=case.when.codes("materials"),
            office=case.when.text("office_division"),
        ),
        day=scene.day,
        calendar=scene.office.calendar,
        parameters=scene.parameters,
    )
    if decision.outcome is Outcome.RECORDED and to.startswith(moving.CITY):
        form = _form(scene, brought=brought)
        form = replace(form, arrived_on=min(moves))
        done = await registration.register(scene.office.desk, scene.desk(at=to), form)
        if done.decision.outcome is not Outcome.RECORDED:
            return Came(decision=done.decision)
    return Came(decision=decision, says=_of_move(decision))


def _of_move(decision: MoveDecision) -> dict[str, object]:
    continuity = decision.continuity_deadline
    return {
        "on_time": decision.on_time,
        "continuity_deadline": None if continuity is None else continuity.day,
        "new_application_needed": decision.new_application_needed,
        "competent_office_division": decision.competent_office,
        "next_step": decision.proceeding,
        "fee": _fee(decision.fee),
        "state_decided": decision.status,
        "valid_to_decided": decision.valid_to,
    }


async def report_departure(scene: Scene) -> Came:
    """Report that somebody left the region (articles 19, 23)."""
    case = scene.case
    to = case.given.text("new_division")
    if to is None:
        raise WrongValueError("given.new_division", "is missing", "say where the person went")
    left = unreported_moves(case) or (scene.day,)
    done = await moving.report_move(
        scene.office.desk, scene.desk(), scene.number, moving.Moving(moves=left, to=to)
    )
    return Came(decision=done.decision, says=_of_move(done.decision))


async def replace_card(scene: Scene) -> Came:
    """Ask for a new card (article 18)."""
    reason = words.REPLACEMENTS[scene.look("reason", words.REPLACEMENTS)]
    done = await permit.replace_card(
        scene.office.desk,
        scene.desk(),
        scene.number,
        reason,
        old_card_returned=scene.case.when.flag("old_card_returned") is True,
    )
    decision = done.decision
    accepted = decision.outcome is Outcome.ACCEPTED
    says: dict[str, object] = {
        "receipt": decision.receipt,
        "issue_due": decision.issue_due,
        "old_card": decision.old_card,
        "fee": _fee(decision.fee),
        "valid_to": words.NEW_YEAR if accepted and decision.valid_to is None else decision.valid_to,
    }
    return Came(decision=decision, says=says)


async def cancel_permit(scene: Scene) -> Came:
    """Cancel a permit; the holder was heard, a named official decides in writing (article 23)."""
    case = scene.case
    ground = words.GROUNDS[scene.look("ground", words.GROUNDS)]
    conditions = case.given.codes("conditions") or frozenset()
    hukou, before = _hukou_changes(case)
    done = await permit.cancel(
        scene.office.desk,
        scene.desk(),
        scene.number,
        permit.Cancelling(
            ground=ground,
            proceeding=Proceeding(
                heard=True, official_named=True, reasoned=True, remedies_named=True
            ),
            reason=case.given.text("finding") or "",
            conditions=frozenset(map(QualifyingCondition, conditions)),
            division=_lives_in(case),
            hukou=hukou,
            hukou_before=before,
        ),
    )
    decision = done.decision
    cards = [m for m in (Mark.COLLECT_CARD, Mark.CONFISCATE_CARD) if m in decision.marks]
    referred = Mark.REFER in decision.marks and ground is CancelGround.FALSE_MATERIALS
    says: dict[str, object] = {
        "legal_basis": decision.legal_basis,
        "card": cards[0].value if cards else None,
        "refer_to": refer(ForbiddenAct.FRAUD).national_article if referred else None,
    }
    return Came(decision=decision, says=says)


def _hukou_changes(case: Case) -> tuple[str | None, str | None]:
    hukou, before = hukou_of(case), None
    for event in case.given.parts("events"):
        if event.text("type") == "hukou_registered":
            hukou, before = event.text("division"), hukou
    return hukou, before


def _lives_in(case: Case) -> str | None:
    """Where the holder lives now, which may be outside the region."""
    here = case.given.text("new_division")
    for event in case.given.parts("events"):
        if event.text("type") in {"moved", "left_region"}:
            here = event.text("division") or here
    return here


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
    return Came(decision=done.decision, says={"fee": _fee(done.decision.fee)})


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


def _fee(fee: Fee | None) -> object:
    """What is to be paid, in yuan; the published rate where the city has entered no amount."""
    if fee is None:
        return None
    if fee.free:
        return 0
    return words.RATE if fee.fen is None else fee.fen / 100


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
