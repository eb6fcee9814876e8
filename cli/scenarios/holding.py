"""What happens to a permit: endorsed, moved with, replaced, cancelled (articles 18 to 20, 23).

Never: decides; what an action gives beside the decision is read off it.
"""

from dataclasses import replace
from datetime import date
from typing import Final

from cli.scenarios import wordings, words
from cli.scenarios.applying import form_of
from cli.scenarios.came import Came
from cli.scenarios.given import (
    NEW_ADDRESS,
    brought_of,
    county_of,
    hukou_of,
    lives_elsewhere_unreported,
    unreported_moves,
)
from cli.scenarios.keys import WrongValueError
from cli.scenarios.reading import Case
from cli.scenarios.scene import Scene, fee_said
from db.facts import Brought
from regulation.cancellation import Proceeding
from regulation.duties import ForbiddenAct, refer
from regulation.evidence import QualifyingCondition
from regulation.fees import Chargeable, fee_for
from regulation.moving import MoveDecision, MoveReport, decide_move
from regulation.outcome import Mark, Outcome
from regulation.permit import CancelGround, PermitValidity
from resolvers.desk import moving, permit, registration

_OFFICIAL: Final = "official-1"


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
        "fee": fee_said(decision.fee or fee_for(Chargeable.ENDORSEMENT, scene.parameters)),
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
        form = form_of(scene, brought=brought)
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
        "fee": fee_said(decision.fee),
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
        "fee": fee_said(decision.fee),
        "valid_to": wordings.NEW_YEAR
        if accepted and decision.valid_to is None
        else decision.valid_to,
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
        if words.EVENTS[event.need_text("type")] == "hukou":
            hukou, before = event.text("division"), hukou
    return hukou, before


def _lives_in(case: Case) -> str | None:
    """Where the holder lives now, which may be outside the region."""
    here = case.given.text("new_division")
    for event in case.given.parts("events"):
        if words.EVENTS[event.need_text("type")] in {"moved", "left"}:
            here = event.text("division") or here
    return here
