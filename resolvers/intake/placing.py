"""Placing a row among what the register holds of the person: added, unchanged, or held and why.

A permit needs a registration that stood on its day, and no other permit beside it (article 17); an
endorsement a permit that was not cancelled, and its window (article 20); an old temporary permit
lies before the registration (article 32). What fits is added to the person's past at the place of
its day, so the order of rows makes no difference. What doesn't fit is never stored as if it did.
"""

from datetime import date, timedelta

from db.facts import Cancel, Endorse, HoldTemporary, Issue, PastAct
from db.past import Past, Recorded
from regulation.history import HistoryError, Standing
from regulation.permit import PermitStatus, expiry_endorsed, grace_ends, window_opens
from regulation.residence import ClockReason
from resolvers.intake.codes import Code, Finding
from resolvers.intake.columns import Column

_DAY = timedelta(days=1)


def place(
    acts: tuple[PastAct, ...], past: Past, holders: dict[str, bytes], *, own_since: str | None
) -> tuple[Finding, ...]:
    """Add the acts of a row to a past; the answer is why not, or the marks of what was added.

    `holders` are the permit numbers that are taken, and by whom. What stands already and was
    recorded from `own_since` on is the same import's own.
    """
    recorded = past.recorded(acts[0])
    if recorded is not None:
        if not _same(acts, recorded):
            return (Finding(Code.RECORDED_DIFFERENTLY, Column.ID_NUMBER),)
        if own_since is not None and recorded.recorded_at >= own_since:
            return _marks(acts[0], past)
        return (Finding(Code.UNCHANGED),)
    fault = _unfit(acts, past, holders)
    if fault is not None:
        return (fault,)
    try:
        past.add(acts)
    except HistoryError:
        return (Finding(Code.HISTORY_BROKEN, Column.ID_NUMBER),)
    for act in acts:
        if isinstance(act, Issue) and act.number is not None:
            holders[act.number] = past.person
    return _marks(acts[0], past)


def _unfit(acts: tuple[PastAct, ...], past: Past, holders: dict[str, bytes]) -> Finding | None:
    match acts[0]:
        case HoldTemporary() as held:
            # Who was registered by then had a clock that runs: nothing is left to continue.
            if past.standing().clock_on(held.happened_on - _DAY) is not None:
                return Finding(Code.TEMPORARY_AFTER_REGISTRATION, Column.TEMPORARY_FROM)
            return None
        case Endorse() as endorsement:
            return _unfit_endorsement(endorsement, past)
        case Issue() as issue:
            ended = acts[1].happened_on if len(acts) > 1 else None
            return _unfit_permit(issue, ended, past, holders)
        case Cancel():
            return None


def _unfit_permit(
    issue: Issue, ended: date | None, past: Past, holders: dict[str, bytes]
) -> Finding | None:
    standing = past.standing()
    if standing.clock_on(issue.happened_on) is None:
        return Finding(Code.NO_REGISTRATION_THEN, Column.ID_NUMBER)
    if _overlaps(standing, issue.happened_on, ended):
        return Finding(Code.ANOTHER_PERMIT_STANDS, Column.ID_NUMBER)
    if issue.number is not None and holders.get(issue.number, past.person) != past.person:
        return Finding(Code.PERMIT_NUMBER_TAKEN, Column.PERMIT_NUMBER)
    return None


def _unfit_endorsement(endorsement: Endorse, past: Past) -> Finding | None:
    day = endorsement.happened_on
    before = past.standing(until=day - _DAY)
    permit = before.permit
    if before.registered_on is None:
        return Finding(Code.NO_REGISTRATION_THEN, Column.ID_NUMBER)
    if permit is None or before.status_on(day) is PermitStatus.CANCELLED:
        return Finding(Code.NO_PERMIT_THEN, Column.ENDORSED_ON)
    if day < window_opens(permit, past.parameters(day)):
        return Finding(Code.ENDORSED_TOO_EARLY, Column.ENDORSED_ON)
    if endorsement.valid_to <= permit.valid_to:
        return Finding(Code.EXPIRY_NOT_LATER, Column.VALID_TO)
    return None


def _marks(act: PastAct, past: Past) -> tuple[Finding, ...]:
    """What is to be said of an act that was added."""
    if isinstance(act, HoldTemporary):
        changes = past.standing().clock
        if any(change.reason is ClockReason.TEMPORARY_PERMIT_CONTINUED for change in changes):
            return ()
        return (Finding(Code.TEMPORARY_NOT_CONTINUED, Column.TEMPORARY_TO),)
    if not isinstance(act, Endorse):
        return ()
    permit = past.standing(until=act.happened_on - _DAY).permit
    if permit is None:
        return ()
    day, parameters = act.happened_on, past.parameters(act.happened_on)
    marks = []
    if day > grace_ends(permit, past.calendar, parameters).day:
        marks.append(Finding(Code.ENDORSED_AFTER_GRACE, Column.ENDORSED_ON))
    if act.valid_to != expiry_endorsed(permit, day, past.calendar, parameters):
        marks.append(Finding(Code.EXPIRY_AS_PRINTED, Column.VALID_TO))
    return tuple(marks)


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
