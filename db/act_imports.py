"""What an import adds to persons who are stored already: batches of permits and endorsements.

As with `db.imports`, a batch is one transaction: what it adds, the rows it holds, the record in the
audit log and the cursor. That an act stands already is told by the person's own events, so nothing
is stored twice, however often a file comes.

This module never decides what becomes of a row.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.imports import HeldRow, Job, Record, advance, hold, known_persons
from db.intake import Intake
from db.ledger import Ledger
from db.models import PersonNow, table_of
from db.past import Past
from keys.ring import KeyRing, Tag


@dataclass(frozen=True, slots=True)
class Stored:
    """What a batch is compared with: pasts by the number's tag, and who has a permit number."""

    pasts: Mapping[bytes, Past]
    holders: dict[str, bytes] = field(repr=False)


Place = Callable[[Stored], Sequence[HeldRow]]
"""Adds the acts of a batch to pasts and answers which rows are held; once for each try."""


@dataclass(frozen=True, slots=True)
class Sought:
    """Whom a batch names: tags of ID numbers, and permit numbers."""

    tags: Sequence[Tag]
    numbers: Sequence[str] = field(repr=False)


class ActImports:
    """Writes batches of acts; its methods are work for `Database.write` and `Database.read`."""

    __slots__ = ("_intake", "_ledger", "_ring")

    def __init__(self, ring: KeyRing, intake: Intake, ledger: Ledger) -> None:
        self._ring = ring
        self._intake = intake
        self._ledger = ledger

    def settle(
        self,
        session: Session,
        job: Job,
        sought: Sought,
        *,
        place: Place,
        record: Record,
        done: int,
        now: str,
    ) -> Job:
        """Load, place and record one batch; the cursor moves with it.

        Raises:
            ImportTakenError: another process imports the same file.
        """
        stored = look(session, self._intake, sought, now=now, lock=True)
        held = place(stored)
        changed = {person: past for person, past in _by_person(stored).items() if past.added}
        self._intake.write_pasts(session, list(changed.values()))
        hold(session, self._ring, job, held, now)
        advance(session, job, done=done)
        if changed:
            self._ledger.append_within(session, record(list(changed)))
        return replace(job, done=done)


def look(session: Session, intake: Intake, sought: Sought, *, now: str, lock: bool) -> Stored:
    """Read what a batch is compared with; `lock` keeps other writers away until the end."""
    persons = {tag: known.person for tag, known in known_persons(session, sought.tags).items()}
    pasts = intake.pasts(session, list(persons.values()), recorded_at=now, lock=lock)
    table = table_of(PersonNow)
    taken = session.execute(
        select(table.c.permit_number, table.c.person).where(
            table.c.permit_number.in_(sought.numbers)
        )
    )
    return Stored(
        {tag: pasts[person] for tag, person in persons.items()},
        {row.permit_number: row.person for row in taken},
    )


def _by_person(stored: Stored) -> dict[bytes, Past]:
    # In one order everywhere, as rows are locked.
    pasts = {past.person: past for past in stored.pasts.values()}
    return dict(sorted(pasts.items()))
