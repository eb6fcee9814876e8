"""Whether each head fits the last record that stands, asked once before anything is written.

A head that was set back or on by hand, or records that were taken away or slipped in at the end,
would otherwise be built upon: a gap, or a place taken twice, that no later record can mend. This
looks at ends alone; `juzhu audit verify` looks at everything. This module never writes.
"""

from sqlalchemy import func, select

from db.database import Database
from db.errors import DatabaseDamagedError
from db.models import AuditHead, AuditRecord
from db.stored_type import of_its_type

_HINT = "Run `juzhu audit verify`, find out who changed it, and restore the database"


async def insist_on_heads(database: Database) -> None:
    """Compare every year's head with its last record.

    Raises:
        DatabaseDamagedError: they contradict each other, or records stand without a head.
    """
    sqlite = database.kind == "sqlite"
    last = (
        select(func.max(AuditRecord.index))
        .where(AuditRecord.year == AuditHead.year)
        .correlate(AuditHead)
        .scalar_subquery()
    )
    newest = database.prepare(select(func.max(AuditRecord.year)))
    # One statement sees one moment: a writer beside this one changes head and records together.
    heads = database.prepare(
        select(AuditHead.year, of_its_type(AuditHead.size, "integer", sqlite=sqlite), last)
    )
    # Before the heads: a year that another process opens in between is no record without a head.
    ((year,),) = await database.scan(newest, {})
    rows = await database.scan(heads, {})
    if year is not None and year not in {head[0] for head in rows}:
        raise DatabaseDamagedError("audit records stand without a head", _HINT)
    if any(not _fits(size, index) for _, size, index in rows):
        raise DatabaseDamagedError("an audit head contradicts the last record", _HINT)


def _fits(size: object, last: object) -> bool:
    if not isinstance(size, int):
        return False
    return size == 0 if last is None else isinstance(last, int) and last + 1 == size
