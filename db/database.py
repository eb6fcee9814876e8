"""Speaking to an open database: writes, reads, and reads that must be fast.

A write is a plain function of a SQLAlchemy `Session`: it runs in one transaction that commits when
the function returns and rolls back when it raises.

This module never opens anything (session.py does) and never echoes a password, statement or value.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Literal, Self, TypeVar

from sqlalchemy import Dialect
from sqlalchemy.orm import Session
from sqlalchemy.sql.elements import CompilerElement

T = TypeVar("T")
Value = str | int | bytes | None
Row = tuple[Value, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSettings:
    """Where the database is. The URL is not in the repr: it may hold a password."""

    url: str = field(repr=False)
    home: Path
    writing: bool = True
    """False: read only, no lock taken, no table changed."""


@dataclass(frozen=True, slots=True)
class Migrated:
    """What opening a database did to its tables, as revisions of theirs."""

    before: str | None
    """None: there were no tables."""
    after: str
    """The same where nothing was done, as in a process that only reads."""


@dataclass(frozen=True, slots=True)
class Prepared:
    """A statement in the database's own words, compiled once, with its parameters in order."""

    sql: str
    names: tuple[str, ...]


class Database(ABC):
    """An open database. Use it as an async context manager, or call `close`."""

    kind: Literal["sqlite", "postgresql"]
    migrated: Migrated

    @abstractmethod
    async def write(self, work: Callable[[Session], T]) -> T:
        """Run `work` in one transaction; on SQLite on the one thread that writes.

        Cancelling the caller doesn't undo work that has begun.
        """

    @abstractmethod
    async def read(self, work: Callable[[Session], T]) -> T:
        """Run `work`, which only reads, off the event loop's thread."""

    @abstractmethod
    async def watch(self, work: Callable[[Session], T]) -> T:
        """Run `work`, a short read that must go on while others wait: the register's.

        It has a connection of its own, which no write, read, look-up or scan can take.
        """

    @abstractmethod
    async def fetch(self, statement: Prepared, parameters: Mapping[str, object]) -> Sequence[Row]:
        """Run a look-up by key. On SQLite directly on this thread: never hand it a scan."""

    @abstractmethod
    async def scan(self, statement: Prepared, parameters: Mapping[str, object]) -> Sequence[Row]:
        """Run a statement that may take long, without holding up the event loop."""

    async def page(self, statement: Prepared, parameters: Mapping[str, object]) -> Sequence[Row]:
        """Run a statement for a page: its index mostly gives it at once, but it may be a scan."""
        return await self.scan(statement, parameters)

    @abstractmethod
    async def close(self) -> None:
        """End cleanly: finish what is being written, release files and connections."""

    @property
    @abstractmethod
    def dialect(self) -> Dialect:
        """What SQLAlchemy needs to write a statement in this database's words."""

    def prepare(self, statement: CompilerElement) -> Prepared:
        """Compile a statement once; parameters keep their names and none may have a value.

        Raises:
            ValueError: a value stands in the statement; name a parameter instead.
        """
        compiled = statement.compile(dialect=self.dialect)
        if any(value is not None for value in compiled.params.values()):
            raise ValueError("a prepared statement holds no values: name a parameter instead")
        return Prepared(str(compiled), tuple(getattr(compiled, "positiontup", None) or ()))

    async def __aenter__(self) -> Self:
        """Nothing to do: it is open."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close, whatever happened."""
        await self.close()
