"""A register export on the disk: a plain file that stays as it is while it is read.

It is read more than once: to its end, so that a damaged file is refused as a whole, then row by
row. A file that was changed meanwhile is told as such. This module never reads what a file holds.
"""

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from cli.register_text import BrokenQuotingError, LongCellError, LongRecordError


class RegisterFileError(Exception):
    """The file can't be read as a register; `hint` is the next step."""

    def __init__(self, fault: str, hint: str) -> None:
        super().__init__(fault)
        self.hint = hint


def plain_file(path: Path) -> BinaryIO:
    """Open a plain file: a pipe is not waited for, and a device never read."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except FileNotFoundError:
        raise RegisterFileError("the file does not exist", "check the path") from None
    except OSError as error:
        fault = f"the file can't be opened: {os.strerror(error.errno or 0)}"
        raise RegisterFileError(fault, "check the path and its permissions") from None
    mode = os.fstat(descriptor).st_mode
    if stat.S_ISREG(mode):
        return os.fdopen(descriptor, "rb")
    os.close(descriptor)
    if stat.S_ISDIR(mode):
        raise RegisterFileError("this is a folder, not a file", "name one file")
    raise RegisterFileError("this is not a plain file", "save it as a file first")


def state_of(file: BinaryIO) -> tuple[int, int]:
    """What tells a file that was changed: its size and when it was last written."""
    found = os.fstat(file.fileno())
    return found.st_size, found.st_mtime_ns


def steady(
    file: BinaryIO, before: tuple[int, int], source: Iterator[list[str]]
) -> Iterator[list[str]]:
    """Records that were read to their end before: what fails now is a file that was changed."""
    with changes_told():
        yield from source
    if state_of(file) != before:
        raise changed()


@contextmanager
def changes_told() -> Iterator[None]:
    """Tell a fault of a file that was faultless before as a change of the file."""
    try:
        yield
    except (BrokenQuotingError, LongCellError, LongRecordError, UnicodeError):
        raise changed() from None


def changed() -> RegisterFileError:
    """The refusal of a file that did not stay as it was."""
    return RegisterFileError(
        "the file was changed while it was read", "import a copy that nobody writes to"
    )
