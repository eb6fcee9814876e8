"""An import's cursor, its held rows and its batches hold against a second import beside it."""

from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import func, select

from audit.entry import Draft
from db.errors import AlreadyStoredError
from db.imports import (
    Decision,
    Entry,
    HeldRow,
    Imports,
    ImportTakenError,
    Job,
    advance,
    begin,
    finish,
    known_persons,
)
from db.ledger import Ledger
from db.models import AuditRecord, Base, ImportPerson, ImportRow, Person, table_of
from tests.audit.drafts import draft, subjects
from tests.builders import NOW, Store, opened, person, registration

FILE, OTHER = b"\x01" * 32, b"\x02" * 32


@pytest.fixture
async def store(database_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(database_url, tmp_path) as found:
        yield found


@pytest.fixture
async def imports(store: Store) -> AsyncIterator[Imports]:
    ledger = Ledger(store.database, deployment=store.ring.deployment)
    yield Imports(store.ring, store.intake, ledger)
    await ledger.stop()


async def begun(store: Store, file: bytes = FILE) -> Job:
    return await store.database.write(lambda session: begin(session, file, now=NOW))


async def count(store: Store, model: type[Base]) -> int | None:
    return await store.database.read(
        lambda session: session.scalar(select(func.count()).select_from(table_of(model)))
    )


def entry(store: Store, number: int) -> Entry:
    facts = registration(number)
    return Entry(store.ring.id_number_tag(facts.id_number), facts, bytes([number]) * 32)


def recorded(persons: object) -> list[Draft]:
    assert persons
    return [draft(of=subjects(1))]


async def settled(
    store: Store, imports: Imports, job: Job, decision: Decision, done: int = 10
) -> Job:
    return await store.database.write(
        lambda session: imports.settle(
            session,
            job,
            [one.tag for one in decision.register],
            decide=lambda _known: decision,
            record=recorded,
            done=done,
            now=NOW,
        )
    )


async def test_a_job_goes_on_where_it_was_left(store: Store) -> None:
    job = await begun(store)
    await store.database.write(lambda session: advance(session, job, done=500))
    assert await begun(store) == Job(job.id, 500)
    assert await begun(store, OTHER) != job


async def test_a_finished_job_begins_anew_under_another_id(store: Store) -> None:
    job = await begun(store)
    await store.database.write(lambda session: finish(session, job, now=NOW))
    again = await begun(store)
    assert again.done == 0
    assert again.id != job.id


async def test_of_two_imports_of_one_file_only_one_goes_on(store: Store, imports: Imports) -> None:
    one, other = await begun(store), await begun(store)
    await settled(store, imports, one, Decision([entry(store, 1)], []))
    with pytest.raises(ImportTakenError, match="Another process imports the same file"):
        await settled(store, imports, other, Decision([entry(store, 2)], []))
    with pytest.raises(ImportTakenError):
        await store.database.write(lambda session: finish(session, other, now=NOW))
    assert await count(store, Person) == 1


async def test_a_batch_is_written_whole_or_not_at_all(store: Store, imports: Imports) -> None:
    await store.register(person(2))
    job = await begun(store)
    recorded_before = await count(store, AuditRecord)
    held = HeldRow(3, "SEX_CONTRADICTS", b"\x03" * 32, {"NAME": "测试"})
    decision = Decision([entry(store, 1), entry(store, 2)], [held])
    with pytest.raises(AlreadyStoredError):
        await settled(store, imports, job, decision)
    assert await count(store, Person) == 1
    assert await count(store, ImportPerson) == await count(store, ImportRow) == 0
    assert await count(store, AuditRecord) == recorded_before
    assert await begun(store) == job


async def test_a_held_row_is_not_held_twice(store: Store, imports: Imports) -> None:
    job = await begun(store)
    recorded_before = await count(store, AuditRecord)
    held = HeldRow(3, "SEX_CONTRADICTS", b"\x03" * 32, {"NAME": "测试"})
    job = await settled(store, imports, job, Decision([], [held, replace(held, row=4)]))
    other = await begun(store, OTHER)
    await settled(store, imports, other, Decision([], [replace(held, row=9)]))
    assert await count(store, ImportRow) == 1
    assert await count(store, AuditRecord) == recorded_before


async def test_known_persons_are_told_with_the_job_that_brought_them(
    store: Store, imports: Imports
) -> None:
    job = await begun(store)
    await settled(store, imports, job, Decision([entry(store, 1)], []))
    await store.register(person(2))
    tags = [entry(store, number).tag for number in (1, 2, 3)]
    known = await store.database.read(lambda session: known_persons(session, tags))
    assert set(known) == {tags[0].value, tags[1].value}
    assert (known[tags[0].value].job, known[tags[0].value].digest) == (job.id, b"\x01" * 32)
    assert (known[tags[1].value].job, known[tags[1].value].digest) == (None, None)
    assert await store.database.read(lambda session: known_persons(session, [])) == {}


def test_a_held_row_shows_no_value() -> None:
    assert "哨兵" not in repr(HeldRow(1, "SEX_CONTRADICTS", b"", {"NAME": "哨兵"}))
