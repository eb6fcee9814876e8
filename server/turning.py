"""The worker of the day's turn: at 00:00 in Asia/Shanghai, and after a stop for each missed day.

It looks at the clock once a second and at the database only when a day has come that it does not
know to be turned. A fault is logged once until it is over and tried again, later each time; what
is asked of the service in the meantime is answered, by dates and without the feed. On several
replicas each does this: whose batch comes second finds it done.

This module never decides what changes: `db.day_turn` does.
"""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Final, Protocol

from db.day_turn import Step
from regulation.parameters import Parameters, Schedule
from server.clock import Clock, day_of
from server.log import Log

LOOK_SECONDS: Final = 1.0
"""How often the clock is looked at, and how soon a first fault is tried again."""

LONGEST_PAUSE_SECONDS: Final = 60.0
BATCH_SECONDS: Final = 30.0
"""A batch that takes longer hangs: it is given up and done again."""


class Turns(Protocol):
    """What turns days."""

    async def step(self, today: date, now: datetime) -> Step:
        """Do a batch."""

    async def prune(self, before: date, today: date) -> int:
        """Take away a batch of changes of before a day, and of ended follows; return how many."""

    async def prune_answers(self, before: date) -> int:
        """Take away a batch of acts' answers of before a day; return how many."""


class DayTurner:
    """Turns each day as it comes, in this process's name."""

    __slots__ = ("_clock", "_failing", "_log", "_pause", "_policy", "_through", "_turns")

    def __init__(
        self, turns: Turns, *, clock: Clock, log: Log, policy: Parameters | Schedule
    ) -> None:
        self._turns = turns
        self._clock = clock
        self._log = log
        self._policy = policy
        self._through: date | None = None
        self._pause = LOOK_SECONDS
        self._failing: type[Exception] | None = None

    async def run(self) -> None:
        """Turn days until cancelled."""
        while True:
            try:
                await self._turn()
            except Exception as error:  # noqa: BLE001 - the day must turn after any fault
                self._tell(error)
                await asyncio.sleep(self._pause)
                self._pause = min(2 * self._pause, LONGEST_PAUSE_SECONDS)
            else:
                self._pause, self._failing = LOOK_SECONDS, None
                await asyncio.sleep(LOOK_SECONDS)

    async def _turn(self) -> None:
        """Do what is due, a batch at a time."""
        while self._through is None or self._through < day_of(self._clock.now()):
            now = self._clock.now()
            today = day_of(now)
            async with asyncio.timeout(BATCH_SECONDS):
                step = await self._turns.step(today, datetime.fromtimestamp(now, UTC))
            if step.ended is not None:
                self._log.event(
                    "day turned",
                    day=step.ended.day.isoformat(),
                    changes=step.ended.changes,
                    unread=step.ended.unread,
                )
            if step.through >= today:
                await self._prune(today)
                self._through = step.through

    async def _prune(self, today: date) -> None:
        values = self._policy.on(today).values
        while await self._turns.prune(today - timedelta(days=values.changes_kept_days), today):
            pass
        while await self._turns.prune_answers(today - timedelta(days=values.answers_kept_days)):
            pass

    def _tell(self, error: Exception) -> None:
        """Log a fault once; another one again."""
        if self._failing is not type(error):
            self._failing = type(error)
            self._log.fault("day not turned", error)
