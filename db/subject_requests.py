"""Requests about one's own data (PIPL articles 44 to 50): filed, answered, withdrawn, never erased.

A request is a row that says how it stands, and its steps, which say why; the row is always the
fold of the steps. Texts are sealed under the person's key. Written in the transaction of the act,
under the person's lock. This module never decides, and opens nothing without a disclosure.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import uuid4

from sqlalchemy import ColumnElement, and_, bindparam, func, or_, select, tuple_, update
from sqlalchemy.orm import Session

from db.database import Database
from db.inserting import insert_rows
from db.models import Casefile, Person, PersonNow, SubjectRequest, SubjectRequestStep, table_of
from db.rows import (
    CASEFILE,
    PERSON,
    SUBJECT_REQUEST,
    SUBJECT_REQUEST_STEP,
    RowValues,
    integer,
    tampered,
)
from db.sealed import Vault
from keys.ring import KeyRing, tag_of
from policies.permission import Disclosure, Scope
from regulation.divisions import COUNTY_DIGITS
from regulation.outcome import Reason
from regulation.subject_request import (
    GROUNDS,
    Answer,
    RequestStanding,
    RequestStep,
    Right,
    Taken,
    request_standing,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A step to be written: what happened, who came, and what was said in words."""

    taken: Taken
    agent: str | None = None
    words: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class FiledRequest:
    """A new request at the office of `division`."""

    id: bytes
    right: Right
    division: str
    due_on: date
    said: Said


@dataclass(frozen=True, slots=True, kw_only=True)
class NextStep:
    """One more step of a stored request."""

    request: "StoredRequest"
    said: Said

    @property
    def id(self) -> bytes:
        """The request's id."""
        return self.request.id


KeptRequest = FiledRequest | NextStep
"""What an act writes of a request."""


@dataclass(frozen=True, slots=True)
class StoredRequest:
    """A request whose rows were verified, with its steps in order."""

    values: RowValues
    steps: Sequence[RowValues]

    @property
    def id(self) -> bytes:
        """Its id."""
        return _id(self.values["id"])

    @property
    def person(self) -> bytes:
        """Whose data it is about."""
        return _id(self.values["person"])

    @property
    def division(self) -> str:
        """The division of the office that took it."""
        return str(self.values["township"] or self.values["county"])

    @property
    def version(self) -> int:
        """The number of its steps."""
        return integer(self.values["revision"])

    @property
    def right(self) -> Right:
        """What is asked for."""
        return Right(str(self.values["kind"]))

    @property
    def due_on(self) -> date:
        """The last day to answer it."""
        return date.fromisoformat(str(self.values["due_on"]))

    @property
    def standing(self) -> RequestStanding:
        """How it stands."""
        return request_standing([_taken(step) for step in self.steps])


def find_request(
    session: Session, ring: KeyRing, *, person: bytes, request: bytes
) -> StoredRequest | None:
    """Read a person's request with its steps; the person's row is the lock.

    Raises:
        RowTamperedError: a row is not as it was written, or a step is missing.
    """
    table = table_of(SubjectRequest)
    found = session.execute(
        select(table).where(table.c.id == request, table.c.person == person)
    ).mappings()
    row = found.first()
    if row is None:
        return None
    (stored,) = _with_steps(session, ring, [dict(row)])
    return stored


def waits_for_answer(session: Session, ring: KeyRing, person: bytes) -> bool:
    """Whether a person has a request that is not answered; the person's row is the lock.

    Raises:
        RowTamperedError: a row is not as it was written.
    """
    table = table_of(SubjectRequest)
    found = session.execute(
        select(table).where(table.c.person == person, table.c.closed_on.is_(None))
    ).mappings()
    rows: list[RowValues] = [dict(row) for row in found]
    for row in rows:
        SUBJECT_REQUEST.require(ring, row)
    return bool(rows)


def write_request(
    session: Session,
    ring: KeyRing,
    person: Mapping[str, object],
    kept: KeptRequest,
    *,
    recorded_at: str,
) -> int:
    """Store a request or its next step; return its version after it."""
    if isinstance(kept, FiledRequest):
        row, steps = _filed(kept, _id(person["id"])), list[RowValues]()
    else:
        row, steps = dict(kept.request.values), list(kept.request.steps)
    step = _step(ring, person, kept.id, kept.said, len(steps) + 1, recorded_at)
    steps.append(step)
    _fold(row, steps)
    SUBJECT_REQUEST.sign(ring, row)
    insert_rows(session, SubjectRequestStep, [step])
    if isinstance(kept, FiledRequest):
        insert_rows(session, SubjectRequest, [row])
        return 1
    table = table_of(SubjectRequest)
    session.execute(
        update(table)
        .where(table.c.id == bindparam("the_id"))
        .values({name: row[name] for name in (*_CHANGING, "row_mac")}),
        {"the_id": row["id"]},
    )
    return len(steps)


_CHANGING: Final = ("revision", "state", "closed_on", "answer", "grounds", "official")


