"""Applications for a permit at a desk: filed, completed, decided, issued (articles 15–17, 30)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final

from db.desk import Done, File, Written, filing_of
from db.facts import Act, Apply, Issue
from db.read_model import BROUGHT, MOVED, REGISTERED
from db.rows import RowValues
from regulation.application import Application, ApplicationDecision, judge_application
from regulation.duties import Refusal, judge_refusal
from regulation.eligibility import Residence
from regulation.evidence import Claim, OtherEvidence, Proves, QualifyingCondition, proves
from regulation.id_number import IdNumber, birth_date
from regulation.issue import IssueDecision, issue_card
from regulation.outcome import Actor, Decision, Mark, Outcome, Reason
from regulation.permit import CancelGround
from regulation.proceedings import OPEN, ApplicationStanding, State, Step
from regulation.representation import Represented
from regulation.scope import PersonKind
from resolvers.desk.acting import (
    Acting,
    D,
    Desk,
    explained,
    known_materials,
    recorder,
    rejected,
    untimely,
)

FILE = "Mutation.fileApplication"
CONSIDER = "Mutation.checkEligibility"
SUPPLEMENT = "Mutation.supplementApplication"
WITHDRAW = "Mutation.withdrawApplication"
REFUSE = "Mutation.refuseApplication"
APPROVE = "Mutation.approveApplication"
ORDER = "Mutation.orderCard"
ISSUE = "Mutation.issueCard"

_STORED = frozenset({Outcome.ACCEPTED, Outcome.INCOMPLETE, Outcome.NOT_ELIGIBLE})
"""Decisions on an application that is in the register from then on."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Filing:
    """What an applicant files. `hukou` and `division` say what the register doesn't know yet."""

    number: IdNumber | None
    kind: PersonKind = PersonKind.CITIZEN
    claims: tuple[Claim, ...] = ()
    materials: frozenset[str] = frozenset()
    other_evidence: tuple[OtherEvidence, ...] = ()
    hukou: str | None = None
    division: str | None = None
    limited_mobility: bool = False
    by: Actor = Actor.APPLICANT

    def __repr__(self) -> str:
        """Show no value of a person."""
        return "Filing()"


async def file(
    desk: Desk, acting: Acting, filing: Filing, *, application: bytes
) -> Done[ApplicationDecision]:
    """File an application under a new id, and answer on the spot as article 16 asks.

    Accepted: there is a receipt and the days to issue run. Incomplete: it waits for its gaps. Not
    eligible: it is kept with its reasons. What is refused or sent elsewhere is recorded only.

    Raises:
        DatabaseError: it can't be stored.
    """
    tag = None if filing.number is None else desk.ring.id_number_tag(filing.number)

    filing = replace(filing, by=acting.by)

    def decide(found: File | None) -> Written[ApplicationDecision]:
        judged = untimely(ApplicationDecision, desk, acting, found)
        if judged is None and not known_materials(filing.materials):
            judged = rejected(ApplicationDecision, desk, acting, Reason.EVIDENCE_NOT_ACCEPTED)
        judged = judged or judge_application(
            _application(desk, acting, filing, found),
            day=acting.day,
            parameters=desk.on(acting.day),
        )
        acts: list[Act] = []
        if found is not None and judged.outcome in _STORED:
            acts = _steps(acting, found, application, judged, _note(filing))
        return Written(decision=judged, acts=acts, record=recorder(desk, acting, FILE))

    return await desk.files.act(tag, decide, acting.terms)


async def consider(desk: Desk, acting: Acting, filing: Filing) -> Done[ApplicationDecision]:
    """Say what an application filed now would be answered; nothing is filed (articles 2, 15, 16).

    It is recorded like each look at a file.
    """
    filing = replace(filing, by=acting.by)

    def decide(found: File | None) -> Written[ApplicationDecision]:
        judged = judge_application(
            _application(desk, acting, filing, found),
            day=acting.day,
            parameters=desk.on(acting.day),
        )
        return Written(decision=judged, record=recorder(desk, acting, CONSIDER))

    tag = None if filing.number is None else desk.ring.id_number_tag(filing.number)
    return await desk.files.act(tag, decide, acting.terms)


async def supplement(
    desk: Desk, acting: Acting, number: IdNumber, materials: frozenset[str]
) -> Done[ApplicationDecision]:
    """Add materials to the application that waits for them, and judge it again (article 16).

    The days to issue run from the day on which it is complete (article 17).
    """

    def decide(found: File | None) -> Written[ApplicationDecision]:
        judged, acts = _supplemented(desk, acting, found, number, materials)
        return Written(decision=judged, acts=acts, record=recorder(desk, acting, SUPPLEMENT))

    return await desk.files.act(desk.ring.id_number_tag(number), decide, acting.terms)


