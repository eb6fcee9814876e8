"""What a case may assert, read off the decision and off what is stored before and after.

Never: knows what the case expects.
"""

from dataclasses import dataclass
from datetime import date

from cli.scenarios import words
from cli.scenarios.came import Came, Through
from cli.scenarios.office import Stand
from regulation.outcome import Decision, Gap, Mark, Outcome, Reason
from regulation.permit import PermitStage, PermitStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """All that came of a case: keys of `then` with their values, and what sentences ask for."""

    says: dict[str, object]
    claims: dict[str, bool]
    through: Through


def tell(came: Came, *, before: Stand, after: Stand, recorded: int, refused: int) -> Seen:
    """Put it together; `recorded` and `refused` count the records that the action left."""
    says: dict[str, object] = {**_of_stands(before, after), "logged": recorded > 0}
    if came.decision is not None:
        says |= _of_decision(came.decision)
    if came.word is not None:
        says["decision"] = came.word
    says |= came.says
    if says.get("state") is None and "state_decided" in says:
        says["state"] = says["state_decided"]
    if says.get("valid_to") is None and "valid_to_decided" in says:
        says["valid_to"] = says["valid_to_decided"]
    if says.get("residence_clock_start") is None and "qualifying_start" in says:
        says["residence_clock_start"] = says["qualifying_start"]
    claims = _claims(came, before, after, says, refused) | came.claims
    return Seen(says=says, claims=claims, through=came.through)


def _of_stands(before: Stand, after: Stand) -> dict[str, object]:
    permit = after.permit
    restarted = before.clock_start is not None and after.clock_start != before.clock_start
    broken = restarted or after.stage is PermitStage.LAPSED
    return {
        "state_before": _state(before),
        "state": _state(after),
        "valid_from": None if permit is None else permit.valid_from,
        "valid_to": None if permit is None else permit.valid_to,
        "residence_clock_start": after.clock_start,
        "continuity": "broken" if broken else "kept",
    }


def _state(stand: Stand) -> object:
    """The status, with the stage of the year where a case tells grace from lapse."""
    if stand.status is None:
        return "none"
    if stand.status is PermitStatus.SUSPENDED and stand.stage is not None:
        return frozenset({"suspended", stand.stage.value, f"suspended/{stand.stage.value}"})
    return stand.status.value


def _of_decision(decision: Decision) -> dict[str, object]:
    deadline: date | None = None if decision.deadline is None else decision.deadline.day
    return {
        "decision": words.OUTCOMES[decision.outcome],
        "reasons": [reason.value for reason in decision.reasons],
        "missing": [gap.value for gap in decision.missing],
        "earliest_date": decision.earliest,
        "deadline": deadline,
        "reason_in_writing": Mark.REASON_IN_WRITING in decision.marks,
        "told": "at_once" if decision.missing else None,
        "guidance": frozenset(decision.reasons),
        "flag": frozenset(mark.value for mark in decision.marks),
    }


def _claims(
    came: Came, before: Stand, after: Stand, says: dict[str, object], refused: int
) -> dict[str, bool]:
    decision = came.decision
    outcome = None if decision is None else decision.outcome
    marks = frozenset[Mark]() if decision is None else frozenset(decision.marks)
    reasons = frozenset[Reason]() if decision is None else frozenset(decision.reasons)
    gaps = frozenset[Gap]() if decision is None else frozenset(decision.missing)
    said = "" if decision is None else str(decision.explain("en")).lower()
    articles = () if decision is None else decision.articles
    fee = says.get("fee")
    changed = after.version != before.version
    return {
        "asks_for_id_card": Gap.RESIDENT_ID_CARD in gaps,
        "asks_for_address_proof": Gap.PROOF_OF_ADDRESS in gaps,
        "opens_application": after.application_open and not before.application_open,
        "accepted": outcome is Outcome.ACCEPTED,
        "starts_days": says.get("issue_due") is not None,
        "breach": Mark.REFER in marks or (decision is None and changed),
        "overwrites": outcome in {Outcome.HELD_FOR_REVIEW, Outcome.REJECTED_INPUT} and changed,
        "stored": changed,
        "refused_stored": changed and outcome in {Outcome.REFUSED, Outcome.BLOCKED},
        "refusal_needs_reason": Reason.REFUSAL_WITHOUT_REASON in reasons,
        "kept_in_log": refused > 0,
        "recorded": bool(says.get("logged")),
        "issued": outcome is Outcome.ISSUED and after.status is PermitStatus.ACTIVE,
        "overrun": Mark.OVERDUE in marks,
        "late": Mark.LATE in marks or says.get("on_time") is False,
        "address_change": "19" in articles or after.address_from != before.address_from,
        "charges": isinstance(fee, int | float) and fee > 0,
        "penalises": any(word in said for word in ("yuan", "penalty", "sanction is")),
        "cancels": after.status is PermitStatus.CANCELLED
        and before.status is not PermitStatus.CANCELLED,
        "restarts_clock": before.clock_start is not None
        and after.clock_start != before.clock_start,
        "changes_validity": _expiry(after) != _expiry(before),
        "registers": after.registered_on is not None and before.registered_on is None,
        "new_permit": after.permit is not None
        and before.permit is not None
        and after.permit.valid_from != before.permit.valid_from,
        "opens_window": Reason.WINDOW_NOT_OPEN in reasons and says.get("window") is not None,
        "needs_new_application": says.get("new_application_needed") is True
        or Reason.RESIDENCE_UNDER_HALF_YEAR in reasons,
        "same_county": Reason.SAME_COUNTY_HUKOU in reasons,
        "told_reason": bool(reasons),
        "manual_review": Mark.MANUAL_REVIEW in marks,
        "refuses": outcome in {Outcome.REFUSED, Outcome.NOT_ELIGIBLE, Outcome.BLOCKED},
    }


def _expiry(stand: Stand) -> date | None:
    return None if stand.permit is None else stand.permit.valid_to
