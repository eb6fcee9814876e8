"""Writing the log: durable when acknowledged, whole, in order, once."""

import asyncio
from collections import defaultdict
from datetime import UTC, datetime
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy.orm import Session

from audit.canonical import NotCanonicalError
from audit.tree import leaf_hash
from db.ledger import AuditUnavailableError, Ledger, Receipt
from db.ledger_check import verify_ledger
from db.models import Deployment
from tests.audit.drafts import draft, subjects
from tests.db.ledgers import bench, count, records, sizes

OLD_YEAR = datetime(2026, 12, 31, 15, 59, 59, tzinfo=UTC)
NEW_YEAR = datetime(2026, 12, 31, 16, 0, 0, tzinfo=UTC)


def lanes_of(of: list[dict[str, object]]) -> dict[str, list[int]]:
    lanes: defaultdict[str, list[int]] = defaultdict(list)
    for record in of:
        lane, counter = record["lane"], record["counter"]
        assert isinstance(lane, str)
        assert isinstance(counter, int)
        lanes[lane].append(counter)
    return lanes


async def test_a_receipt_names_the_place_where_the_record_stands(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        receipt = await at.ledger.append(draft(request="the one"))
        (stored, opened) = await at.ledger.page(after=None, limit=10)
        assert receipt == Receipt("demo/audit/2026", 1, leaf_hash(stored.body))
        assert b'"request":"the one"' in stored.body
        assert (opened.year, opened.index) == (2026, 0)
        assert b'"log":"demo/audit/2026"' in opened.body


async def test_two_hundred_concurrent_appends_each_get_a_place_of_their_own(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        drafts = [draft(request=f"r{number}", of=subjects(1)) for number in range(200)]
        receipts = await asyncio.gather(*(at.ledger.append(one) for one in drafts))
        stored = await records(at.database)
        assert sorted(receipt.index for receipt in receipts) == list(range(1, 201))
        for one, receipt in zip(drafts, receipts, strict=True):
            assert stored[receipt.index]["request"] == one.request
        assert await sizes(at.database) == [201]
        assert lanes_of(stored) == {at.ledger.lane: list(range(1, 202))}


async def test_more_than_a_batch_at_once_is_written_in_several(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        receipts = await asyncio.gather(*(at.ledger.append(draft()) for _ in range(1100)))
        assert len({receipt.index for receipt in receipts}) == 1100
        assert await sizes(at.database) == [1101]


async def test_a_long_answer_stands_in_adjacent_records(database_url: str, tmp_path: Path) -> None:
    async with bench(database_url, tmp_path) as at:
        receipts = await asyncio.gather(
            at.ledger.append(draft()),
            at.ledger.append(draft(of=subjects(401))),
            at.ledger.append(draft()),
        )
        assert [(one.index, one.parts) for one in receipts] == [(1, 1), (2, 3), (5, 1)]
        stored = await records(at.database)
        assert [stored[index]["part"] for index in (2, 3, 4)] == [[1, 3], [2, 3], [3, 3]]


async def test_an_unfit_draft_fails_alone(database_url: str, tmp_path: Path) -> None:
    async with bench(database_url, tmp_path) as at:
        results = await asyncio.gather(
            *(at.ledger.append(draft(request=text)) for text in ("a", "\ud800", "b")),
            return_exceptions=True,
        )
        assert [type(result) for result in results] == [Receipt, NotCanonicalError, Receipt]
        assert at.ledger.ready


async def test_a_cancelled_request_neither_loses_nor_doubles_a_record(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        tasks = [
            asyncio.create_task(at.ledger.append(draft(request=f"r{number}")))
            for number in range(60)
        ]
        await asyncio.sleep(0)
        for task in tasks[::2]:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await at.ledger.append(draft(request="last"))
        requests = [record["request"] for record in (await records(at.database))[1:]]
        assert sorted(map(str, requests[:-1])) == sorted(f"r{number}" for number in range(60))
        assert await sizes(at.database) == [62]


async def test_stopping_writes_what_waits_and_then_takes_no_more(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        waiting = [asyncio.create_task(at.ledger.append(draft())) for _ in range(30)]
        await asyncio.sleep(0)
        await at.ledger.stop()
        assert {receipt.index for receipt in await asyncio.gather(*waiting)} == set(range(1, 31))
        assert not at.ledger.ready
        with pytest.raises(AuditUnavailableError):
            await at.ledger.append(draft())


async def test_a_ledger_that_was_never_started_refuses(database_url: str, tmp_path: Path) -> None:
    async with bench(database_url, tmp_path) as at:
        idle = Ledger(at.database, deployment="demo")
        assert not idle.ready
        with pytest.raises(AuditUnavailableError):
            await idle.append(draft())


async def test_a_second_life_goes_on_in_the_same_log_in_a_lane_of_its_own(
    database_url: str, tmp_path: Path
) -> None:
    for _ in range(2):
        async with bench(database_url, tmp_path) as at:
            await at.ledger.append(draft())
            await at.ledger.append(draft())
    async with bench(database_url, tmp_path) as at:
        assert await sizes(at.database) == [5]
        lanes = lanes_of(await records(at.database))
        assert sorted(lanes.values()) == [[1, 2], [1, 2, 3]]


async def test_at_the_turn_of_the_year_a_new_log_commits_to_the_old_one(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        old = await at.ledger.append(draft(time=OLD_YEAR))
        new = await at.ledger.append(draft(time=NEW_YEAR))
        late = await at.ledger.append(draft(time=OLD_YEAR))
        assert (old.log, old.index) == ("demo/audit/2026", 1)
        assert (new.log, new.index) == ("demo/audit/2027", 1)
        assert (late.log, late.index) == ("demo/audit/2027", 2)
        first, second = await verify_ledger(at.database)
        opened = (await records(at.database))[2]
        assert opened["previous"] == {"log": first.log, "size": 2, "root": first.root.hex()}  # type: ignore[union-attr]  # a broken one has no root and fails here
        assert await sizes(at.database) == [2, 3]
        assert second.log == "demo/audit/2027"


async def test_one_batch_over_the_turn_of_the_year_stands_in_the_new_log(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        receipts = await asyncio.gather(
            *(at.ledger.append(draft(time=time)) for time in (OLD_YEAR, NEW_YEAR, OLD_YEAR))
        )
        assert {receipt.log for receipt in receipts} == {"demo/audit/2027"}
        assert await sizes(at.database) == [4]


async def test_a_mutation_s_record_stands_if_and_only_if_the_mutation_does(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:

        def act(session: Session) -> tuple[Receipt, ...]:
            session.add(Deployment(id=1, name="n", created_at="2026-11-22T08:00:00.000Z"))
            session.flush()
            return at.ledger.append_within(session, [draft(of=subjects(201)), draft()])

        def act_and_fail(session: Session) -> None:
            act(session)
            raise LookupError

        with pytest.raises(LookupError):
            await at.database.write(act_and_fail)
        assert await count(at.database) == 0
        receipts = await at.database.write(act)
        assert [(one.index, one.parts) for one in receipts] == [(1, 2), (3, 1)]
        assert (await at.ledger.append(draft())).index == 4
        assert await at.database.read(lambda session: session.get(Deployment, 1) is not None)
        assert await sizes(at.database) == [5]
        assert lanes_of(await records(at.database)) == {at.ledger.lane: [1, 2, 3, 4, 5]}


async def test_no_draft_within_a_transaction_is_no_record(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        assert await at.database.write(lambda session: at.ledger.append_within(session, [])) == ()
        assert await count(at.database) == 0


async def test_mutations_and_reads_at_once_share_one_log_without_gaps(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        await asyncio.gather(
            *(at.ledger.append(draft()) for _ in range(40)),
            *(
                at.database.write(lambda session: at.ledger.append_within(session, [draft()]))
                for _ in range(20)
            ),
        )
        assert await sizes(at.database) == [61]
        assert lanes_of(await records(at.database)) == {at.ledger.lane: list(range(1, 62))}


async def test_pages_come_newest_first_and_go_on_after_the_last_one_seen(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        for time in (OLD_YEAR, OLD_YEAR, NEW_YEAR):
            await at.ledger.append(draft(time=time))
        seen: list[tuple[int, int]] = []
        after = None
        while page := await at.ledger.page(after=after, limit=2):
            after = (page[-1].year, page[-1].index)
            seen.extend((record.year, record.index) for record in page)
        assert seen == [(2027, 1), (2027, 0), (2026, 2), (2026, 1), (2026, 0)]


async def test_the_records_of_a_person_are_found_newest_first(
    database_url: str, tmp_path: Path
) -> None:
    async with bench(database_url, tmp_path) as at:
        person, other = uuid4().bytes, uuid4().bytes
        for persons in ([person], [other], [other, person], [person, person]):
            await at.ledger.append(draft(persons=persons))
        await at.ledger.append(draft(persons=[person], time=NEW_YEAR))
        found = await at.ledger.of_person(person, after=None, limit=10)
        assert [(one.year, one.index) for one in found] == [
            (2027, 1),
            (2026, 4),
            (2026, 3),
            (2026, 1),
        ]
        rest = await at.ledger.of_person(person, after=(2026, 4), limit=1)
        assert [(one.year, one.index) for one in rest] == [(2026, 3)]
        assert await at.ledger.of_person(uuid4().bytes, after=None, limit=10) == []


async def test_two_ledgers_on_one_postgres_share_one_log(postgres_url: str, tmp_path: Path) -> None:
    async with bench(postgres_url, tmp_path) as one, bench(postgres_url, tmp_path) as two:
        times = [OLD_YEAR] * 30 + [NEW_YEAR] * 30
        receipts = await asyncio.gather(
            *(at.ledger.append(draft(time=time)) for time in times for at in (one, two))
        )
        assert len({(receipt.log, receipt.index) for receipt in receipts}) == 120
        assert sum(await sizes(one.database)) in {121, 122}
        stored = await records(one.database)
        for counters in lanes_of(stored).values():
            assert counters == list(range(1, len(counters) + 1))