def _supplemented(
    desk: Desk, acting: Acting, found: File | None, number: IdNumber, materials: frozenset[str]
) -> tuple[ApplicationDecision, list[Act]]:
    early = untimely(ApplicationDecision, desk, acting, found)
    if early is not None:
        return early, []
    if not known_materials(materials):
        return rejected(ApplicationDecision, desk, acting, Reason.EVIDENCE_NOT_ACCEPTED), []
    waiting = None if found is None else found.open_application
    if found is None or waiting is None or waiting.state is not State.INCOMPLETE:
        return _no_application(ApplicationDecision, desk, acting), []
    filing = last_filing(desk, acting, found, waiting, number)
    filing = replace(filing, materials=filing.materials | materials)
    judged = _judged_again(desk, acting, found, filing)
    if judged.outcome not in _STORED:
        return judged, []
    application = waiting.application
    steps: list[Act] = [_step(acting, found, application, Step.SUPPLEMENTED, _note(filing))]
    if judged.outcome is Outcome.ACCEPTED:
        steps.append(_step(acting, found, application, Step.ACCEPTED))
    elif judged.outcome is Outcome.NOT_ELIGIBLE:
        steps.append(_step(acting, found, application, Step.REFUSED, explained(judged)))
    return judged, steps


def standing_answer(
    desk: Desk, acting: Acting, found: File, waiting: ApplicationStanding, number: IdNumber
) -> ApplicationDecision:
    """Say what the last filing of an application is answered on the day of `acting`."""
    filing = last_filing(desk, acting, found, waiting, number)
    return _judged_again(desk, acting, found, filing)


def _judged_again(desk: Desk, acting: Acting, found: File, filing: Filing) -> ApplicationDecision:
    # It is the very application that is pending: it does not stand in its own way.
    considered = replace(_application(desk, acting, filing, found), application_pending=False)
    return judge_application(considered, day=acting.day, parameters=desk.on(acting.day))


async def withdraw(desk: Desk, acting: Acting, number: IdNumber) -> Done[Decision]:
    """End an application because the applicant wants no permit: applying is voluntary (2)."""
    return await _close(desk, acting, number, step=Step.WITHDRAWN, path=WITHDRAW)


async def approve(desk: Desk, acting: Acting, number: IdNumber) -> Done[Decision]:
    """Approve an accepted application; the card is made after it (article 17)."""
    return await _close(desk, acting, number, step=Step.APPROVED, path=APPROVE)


async def order(desk: Desk, acting: Acting, number: IdNumber) -> Done[Decision]:
    """Have the card of an approved application made (自治区公安厅), to be issued (article 17)."""
    return await _close(desk, acting, number, step=Step.ORDERED, path=ORDER)


async def refuse(desk: Desk, acting: Acting, number: IdNumber, refusal: Refusal) -> Done[Decision]:
    """Refuse an application, as a named official and with reasons and remedies (articles 16, 30).

    Blocked while one of these lacks; where the rules would accept, it waits for a second official.
    """
    named = replace(refusal, official=acting.context.caller.official)

    def decide(found: File | None) -> Written[Decision]:
        early = untimely(Decision, desk, acting, found)
        pending = None if found is None else found.open_application
        if early is not None or found is None or pending is None:
            decision = early or _no_application(Decision, desk, acting)
            return Written(decision=decision, record=recorder(desk, acting, REFUSE))
        merits = _merits(desk, acting, found, pending, number)
        judged = judge_refusal(merits, named)
        steps: list[Act] = []
        if judged.outcome is Outcome.NOT_ELIGIBLE:
            note = {**explained(judged), "inWords": refusal.written_reason}
            steps = [_step(acting, found, pending.application, Step.REFUSED, note)]
        return Written(decision=judged, acts=steps, record=recorder(desk, acting, REFUSE))

    return await desk.files.act(desk.ring.id_number_tag(number), decide, acting.terms)


async def issue(desk: Desk, acting: Acting, number: IdNumber) -> Done[IssueDecision]:
    """Issue the card of an accepted application, late or not (article 17)."""

    def decide(found: File | None) -> Written[IssueDecision]:
        issued, acts = _issued(desk, acting, found, number)
        return Written(decision=issued, acts=acts, record=recorder(desk, acting, ISSUE))

    return await desk.files.act(desk.ring.id_number_tag(number), decide, acting.terms)


