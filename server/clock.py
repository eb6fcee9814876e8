"""The clock: the only place of the project that asks what time it is.

A day is a day in Asia/Shanghai, as the Measures count it; an instant is UTC. Everything else is
handed a `date` or a time.
"""

import time as system
from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Final, Protocol

from regulation.dates import SHANGHAI, day_in_shanghai

_SHANGHAI_SECONDS: Final = int(SHANGHAI.utcoffset(None).total_seconds())
DAY_SECONDS: Final = 86400
_EPOCH_ORDINAL: Final = date(1970, 1, 1).toordinal()


class Clock(Protocol):
    """What time it is."""

    def now(self) -> float:
        """Seconds since 1970 UTC."""


class SystemClock:
    """The machine's clock."""

    def now(self) -> float:
        """Seconds since 1970 UTC."""
        return system.time()


def day_of(now: float) -> date:
    """The day in Asia/Shanghai at an instant."""
    return date.fromordinal(_EPOCH_ORDINAL + int((now + _SHANGHAI_SECONDS) // DAY_SECONDS))


def pretended_day(training_day: date | None, clock: Clock) -> Callable[[datetime], date]:
    """What day an instant falls on: in Asia/Shanghai, or as far from it as a training day is now.

    Only the day of the Measures is another one: tokens, records and the register keep the real
    time. At midnight a training day ends like each other.
    """
    if training_day is None:
        return day_in_shanghai
    ahead = training_day - day_of(clock.now())
    return lambda instant: day_in_shanghai(instant) + ahead


def end_of_day(now: float) -> float:
    """The instant at which the day in Asia/Shanghai ends and the next begins."""
    begun = (now + _SHANGHAI_SECONDS) // DAY_SECONDS
    return (begun + 1) * DAY_SECONDS - _SHANGHAI_SECONDS


def time_of(now: float) -> str:
    """An instant as RFC 3339 UTC with milliseconds: `2026-11-22T08:00:00.000Z`."""
    second, part = divmod(int(now * 1000), 1000)
    return f"{_second(second)}.{part:03d}Z"


@lru_cache(maxsize=4)
def _second(second: int) -> str:
    """Every log line has a time, and most share their second with the line before."""
    return datetime.fromtimestamp(second, UTC).isoformat().removesuffix("+00:00")


def elapsed() -> float:
    """Seconds on a clock that never jumps: for durations and limits, never for a date."""
    return system.monotonic()
