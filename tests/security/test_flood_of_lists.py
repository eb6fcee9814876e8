"""One client that asks for lists without end gets a clear refusal; everybody else gets answers."""

import asyncio
from pathlib import Path

from server.running import FOLLOW_SECONDS
from tests.server.real_house import RealHouse, real_house

LIST = "{ persons(first: 100) { totalCount nodes { name } } }"
LOG = "{ accessLog(first: 5) { nodes { outcome department } } }"
FLOOD = 80


async def listed(house: RealHouse) -> tuple[int, str | None, str | None]:
    """Status, code and Retry-After of one work list."""
    answer = await house.ask(
        LIST, department="community-police", headers={"juzhu-purpose": "desk-list"}
    )
    errors = answer.json().get("errors", [{"extensions": {"code": None}}])
    return answer.status_code, errors[0]["extensions"]["code"], answer.headers.get("retry-after")


async def test_who_floods_is_told_to_wait_and_others_are_answered(
    tmp_path: Path, database_url: str
) -> None:
    async with real_house(tmp_path, database_url) as house:
        flood = asyncio.gather(*(listed(house) for _ in range(FLOOD)))
        await asyncio.sleep(FOLLOW_SECONDS / 5)
        other, log = await asyncio.gather(
            house.ask("{ __typename }"),
            house.ask(LOG, department="auditor", headers={"juzhu-purpose": "privacy-audit"}),
        )
        found = set(await flood)
        later = await listed(house)
    assert (other.status_code, log.status_code) == (200, 200)
    assert {(status, code) for status, code, _ in found} == {(200, None), (429, "RATE_LIMITED")}
    assert all(wait is not None for status, _, wait in found if status == 429)
    assert later[0] == 200
