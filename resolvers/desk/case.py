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

from db.casefile import ARRIVALS
from db.corrections import Came
from db.desk import Done, File, NotReachedError, UnderCase, Written
from db.facts import Case
from regulation.outcome import Actor, Decision, Outcome
from resolvers.context import Context
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

_ELSEWHERE: Final = frozenset(
    {
        "registerResidence",
        "reportMove",
        "proposeMerge",
        "confirmMerge",
        "proposeSplit",
        "confirmSplit",
    }
)
"""What an arrival or a move is made of, and two files in two divisions: who lives in another
division is reached for these. All else is for the office of the place of residence."""

_OF_THE_OFFICE: Final = frozenset({"closeCase", "answerSubjectRequest", "withdrawSubjectRequest"})
"""What goes by what the office itself opened or took, wherever the person lives now."""

_LETTERS: Final = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
"""Digits and letters that nobody takes for one another."""


def under_case(name: str, division: str, digest: bytes, context: Context) -> UnderCase:
    """Whom an act reaches: the case's kind goes with the purpose, and its reach with the act.

    A case of another division's person may always be closed, and a request that this office took is
    answered by it wherever the person lives now.
    """
    purpose = context.purpose
    kinds = {kind for kind in CaseKind if kind not in PURPOSES or purpose in PURPOSES[kind]}
    elsewhere = kinds if name in _OF_THE_OFFICE else set[CaseKind]()
    if name in _ELSEWHERE:
        elsewhere = {kind for kind in kinds if kind in ARRIVALS}
    return UnderCase(
        # An office of no division has no case of its own, and so reaches nobody.
        division=division,
        digest=digest,
        day=context.today,
        kinds=frozenset(kind.value for kind in kinds),
        elsewhere=frozenset(kind.value for kind in elsewhere),
    )


def new_number(acting: Acting) -> str:
    """Return a case number that nobody can guess from another."""
    tail = "".join(secrets.choice(_LETTERS) for _ in range(10))
    return f"{acting.division or ''}-{acting.context.today:%Y%m%d}-{tail}"


def case_of(desk: Desk, acting: Acting, number: str, division: str, kind: CaseKind) -> Case:
    """A case opened today, which ends by itself."""
    today = acting.context.today
    return Case(
        number=number,
        division=division,
        kind=kind.value,
        opened_on=today,
        closed_on=today + timedelta(days=desk.on(acting.day).values.case_days),
    )


async def open_case(
    desk: Desk, acting: Acting, presented: Presented, kind: CaseKind
) -> Done[Decision]:
    """Open the case whose number is that of `acting`, for a person of any division.

    Corrections that departments asked for when they searched this number in vain are matched.

    Raises:
        NotReachedError: nobody has this number and name, and it is no arrival.
    """
    tag = desk.ring.id_name_tag(presented.number, presented.name_key)

    came = Came(
        tag=desk.ring.miss_tag(presented.number),
        day=acting.context.today,
        official=acting.context.caller.official,
    )

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
            cases = [case_of(desk, acting, number, division, kind)]
        return Written(
            decision=decision,
            cases=cases,
            record=recorder(desk, acting, OPEN, sought=presented.number),
            hidden=not known,
            came=came if known else None,
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
