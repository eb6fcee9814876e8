"""What nobody may do with a permit, and what the authority owes (articles 27 to 30).

Nobody may withhold a permit, so custody of one is never recorded. Whoever is shown a card may ask
whether it is the one on record. Forbidden acts are referred to the police, who apply the national
Regulation; nothing here reckons a fine. A decision against a person names its reason, its official
and the remedies; a correction needs a second official.

Never: answers what a card does not already show, or imposes a penalty.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from enum import StrEnum

from regulation.outcome import Actor, Decision, Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters


class Remedy(StrEnum):
    """What somebody may do against a decision (article 30; Administrative Reconsideration Law)."""

    RECONSIDERATION = "reconsideration"
    LAWSUIT = "lawsuit"

    @property
    def zh(self) -> str:
        """The remedy in Chinese."""
        return _REMEDIES[self][0]

    @property
    def en(self) -> str:
        """The remedy in English."""
        return _REMEDIES[self][1]


_REMEDIES = {
    Remedy.RECONSIDERATION: ("申请行政复议", "apply for administrative reconsideration"),
    Remedy.LAWSUIT: ("提起行政诉讼", "bring an administrative lawsuit"),
}


class ForbiddenAct(StrEnum):
    """The five items of article 29, and the article of the national Regulation that punishes it."""

    FRAUD = "fraud"
    LETTING_LENDING_TRANSFER = "letting_lending_transfer"
    WITHHOLDING = "withholding"
    USING_ANOTHERS = "using_anothers"
    TRADING_OR_USING_FORGED = "trading_or_using_forged"

    @property
    def article(self) -> str:
        """The item of article 29."""
        return f"29({list(ForbiddenAct).index(self) + 1})"

    @property
    def national_article(self) -> str:
        """The article of the national Regulation (State Council Decree 663)."""
        of_19 = self in {ForbiddenAct.USING_ANOTHERS, ForbiddenAct.TRADING_OR_USING_FORGED}
        return "19" if of_19 else "18"


@dataclass(frozen=True, slots=True, kw_only=True)
class Referral(Decision):
    """A case handed to the police, and the article of the national Regulation that it is under."""

    national_article: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCard:
    """What can be read on a card, or what the register holds for it. Its repr shows nothing."""

    permit_number: str = field(repr=False)
    valid_from: date = field(repr=False)
    valid_to: date = field(repr=False)
    name_key: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """What an official enters to decide against a person. Its repr names no official."""

    reasons: tuple[Reason, ...] = ()
    written_reason: str = field(default="", repr=False)
    official: str = field(default="", repr=False)
    remedies: tuple[Remedy, ...] = tuple(Remedy)


def judge_custody(parameters: Parameters = AS_ISSUED) -> Decision:
    """Refuse to record that somebody keeps another's permit (article 27)."""
    return Decision(
        outcome=Outcome.DENIED,
        reasons=(Reason.WITHHOLDING_FORBIDDEN_ART_27,),
        articles=("27", "29(3)"),
        version=parameters.version,
    )


def judge_authenticity(
    shown: ShownCard, recorded: ShownCard | None, parameters: Parameters = AS_ISSUED
) -> Decision:
    """Answer whether a card that is shown is the one on record (article 27); no word on more.

    A card that no permit stands behind and one that differs from its permit get the same answer.
    """
    genuine = recorded is not None and shown == recorded
    return Decision(
        outcome=Outcome.MET if genuine else Outcome.NOT_MET,
        reasons=() if genuine else (Reason.NOT_AUTHENTIC,),
        articles=("27",),
        version=parameters.version,
    )


def refer(act: ForbiddenAct, parameters: Parameters = AS_ISSUED) -> Referral:
    """Hand a forbidden act to the police, with the card where it is forged or got by fraud (29)."""
    confiscated = act in {ForbiddenAct.FRAUD, ForbiddenAct.TRADING_OR_USING_FORGED}
    return Referral(
        outcome=Outcome.RECORDED,
        articles=("27", act.article),
        who=Actor.PUBLIC_SECURITY,
        marks=(Mark.REFER, Mark.CONFISCATE_CARD) if confiscated else (Mark.REFER,),
        national_article=act.national_article,
        version=parameters.version,
    )


def faults_of_refusal(refusal: Refusal) -> tuple[Reason, ...]:
    """Return what a decision against a person lacks (articles 16 and 30)."""
    found = {
        Reason.REFUSAL_WITHOUT_REASON: not (refusal.reasons or refusal.written_reason.strip()),
        Reason.OFFICIAL_NOT_NAMED: not refusal.official.strip(),
        Reason.REMEDIES_NOT_NAMED: not refusal.remedies,
    }
    return tuple(reason for reason, holds in found.items() if holds)


def judge_refusal(proposed: Decision, refusal: Refusal) -> Decision:
    """Judge an official's refusal against what the rules propose (articles 16, 30 item 1).

    Blocked while it lacks reason, official or remedies. Where the rules would accept, it is held
    for another official: refusing the eligible is misconduct, and rules do not know everything.
    """
    faults = faults_of_refusal(refusal)
    if faults:
        return Decision(
            outcome=Outcome.BLOCKED,
            reasons=faults,
            articles=("16", "30"),
            who=Actor.RECEIVING_OFFICE,
            version=proposed.version,
        )
    eligible = proposed.outcome in {Outcome.ACCEPTED, Outcome.MET}
    own = (Reason.REFUSAL_OF_ELIGIBLE,) if eligible else proposed.reasons
    return Decision(
        outcome=Outcome.HELD_FOR_REVIEW if eligible else Outcome.NOT_ELIGIBLE,
        reasons=tuple(dict.fromkeys((*own, *refusal.reasons))),
        missing=proposed.missing,
        articles=tuple(dict.fromkeys((*proposed.articles, "16", "30"))),
        readings=proposed.readings,
        earliest=proposed.earliest,
        who=Actor.RECEIVING_OFFICE if eligible else proposed.who,
        marks=(Mark.MANUAL_REVIEW,) if eligible else (Mark.REASON_IN_WRITING,),
        version=proposed.version,
    )


def judge_correction(*, entered_by: str, confirmed_by: str | None) -> Reason | None:
    """Return why a correction does not stand yet: it takes two officials (article 30 item 5)."""
    if not entered_by.strip():
        return Reason.OFFICIAL_NOT_NAMED
    if confirmed_by is None or confirmed_by.strip() in {"", entered_by.strip()}:
        return Reason.SAME_OFFICIAL
    return None


def judge_query(
    purpose: str | None, purposes_of_department: Iterable[str], parameters: Parameters = AS_ISSUED
) -> Decision:
    """Judge by what right a department asks; what it is told is the access policy's (article 28).

    Without a purpose, or for one that is not among its duties, it is told nothing.
    """
    reason = None
    if purpose is None or not purpose.strip():
        reason = Reason.PURPOSE_MISSING
    elif purpose not in frozenset(purposes_of_department):
        reason = Reason.PURPOSE_NOT_OF_DEPARTMENT
    return Decision(
        outcome=Outcome.DENIED if reason else Outcome.ANSWERED,
        reasons=(reason,) if reason else (),
        articles=("28",),
        readings=parameters.readings.applied("R28"),
        who=Actor.DEPARTMENT,
        version=parameters.version,
    )