def _filed(kept: FiledRequest, person: bytes) -> RowValues:
    code = kept.division
    return {
        "id": kept.id,
        "person": person,
        "county": code[:COUNTY_DIGITS],
        "township": code if len(code) > COUNTY_DIGITS else "",
        "kind": kept.right.value,
        "agent": kept.said.agent,
        "filed_on": kept.said.taken.day.isoformat(),
        "due_on": kept.due_on.isoformat(),
    }


def _fold(row: RowValues, steps: Sequence[RowValues]) -> None:
    """Let the row say how the request stands after these steps."""
    found = request_standing([_taken(step) for step in steps])
    answer = found.answer
    row |= {
        "revision": len(steps),
        "state": found.state.value,
        "closed_on": None if found.closed_on is None else found.closed_on.isoformat(),
        "answer": None if answer is None or answer.answer is None else answer.answer.value,
        "grounds": None if answer is None else _codes(answer.grounds),
        "official": None if answer is None else answer.official,
    }


def _step(  # noqa: PLR0917 — one row, each part of it once
    ring: KeyRing,
    person: Mapping[str, object],
    request: bytes,
    said: Said,
    sequence: int,
    recorded_at: str,
) -> RowValues:
    id_, owner, wrapped = uuid4().bytes, _id(person["id"]), person["wrapped_key"]
    generation = person["generation"]
    if not isinstance(wrapped, bytes) or not isinstance(generation, int):
        raise tampered(PERSON.table)
    words: bytes | None = None
    if said.words:
        words = ring.seal_group(
            ring.unwrap_data_key(owner, wrapped),
            table=SUBJECT_REQUEST_STEP.table,
            group="words",
            row=id_,
            generation=generation,
            value={"words": said.words},
        )
    taken = said.taken
    row: RowValues = {
        "request": request,
        "sequence": sequence,
        "id": id_,
        "person": owner,
        "step": taken.step.value,
        "happened_on": taken.day.isoformat(),
        "recorded_at": recorded_at,
        "official": taken.official,
        "agent": said.agent,
        "answer": None if taken.answer is None else taken.answer.value,
        "grounds": None if taken.answer is None else _codes(taken.grounds),
        "generation": generation,
        "words": words,
        "words_tag": None if words is None else tag_of(words),
    }
    return SUBJECT_REQUEST_STEP.sign(ring, row)


def _with_steps(session: Session, ring: KeyRing, rows: Sequence[RowValues]) -> list[StoredRequest]:
    """Verify rows and their steps; a row is the fold of its steps or it was tampered with."""
    table = table_of(SubjectRequestStep)
    steps: dict[object, list[RowValues]] = {row["id"]: [] for row in rows}
    for step in session.execute(
        select(table).where(table.c.request.in_(list(steps))).order_by(table.c.sequence)
    ).mappings():
        values: RowValues = dict(step)
        SUBJECT_REQUEST_STEP.require(ring, values)
        steps[values["request"]].append(values)
    found = []
    for row in rows:
        SUBJECT_REQUEST.require(ring, row)
        own = steps[row["id"]]
        if [step["sequence"] for step in own] != list(range(1, integer(row["revision"]) + 1)):
            raise tampered(SUBJECT_REQUEST_STEP.table)
        found.append(StoredRequest(row, own))
    return found


# --- lists -----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestsLoad:
    """Which requests a desk reaches: by its division, by its open case, or both.

    `open` asks for those that still wait, or for those that are closed; None for all. `after` is
    (due day, id) of the last row of the page before.
    """

    scopes: frozenset[Scope]
    division: str | None
    case: bytes | None = field(repr=False)
    day: date
    open: bool | None = None
    after: tuple[str, bytes] | None = None
    limit: int = 1
    disclosure: Disclosure | None = None
    counts: bool = False


@dataclass(frozen=True, slots=True)
class ListedRequest:
    """A request with what was said at its filing and in its last answer, where leave was given."""

    stored: StoredRequest
    filed: str | None = field(default=None, repr=False)
    answered: str | None = field(default=None, repr=False)


