"""Who may act for somebody else (article 10 paragraph 2; reading R16; R29 for the age).

Never: asks why somebody comes in person; everybody may.
"""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from regulation.age import age_at_least
from regulation.outcome import Actor, Reason
from regulation.parameters import AS_ISSUED, Parameters


class DeskAct(StrEnum):
    """Which act somebody wants done for another."""

    REGISTRATION = "registration"
    APPLICATION = "application"


@dataclass(frozen=True, slots=True, kw_only=True, repr=False)
class Represented:
    """For whom somebody acts: their birth date, and whether age or disability keeps them in."""

    born: date | None
    limited_mobility: bool = False


ADULT = Represented(born=None)
"""Whoever has to come in person: nothing known keeps them from it."""


_IN_PERSON = frozenset({Actor.APPLICANT, Actor.HOLDER, Actor.MOBILE_RESIDENT})


def agent_of(by: Actor) -> Actor | None:
    """Return the role in which somebody acts for another, None for a person acting themselves."""
    return None if by in _IN_PERSON else by


def admitted(
    act: DeskAct, person: Represented, *, day: date, parameters: Parameters = AS_ISSUED
) -> frozenset[Actor]:
    """Return who may do the act for this person, beside the person (article 10, R16).

    Registration: the guardian of who is under 16; guardian or trustee of who can hardly leave the
    house. Application: guardian or close relative of the same (national Regulation article 9).
    """
    as_registration = parameters.chosen("R16") == "as-registration"
    application = act is DeskAct.APPLICATION and not as_registration
    other = Actor.CLOSE_RELATIVE if application else Actor.TRUSTEE
    if person.limited_mobility:
        return frozenset({Actor.GUARDIAN, other})
    minor = person.born is not None and not age_at_least(
        person.born,
        years=parameters.values.guardian_under_age,
        day=day,
        readings=parameters.readings,
    )
    if not minor:
        return frozenset()
    return frozenset({Actor.GUARDIAN, other} if application else {Actor.GUARDIAN})


def judge_agent(
    act: DeskAct,
    by: Actor,
    person: Represented,
    *,
    day: date,
    parameters: Parameters = AS_ISSUED,
) -> Reason | None:
    """Return why `by` may not do the act for this person, None if they may (article 10)."""
    if agent_of(by) is None:
        return None
    may = admitted(act, person, day=day, parameters=parameters)
    if by in may:
        return None
    return Reason.AGENT_NOT_ADMITTED if may else Reason.APPEAR_IN_PERSON
