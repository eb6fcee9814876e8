"""From acceptance to the card in hand (article 17; readings R8, R19).

Thirty calendar days from acceptance, warned of at fifteen; the authority's own limit never rolls
over days off (R6). Past it the card is still issued, and the overrun reported.

Never: lets a late authority cost the applicant anything.
"""

from dataclasses import dataclass
from datetime import date, timedelta

from regulation.calendar import Deadline
from regulation.outcome import Actor, Decision, Mark, Outcome, Reason
from regulation.parameters import AS_ISSUED, Parameters
from regulation.permit import first_expiry


@dataclass(frozen=True, slots=True, kw_only=True)
class IssueDecision(Decision):
    """A card issued: the dates to print, and by how many days it came too late."""

    valid_from: date | None = None
    valid_to: date | None = None
    overdue_days: int = 0


def issue_due(accepted_on: date, parameters: Parameters = AS_ISSUED) -> Deadline:
    """Return the last day to issue what was accepted on this day (article 17; R5, R19).

    The same for an application, an exchange and a replacement.
    """
    return Deadline(accepted_on + timedelta(days=_limit(parameters)), provisional=False)


def issue_warning(accepted_on: date, parameters: Parameters = AS_ISSUED) -> date:
    """Return the day from which an application counts as due soon (article 17, R19).

    Fifteen days after acceptance; half of the limit where that is fifteen itself.
    """
    limit, warning = _limit(parameters), parameters.values.issue_warning_days
    return accepted_on + timedelta(days=warning if warning < limit else limit // 2)


def issue_marks(
    accepted_on: date, *, day: date, parameters: Parameters = AS_ISSUED
) -> tuple[Mark, ...]:
    """Return how an application that is not issued yet stands on `day` (article 17)."""
    if day > issue_due(accepted_on, parameters).day:
        return (Mark.OVERDUE,)
    return (Mark.DUE_SOON,) if day >= issue_warning(accepted_on, parameters) else ()


def issue_card(
    accepted_on: date, *, day: date, parameters: Parameters = AS_ISSUED
) -> IssueDecision:
    """Issue a permit on `day`: valid for a year, late or not (article 17; R8, R19)."""
    due = issue_due(accepted_on, parameters)
    if day < accepted_on:
        return IssueDecision(
            outcome=Outcome.REJECTED_INPUT,
            reasons=(Reason.DATES_OUT_OF_ORDER,),
            articles=("17",),
            who=Actor.RECEIVING_OFFICE,
            version=parameters.version,
        )
    overdue = max(0, (day - due.day).days)
    return IssueDecision(
        outcome=Outcome.ISSUED,
        articles=("17",),
        readings=parameters.readings.applied("R8", "R19"),
        deadline=due,
        who=Actor.RECEIVING_OFFICE,
        marks=(Mark.OVERDUE,) if overdue else (),
        valid_from=day,
        valid_to=first_expiry(day, parameters),
        overdue_days=overdue,
        version=parameters.version,
    )


def _limit(parameters: Parameters) -> int:
    values = parameters.values
    national = parameters.chosen("R19") == "15-days"
    return values.issue_days_national if national else values.issue_days
