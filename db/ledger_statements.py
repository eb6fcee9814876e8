"""The ledger's SQL, written once by SQLAlchemy Core and compiled once for an open database.

The hot path hands the compiled texts to the driver as they are, with values in the order that each
statement names. This module never runs a statement.
"""

from dataclasses import dataclass
from types import ModuleType
from typing import Self

from sqlalchemy import ColumnElement, bindparam, func, insert, literal_column, null, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.sql.elements import CompilerElement

from db.database import Database, Prepared
from db.models import AuditHead, AuditLane, AuditRecord

_OPEN: ColumnElement[int] = literal_column("1")
_NONE: ColumnElement[int] = literal_column("0")


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """What writing the log needs, in one database's words; values in the order given here."""

    open_head: Prepared
    """() → year, log, size, root, frontier. Takes the log's one lock: who holds it writes next."""

    last_year: Prepared
    """() → the year of the newest log, NULL where there is none."""

    insert_head: Prepared
    """(year, log, size, root, frontier); does nothing where another writer was first."""

    close_head: Prepared
    """(year)"""

    update_head: Prepared
    """(size, root, frontier, year)"""

    lane_counter: Prepared
    """(lane) → counter"""

    set_lane: Prepared
    """(lane, counter)"""

    insert_record: Prepared
    """(year, index, leaf hash, body)"""

    @classmethod
    def of(cls, database: Database) -> Self:
        """Compile everything for this database."""

        def compiled(statement: CompilerElement, *names: str) -> Prepared:
            prepared = database.prepare(statement)
            # The batch hands values over by position: another order would mix up columns.
            if prepared.names != names:
                raise AssertionError(f"bound as {prepared.names}, written down as {names}")
            return prepared

        dialect: ModuleType = sqlite if database.kind == "sqlite" else postgresql
        head = select(
            AuditHead.year, AuditHead.log, AuditHead.size, AuditHead.root, AuditHead.frontier
        )
        lane = dialect.insert(AuditLane).values(lane=bindparam("lane"), counter=bindparam("to"))
        new_head = dialect.insert(AuditHead).values(
            year=bindparam("year"),
            log=bindparam("log"),
            open=_OPEN,
            size=bindparam("size"),
            root=bindparam("root"),
            frontier=bindparam("frontier"),
            indexed=_NONE,
        )
        this_year = AuditHead.year == bindparam("of_year")
        return cls(
            open_head=compiled(head.where(AuditHead.open == _OPEN).with_for_update()),
            last_year=compiled(select(func.max(AuditHead.year))),
            insert_head=compiled(
                new_head.on_conflict_do_nothing(), "year", "log", "size", "root", "frontier"
            ),
            close_head=compiled(update(AuditHead).where(this_year).values(open=null()), "of_year"),
            update_head=compiled(
                update(AuditHead)
                .where(this_year)
                .values(
                    size=bindparam("size"), root=bindparam("root"), frontier=bindparam("frontier")
                ),
                "size",
                "root",
                "frontier",
                "of_year",
            ),
            lane_counter=compiled(
                select(AuditLane.counter).where(AuditLane.lane == bindparam("of_lane")), "of_lane"
            ),
            set_lane=compiled(
                lane.on_conflict_do_update(
                    index_elements=["lane"], set_={"counter": lane.excluded.counter}
                ),
                "lane",
                "to",
            ),
            insert_record=compiled(insert(AuditRecord), "year", "index", "leaf_hash", "body"),
        )
