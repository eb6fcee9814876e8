"""A process that writes to the log and prints each index once it is acknowledged.

The index of persons follows at once, so that a kill meets that too.

`python -m tests.db.ledger_load URL HOME COUNT`: sixteen requests at a time, COUNT in all.
"""

import asyncio
import sys
from pathlib import Path

from tests.audit.drafts import draft, subjects
from tests.db.ledgers import bench


async def main(url: str, home: Path, total: int) -> None:
    async with bench(url, home, index_seconds=0.01) as at:
        left = iter(range(total))

        async def requests() -> None:
            for number in left:
                one = draft(request=f"{at.ledger.lane}-{number}", of=subjects(2))
                receipt = await at.ledger.append(one)
                sys.stdout.write(f"{receipt.log} {receipt.index} {one.request}\n")
                sys.stdout.flush()

        await asyncio.gather(*(requests() for _ in range(16)))


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])))
