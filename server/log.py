"""The log: one JSON object a line, made of fields that are known beforehand.

An event is a few plain words and fields that name things by code, number or id. A field that is not
listed here is refused, so a name, an ID number, an address, query text or a variable can't slip in
by a call elsewhere. An exception is logged by its type and place: its message may quote a value.

This module never logs what a caller sent.
"""

import sys
import traceback
from collections.abc import Callable
from logging import Handler, LogRecord
from typing import Final

import orjson

from server.clock import Clock, time_of

FIELDS: Final = frozenset(
    {
        "changes",
        "client",
        "code",
        "day",
        "department",
        "fault",
        "host",
        "method",
        "milliseconds",
        "mode",
        "place",
        "port",
        "reason",
        "request",
        "revision",
        "rules",
        "size",
        "state",
        "status",
        "today",
        "unread",
        "until",
        "version",
        "year",
    }
)
"""Every field that an event may have."""

FieldValue = str | int | float | None
Write = Callable[[bytes], object]


class LogFieldError(ValueError):
    """An event has a field that is not listed; add it to FIELDS if it can't hold personal data."""


def write_to_stderr(line: bytes) -> None:
    """Where log lines go: standard error, so that standard output stays for results."""
    sys.stderr.buffer.write(line)
    sys.stderr.buffer.flush()


class Log:
    """Writes events as lines of JSON."""

    __slots__ = ("_clock", "_write")

    def __init__(self, clock: Clock, write: Write = write_to_stderr) -> None:
        self._clock = clock
        self._write = write

    def event(self, event: str, **fields: FieldValue) -> None:
        """Write one event.

        Raises:
            LogFieldError: A field is not in FIELDS.
        """
        if not fields.keys() <= FIELDS:
            raise LogFieldError(f"not fields of a log event: {sorted(fields.keys() - FIELDS)}")
        line = {"time": time_of(self._clock.now()), "event": event, **fields}
        self._write(orjson.dumps(line, option=orjson.OPT_APPEND_NEWLINE))

    def fault(self, event: str, error: BaseException, **fields: FieldValue) -> None:
        """Write a fault: the error's type and the place in the code, never its message."""
        frames = traceback.extract_tb(error.__traceback__)
        place = f"{frames[-1].name}:{frames[-1].lineno}" if frames else None
        self.event(event, fault=type(error).__name__, place=place, **fields)


class ServerLog(Handler):
    """Takes what the HTTP server and libraries log and keeps only that something happened.

    Their messages may quote a request line; logger name and level say enough to look closer.
    """

    def __init__(self, log: Log) -> None:
        super().__init__()
        self._log = log

    def emit(self, record: LogRecord) -> None:
        """Write one library event without its message."""
        place = f"{record.name}:{record.funcName}:{record.lineno}"
        error = record.exc_info[1] if record.exc_info else None
        fault = type(error).__name__ if error is not None else None
        self._log.event("server", reason=record.levelname.lower(), place=place, fault=fault)
