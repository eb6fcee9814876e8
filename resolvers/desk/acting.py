"""Who acts at a desk, when, for whom; and the record that every act leaves.

A decision is recorded whatever it is: what was refused or sent elsewhere must be provable too
(article 30). The record names paths and codes, never what was said.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar
from uuid import uuid4

from audit.entry import Actor as Recorded
from audit.entry import Draft, PurposeClaim, Subject
from audit.entry import Outcome as Ending
from db.casefile import case_digest
from db.desk import UNCONDITIONAL, File, Files, Terms
from db.facts import AtDesk
from keys.ring import KeyRing
from policies.permission import Disclosure
from policies.table import leave_at_desk
from regulation.calendar import WorkingCalendar
from regulation.evidence import MATERIALS
from regulation.outcome import Actor, Decision, Outcome, Reason
from regulation.parameters import Parameters, Schedule
from regulation.representation import agent_of
from resolvers.context import Context

D = TypeVar("D", bound=Decision)

ACTION = "act"

_TURNED_AWAY = frozenset(
    {
        Outcome.REFUSED,
        Outcome.DENIED,
        Outcome.BLOCKED,
        Outcome.NOT_ELIGIBLE,
        Outcome.OUT_OF_SCOPE,
        Outcome.REDIRECTED,
        Outcome.REJECTED_INPUT,
    }
)


def _everybody(_context: Context, _official: str) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class Desk:
    """What the acts are handed; one for the process.

    `serves` says whether an official of the caller's department may still act today: what somebody
    has entered for a second official to confirm ends with the power to enter it.
    """

    files: Files
    ring: KeyRing
    calendar: WorkingCalendar
    schedule: Schedule | Parameters
    serves: Callable[[Context, str], bool] = _everybody

    def on(self, day: date) -> Parameters:
        """What holds on a day."""
        return self.schedule.on(day)


@dataclass(frozen=True, slots=True, kw_only=True)
class Acting:
    """One act: the official at the desk, the day on which it happens, and who came.

    `office` is the receiving office's name, as cards and receipts show it. `day` is today unless
    the act is recorded later than it happened, and then `late_reason` says why. `terms` are what
    must hold of the person and the request before anything is decided; `operation` and `document`
    are what the record names of the request.
    """

    context: Context
    office: str
    by: Actor = Actor.APPLICANT
    day_of_act: date | None = None
    late_reason: str = field(default="", repr=False)
    terms: Terms = UNCONDITIONAL
    operation: str | None = None
    document: str | None = None

    @property
    def day(self) -> date:
        """The day on which it happens."""
        return self.day_of_act or self.context.today

    @property
    def division(self) -> str | None:
        """The division that the desk serves."""
        return self.context.caller.division

    def at_desk(self, note: Mapping[str, object] | None = None) -> AtDesk:
        """Who acted, as the event keeps it."""
        agent = agent_of(self.by)
        return AtDesk(
            official=self.context.caller.official,
            agent=None if agent is None else agent.value,
            note=note,
        )

    @property
    def leave(self) -> Disclosure:
        """The leave to open what was said at earlier steps of the act's case, and its answer."""
        return leave_at_desk(self.context.revision, self.context.purpose or "")


def recorder(
    desk: Desk, acting: Acting, path: str, *about: str, sought: str = ""
) -> Callable[[Decision, bytes | None], Draft]:
    """Return what makes the record of an act, once it is known what was decided and of whom.

    `about` are words that say which thing it was about, never what was said; `sought` is the number
    by which somebody was looked for, of which a tag is kept where nobody was found.
    """
    context = acting.context
    purpose = claim_of(desk, context)
    case = None if purpose is None else purpose.case
    fields = ((path, "call", "plain"),)

    def record(decision: Decision, person: bytes | None) -> Draft:
        turned_away = decision.outcome in _TURNED_AWAY
        id_ = uuid4().bytes
        late = acting.day_of_act
        words = [path, decision.outcome.value, *decision.reasons, *about]
        if late is not None:
            words.append(f"happened:{late.isoformat()}")
        detail = None
        if late is not None:
            detail = desk.ring.seal_detail(id_, {"lateReason": acting.late_reason})
        subjects = () if person is None else (Subject(person=person, fields=fields, case=case),)
        return Draft(
            id=id_,
            time=context.now,
            request=context.caller.request_id,
            action=ACTION,
            outcome=Ending.DENIED if turned_away else Ending.RELEASED,
            actor=recorded_actor(context),
            purpose=purpose,
            revision=context.revision,
            decision=" ".join(words),
            operation=acting.operation,
            document=acting.document,
            subjects=subjects,
            missed=(desk.ring.miss_tag(sought),) if sought and person is None else (),
            detail=detail,
        )

    return record


def also_about(draft: Draft, person: bytes, path: str) -> Draft:
    """Name one more person in a record, of whom an act has told something."""
    if any(subject.person == person for subject in draft.subjects):
        return draft
    subject = Subject(person=person, fields=((path, "call", "plain"),))
    return replace(draft, subjects=(*draft.subjects, subject))


def recorded_actor(context: Context) -> Recorded:
    """Who acts, as a record names them."""
    caller = context.caller
    return Recorded(
        client=caller.client,
        official=caller.official,
        department=caller.department,
        roles=tuple(sorted(caller.roles)),
        division=caller.division,
        authentication=caller.authentication,
        address=caller.address,
    )


def claim_of(desk: Desk, context: Context) -> PurposeClaim | None:
    """Why somebody acts, as a record names it: purpose, article, and the case by its digest."""
    if context.purpose is None or context.article is None:
        return None
    case = None if context.case is None else case_digest(desk.ring, context.case).hex()
    return PurposeClaim(code=context.purpose, article=context.article, case=case)


def untimely(kind: type[D], desk: Desk, acting: Acting, file: File | None) -> D | None:
    """Refuse an act of tomorrow, or of a day before the last act on this file; None if it fits.

    A future day would stand in the way of all later acts, and an act before the last one would
    change what that one was decided by (articles 28, 30).
    """
    reason = None
    if acting.day > acting.context.today:
        reason = Reason.DATE_IN_FUTURE
    elif file is not None and acting.day < file.last_day:
        reason = Reason.DATES_OUT_OF_ORDER
    return None if reason is None else rejected(kind, desk, acting, reason)


def rejected(kind: type[D], desk: Desk, acting: Acting, *reasons: Reason) -> D:
    """A decision of this kind that takes nothing of what was entered."""
    return kind(
        outcome=Outcome.REJECTED_INPUT,
        reasons=reasons,
        articles=("11", "30"),
        who=Actor.RECEIVING_OFFICE,
        version=desk.on(acting.context.today).version,
    )


def known_materials(codes: Iterable[str]) -> bool:
    """Whether each of these codes names a kind of document."""
    kinds = {each.code for each in MATERIALS}
    return all(code in kinds for code in codes)


def explained(decision: Decision) -> dict[str, object]:
    """What an event keeps, sealed, of a decision: its reasons and gaps, as codes."""
    return {
        "outcome": decision.outcome.value,
        "reasons": [reason.value for reason in decision.reasons],
        "missing": [gap.value for gap in decision.missing],
        "articles": list(decision.articles),
        "version": decision.version,
    }
