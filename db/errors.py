"""What can go wrong with a database, each with the next step.

`str(error)` is the fault and the hint in one sentence each; `.hint` is the next step alone. No
message holds a value of a row, a parameter, a statement or a password.
"""

from collections.abc import Sequence
from typing import Final


class DatabaseError(Exception):
    """A fault of the database, as opposed to an outcome of a use case."""

    def __init__(self, fault: str, hint: str) -> None:
        super().__init__(f"{fault}. {hint}.")
        self.fault = fault
        self.hint = hint


class DatabaseAddressError(DatabaseError):
    """The database's address cannot be understood."""


class WriterLockedError(DatabaseError):
    """Another process writes to this SQLite database."""


class DatabaseMissingError(DatabaseError):
    """There is nothing to read yet."""


class DatabaseNewerError(DatabaseError):
    """A newer release of Juzhu wrote this database."""


class DatabaseOlderError(DatabaseError):
    """The tables are of an older release and this process may not change them."""


class DatabaseDamagedError(DatabaseError):
    """The file is truncated, damaged or not a database."""


class AuditDamagedError(DatabaseDamagedError):
    """A record or head of the audit log is unreadable; the log's verification says which."""

    def __init__(self, what: str) -> None:
        super().__init__(f"{what} is unreadable", "Run `juzhu audit verify`")


class DatabaseReadOnlyError(DatabaseError):
    """The database cannot be written to."""


class DatabaseFullError(DatabaseError):
    """There is no room left."""


class DatabaseUnreachableError(DatabaseError):
    """The server or file does not answer."""


class TransactionLostError(DatabaseError):
    """Other transactions were in the way; nothing was stored, and the same may be tried again."""


class DatabaseUnsafeError(DatabaseError):
    """The server's settings would lose acknowledged records."""


class DatabaseFailedError(DatabaseError):
    """The database refused a statement for a reason that is not the caller's."""


class AlreadyStoredError(DatabaseError):
    """A row with this key exists; which one is not said, or it would tell who is known."""


class RulesChangedError(DatabaseError):
    """What is derived was computed by other rules than those of the city's files."""


class RowTamperedError(DatabaseError):
    """A stored row is not the row that was written."""


class RegisterTamperedError(DatabaseError):
    """The register of who may act is not what was written; `rows` names the rows by their keys."""

    def __init__(self, rows: Sequence[str]) -> None:
        super().__init__(
            f"The register is not as it was written: {'; '.join(rows)}",
            "Look for tampering, then put back what was changed or restore the database",
        )
        self.rows = tuple(rows)


LATER: Final = (
    DatabaseUnreachableError,
    DatabaseFullError,
    DatabaseReadOnlyError,
    TransactionLostError,
    RulesChangedError,
)
"""Faults after which nothing was done, and the same may be asked again once they are mended."""


def closed() -> DatabaseUnreachableError:
    """Say that a database was used after it was closed: a defect of the caller."""
    return DatabaseUnreachableError("The database is closed", "Open it again before using it")
