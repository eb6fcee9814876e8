"""`corrections`: what departments ask to have corrected, as the desks' list and as their own.

Which requests are reached is the row rules' to say, what of them is shown the grants'. What a
department is told of one is a function of the day and of whether its answer is another
(`regulation.correction`). This module never decides and never opens a text itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

from audit.entry import Subject
from db.correction_list import Corrections, CorrectionsLoad, ListedCorrection
from db.load import ScopeFacts
from db.rows import integer
from keys.ring import KeyRing
from policies.permission import Action, Rendering
from regulation.correction import told_of_correction
from resolvers.context import Context
from resolvers.cursors import Cursors, question
from resolvers.kinds import CORRECTION_ID, PERSON_ID
from resolvers.listing import conditions_of, page_size
from resolvers.plan import Step
from resolvers.read import Loaded
from resolvers.records import ListPage

_FILTERED: Final = {"open": "Correction.status", "overdue": "Correction.overdue"}


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionRecord:
    """One request as an answer shows it; ids are those of the caller's department."""

    id: str
    index: int
    row: str
    position: int
    path: str
    requested_on: str
    due_on: str
    state: str
    version: int
    department: str
    purpose: str
    person: str | None
    division: str | None
    status: str
    overdue: bool
    closed_on: str | None
    ruling: str | None
    grounds: Sequence[str]
    official: str | None
    words: str | None = field(repr=False)
    decision_words: str | None = field(repr=False)
    cursor: str


class CorrectionList:
    """Reads pages of corrections. One for the process; it keeps nothing of a request."""

    __slots__ = ("_corrections", "_ring")

    def __init__(self, corrections: Corrections, ring: KeyRing) -> None:
        self._corrections = corrections
        self._ring = ring

    async def load(
        self,
        step: Step,
        arguments: Mapping[str, object],
        context: Context,
        facts: ScopeFacts,
    ) -> Loaded:
        """Read one page.

        Raises:
            ArgumentFaultError: the page size or the cursor is not valid.
        """
        audience, conditions = context.caller.department, conditions_of(arguments)
        asked = [facts.division, context.purpose, None if facts.case is None else facts.case.hex()]
        order = (("due_on", False),)
        made_for = question("corrections", "\0".join(map(str, asked)), conditions, order)
        cursors = Cursors(self._ring, audience, made_for)
        load = _load_of(step, arguments, context, facts, cursors)
        found, total = await self._corrections.page(load)
        shown = found[: load.limit - 1]
        records = [_record(one, self._ring, audience, cursors, facts.day) for one in shown]
        page = ListPage(records, len(found) > len(shown), load.after is not None, total)
        fields = step.fields + tuple(
            (path, Action.FILTER.value, Rendering.PLAIN.value)
            for name, path in _FILTERED.items()
            if conditions.get(name) is not None
        )
        return Loaded(value=page, subjects=_subjects(shown, facts, fields), searched=fields)


def _load_of(
    step: Step,
    arguments: Mapping[str, object],
    context: Context,
    facts: ScopeFacts,
    cursors: Cursors,
) -> CorrectionsLoad:
    """What to read, with one row more than the page to know whether another follows.

    Raises:
        ArgumentFaultError: the page size or the cursor is not valid.
    """
    conditions = conditions_of(arguments)
    after = cursors.open(arguments.get("after"))
    return CorrectionsLoad(
        scopes=step.reached,
        department=context.caller.department,
        purpose=context.purpose or "",
        division=facts.division,
        case=facts.case,
        day=facts.day,
        open=_flag(conditions.get("open")),
        overdue=_flag(conditions.get("overdue")),
        after=None if after is None else _place(after),
        limit=page_size(arguments) + 1,
        disclosure=step.disclosure if "correction" in step.disclosure.groups else None,
        counts=step.counts,
    )


def _record(
    listed: ListedCorrection, ring: KeyRing, audience: str, cursors: Cursors, day: date
) -> CorrectionRecord:
    stored = listed.stored
    row, due, person = stored.values, stored.due_on, stored.person
    told = told_of_correction(changed=bool(row["changed"]), due_on=due, day=day)
    return CorrectionRecord(
        id=ring.global_ids.encode(audience, CORRECTION_ID, stored.id),
        index=integer(row["record"]),
        row="CONFIRMED" if stored.confirmed else "NOT_CONFIRMED",
        position=integer(row["position"]),
        path=str(row["field"]),
        requested_on=str(row["requested_on"]),
        due_on=due.isoformat(),
        state=told.value.upper(),
        version=stored.version,
        department=str(row["department"]),
        purpose=str(row["purpose"]),
        person=None if person is None else ring.global_ids.encode(audience, PERSON_ID, person),
        division=str(row["township"] or row["county"]) or None,
        status=str(row["status"]).upper(),
        overdue=row["closed_on"] is None and due < day,
        closed_on=_text(row["closed_on"]),
        ruling=None if row["ruling"] is None else str(row["ruling"]).upper(),
        grounds=str(row["grounds"] or "").split(),
        official=_text(row["official"]),
        words=listed.words,
        decision_words=listed.decision_words,
        cursor=cursors.seal([str(row["due_on"])], stored.id),
    )


def _subjects(
    shown: Sequence[ListedCorrection],
    facts: ScopeFacts,
    fields: tuple[tuple[str, str, str], ...],
) -> tuple[Subject, ...]:
    case = None if facts.case is None else facts.case.hex()
    persons = [one.stored.person for one in shown]
    return tuple(
        Subject(person=person, fields=fields, case=case) for person in persons if person is not None
    )


def _place(after: Sequence[str | bytes | None]) -> tuple[str, bytes]:
    day, id_ = after
    return str(day), id_ if isinstance(id_, bytes) else b""


def _flag(value: object) -> bool | None:
    return value if isinstance(value, bool) else None


def _text(value: object) -> str | None:
    return None if value is None else str(value)
