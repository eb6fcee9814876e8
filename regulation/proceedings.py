"""An application from filing to card: which step may follow which (articles 15 to 17).

    filed → (supplemented →) accepted → approved → (card ordered →) issued
    filed or accepted → refused · any open → withdrawn

Incomplete filings wait for their gaps and start no clock; the days to issue run from acceptance.
One person has one open application (article 17). The states are folded from the events, as
everything else is.

Never: judges an application (`regulation.application`), or ends one by lapse of time.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum


class Step(StrEnum):
    """What can happen to an application."""

    FILED = "application-filed"
    SUPPLEMENTED = "application-supplemented"
    ACCEPTED = "application-accepted"
    APPROVED = "application-approved"
    ORDERED = "application-card-ordered"
    """The card is being made by the region's public security department (自治区公安厅)."""
    REFUSED = "application-refused"
    WITHDRAWN = "application-withdrawn"
    ISSUED = "application-issued"


class State(StrEnum):
    """Where an application stands."""

    INCOMPLETE = "incomplete"
    ACCEPTED = "accepted"
    APPROVED = "approved"
    IN_PRODUCTION = "in_production"
    ISSUED = "issued"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


OPEN = frozenset({State.INCOMPLETE, State.ACCEPTED, State.APPROVED, State.IN_PRODUCTION})
"""The states in which a second application is refused (article 17)."""

_FOLLOWS: dict[Step, tuple[frozenset[State], State]] = {
    Step.SUPPLEMENTED: (frozenset({State.INCOMPLETE}), State.INCOMPLETE),
    Step.ACCEPTED: (frozenset({State.INCOMPLETE}), State.ACCEPTED),
    Step.APPROVED: (frozenset({State.ACCEPTED}), State.APPROVED),
    Step.ORDERED: (frozenset({State.APPROVED}), State.IN_PRODUCTION),
    Step.REFUSED: (frozenset({State.INCOMPLETE, State.ACCEPTED}), State.REFUSED),
    Step.WITHDRAWN: (OPEN, State.WITHDRAWN),
    Step.ISSUED: (
        frozenset({State.ACCEPTED, State.APPROVED, State.IN_PRODUCTION}),
        State.ISSUED,
    ),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationStep:
    """One step of one application."""

    application: bytes
    step: Step
    happened_on: date


@dataclass(frozen=True, slots=True, kw_only=True)
class ApplicationStanding:
    """Where one application stands after all steps; `closed_on` is None while it is open."""

    application: bytes
    state: State
    filed_on: date
    accepted_on: date | None = None
    closed_on: date | None = None

    @property
    def is_open(self) -> bool:
        """Whether a second application is refused because of this one (article 17)."""
        return self.state in OPEN


class StepError(ValueError):
    """A step cannot follow what stands. Positions count from 1."""

    def __init__(self, position: int, step: Step, problem: str) -> None:
        super().__init__(f"step {position} ({step}) {problem}: look at the application again")
        self.position = position


def applications(steps: Iterable[ApplicationStep]) -> tuple[ApplicationStanding, ...]:
    """Fold the steps of one person's applications, in the order in which the office acted.

    Raises:
        StepError: a step cannot follow the ones before it.
    """
    found: dict[bytes, ApplicationStanding] = {}
    for position, step in enumerate(steps, start=1):
        now = found.get(step.application)
        if step.step is Step.FILED:
            if now is not None:
                raise StepError(position, step.step, "comes twice")
            if any(other.is_open for other in found.values()):
                raise StepError(position, step.step, "comes while another one is open")
            found[step.application] = ApplicationStanding(
                application=step.application, state=State.INCOMPLETE, filed_on=step.happened_on
            )
            continue
        if now is None:
            raise StepError(position, step.step, "comes before its application was filed")
        found[step.application] = _after(now, step, position)
    return tuple(found.values())


def _after(now: ApplicationStanding, step: ApplicationStep, position: int) -> ApplicationStanding:
    may_follow, state = _FOLLOWS[step.step]
    if now.state not in may_follow:
        raise StepError(position, step.step, f"cannot follow {now.state}")
    if step.happened_on < (now.accepted_on or now.filed_on):
        raise StepError(position, step.step, "lies before the one that precedes it")
    accepted = step.happened_on if step.step is Step.ACCEPTED else now.accepted_on
    closed = None if state in OPEN else step.happened_on
    return replace(now, state=state, accepted_on=accepted, closed_on=closed)
