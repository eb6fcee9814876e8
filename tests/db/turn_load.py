"""A process that turns one day, a person a batch, and prints a line after each.

`python -m tests.db.turn_load URL HOME`: it goes on until it is killed or done.
"""

import asyncio
import sys
from datetime import date, timedelta
from pathlib import Path

from db.day_turn import DayTurns
from db.facts import Issue, NewPerson
from db.ledger import Ledger
from keys.root import RootKey
from tests import builders
from tests.builders import OFFICE, TODAY
from tests.db.feeds import DAY, noon

EXPIRY = TODAY
HOLDERS = 40


def root() -> RootKey:
    """A key that two processes know."""
    return RootKey(bytes(range(32)))


def holders() -> list[NewPerson]:
    """Holders whose permits all end on one day."""
    issue = Issue(happened_on=EXPIRY - timedelta(days=365), valid_to=EXPIRY, office=OFFICE)
    return [builders.person(number, acts=[issue]) for number in range(HOLDERS)]


async def main(url: str, home: Path) -> None:
    async with builders.opened(url, home, root=root()) as store:
        ledger = Ledger(store.database, deployment=store.ring.deployment)
        turns = DayTurns(store.database, store.ring, ledger, batch=1)
        await turns.step(EXPIRY, noon(EXPIRY))
        today: date = EXPIRY + DAY
        while (await turns.step(today, noon(today))).ended is None:
            sys.stdout.write("a batch\n")
            sys.stdout.flush()


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2])))
