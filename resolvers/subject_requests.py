"""`subjectRequests`: the desk's list of requests about one's own data, the most urgent first.

Which requests are reached is the row rules' to say, what of them is shown the grants'. A page is a
keyset page: its cursor is sealed for one department and holds the last row's day and id. This
module never decides and never opens a text itself.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import orjson

from audit.entry import Subject
from db.load import ScopeFacts
from db.subject_requests import ListedRequest, RequestsLoad, SubjectRequests
from keys.ring import KeyRing
from resolvers.context import Context
from resolvers.faults import ArgumentFaultError, Fault
from resolvers.kinds import PERSON_ID, SUBJECT_REQUEST_ID
from resolvers.listing import page_size
from resolvers.plan import Step
from resolvers.read import Loaded
from resolvers.records import ListPage

_MADE_FOR: Final = "subjectRequests"


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRecord:
    """One request as an answer shows it; ids are those of the caller's department."""

    id: str
    person: str
    version: int
    kind: str
    by: str
    status: str
    filed_on: str
    due_on: str
    closed_on: str | None
    answer: str | None
    grounds: Sequence[str]
    official: str | None
    words: str | None = field(repr=False)
    answer_words: str | None = field(repr=False)
    cursor: str


class SubjectRequestList:
    """Reads pages of requests. One for the process; it keeps nothing of a request."""

    __slots__ = ("_requests", "_ring")

    def __init__(self, requests: SubjectRequests, ring: KeyRing) -> None:
        self._requests = requests
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
        audience = context.caller.department
        load = _load_of(step, arguments, facts, self._ring, audience)
        found, total = await self._requests.page(load)
        size = load.limit - 1
        records = [_record(one, load, self._ring, audience) for one in found[:size]]
        page = ListPage(records, len(found) > size, load.after is not None, total)
        case = None if facts.case is None else facts.case.hex()
        subjects = tuple(
            Subject(person=one.stored.person, fields=step.fields, case=case) for one in found[:size]
        )
        return Loaded(value=page, subjects=subjects, searched=step.fields)


def _load_of(
    step: Step,
    arguments: Mapping[str, object],
    facts: ScopeFacts,
    ring: KeyRing,
    audience: str,
) -> RequestsLoad:
    """What to read, with one row more than the page to know whether another follows.

    Raises:
        ArgumentFaultError: the page size or the cursor is not valid.
    """
    only = arguments.get("open")
    wanted = only if isinstance(only, bool) else None
    return RequestsLoad(
        scopes=step.reached,
        division=facts.division,
        case=facts.case,
        day=facts.day,
        open=wanted,
        after=_after(arguments.get("after"), ring, audience, wanted=wanted),
        limit=page_size(arguments) + 1,
        disclosure=step.disclosure if "words" in step.disclosure.groups else None,
        counts=step.counts,
    )


def _record(
    listed: ListedRequest, load: RequestsLoad, ring: KeyRing, audience: str
) -> RequestRecord:
    stored = listed.stored
    row = stored.values
    due = str(row["due_on"])
    cursor = orjson.dumps([_MADE_FOR, load.open, [due, stored.id.hex()]])
    answer, official, closed = row["answer"], row["official"], row["closed_on"]
    return RequestRecord(
        id=ring.global_ids.encode(audience, SUBJECT_REQUEST_ID, stored.id),
        person=ring.global_ids.encode(audience, PERSON_ID, stored.person),
        version=stored.version,
        kind=stored.right.value.upper(),
        by=str(row["agent"] or "applicant").upper(),
        status=str(row["state"]).upper(),
        filed_on=str(row["filed_on"]),
        due_on=due,
        closed_on=None if closed is None else str(closed),
        answer=None if answer is None else str(answer).upper(),
        grounds=str(row["grounds"] or "").split(),
        official=None if official is None else str(official),
        words=listed.filed,
        answer_words=listed.answered,
        cursor=ring.global_ids.seal_cursor(audience, cursor),
    )


def _after(
    given: object, ring: KeyRing, audience: str, *, wanted: bool | None
) -> tuple[str, bytes] | None:
    if not isinstance(given, str):
        return None
    payload = ring.global_ids.open_cursor(audience, given)
    if payload is None:
        raise ArgumentFaultError(Fault.CURSOR_INVALID)
    made_for, of, place = orjson.loads(payload)
    if made_for != _MADE_FOR or of is not wanted:
        raise ArgumentFaultError(Fault.CURSOR_INVALID)
    day, id_ = place
    return str(day), bytes.fromhex(id_)