def _issued(
    desk: Desk, acting: Acting, found: File | None, number: IdNumber
) -> tuple[IssueDecision, list[Act]]:
    """Issue, unless what was accepted has lost its ground since: judged again under the lock."""
    early = untimely(IssueDecision, desk, acting, found)
    pending = None if found is None else found.open_application
    accepted = None if pending is None else pending.accepted_on
    if early is not None or found is None or pending is None or accepted is None:
        return early or _no_application(IssueDecision, desk, acting), []
    merits = _merits(desk, acting, found, pending, number)
    if merits.outcome is not Outcome.ACCEPTED:
        gone = IssueDecision(
            outcome=Outcome.REFUSED,
            reasons=merits.reasons,
            articles=merits.articles,
            readings=merits.readings,
            earliest=merits.earliest,
            marks=(Mark.REASON_IN_WRITING,),
            version=merits.version,
        )
        return gone, []
    issued = issue_card(accepted, day=acting.day, parameters=desk.on(acting.day))
    if issued.outcome is not Outcome.ISSUED or issued.valid_to is None:
        return issued, []
    card = Issue(
        happened_on=acting.day,
        valid_to=issued.valid_to,
        office=acting.office,
        application=pending.application,
        desk=acting.at_desk(),
    )
    return issued, [card]


_FITS: Final = {
    Step.APPROVED: frozenset({State.ACCEPTED}),
    Step.ORDERED: frozenset({State.APPROVED}),
}
"""Steps that follow one state alone."""


async def _close(
    desk: Desk, acting: Acting, number: IdNumber, *, step: Step, path: str
) -> Done[Decision]:
    def decide(found: File | None) -> Written[Decision]:
        decision, acts = _closed(desk, acting, found, number, step)
        return Written(decision=decision, acts=acts, record=recorder(desk, acting, path))

    return await desk.files.act(desk.ring.id_number_tag(number), decide, acting.terms)


def _closed(
    desk: Desk, acting: Acting, found: File | None, number: IdNumber, step: Step
) -> tuple[Decision, list[Act]]:
    early = untimely(Decision, desk, acting, found)
    pending = None if found is None else found.open_application
    fits = pending is not None and pending.state in _FITS.get(step, OPEN)
    if early is not None or found is None or pending is None or not fits:
        return early or _no_application(Decision, desk, acting), []
    if step is Step.APPROVED:
        merits = _merits(desk, acting, found, pending, number)
        if merits.outcome is not Outcome.ACCEPTED:
            marks = (Mark.REASON_IN_WRITING,)
            return replace(merits, outcome=Outcome.REFUSED, marks=marks), []
    decision = Decision(
        outcome=Outcome.RECORDED,
        articles=("2",) if step is Step.WITHDRAWN else ("17",),
        version=desk.on(acting.day).version,
    )
    return decision, [_step(acting, found, pending.application, step)]


def _no_application(kind: type[D], desk: Desk, acting: Acting) -> D:
    return kind(
        outcome=Outcome.REFUSED,
        reasons=(Reason.NO_APPLICATION,),
        articles=("16",),
        version=desk.on(acting.day).version,
    )


def _merits(
    desk: Desk, acting: Acting, found: File, pending: ApplicationStanding, number: IdNumber
) -> ApplicationDecision:
    """Judge whether the applicant may have a permit, whoever asks and wherever (article 2).

    What stands against the filing only (an agent, a gap, another office) was dealt with when it
    was filed: it is no ground to refuse the person.
    """
    filing = last_filing(desk, acting, found, pending, number)
    considered = replace(
        _application(desk, acting, filing, found), application_pending=False, office=None
    )
    judged = judge_application(considered, day=acting.day, parameters=desk.on(acting.day))
    if judged.outcome in {Outcome.NOT_ELIGIBLE, Outcome.OUT_OF_SCOPE}:
        return judged
    return replace(judged, outcome=Outcome.ACCEPTED, reasons=())


# --- what an application is judged by -------------------------------------------------------------


def _application(desk: Desk, acting: Acting, filing: Filing, found: File | None) -> Application:
    """Put together what is filed and what the register knows (articles 2, 15, 17)."""
    permit = None if found is None else found.standing.permit
    cancelled = None if permit is None else permit.cancelled_on
    return Application(
        residence=_residence(filing, found, cancelled),
        claims=filing.claims,
        materials=filing.materials,
        other_evidence=filing.other_evidence,
        office=acting.division,
        by=filing.by,
        person=Represented(
            born=None if filing.number is None else birth_date(filing.number),
            limited_mobility=filing.limited_mobility,
        ),
        registration_proof=None if found is None else _proof_kept(desk, acting, found),
        holds_permit=permit is not None and cancelled is None,
        application_pending=found is not None and found.open_application is not None,
        cancelled_for_fraud=permit is not None and permit.ground is CancelGround.FALSE_MATERIALS,
    )


