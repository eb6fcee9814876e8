"""A PostgreSQL server whose disk fills while the log is written: no record, no data, nothing lost.

The server is a real one of the test's own, and what fails are its own writes: first the next page
of a table while the log of changes (WAL) still has room, then the WAL itself, which ends the
server, as it does in a city whose data and WAL lie on one disk.
"""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from audit.verify import Intact
from db.database import DatabaseSettings
from db.ledger_check import verify_ledger
from db.session import open_database
from tests.end_to_end.full_disk import full_disk
from tests.end_to_end.house import RECORDS_MADE, Answered, House, Seat, house_of
from tests.end_to_end.matrix import NAME, NUMBER, the_person
from tests.postgres import Server, embedded_server

SCHOOL = Seat(department="education", purpose="school-place", case="demo-1")
PERSON = "query($n:String!,$m:String!){person(idNumber:$n,name:$m){permit{active}}}"
SPEAKER = {"n": NUMBER, "m": NAME}
YES = {"person": {"permit": {"active": True}}}
MEBIBYTE = 1 << 20
MOST = 200
"""Records that may find room in pages that a table already has."""
SECONDS = 30
pytestmark = pytest.mark.long


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    # The smallest WAL files that there are: a table that is larger than they are can be stopped
    # from growing while they are still written.
    with embedded_server(cluster=("--wal-segsize=1",)) as server:
        yield server


async def asked(house: House) -> Answered:
    return await house.ask(SCHOOL, PERSON, SPEAKER)


async def fill(house: House, server: Server, database: str) -> None:
    """Answer until a table of the log is larger than a file of the WAL."""
    while int(server.say("SELECT pg_relation_size('audit_record')", database=database)) <= MEBIBYTE:
        await asyncio.gather(*(asked(house) for _ in range(100)))


async def none_is_answered(house: House) -> None:
    """Three requests in a row get no data; then the service says that it is not ready."""
    for _ in range(3):
        answer = await asked(house)
        assert (answer.status, answer.codes) == (503, ["AUDIT_UNAVAILABLE"])
        assert set(answer.whole) == {"errors"}
        assert b"active" not in answer.body
    status, told = await house.ready()
    assert (status, told["checks"]["audit"]) == (503, False)


async def recovers(house: House) -> Answered:
    """The service finds out by itself that the log can be written again."""
    end = time.monotonic() + SECONDS
    while (await house.ready())[0] != 200:
        assert time.monotonic() < end
        await asyncio.sleep(0.1)
    answer = await asked(house)
    assert answer.data == YES
    return answer


async def whole(house: House, answers: list[Answered]) -> None:
    """The log is intact: its first record, and those of the answers that left; none other."""
    url, home = house.settings.database_url, house.settings.home
    async with await open_database(DatabaseSettings(url=url, home=home, writing=False)) as database:
        (verdict,) = await verify_ledger(database)
    assert isinstance(verdict, Intact)
    assert verdict.size == max(answer.index for answer in answers) + 1
    assert verdict.size == len(answers) + RECORDS_MADE


async def test_a_table_that_can_not_grow_gives_no_data_and_loses_no_record(
    tmp_path: Path, server: Server
) -> None:
    url = server.create_database("grows")
    async with house_of(tmp_path, url, {"one": the_person()}) as house:
        await fill(house, server, "grows")
        with full_disk(server, MEBIBYTE):
            for _ in range(MOST):
                if (await asked(house)).status != 200:
                    break
            await none_is_answered(house)
        await recovers(house)
        assert server.log is not None
        assert "Check free disk space" in server.log.read_text("utf-8")
        await whole(house, [answer for answer in house.sent if answer.status == 200])


async def test_a_server_that_ends_for_want_of_room_gives_no_data_and_loses_no_record(
    tmp_path: Path, server: Server
) -> None:
    url = server.create_database("ends")
    async with house_of(tmp_path, url, {"one": the_person()}) as house:
        assert (await asked(house)).data == YES
        with full_disk(server, 0):
            await none_is_answered(house)
        assert server.restart is not None
        server.restart()
        await recovers(house)
        await whole(house, [answer for answer in house.sent if answer.status == 200])
