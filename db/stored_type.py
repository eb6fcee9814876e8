"""Columns of the log as they are meant to be, whatever somebody has put into them.

SQLite keeps a value of any type in any column, and a text that is no UTF-8 can't even be fetched. A
value of another type than its column's reads as NULL here, which no column of the log holds.
"""

from typing import Literal, TypeVar

from sqlalchemy import ColumnElement, SQLColumnExpression, case, func, literal_column
from sqlalchemy.orm import InstrumentedAttribute

T = TypeVar("T")


def of_its_type(
    column: InstrumentedAttribute[T], kind: Literal["blob", "integer", "text"], *, sqlite: bool
) -> SQLColumnExpression[T] | SQLColumnExpression[T | None]:
    """The column's value, or NULL where SQLite holds one of another type."""
    if not sqlite:
        return column
    stored: ColumnElement[str] = literal_column(f"'{kind}'")
    return case((func.typeof(column) == stored, column))
