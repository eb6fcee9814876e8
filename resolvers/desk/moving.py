"""Changes of address at a desk, and leaving the region (article 19)."""

from dataclasses import dataclass, field
from datetime import date

from db.desk import Done, File, Written
from db.facts import Act, Move
from regulation.divisions import COUNTY_DIGITS
from regulation.id_number import IdNumber
from regulation.moving import INNER_MONGOLIA, MoveDecision, MoveReport, decide_move
from regulation.outcome import Outcome, Reason
from resolvers.desk.acting import (
    Acting,
    Desk,
    explained,
    known_materials,
    recorder,
    rejected,
    untimely,
)

REPORT = "Mutation.reportMove"
CITY = "1504"


@dataclass(frozen=True, slots=True, kw_only=True)
class Moving:
    """A declared change of address: the days of all moves since the last report, the latest last.

    `to` is the code of the division now lived in; it may lie outside the city or the region.
    """

    moves: tuple[date, ...]
    to: str
    address: str = field(default="", repr=False)
    materials: frozenset[str] | None = None
    hukou: str | None = None


async def report_move(
    desk: Desk, acting: Acting, number: IdNumber, moving: Moving
) -> Done[MoveDecision]:
    """Record a change of address with what it does to clock and permit (article 19).

    Several moves declared at once are several events. Leaving the city closes nothing by itself:
    the decision names the proceeding that follows.

    Raises:
        NoMoveError: no move is named.
    """

    def decide(file: File | None) -> Written[MoveDecision]:
        standing = None if file is None else file.standing
        early = untimely(MoveDecision, desk, acting, file)
        if early is None and not known_materials(moving.materials or ()):
            early = rejected(MoveDecision, desk, acting, Reason.EVIDENCE_NOT_ACCEPTED)
        decision = early or decide_move(
            MoveReport(
                moves=moving.moves,
                to=moving.to,
                come_from=None if file is None else file.division,
                clock_start=None if standing is None else standing.clock_start,
                permit=None if standing is None else standing.permit,
                hukou=moving.hukou or (None if file is None else file.hukou_county),
                materials=moving.materials,
                office=acting.division if moving.to.startswith(INNER_MONGOLIA) else None,
            ),
            day=acting.day,
            calendar=desk.calendar,
            parameters=desk.on(acting.day),
        )
        stays = moving.to.startswith(CITY)
        registered = standing is not None and standing.registered_on is not None
        acts: list[Act] = []
        if registered and stays and decision.outcome is Outcome.RECORDED:
            acts = [_event(acting, moving, day, decision) for day in sorted(moving.moves)]
        return Written(
            decision=decision,
            acts=acts,
            record=recorder(desk, acting, REPORT),
            otherwise=rejected(MoveDecision, desk, acting, Reason.DATES_OUT_OF_ORDER),
        )

    return await desk.files.act(desk.ring.id_number_tag(number), decide, acting.terms)


def _event(acting: Acting, moving: Moving, day: date, decision: MoveDecision) -> Move:
    township = moving.to if len(moving.to) > COUNTY_DIGITS else ""
    note = {"materials": sorted(moving.materials or ()), **explained(decision)}
    return Move(
        happened_on=day,
        reported_on=acting.day,
        county=moving.to[:COUNTY_DIGITS],
        township=township,
        address=moving.address,
        office=acting.office,
        desk=acting.at_desk(note),
    )
