"""Placing a row among what the register holds of the person: added, unchanged, or held and why.

A permit needs a registration that stood on its day, and no other permit beside it (article 17).
What fits is added to the person's past at the place of its day, so the order of rows makes no
difference. What doesn't fit is never stored as if it did.
"""

from datetime import date

from db.facts import Cancel, Issue, PastAct
from db.past import Past, Recorded
from regulation.history import HistoryError, Standing
from resolvers.intake.codes import Code, Finding
from resolvers.intake.columns import Column


def place(
    acts: tuple[PastAct, ...], past: Past, holders: dict[str, bytes], *, own_since: str | None
) -> Finding | None:
    """Add the acts of a row to a past; the answer is why not, None where they were added.

    `holders` are the permit numbers that are taken, and by whom. What stands already and was
    recorded from `own_since` on is the same import's own.
    """
    recorded = past.recorded(acts[0])
    if recorded is not None:
        if not _same(acts, recorded):
            return Finding(Code.RECORDED_DIFFERENTLY, Column.ID_NUMBER)
        if own_since is not None and recorded.recorded_at >= own_since:
            return None
        return Finding(Code.UNCHANGED)
    fault = _unfit(acts, past, holders)
    if fault is not None:
        return fault
    try:
        past.add(acts)
    except HistoryError:
        return Finding(Code.HISTORY_BROKEN, Column.ID_NUMBER)
    for act in acts:
        if isinstance(act, Issue) and act.number is not None:
            holders[act.number] = past.person
    return None


def _unfit(acts: tuple[PastAct, ...], past: Past, holders: dict[str, bytes]) -> Finding | None:
    act, standing = acts[0], past.standing()
    if standing.clock_on(act.happened_on) is None:
        return Finding(Code.NO_REGISTRATION_THEN, Column.ID_NUMBER)
    if not isinstance(act, Issue):
        return None
    ended = acts[1].happened_on if len(acts) > 1 else None
    if _overlaps(standing, act.happened_on, ended):
        return Finding(Code.ANOTHER_PERMIT_STANDS, Column.ID_NUMBER)
    if act.number is not None and holders.get(act.number, past.person) != past.person:
        return Finding(Code.PERMIT_NUMBER_TAKEN, Column.PERMIT_NUMBER)
    return None


def _overlaps(standing: Standing, issued: date, ended: date | None) -> bool:
    """Whether another permit was not cancelled at some time of this one (article 17)."""
    return any(
        (ended is None or life.begins < ended) and (life.ended_on is None or issued < life.ended_on)
        for life in standing.permits
    )


def _same(acts: tuple[PastAct, ...], recorded: Recorded) -> bool:
    """Whether the register holds what the row says; what the row leaves out it does not deny."""
    act = acts[0]
    if isinstance(act, Cancel) or (act.valid_to, act.office) != (
        recorded.valid_to,
        recorded.office,
    ):
        return False
    if isinstance(act, Issue) and act.number not in {None, recorded.number}:
        return False
    return all(
        isinstance(later, Cancel)
        and (later.happened_on, later.ground.value) == (recorded.cancelled_on, recorded.ground)
        for later in acts[1:]
    )
