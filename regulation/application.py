"""An application for a permit: accepted, incomplete, or not eligible (articles 15 to 17).

Article 16 knows three answers. Complete: it must be accepted, with a receipt, and the days to
issue run from then. Incomplete: all that is missing is told on the spot, no clock runs. Not
eligible: told with reasons. What no material can cure comes first, and everything is told at once
(R18). Whoever holds a permit, or has applied, is refused a second one (article 17); elsewhere than
at the place of residence the way is shown (article 2).

Never: refuses without a reason, or decides by itself: it proposes, a named official decides.
"""

from dataclasses import dataclass, replace
from datetime import date

from regulation.divisions import COUNTY_DIGITS
from regulation.eligibility import EligibilityDecision, Residence, competent_office, eligibility
from regulation.evidence import (
    Claim,
    OtherEvidence,
    Proves,
    QualifyingCondition,
    address_proof_reusable,
    proven,
    proves,
    refused_evidence,
)
from regulation.issue import issue_due
from regulation.outcome import Actor, Decision, Gap, Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters
from regulation.representation import ADULT, DeskAct, Represented, agent_of, judge_agent
from regulation.scope import Route


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Application:
    """What is filed, and what the register already knows.

    `registration_proof` is the material that proved the address at registration, None where it is
    not known. `holds_permit` means one that is not cancelled, suspended or not.
    """

    residence: Residence
    claims: tuple[Claim, ...]
    materials: frozenset[str]
    other_evidence: tuple[OtherEvidence, ...] = ()
    office: str | None = None
    by: Actor = Actor.APPLICANT
    person: Represented = ADULT
    registration_proof: str | None = None
    address_unchanged: bool = True
    holds_permit: bool = False
    application_pending: bool = False
    cancelled_for_fraud: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationDecision(Decision):
    """What article 16 answers. `accepted_on` is set, and a receipt due, only when accepted."""

    accepted_on: date | None = None
    relied_on: QualifyingCondition | None = None
    competent_division: str | None = None
    agent: Actor | None = None
    qualifying_start: date | None = None
    route: Route | None = None

    @property
    def receipt(self) -> bool:
        """Whether a receipt (回执) is to be handed out (article 16)."""
        return self.accepted_on is not None


@dataclass(frozen=True, slots=True, kw_only=True)
class _Materials:
    """What the materials show."""

    gaps: tuple[Gap, ...]
    relied_on: QualifyingCondition | None
    reused: bool


def judge_application(
    application: Application, *, day: date, parameters: Parameters = AS_ISSUED
) -> ApplicationDecision:
    """Judge an application filed, or completed, on `day` (articles 2, 15, 16, 17)."""
    faults = [claim.judge() for claim in application.claims]
    standing = frozenset(
        claim.condition
        for claim, fault in zip(application.claims, faults, strict=True)
        if fault is None
    )
    judged = eligibility(application.residence, standing, day=day, parameters=parameters)
    base = _base(application, judged)
    if judged.outcome is Outcome.OUT_OF_SCOPE:
        # Article 31: nothing is asked for that such a person could not have.
        return base
    if application.office is not None and not competent_office(
        application.office, application.residence.division
    ):
        return _redirected(application, base)
    second = _second_permit(application)
    if second:
        return replace(
            base,
            outcome=Outcome.REFUSED,
            reasons=second,
            articles=("17",),
            readings=(),
            earliest=None,
            marks=(Mark.REASON_IN_WRITING,),
        )
    of_claims = tuple(dict.fromkeys(fault for fault in faults if fault is not None))
    shown = _materials(application, standing, parameters)
    return _answer(application, base, of_claims, shown, day=day, parameters=parameters)


