"""Building the index of persons anew from the records, in place.

Missing entries are added and stray ones taken away, so that look-ups beside it are never worse than
before. It can be stopped at any moment and started again. This module never touches a record: a
log that lacks one is `juzhu audit verify`'s to name.
"""

from dataclasses import dataclass
from functools import partial

from sqlalchemy import LargeBinary, and_, cast, func, literal, or_, select, tuple_, update
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import ColumnElement

from audit.persons import Entry
from db.database import Database
from db.ledger_index import PersonIndex, Progress
from db.models import AuditHead, AuditRecord, AuditSubject, table_of

PAGE = 2000

_KEY = (AuditSubject.person, AuditSubject.year, AuditSubject.index)


@dataclass(frozen=True, slots=True, kw_only=True)
class Mended:
    """What was wrong with the index."""

    added: int
    removed: int


async def mend_person_index(database: Database, records: Progress, entries: Progress) -> Mended:
    """Make the index what the records say, and let it cover all of them.

    Args:
        database: an open database that may be written.
        records: hears of records whose entries stand.
        entries: hears of entries that were compared with their records afterwards.

    Raises:
        DatabaseDamagedError: a record is missing or unreadable.
    """
    added = await _add_missing(database, records)
    return Mended(added=added, removed=await _remove_strays(database, entries))


async def _add_missing(database: Database, progress: Progress) -> int:
    await database.write(_distrust_impossible)
    index, added = PersonIndex(database), 0
    for log in await index.logs():
        added += await index.cover(log.year, start=0, stop=log.size, told=progress)
    return added


def _distrust_impossible(session: Session) -> None:
    """Where a head says that more is indexed than there is, look-ups must ask the records."""
    session.execute(
        update(AuditHead)
        .where(or_(AuditHead.indexed > AuditHead.size, AuditHead.indexed < 0))
        .values(indexed=0)
    )


async def _remove_strays(database: Database, progress: Progress) -> int:
    after: Entry = (b"", 0, 0)
    removed = 0
    while rows := await database.read(partial(_page, after)):
        strays = [entry for entry, named in rows if not named]
        # Only where there are any: the service's own account may not be allowed to.
        if strays:
            await database.write(partial(_remove, strays))
        after = rows[-1][0]
        removed += len(strays)
        progress(len(rows))
    return removed


def _page(after: Entry, session: Session) -> list[tuple[Entry, bool]]:
    """The next entries, each with whether its record names the person."""
    rows = session.execute(
        select(*_KEY, AuditRecord.index.is_not(None))
        .outerjoin(
            AuditRecord,
            and_(
                AuditRecord.year == AuditSubject.year,
                AuditRecord.index == AuditSubject.index,
                _names(session.get_bind().dialect.name),
            ),
        )
        .where(tuple_(*_KEY) > tuple_(*map(literal, after)))
        .order_by(*_KEY)
        .limit(PAGE)
    )
    return [((person, year, index), bool(named)) for person, year, index, named in rows]


def _names(dialect: str) -> ColumnElement[bool]:
    """`audit.persons.mark_of` in the database's words: the body holds the person's mark."""
    body, person = AuditRecord.body, AuditSubject.person
    if dialect == "sqlite":
        text = literal('"person":"') + func.lower(func.hex(person)) + literal('"')
        return func.instr(body, cast(text, LargeBinary)) > 0
    text = literal('"person":"') + func.encode(person, "hex") + literal('"')
    return func.pg_catalog.position(body, func.convert_to(text, "UTF8")) > 0


def _remove(strays: list[Entry], session: Session) -> None:
    table = table_of(AuditSubject)
    for person, year, index in strays:
        session.execute(
            table.delete().where(
                table.c.person == person, table.c.year == year, table.c.index == index
            )
        )