class SubjectRequests:
    """Reads lists of requests. One for the process; it keeps nothing."""

    __slots__ = ("_database", "_ring", "_vault")

    def __init__(self, database: Database, ring: KeyRing, vault: Vault) -> None:
        self._database = database
        self._ring = ring
        self._vault = vault

    async def page(self, load: RequestsLoad) -> tuple[list[ListedRequest], int | None]:
        """Up to `limit` requests, the most urgent first, and their number where it is asked for.

        Raises:
            DisclosureError: texts are asked for without leave.
            RowTamperedError: a row is not as it was written.
        """
        where = _reached(load)
        if where is None:
            return [], 0 if load.counts else None

        def work(session: Session) -> tuple[list[ListedRequest], int | None]:
            table = table_of(SubjectRequest)
            total = None
            if load.counts:
                total = session.scalar(select(func.count()).select_from(table).where(where))
            paged = where
            if load.after is not None:
                paged = and_(where, tuple_(table.c.due_on, table.c.id) > tuple_(*load.after))
            rows = session.execute(
                select(table).where(paged).order_by(table.c.due_on, table.c.id).limit(load.limit)
            ).mappings()
            stored = _with_steps(session, self._ring, [dict(row) for row in rows])
            self._require_cases(session, load, stored)
            if load.disclosure is None:
                return [ListedRequest(one) for one in stored], total
            return self._opened(session, load.disclosure, stored), total

        return await self._database.read(work)

    async def of_person(self, person: bytes) -> list[StoredRequest]:
        """All requests of a person, in the order of their filing.

        Raises:
            RowTamperedError: a row is not as it was written.
        """
        table = table_of(SubjectRequest)

        def work(session: Session) -> list[StoredRequest]:
            rows = session.execute(
                select(table).where(table.c.person == person).order_by(table.c.filed_on, table.c.id)
            ).mappings()
            return _with_steps(session, self._ring, [dict(row) for row in rows])

        return await self._database.read(work)

    def _require_cases(
        self, session: Session, load: RequestsLoad, stored: Iterable[StoredRequest]
    ) -> None:
        """Check the MAC of the cases that gave access."""
        if Scope.OPEN_CASE not in load.scopes:
            return
        table = table_of(Casefile)
        persons = [one.person for one in stored]
        found = session.execute(
            select(table).where(table.c.person.in_(persons), *_of_case(load))
        ).mappings()
        for row in found:
            CASEFILE.require(self._ring, dict(row))

    def _opened(
        self, session: Session, leave: Disclosure, stored: Sequence[StoredRequest]
    ) -> list[ListedRequest]:
        table = table_of(Person)
        owners: dict[object, RowValues] = {}
        for row in session.execute(
            select(table).where(table.c.id.in_({one.person for one in stored}))
        ).mappings():
            values: RowValues = dict(row)
            PERSON.require(self._ring, values)
            owners[values["id"]] = values
        listed = []
        for one in stored:
            owner = owners.get(one.person)
            if owner is None:
                raise tampered(PERSON.table)
            said = [self._vault.open_words(leave, owner, step).get("words") for step in one.steps]
            answers = [
                words
                for step, words in zip(one.steps, said, strict=True)
                if step["answer"] is not None
            ]
            listed.append(ListedRequest(one, _text(said[0]), _text(answers[-1] if answers else "")))
        return listed


def _reached(load: RequestsLoad) -> ColumnElement[bool] | None:
    """The scopes as a condition, all of which must hold; None where they reach nothing."""
    table = table_of(SubjectRequest)
    known = {Scope.OWN_DIVISION, Scope.OPEN_CASE, Scope.ALL}
    if not load.scopes or not load.scopes <= known:
        return None
    conditions: list[ColumnElement[bool]] = []
    if load.open is not None:
        closed = table.c.closed_on
        conditions.append(closed.is_(None) if load.open else closed.is_not(None))
    if Scope.OWN_DIVISION in load.scopes:
        if not load.division:
            return None
        place = "county" if len(load.division) <= COUNTY_DIGITS else "township"
        conditions.append(table.c[place] == load.division)
    if Scope.OPEN_CASE in load.scopes:
        if not load.division or load.case is None:
            return None
        cases, now = table_of(Casefile), table_of(PersonNow)
        # For the office of the place of residence, and for the one that took the request.
        level = "county" if len(load.division) <= COUNTY_DIGITS else "township"
        reached = select(cases.c.person).where(*_of_case(load))
        here = reached.join(now, now.c.person == cases.c.person)
        conditions.append(
            or_(
                table.c.person.in_(here.where(now.c[level] == load.division)),
                and_(table.c[level] == load.division, table.c.person.in_(reached)),
            )
        )
    return and_(*conditions) if conditions else table.c.revision > 0


def _of_case(load: RequestsLoad) -> tuple[ColumnElement[bool], ...]:
    cases, day = table_of(Casefile), load.day.isoformat()
    return (
        cases.c.division == load.division,
        cases.c.digest == load.case,
        cases.c.opened_on <= day,
        or_(cases.c.closed_on.is_(None), cases.c.closed_on > day),
    )


def _taken(step: Mapping[str, object]) -> Taken:
    answer, grounds = step["answer"], step["grounds"]
    return Taken(
        step=RequestStep(str(step["step"])),
        day=date.fromisoformat(str(step["happened_on"])),
        official=str(step["official"]),
        answer=None if answer is None else Answer(str(answer)),
        grounds=frozenset(Reason(code) for code in str(grounds or "").split()),
    )


def _codes(grounds: frozenset[Reason]) -> str:
    return " ".join(reason.value for reason in GROUNDS if reason in grounds)


def _text(words: object) -> str | None:
    return words if isinstance(words, str) and words else None


def _id(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise tampered(SUBJECT_REQUEST.table)
    return value
