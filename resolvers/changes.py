"""Changes of followed cases, as a department is told them: without name and reason.

Only that a permit is active or not as it was not before, or that a holder's place is another: it is
worth asking again. A cursor is sealed for one department and says nothing of how many changes
there are of others; the page after it begins with the next change of this department's own cases.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from db.casefile import case_digest
from db.follows import Asking, FollowReads, Place, Told
from keys.ring import KeyRing
from policies.permission import Disclosure
from regulation.told import YES_OR_NO, ChangeKind
from resolvers.context import Context
from resolvers.faults import ArgumentFaultError, Fault

_CURSOR: Final = b"\xffchange"
"""Begins what a cursor holds; a cursor of another list never does."""

_NUMBER_BYTES: Final = 8
_ID_BYTES: Final = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Changed:
    """One change as a department is told it."""

    cursor: str
    case: str | None = field(repr=False)
    ref: str | None = field(repr=False)
    kind: str
    on: str


@dataclass(frozen=True, slots=True)
class ChangePage:
    """A page of changes, with what `PageInfo` says of it."""

    records: Sequence[Changed]
    has_next: bool
    has_previous: bool

    @property
    def start_cursor(self) -> str | None:
        """The cursor of the first change."""
        return self.records[0].cursor if self.records else None

    @property
    def end_cursor(self) -> str | None:
        """The cursor of the last change; a reader whose page is empty goes on with its own."""
        return self.records[-1].cursor if self.records else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A page and whom it is about: each person with the digest of the case."""

    page: ChangePage
    about: Sequence[tuple[bytes, str]]


async def changes(
    *,
    reads: FollowReads,
    ring: KeyRing,
    context: Context,
    kinds: frozenset[ChangeKind],
    after: object,
    size: int,
    disclosure: Disclosure,
) -> Found:
    """Read a page of what has changed of the cases that the caller's department follows.

    Where the request names a case, of that one only; `kinds` are those that the purpose tells.

    Raises:
        ArgumentFaultError: the cursor was not given to this department.
        RowTamperedError: a row is not as it was written.
    """
    department = context.caller.department
    place = _place(after, ring, department)
    asking = Asking(
        department=department,
        purpose=context.purpose or "",
        day=context.today,
        case=None if context.case is None else case_digest(ring, context.case),
    )
    found = await reads.page(asking, kinds, after=place, limit=size + 1, disclosure=disclosure)
    shown = found[:size]
    return Found(
        page=ChangePage(
            [_changed(told, ring, department) for told in shown],
            has_next=len(found) > size,
            has_previous=place is not None,
        ),
        about=[(told.person, told.case_digest.hex()) for told in shown],
    )


def _changed(told: Told, ring: KeyRing, department: str) -> Changed:
    place = told.place.number.to_bytes(_NUMBER_BYTES) + told.place.follow
    return Changed(
        cursor=ring.global_ids.seal_cursor(department, _CURSOR + place),
        case=told.case,
        ref=told.ref,
        kind="ACTIVE_CHANGED" if told.kind in YES_OR_NO else "DIVISION_CHANGED",
        on=told.day,
    )


def _place(after: object, ring: KeyRing, department: str) -> Place | None:
    if not isinstance(after, str):
        return None
    payload = ring.global_ids.open_cursor(department, after) or b""
    place = payload.removeprefix(_CURSOR)
    if place == payload or len(place) != _NUMBER_BYTES + _ID_BYTES:
        raise ArgumentFaultError(Fault.CURSOR_INVALID)
    number = int.from_bytes(place[:_NUMBER_BYTES])
    return Place(number=number, follow=place[_NUMBER_BYTES:])