def _answer(
    application: Application,
    base: ApplicationDecision,
    of_claims: tuple[Reason, ...],
    shown: _Materials,
    *,
    day: date,
    parameters: Parameters,
) -> ApplicationDecision:
    """Article 16: one of its three answers, with all reasons and all gaps at once (R18)."""
    agent = judge_agent(
        DeskAct.APPLICATION,
        application.by,
        application.person,
        day=day,
        parameters=parameters,
    )
    evidence = refused_evidence(application.other_evidence)
    ineligible = base.reasons and (*base.reasons, *of_claims)
    gaps_first = parameters.chosen("R18") == "incompleteness-first"
    curable = tuple(reason for reason in (agent, evidence) if reason is not None)
    # Beside other reasons the list of gaps says enough.
    gaps = (Reason.MATERIALS_MISSING,) if shown.gaps and not ineligible else ()
    reasons = (*ineligible, *curable, *gaps)
    touched = ["R17"]
    if agent_of(application.by):
        touched.append("R16")
    if ineligible and (curable or shown.gaps):
        touched.append("R18")
    if not reasons:
        touched.append("R19")
    told = replace(
        base,
        reasons=reasons,
        missing=shown.gaps,
        articles=("2", "15", "16"),
        readings=(*base.readings, *parameters.readings.applied(*touched)),
        relied_on=shown.relied_on,
    )
    if shown.gaps and gaps_first:
        return replace(told, outcome=Outcome.INCOMPLETE)
    if ineligible:
        return replace(
            told, outcome=Outcome.NOT_ELIGIBLE, marks=(*base.marks, Mark.REASON_IN_WRITING)
        )
    if agent is not None:
        return replace(told, outcome=Outcome.REFUSED, marks=(*base.marks, Mark.REASON_IN_WRITING))
    if reasons:
        return replace(told, outcome=Outcome.INCOMPLETE)
    noted = {
        Mark.PROOF_REUSED: shown.reused,
        # The Measures list no document of the agent; the national Regulation's article 9 does.
        Mark.CHECK_AGENT: agent_of(application.by) is not None
        and not proves(application.materials, Proves.AGENT),
    }
    return replace(
        told,
        outcome=Outcome.ACCEPTED,
        articles=("2", "15", "16", "17"),
        accepted_on=day,
        deadline=issue_due(day, parameters),
        who=Actor.RECEIVING_OFFICE,
        marks=(*base.marks, *(mark for mark, holds in noted.items() if holds)),
    )


def _base(application: Application, judged: EligibilityDecision) -> ApplicationDecision:
    return ApplicationDecision(
        outcome=judged.outcome,
        reasons=judged.reasons,
        articles=judged.articles,
        readings=judged.readings,
        earliest=judged.earliest,
        who=Actor.APPLICANT,
        # R23: after fraud everything is looked at by a person, nobody is barred.
        marks=(Mark.MANUAL_REVIEW,) if application.cancelled_for_fraud else (),
        competent_division=application.residence.division,
        agent=agent_of(application.by),
        qualifying_start=judged.qualifying_start,
        route=judged.route,
        version=judged.version,
    )


def _redirected(application: Application, base: ApplicationDecision) -> ApplicationDecision:
    """Article 2: the office of the place of residence; other reasons save a useless errand."""
    return replace(
        base,
        outcome=Outcome.REDIRECTED,
        reasons=(Reason.WRONG_OFFICE, *base.reasons),
        articles=("2",),
        competent_division=application.residence.division[:COUNTY_DIGITS],
    )


def _second_permit(application: Application) -> tuple[Reason, ...]:
    """Article 17: one person, one permit, over permits not cancelled and pending applications."""
    found = {
        Reason.ALREADY_HOLDS_PERMIT: application.holds_permit,
        Reason.APPLICATION_PENDING: application.application_pending,
    }
    return tuple(reason for reason, holds in found.items() if holds)


def _materials(
    application: Application,
    standing: frozenset[QualifyingCondition],
    parameters: Parameters,
) -> _Materials:
    """Article 15 paragraph 2: identity card, photograph, proof of address and of one condition."""
    given = application.materials
    reusable = address_proof_reusable(
        address_unchanged=application.address_unchanged
        and application.residence.clock_start is not None,
        parameters=parameters,
    )
    earlier = application.registration_proof
    kept = frozenset({earlier}) if reusable and earlier is not None else frozenset[str]()
    shown = proven(given | kept, application.other_evidence)
    relied_on = next(
        (c.condition for c in application.claims if c.condition in standing & shown), None
    )
    address = proves(given, Proves.ADDRESS)
    missing = {
        Gap.RESIDENT_ID_CARD: not proves(given, Proves.ID_CARD),
        Gap.PHOTO: not proves(given, Proves.PHOTO),
        # Nothing can be shown of a condition that nobody claims.
        Gap.CONDITION_EVIDENCE: bool(standing) and relied_on is None,
        Gap.PROOF_OF_ADDRESS: not (address or reusable),
    }
    return _Materials(
        gaps=tuple(gap for gap, holds in missing.items() if holds),
        relied_on=relied_on,
        reused=reusable and not address,
    )
