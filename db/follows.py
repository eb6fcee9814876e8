"""Cases that departments follow, and what has changed of the persons of those cases.

A follow joins a department's case with a presented person until a day. Where the department does
not reach the person, the follow is of an id that is nobody's: it is stored, answered and asked for
in the same way and never brings a change, so neither the answer nor the table tells who is known.
Case number and the department's own mark are sealed; what finds a follow are their digests.

This module never decides whom a department reaches, and never opens a name without leave.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final
from uuid import uuid4

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    LargeBinary,
    Select,
    SmallInteger,
    and_,
    bindparam,
    delete,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.orm import Session

from audit.entry import Draft
from db.casefile import case_digest
from db.database import Database, Prepared, Value
from db.inserting import insert_new_rows
from db.ledger import Ledger, Receipt
from db.models import Change, ChangeHead, Follow, table_of
from db.rows import CHANGE, FOLLOW, RowValues, integer, tampered
from db.sealed import Vault
from keys.ring import KeyRing, Purpose, tag_of
from policies.permission import Disclosure
from regulation.told import ChangeKind

_REF: Final = b"follow-ref\x00"
"""Keeps the digest of a department's mark apart from others under the same key."""

_GENERATION: Final = 1
_KINDS: Final = tuple(f"kind{number}" for number in range(len(ChangeKind)))
_FOLLOW: Final = tuple(column.name for column in table_of(Follow).columns)
_CHANGE: Final = tuple(column.name for column in table_of(Change).columns)


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """Which case a department follows, for what; `ref` is its own mark of a person of the case."""

    department: str
    purpose: str
    case: str = field(repr=False)
    ref: str = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """Whose follows are asked for: `case` is the digest of one case, None for all of them."""

    department: str
    purpose: str
    day: date
    case: bytes | None = field(repr=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A change of a follow, which is where a reader goes on from."""

    number: int
    follow: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A change of a person whose case is followed.

    `case` and `ref` are opened where there is leave, else None.
    """

    place: Place
    person: bytes
    case_digest: bytes
    kind: ChangeKind
    day: str
    case: str | None = field(repr=False)
    ref: str | None = field(repr=False)


class Follows:
    """Keeps and ends follows, each in one transaction with its audit record."""

    __slots__ = ("_database", "_ledger", "_ring")

    def __init__(self, database: Database, ring: KeyRing, ledger: Ledger) -> None:
        self._database = database
        self._ring = ring
        self._ledger = ledger

    async def keep(
        self, followed: Followed, person: bytes | None, until: date, record: Callable[[], Draft]
    ) -> Receipt:
        """Follow a person until a day; None is nobody. The same case and mark again is a renewal.

        A renewal goes on where the follow stands, unless it is of somebody else now.

        Raises:
            RowTamperedError: a row is not as it was written.
        """

        def work(session: Session) -> Receipt:
            self._keep(session, followed, person or uuid4().bytes, until)
            (receipt,) = self._ledger.append_within(session, [record()])
            return receipt

        return await self._database.write(work)

    async def end(self, followed: Followed, record: Callable[[], Draft]) -> Receipt:
        """Follow a person of a case no more; where there is no such follow, nothing differs."""

        def work(session: Session) -> Receipt:
            table = table_of(Follow)
            session.execute(delete(table).where(self._is(followed)))
            (receipt,) = self._ledger.append_within(session, [record()])
            return receipt

        return await self._database.write(work)

    def _keep(self, session: Session, followed: Followed, person: bytes, until: date) -> None:
        table = table_of(Follow)
        row = self._row(session, followed, person, until)
        insert_new_rows(session, Follow, [row])
        found = session.execute(select(table).where(self._is(followed)).with_for_update())
        stored: RowValues = dict(found.mappings().one())
        if stored["id"] == row["id"]:
            return
        FOLLOW.require(self._ring, stored)
        if stored["person"] == person:
            row["since"] = stored["since"]
        renewed = stored | {name: row[name] for name in ("person", "since", "until")}
        session.execute(
            update(table).where(table.c.id == stored["id"]).values(FOLLOW.sign(self._ring, renewed))
        )

    def _row(self, session: Session, followed: Followed, person: bytes, until: date) -> RowValues:
        follow = uuid4().bytes
        data_key, wrapped = self._ring.wrap_new_data_key(follow, table=FOLLOW.table)
        named = self._ring.seal_group(
            data_key,
            table=FOLLOW.table,
            group="named",
            row=follow,
            generation=_GENERATION,
            value={"case": followed.case, "ref": followed.ref},
        )
        row: RowValues = {
            "id": follow,
            "department": followed.department,
            "purpose": followed.purpose,
            "case_digest": case_digest(self._ring, followed.case),
            "ref_digest": self._ref(followed.ref),
            "person": person,
            "since": session.scalar(select(table_of(ChangeHead).c.number)) or 0,
            "until": until.isoformat(),
            "generation": _GENERATION,
            "wrapped_key": wrapped,
            "named": named,
            "named_tag": tag_of(named),
        }
        return FOLLOW.sign(self._ring, row)

    def _is(self, followed: Followed) -> ColumnElement[bool]:
        columns = table_of(Follow).c
        return and_(
            columns.department == followed.department,
            columns.purpose == followed.purpose,
            columns.case_digest == case_digest(self._ring, followed.case),
            columns.ref_digest == self._ref(followed.ref),
        )

    def _ref(self, ref: str) -> bytes:
        return self._ring.digest(Purpose.PSEUDONYM, _REF + ref.encode())


class FollowReads:
    """Reads what has changed of followed persons. One for the process; it keeps statements only."""

    __slots__ = ("_database", "_statements", "_vault")

    def __init__(self, database: Database, vault: Vault) -> None:
        self._database = database
        self._vault = vault
        self._statements: dict[bool, Prepared] = {
            one_case: database.prepare(_page_statement(one_case=one_case))
            for one_case in (False, True)
        }

    async def page(
        self,
        asking: Asking,
        kinds: frozenset[ChangeKind],
        *,
        after: Place | None,
        limit: int,
        disclosure: Disclosure,
    ) -> list[Told]:
        """Read the next changes of these kinds, in order, of follows that hold on the day.

        Raises:
            RowTamperedError: a row is not as it was written.
        """
        if not kinds:
            return []
        # Each statement has as many parameters as there are kinds; one that stands twice is one.
        wanted = [*sorted(kinds), *[min(kinds)] * (len(_KINDS) - len(kinds))]
        rows = await self._database.scan(
            self._statements[asking.case is not None],
            {
                "department": asking.department,
                "purpose": asking.purpose,
                "day": asking.day.isoformat(),
                "case": asking.case,
                "number": 0 if after is None else after.number,
                "follow": b"" if after is None else after.follow,
                "limit": limit,
                **{name: kind.value for name, kind in zip(_KINDS, wanted, strict=True)},
            },
        )
        return [self._told(row, disclosure) for row in rows]

    def _told(self, row: Sequence[Value], disclosure: Disclosure) -> Told:
        follow = dict(zip(_FOLLOW, row[: len(_FOLLOW)], strict=True))
        change = dict(zip(_CHANGE, row[len(_FOLLOW) :], strict=True))
        self._vault.require(FOLLOW, follow)
        self._vault.require(CHANGE, change)
        named = {}
        if "follow" in disclosure.groups:
            named = self._vault.open_follow(disclosure, follow)
        return Told(
            place=Place(number=integer(change["number"]), follow=_bytes(follow["id"])),
            person=_bytes(change["person"]),
            case_digest=_bytes(follow["case_digest"]),
            kind=ChangeKind(str(change["kind"])),
            day=str(change["day"]),
            case=_text(named.get("case")),
            ref=_text(named.get("ref")),
        )


def forget_follows(session: Session, today: date, *, limit: int) -> int:
    """Take away some of the follows that have ended before this day; return how many."""
    table = table_of(Follow)
    ended = list(
        session.scalars(select(table.c.id).where(table.c.until < today.isoformat()).limit(limit))
    )
    if ended:
        session.execute(delete(table).where(table.c.id.in_(ended)))
    return len(ended)


def _page_statement(*, one_case: bool) -> Select[*tuple[object, ...]]:
    follow, change = table_of(Follow).c, table_of(Change).c
    number = bindparam("number", type_=BigInteger())
    statement = (
        select(*follow, *change)
        .select_from(table_of(Follow).join(table_of(Change), follow.person == change.person))
        .where(
            follow.department == bindparam("department"),
            follow.purpose == bindparam("purpose"),
            follow.until >= bindparam("day"),
            change.number > follow.since,
            # Redundant, but the index can begin there.
            change.number >= number,
            or_(
                change.number > number,
                follow.id > bindparam("follow", type_=LargeBinary()),
            ),
            change.kind.in_([bindparam(name) for name in _KINDS]),
        )
        .order_by(change.number, follow.id)
    )
    if one_case:
        statement = statement.where(follow.case_digest == bindparam("case", type_=LargeBinary()))
    # Without an offset SQLAlchemy binds one for SQLite, and our statements hold no values.
    return statement.limit(bindparam("limit")).offset(literal_column("0", SmallInteger()))


def _bytes(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise tampered(FOLLOW.table)
    return value


def _text(value: object) -> str | None:
    return value if isinstance(value, str) else None
