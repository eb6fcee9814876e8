"""Corrections that departments ask for (articles 28, 30): requested, matched, entered, decided.

A request is a row that says how it stands, and its steps, which say why; the row is always the
fold of the steps. It has a data key of its own, as it may be about nobody who is stored. Written in
the transaction of the act; the row is the lock, after the person's.

This module never decides, corrects nothing, and opens nothing.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import uuid4

from sqlalchemy import and_, bindparam, func, or_, select, text, update
from sqlalchemy.orm import Session

from db.inserting import insert_rows
from db.models import Correction, CorrectionStep, table_of
from db.pointed import Asker, PointedAt, Pointer
from db.rows import CORRECTION, CORRECTION_STEP, RowValues, integer, tampered
from keys.ring import MISS_TAG_BYTES, KeyRing, tag_of
from regulation.correction import (
    GROUNDS,
    CorrectionStanding,
    CorrectionTaken,
    Ruling,
    correction_standing,
)
from regulation.correction import CorrectionStep as Step
from regulation.outcome import Reason

GENERATION: Final = 1
"""The generation of what is sealed under a request's own key."""

_CHANGING: Final = (
    "revision",
    "person",
    "county",
    "township",
    "status",
    "closed_on",
    "ruling",
    "grounds",
    "official",
    "changed",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """Who a request is about, and where that person lives now."""

    person: bytes = field(repr=False)
    county: str
    township: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CorrectionSaid:
    """A step to be written: what happened, and what was said in words."""

    taken: CorrectionTaken
    words: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class NewCorrection:
    """A new request; `about` is the person whom a confirmed row names."""

    asker: Asker
    pointer: Pointer
    at: PointedAt
    about: Place | None
    due_on: date
    said: CorrectionSaid
    id: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class NextCorrectionStep:
    """One more step of a stored request."""

    correction: "StoredCorrection"
    said: CorrectionSaid

    @property
    def id(self) -> bytes:
        """The request's id."""
        return self.correction.id


KeptCorrection = NewCorrection | NextCorrectionStep
"""What an act writes of a request."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """Who came to a desk: requests that wait for the tag of this number are about this person."""

    tag: bytes = field(repr=False)
    day: date
    official: str


@dataclass(frozen=True, slots=True)
class StoredCorrection:
    """A request whose rows were verified, with its steps in order."""

    values: RowValues = field(repr=False)
    steps: Sequence[RowValues] = field(repr=False)

    @property
    def id(self) -> bytes:
        """Its id."""
        return _id(self.values["id"])

    @property
    def person(self) -> bytes | None:
        """Whom it is about; None while nobody is matched."""
        found = self.values["person"]
        return None if found is None else _id(found)

    @property
    def version(self) -> int:
        """The number of its steps."""
        return integer(self.values["revision"])

    @property
    def confirmed(self) -> bool:
        """Whether it points at a row that was confirmed."""
        return bool(self.values["confirmed"])

    @property
    def due_on(self) -> date:
        """The last day to decide it."""
        return date.fromisoformat(str(self.values["due_on"]))

    @property
    def requested_at(self) -> str:
        """When it was recorded."""
        return str(self.steps[0]["recorded_at"])

    @property
    def standing(self) -> CorrectionStanding:
        """How it stands."""
        return correction_standing([_taken(step) for step in self.steps])


@dataclass(frozen=True, slots=True)
class KnownCorrection:
    """A request that a department makes again: no version, which would tell of steps."""

    id: bytes
    version: None = None


def hold_department(session: Session, asker: Asker) -> None:
    """Let the requests of a department's purpose come one after another, so that counts hold."""
    if session.get_bind().dialect.name == "postgresql":
        # SQLite has one writer anyway.
        key = f"correction {asker.department} {asker.purpose}"
        session.execute(
            text("SELECT pg_catalog.pg_advisory_xact_lock(pg_catalog.hashtextextended(:key, 0))"),
            {"key": key},
        )


def waiting(session: Session, asker: Asker, day: date) -> int:
    """Count the requests of a department's purpose that wait, as it is told of them."""
    table = table_of(Correction)
    found = session.scalar(
        select(func.count())
        .select_from(table)
        .where(
            table.c.department == asker.department,
            table.c.purpose == asker.purpose,
            table.c.due_on >= day.isoformat(),
            table.c.changed == 0,
        )
    )
    return found or 0


def known_correction(
    session: Session, ring: KeyRing, asker: Asker, pointer: Pointer, at: PointedAt
) -> KnownCorrection | None:
    """Find the request that points at the same already.

    Raises:
        RowTamperedError: the row is not as it was written.
    """
    table = table_of(Correction)
    row = (
        session.execute(
            select(table).where(
                table.c.department == asker.department,
                table.c.year == at.year,
                table.c.record == at.record,
                table.c.confirmed == int(pointer.confirmed),
                table.c.position == pointer.position,
                table.c.field == pointer.path,
            )
        )
        .mappings()
        .first()
    )
    if row is None:
        return None
    values: RowValues = dict(row)
    CORRECTION.require(ring, values)
    return KnownCorrection(_id(values["id"]))


def find_correction(session: Session, ring: KeyRing, correction: bytes) -> StoredCorrection | None:
    """Read a request with its steps, and keep other writers away from it.

    Raises:
        RowTamperedError: a row is not as it was written, or a step is missing.
    """
    table = table_of(Correction)
    row = (
        session.execute(select(table).where(table.c.id == correction).with_for_update())
        .mappings()
        .first()
    )
    if row is None:
        return None
    (stored,) = with_steps(session, ring, [dict(row)])
    return stored


def write_correction(
    session: Session, ring: KeyRing, kept: KeptCorrection, *, recorded_at: str
) -> int:
    """Store a request or its next step; return its version after it."""
    if isinstance(kept, NextCorrectionStep):
        return _add_step(session, ring, kept.correction, kept.said, None, recorded_at)
    row = _requested(ring, kept)
    step = _step(ring, row, kept.said, sequence=1, about=kept.about, recorded_at=recorded_at)
    _fold(row, [step])
    insert_rows(session, CorrectionStep, [step])
    insert_rows(session, Correction, [CORRECTION.sign(ring, row)])
    return 1


def match_corrections(
    session: Session,
    ring: KeyRing,
    came: Came,
    place: Place,
    *,
    formerly: Sequence[bytes],
    recorded_at: str,
) -> None:
    """Give the waiting requests of whoever came their person, and the division of the present home.

    `formerly` are files that were merged into the person's.

    Raises:
        RowTamperedError: a row is not as it was written.
    """
    table = table_of(Correction)
    theirs = (place.person, *formerly)
    rows = session.execute(
        select(table)
        .where(
            table.c.closed_on.is_(None),
            or_(
                table.c.person.in_(theirs), and_(table.c.person.is_(None), table.c.tag == came.tag)
            ),
        )
        .order_by(table.c.id)
        .with_for_update()
    ).mappings()
    taken = CorrectionTaken(step=Step.MATCHED, day=came.day, official=came.official)
    for stored in with_steps(session, ring, [dict(row) for row in rows]):
        stands = tuple(stored.values[name] for name in ("person", "county", "township"))
        if stands != (place.person, place.county, place.township):
            _add_step(session, ring, stored, CorrectionSaid(taken=taken), place, recorded_at)


def with_steps(
    session: Session, ring: KeyRing, rows: Sequence[RowValues]
) -> list[StoredCorrection]:
    """Verify rows and their steps; one that is taken away is missed.

    Raises:
        RowTamperedError: a row is not as it was written, or a step is missing.
    """
    table = table_of(CorrectionStep)
    steps: dict[object, list[RowValues]] = {row["id"]: [] for row in rows}
    for step in session.execute(
        select(table).where(table.c.correction.in_(list(steps))).order_by(table.c.sequence)
    ).mappings():
        values: RowValues = dict(step)
        CORRECTION_STEP.require(ring, values)
        steps[values["correction"]].append(values)
    found = []
    for row in rows:
        CORRECTION.require(ring, row)
        own = steps[row["id"]]
        if [step["sequence"] for step in own] != list(range(1, integer(row["revision"]) + 1)):
            raise tampered(CORRECTION_STEP.table)
        found.append(StoredCorrection(row, own))
    return found


def _requested(ring: KeyRing, kept: NewCorrection) -> RowValues:
    _, wrapped = ring.wrap_new_data_key(kept.id, table=CORRECTION.table)
    about = kept.about
    return {
        "id": kept.id,
        "department": kept.asker.department,
        "purpose": kept.asker.purpose,
        "case_digest": kept.asker.case,
        "year": kept.at.year,
        "record": kept.at.record,
        "confirmed": int(kept.pointer.confirmed),
        "position": kept.pointer.position,
        "field": kept.pointer.path,
        # Nobody's, where the row has none: it looks like any other and no number ever has it.
        "tag": kept.at.tag or secrets.token_bytes(MISS_TAG_BYTES),
        "person": None if about is None else about.person,
        "county": "" if about is None else about.county,
        "township": "" if about is None else about.township,
        "requested_on": kept.said.taken.day.isoformat(),
        "due_on": kept.due_on.isoformat(),
        "wrapped_key": wrapped,
    }


def _add_step(  # noqa: PLR0917 — one step, each part of it once
    session: Session,
    ring: KeyRing,
    stored: StoredCorrection,
    said: CorrectionSaid,
    about: Place | None,
    recorded_at: str,
) -> int:
    row, sequence = dict(stored.values), len(stored.steps) + 1
    if about is not None:
        row |= {"person": about.person, "county": about.county, "township": about.township}
    step = _step(ring, row, said, sequence=sequence, about=about, recorded_at=recorded_at)
    _fold(row, [*stored.steps, step])
    CORRECTION.sign(ring, row)
    insert_rows(session, CorrectionStep, [step])
    table = table_of(Correction)
    session.execute(
        update(table)
        .where(table.c.id == bindparam("the_id"))
        .values({name: row[name] for name in (*_CHANGING, "row_mac")}),
        {"the_id": row["id"]},
    )
    return sequence


def _step(
    ring: KeyRing,
    row: Mapping[str, object],
    said: CorrectionSaid,
    *,
    sequence: int,
    about: Place | None,
    recorded_at: str,
) -> RowValues:
    id_, owner, taken = uuid4().bytes, _id(row["id"]), said.taken
    words: bytes | None = None
    if said.words:
        words = ring.seal_group(
            ring.unwrap_data_key(owner, _id(row["wrapped_key"]), table=CORRECTION.table),
            table=CORRECTION_STEP.table,
            group="words",
            row=id_,
            generation=GENERATION,
            value={"words": said.words},
        )
    step: RowValues = {
        "correction": owner,
        "sequence": sequence,
        "id": id_,
        "step": taken.step.value,
        "happened_on": taken.day.isoformat(),
        "recorded_at": recorded_at,
        "official": taken.official,
        "person": None if about is None else about.person,
        "ruling": None if taken.ruling is None else taken.ruling.value,
        "grounds": None if taken.ruling is None else _codes(taken.grounds),
        "act": taken.act,
        "changed": int(taken.changed),
        "generation": GENERATION,
        "words": words,
        "words_tag": None if words is None else tag_of(words),
    }
    return CORRECTION_STEP.sign(ring, step)


def _fold(row: RowValues, steps: Sequence[RowValues]) -> None:
    """Let the row say how the request stands after these steps."""
    found = correction_standing([_taken(step) for step in steps])
    ruling = found.ruling
    row |= {
        "revision": len(steps),
        "status": found.status.value,
        "closed_on": None if found.closed_on is None else found.closed_on.isoformat(),
        "ruling": None if ruling is None or ruling.ruling is None else ruling.ruling.value,
        "grounds": None if ruling is None else _codes(ruling.grounds),
        "official": None if ruling is None else ruling.official,
        "changed": int(found.changed),
    }


def _taken(step: Mapping[str, object]) -> CorrectionTaken:
    ruling, act = step["ruling"], step["act"]
    return CorrectionTaken(
        step=Step(str(step["step"])),
        day=date.fromisoformat(str(step["happened_on"])),
        official=str(step["official"]),
        ruling=None if ruling is None else Ruling(str(ruling)),
        grounds=frozenset(Reason(code) for code in str(step["grounds"] or "").split()),
        act=act if isinstance(act, int) else None,
        changed=bool(step["changed"]),
    )


def _codes(grounds: Iterable[Reason]) -> str:
    held = frozenset(grounds)
    return " ".join(reason.value for reason in GROUNDS if reason in held)


def _id(value: object) -> bytes:
    if not isinstance(value, bytes):
        raise tampered(CORRECTION.table)
    return value