def _residence(filing: Filing, found: File | None, cancelled_on: date | None) -> Residence:
    if found is None:
        return Residence(
            kind=filing.kind,
            hukou=filing.hukou,
            division=filing.division or "",
            clock_start=None,
        )
    return Residence(
        kind=filing.kind,
        hukou=filing.hukou or found.hukou_county,
        division=found.division,
        clock_start=found.standing.clock_start,
        county_since=_county_since(found.events),
        cancelled_on=cancelled_on,
    )


def _county_since(events: Sequence[RowValues]) -> date | None:
    """The day on which a move into the present county was declared (R13); None without one."""
    since, county = None, None
    for event in events:
        if event["kind"] in {REGISTERED, BROUGHT}:
            since, county = None, event["county"]
        elif event["kind"] == MOVED and event["county"] != county:
            since, county = date.fromisoformat(str(event["reported_on"])), event["county"]
    return since


def _proof_kept(desk: Desk, acting: Acting, found: File) -> str | None:
    """The material that proved the present address when it was declared (R17)."""
    declared = [event for event in found.events if event["kind"] in {REGISTERED, BROUGHT, MOVED}]
    if not declared:
        return None
    kept = _codes(desk.files.note(acting.leave, found, declared[-1]), "materials")
    return next((code for code in sorted(kept) if proves({code}, Proves.ADDRESS)), None)


def _steps(
    acting: Acting,
    found: File,
    application: bytes,
    judged: ApplicationDecision,
    note: Mapping[str, object],
) -> list[Act]:
    steps: list[Act] = [_step(acting, found, application, Step.FILED, note)]
    if judged.outcome is Outcome.ACCEPTED:
        steps.append(_step(acting, found, application, Step.ACCEPTED))
    elif judged.outcome is Outcome.NOT_ELIGIBLE:
        steps.append(_step(acting, found, application, Step.REFUSED, explained(judged)))
    return steps


def _step(
    acting: Acting,
    found: File,
    application: bytes,
    step: Step,
    note: Mapping[str, object] | None = None,
) -> Apply:
    return Apply(
        step=step,
        application=application,
        happened_on=acting.day,
        county=found.county,
        township=found.township,
        office=acting.office,
        desk=acting.at_desk(note),
    )


def _note(filing: Filing) -> dict[str, object]:
    """What of a filing is needed again when it is completed or decided; sealed."""
    return {
        "materials": sorted(filing.materials),
        "claims": [
            {
                "condition": claim.condition.value,
                "situation": claim.situation or "",
                "reason": claim.written_reason,
            }
            for claim in filing.claims
        ],
        "other": [
            {"condition": each.condition.value, "reason": each.written_reason}
            for each in filing.other_evidence
        ],
        "hukou": filing.hukou or "",
        "limitedMobility": filing.limited_mobility,
        "by": filing.by.value,
    }


def last_filing(
    desk: Desk, acting: Acting, found: File, waiting: ApplicationStanding, number: IdNumber
) -> Filing:
    """The filing as it stands after its last step."""
    told = filing_of(found, waiting.application)
    for event in found.events:
        supplemented = event["kind"] == Step.SUPPLEMENTED.value
        if supplemented and event["application"] == waiting.application:
            told = event
    note = desk.files.note(acting.leave, found, told)
    return Filing(
        number=number,
        claims=tuple(
            Claim(
                condition=QualifyingCondition(str(each["condition"])),
                situation=str(each["situation"]) or None,
                written_reason=str(each["reason"]),
            )
            for each in _objects(note, "claims")
        ),
        materials=_codes(note, "materials"),
        other_evidence=tuple(
            OtherEvidence(
                condition=QualifyingCondition(str(each["condition"])),
                written_reason=str(each["reason"]),
            )
            for each in _objects(note, "other")
        ),
        hukou=str(note.get("hukou") or "") or None,
        limited_mobility=note.get("limitedMobility") is True,
        by=Actor(str(note.get("by") or Actor.APPLICANT.value)),
    )


def _codes(note: Mapping[str, object], name: str) -> frozenset[str]:
    found = note.get(name, ())
    return frozenset(map(str, found)) if isinstance(found, list) else frozenset()


def _objects(note: Mapping[str, object], name: str) -> list[dict[str, object]]:
    found = note.get(name, ())
    return [each for each in found if isinstance(each, dict)] if isinstance(found, list) else []
