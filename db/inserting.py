"""Inserting many complete rows at the price of the driver alone.

SQLAlchemy looks at each value of each row; text, integers, bytes and null need no conversion on
either driver, and leaving that out halves the cost. The statement is still SQLAlchemy's.

This module never updates a row.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain
from operator import itemgetter
from typing import Final

from sqlalchemy import Dialect, Insert, insert
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from db.database import Value
from db.models import Base, table_of
from db.rows import RowValues

_MOST_AT_ONCE: Final = 64
_ROW: Final = re.compile(r"VALUES (\([?, ]+\))")
_MANY_ROWS: Final = (
    # 16 MiB: with SQLite's own 2 MiB, pages are written out and read again within a transaction.
    "PRAGMA cache_size=-16384",
    # 40 MiB of WAL before its pages are moved, so that those of an index are moved once for many
    # transactions. Each is flushed at its own commit all the same.
    "PRAGMA wal_autocheckpoint=10000",
)


def expect_many_rows(session: Session) -> None:
    """Settle a SQLite connection for many transactions of many rows; PostgreSQL needs nothing.

    Work for `Database.write` of a process that ends when the rows are in.
    """
    connection = session.connection()
    if connection.dialect.name == "sqlite":
        for setting in _MANY_ROWS:
            connection.exec_driver_sql(setting)


def insert_rows(session: Session, model: type[Base], rows: Sequence[RowValues]) -> None:
    """Insert rows that hold every column."""
    _run(session, model, rows, skip_standing=False)


def insert_new_rows(session: Session, model: type[Base], rows: Sequence[RowValues]) -> bool:
    """Insert rows, leaving those alone whose key stands; true where it is certain that none did.

    ON CONFLICT DO NOTHING: a unique violation would tell who is known, and PostgreSQL would write
    the key into its log. Only SQLite's driver counts what many rows came to.
    """
    return _run(session, model, rows, skip_standing=True) == len(rows)


def _run(
    session: Session, model: type[Base], rows: Sequence[RowValues], *, skip_standing: bool
) -> int:
    if not rows:
        return 0
    connection = session.connection()
    sql, names = _words(connection.dialect, model, skip_standing=skip_standing)
    values = itemgetter(*names)
    return connection.exec_driver_sql(sql, [values(row) for row in rows]).rowcount


def many_at_once(
    sql: str, rows: Sequence[Sequence[Value]]
) -> Iterator[tuple[str, Sequence[Value]]]:
    """Statements with their values that insert these rows in order, up to 64 with each (SQLite).

    Each run of a statement lets the interpreter's lock go and waits for it again: with a row a run,
    a writer waits for the event loop's thread as often as it has rows.
    """
    start = 0
    while start < len(rows):
        # Few sizes are few statements to keep prepared.
        size = min(_MOST_AT_ONCE, 1 << (len(rows) - start).bit_length() - 1)
        yield _of_size(sql, size), [*chain.from_iterable(rows[start : start + size])]
        start += size


@lru_cache(maxsize=32)
def _of_size(sql: str, size: int) -> str:
    return _ROW.sub(lambda found: f"VALUES {', '.join([found[1]] * size)}", sql)


@lru_cache(maxsize=32)
def _words(
    dialect: Dialect, model: type[Base], *, skip_standing: bool
) -> tuple[str, tuple[str, ...]]:
    statement = _skipping(dialect, model) if skip_standing else insert(table_of(model))
    compiled = statement.compile(dialect=dialect)
    return str(compiled), tuple(getattr(compiled, "positiontup", ()))


def _skipping(dialect: Dialect, model: type[Base]) -> Insert:
    if dialect.name == "sqlite":
        return sqlite.insert(table_of(model)).on_conflict_do_nothing()
    return postgresql.insert(table_of(model)).on_conflict_do_nothing()
