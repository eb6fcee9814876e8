"""The file of a SQLite database: the lock beside it, its making, its mode, and its faults in words.

A file is made aside and renamed, so that a kill leaves none or a whole one. An emptied file is
damage, not a new database. This module never opens a file that others may read.
"""

import fcntl
import os
import sqlite3
from pathlib import Path
from urllib.parse import quote

from db.errors import (
    AlreadyStoredError,
    DatabaseDamagedError,
    DatabaseError,
    DatabaseFailedError,
    DatabaseFullError,
    DatabaseMissingError,
    DatabaseReadOnlyError,
    DatabaseUnreachableError,
    WriterLockedError,
)

BUSY_SECONDS = 5.0
STATEMENTS = 256
HEADER_BYTES = 100
_SETTINGS = (
    "PRAGMA synchronous=FULL",
    "PRAGMA secure_delete=ON",
    "PRAGMA temp_store=MEMORY",
    "PRAGMA mmap_size=0",
)
_RESTORE = "Restore it from a backup; don't start a new one beside its keys"


class WriterLock:
    """The right to write, held by one process; the system lets it go when the process ends."""

    def __init__(self, home: Path) -> None:
        try:
            self._descriptor = os.open(home / "writer.lock", os.O_RDWR | os.O_CREAT, 0o600)
        except OSError as error:
            raise system_fault(error) from None
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(self._descriptor)
            raise WriterLockedError(
                "Another Juzhu process is writing to this database",
                "Stop the server or the other command first; PostgreSQL has no such limit",
            ) from None

    def release(self) -> None:
        """Let another process write."""
        os.close(self._descriptor)


def prepare_file(path: Path, *, writing: bool) -> None:
    """See that the file exists, is ours alone, and is not an emptied one."""
    try:
        if not path.exists():
            if not writing:
                raise DatabaseMissingError(
                    "There is no database yet", "Run `make run` or an import first"
                )
            _create(path)
        elif path.stat().st_size < HEADER_BYTES:
            # SQLite would take it for a new database and begin again, beside the old keys.
            raise DatabaseDamagedError("The database file is empty", _RESTORE)
        elif writing:
            if not os.access(path, os.W_OK):
                raise DatabaseReadOnlyError(
                    "The database file may not be written", "Give its owner leave to write it"
                )
            path.chmod(0o600)
    except OSError as error:
        raise system_fault(error) from None


def _create(path: Path) -> None:
    """Create the file aside and rename it, so that a kill leaves none or a whole one."""
    new = path.with_name(f"{path.name}.new")
    new.unlink(missing_ok=True)
    os.close(os.open(new, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
    connection = sqlite3.connect(new)
    try:
        connection.execute("PRAGMA journal_mode=WAL")
    except sqlite3.Error as error:
        raise sqlite_fault(error) from None
    finally:
        connection.close()
    new.rename(path)


def connect(path: Path, *, writing: bool) -> sqlite3.Connection:
    """Connect in autocommit, with our settings; a reading connection can't write."""
    mode = "rw" if writing else "ro"
    connection = sqlite3.connect(
        f"file:{quote(str(path))}?mode={mode}",
        uri=True,
        timeout=BUSY_SECONDS,
        isolation_level=None,
        cached_statements=STATEMENTS,
    )
    for setting in _SETTINGS if writing else _SETTINGS[2:]:
        connection.execute(setting)
    if not writing:
        connection.execute("PRAGMA query_only=ON")
    return connection


def system_fault(error: OSError) -> DatabaseError:
    """Words of ours for a fault of the file system."""
    if error.errno in {13, 1, 30}:  # EACCES, EPERM, EROFS
        return DatabaseReadOnlyError(
            "The database's folder or file may not be written", "Give its owner leave to write it"
        )
    if error.errno in {28, 122}:  # ENOSPC, EDQUOT
        return DatabaseFullError("The disk is full", "Free some room and try again")
    return DatabaseUnreachableError(
        f"The database's folder or file can't be opened ({type(error).__name__})",
        "Check JUZHU_HOME and JUZHU_DATABASE_URL",
    )


def sqlite_fault(error: BaseException | None) -> DatabaseError:
    """Words of ours for a fault of SQLite, whose own may speak of columns but never of values."""
    code = getattr(error, "sqlite_errorcode", None)
    primary = code & 0xFF if isinstance(code, int) else None
    name = str(getattr(error, "sqlite_errorname", type(error).__name__))
    if isinstance(error, sqlite3.IntegrityError):
        return AlreadyStoredError(
            "A row is stored already or breaks a rule of its table",
            "Read the current state and decide again",
        )
    match primary:
        case sqlite3.SQLITE_CORRUPT | sqlite3.SQLITE_NOTADB:
            return DatabaseDamagedError(f"The database file is damaged ({name})", _RESTORE)
        case sqlite3.SQLITE_READONLY | sqlite3.SQLITE_PERM:
            return DatabaseReadOnlyError(
                "The database file may not be written", "Give its owner leave to write it"
            )
        case sqlite3.SQLITE_FULL | sqlite3.SQLITE_IOERR:
            return DatabaseFullError(
                f"The disk is full or failing ({name})", "Free some room or check the disk"
            )
        case sqlite3.SQLITE_CANTOPEN | sqlite3.SQLITE_BUSY | sqlite3.SQLITE_LOCKED:
            return DatabaseUnreachableError(
                f"The database file can't be used now ({name})",
                "Check that no other program holds it and that its folder may be written",
            )
        case _:
            return DatabaseFailedError(
                f"SQLite refused a statement ({name})", "Report this with the request id"
            )
