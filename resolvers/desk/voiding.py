"""Undoing a slip at a desk: an act is voided by a second official of the same office (article 30).

The act is named by the version that it gave the file, as its answer said. It is undone whole, with
all of its events; both entries stay, and the answer that its key was given stays what it was.
"""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from db.desk import Done, File, Written
from db.facts import Act, Void
from db.identity import IDENTIFIED
from db.in_force import OF_MERGES, VOIDED
from db.read_model import ENDORSED, ISSUED, REPLACED
from regulation.dates import SHANGHAI
from regulation.id_number import IdNumber
from regulation.outcome import Decision, Outcome
from regulation.voiding import DoneAct, Voiding, judge_void
from resolvers.desk.acting import Acting, Desk, explained, recorder

VOID: Final = "Mutation.voidAct"

_PRINTED: Final = frozenset({ISSUED, ENDORSED, REPLACED})
"""Acts of which a card says so: undone while it is in the holder's hands, the card would lie."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """Which act was a slip, why, and whether the card that says so is at the office."""

    version: int
    reason: str = field(repr=False)
    card_with_office: bool = False


async def void(desk: Desk, acting: Acting, number: IdNumber, slip: Slip) -> Done[Decision]:
    """Void an act, or say all that stands against it."""

    def decide(file: File | None) -> Written[Decision]:
        decision = judge_void(
            None if file is None else done_act(file, slip.version),
            Voiding(
                official=acting.context.caller.official,
                office=acting.office,
                reasoned=bool(slip.reason.strip()),
                card_with_office=slip.card_with_office,
            ),
            day=acting.day,
            calendar=desk.calendar,
            parameters=desk.on(acting.day),
        )
        acts: list[Act] = []
        if decision.outcome is Outcome.RECORDED:
            note = {**explained(decision), "inWords": slip.reason}
            acts = [
                Void(
                    happened_on=acting.day,
                    voids=slip.version,
                    office=acting.office,
                    desk=acting.at_desk(note),
                )
            ]
        record = recorder(desk, acting, VOID, f"version:{slip.version}")
        return Written(decision=decision, acts=acts, record=record)

    return await desk.files.act(desk.ring.id_number_tag(number), decide, acting.terms)


def done_act(file: File, version: int) -> DoneAct | None:
    """The act that gave a file this version; None where no desk did one."""
    every = file.sources.events
    mine = [row for row in every if row["version"] == version and row["official"] is not None]
    if not mine:
        return None
    last = mine[-1]
    counts = {row["sequence"] for row in file.events}
    recorded = datetime.fromisoformat(str(last["recorded_at"]))
    after = every[every.index(last) + 1 :]
    return DoneAct(
        official=str(last["official"]),
        office=str(last["office"]),
        recorded_on=recorded.astimezone(SHANGHAI).date(),
        is_last=not any(row["sequence"] in counts for row in after),
        is_void=last["kind"] == VOIDED,
        is_voided=any(row["voids"] == version for row in after),
        by_two=last["kind"] in {IDENTIFIED, *OF_MERGES},
        prints=any(row["kind"] in _PRINTED for row in mine),
    )
