"""A case: what lets an office see and act on one person until it closes (articles 10, 19, 28).

Whoever arrives or moves may be registered in another division; found there, nobody is registered
twice. An arrival of somebody who is not stored gets its case number all the same, as one with a
wrong name does: neither says who is known. A case ends when it is closed, and by itself after the
days that the city's policy sets.
"""

import secrets
from datetime import timedelta
from enum import StrEnum
from typing import Final

from db.desk import Done, File, NotReachedError, Written
from db.facts import Case
from regulation.outcome import Actor, Decision, Outcome
from resolvers.desk.acting import Acting, Desk, recorder
from resolvers.desk.form import Presented

OPEN: Final = "Mutation.openCase"
CLOSE: Final = "Mutation.closeCase"


class CaseKind(StrEnum):
    """Why somebody came to the desk."""

    ARRIVAL = "arrival"
    MOVE = "move"
    ENDORSEMENT = "endorsement"
    ENQUIRY = "enquiry"


PURPOSES: Final = {
    CaseKind.ARRIVAL: frozenset({"residence-registration"}),
    CaseKind.MOVE: frozenset({"address-change"}),
    CaseKind.ENDORSEMENT: frozenset({"annual-endorsement"}),
}
"""The purposes that a kind goes with; an enquiry goes with each."""

_ARTICLES: Final = {
    CaseKind.ARRIVAL: ("10",),
    CaseKind.MOVE: ("19",),
    CaseKind.ENDORSEMENT: ("20",),
    CaseKind.ENQUIRY: ("28",),
}

_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Digits and letters that nobody takes for one another."""


def new_number(acting: Acting) -> str:
    """Return a case number that nobody can guess from another."""
    tail = "".join(secrets.choice(_LETTERS) for _ in range(10))
    return f"{acting.division or ''}-{acting.context.today:%Y%m%d}-{tail}"


async def open_case(
    desk: Desk, acting: Acting, presented: Presented, kind: CaseKind
) -> Done[Decision]:
    """Open the case whose number is that of `acting`, for a person of any division.

    Raises:
        NotReachedError: nobody has this number and name, and it is no arrival.
    """
    tag = desk.ring.id_name_tag(presented.number, presented.name_key)

    def decide(found: File | None) -> Written[Decision]:
        known = found is not None and found.is_named(tag)
        if not known and kind is not CaseKind.ARRIVAL:
            raise NotReachedError
        decision = Decision(
            outcome=Outcome.RECORDED,
            articles=_ARTICLES[kind],
            who=Actor.RECEIVING_OFFICE,
            version=desk.on(acting.day).version,
        )
        number, division = acting.context.case, acting.division
        cases = []
        if known and number is not None and division is not None:
            cases = [
                Case(
                    number=number,
                    division=division,
                    kind=kind.value,
                    opened_on=acting.context.today,
                    closed_on=acting.context.today
                    + timedelta(days=desk.on(acting.day).values.case_days),
                )
            ]
        return Written(
            decision=decision,
            cases=cases,
            record=recorder(desk, acting, OPEN),
            hidden=not known,
        )

    return await desk.files.act(desk.ring.id_number_tag(presented.number), decide, acting.terms)


async def close_case(desk: Desk, acting: Acting, presented: Presented) -> Done[Decision]:
    """Close the case of `acting` for a person: from now on this office reaches nobody by it.

    Raises:
        NotReachedError: no such case is open for this person.
    """

    def decide(_file: File | None) -> Written[Decision]:
        decision = Decision(
            outcome=Outcome.RECORDED,
            articles=("28",),
            version=desk.on(acting.day).version,
        )
        return Written(
            decision=decision,
            record=recorder(desk, acting, CLOSE),
            closes=acting.terms.case,
        )

    return await desk.files.act(desk.ring.id_number_tag(presented.number), decide, acting.terms)
