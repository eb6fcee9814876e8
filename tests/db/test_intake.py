"""Storing persons and their acts; the read model always follows its sources; on both databases."""

import logging
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from db.casefile import case_digest, open_cases
from db.facts import Cancel, Close, Endorse, Move, NewPerson, Registration, Replace
from db.intake import PersonUnknownError
from db.load import Access, PersonLoad
from db.models import Casefile, Event, Lookup, Person, PersonNow, table_of
from db.read_model import load_sources, row_of
from db.reads import PERSON_COLUMNS
from db.rows import RowValues
from policies.permission import Scope
from regulation.history import HistoryError
from regulation.permit import CancelGround, first_expiry
from tests import builders
from tests.builders import (
    CALENDAR,
    NOW,
    OFFICE,
    TODAY,
    Store,
    active,
    facts,
    opened,
    person,
    rebuild_read_model,
)

BY_ID = PersonLoad(Access.PERSON, frozenset({Scope.ALL}), frozenset())


@pytest.fixture
async def store(database_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(database_url, tmp_path) as found:
        yield found


async def now(store: Store, one: bytes) -> RowValues:
    row = await store.reads.one(BY_ID, one, facts())
    assert row is not None
    return dict(zip(PERSON_COLUMNS, row.values, strict=True))


async def counted(store: Store, model: type[Person | Event | Lookup | Casefile]) -> int | None:
    return await store.database.read(
        lambda session: session.scalar(select(func.count()).select_from(table_of(model)))
    )


async def stored_rows(store: Store) -> dict[bytes, RowValues]:
    table = table_of(PersonNow)
    return await store.database.read(
        lambda session: {
            row["person"]: dict(row) for row in session.execute(select(table)).mappings()
        }
    )


async def recomputed(store: Store) -> dict[bytes, RowValues]:
    persons = list(await stored_rows(store))
    sources = await store.database.read(lambda session: load_sources(session, store.ring, persons))
    return {one: row_of(store.ring, CALENDAR, sources[one]) for one in persons}


async def test_a_registration_gives_its_row(store: Store) -> None:
    (one,) = await store.register(person(1))
    row = await now(store, one)
    given = person(1).registration
    assert row["registered_on"] == row["clock_start"] == given.registered_on.isoformat()
    assert row["arrived_on"] == given.arrived_on.isoformat()
    assert (row["reason"], row["late"]) == ("务工", 0)
    assert (row["hukou_county"], row["county"], row["township"]) == (
        "152201",
        "150402",
        "150402001",
    )
    names = ("permit", "permit_number", "issued_on", "valid_from", "valid_to", "cancelled_on")
    assert all(row[name] is None for name in names)
    assert row["revision"] == 1


async def test_a_late_registration_is_marked_and_stored(store: Store) -> None:
    given = person(1).registration
    late = replace(given, arrived_on=given.registered_on - timedelta(days=40))
    (one,) = await store.register(NewPerson(registration=late))
    assert (await now(store, one))["late"] == 1


async def test_who_is_stored_already_is_left_alone_without_a_sign(
    store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    (one,) = await store.register(person(1))
    before = await stored_rows(store)
    again = replace(person(1).registration, name="另一人", address="别处")
    ids = await store.database.write(
        lambda session: store.intake.register(
            session,
            [person(2), NewPerson(registration=again), person(3), person(3)],
            recorded_at=NOW,
        )
    )
    assert [found is None for found in ids] == [False, True, False, True]
    assert await counted(store, Person) == 3
    assert await counted(store, Lookup) == 6
    assert (await stored_rows(store))[one] == before[one]
    number = builders.id_number(1)
    assert not any(number in record.getMessage() for record in caplog.records)


async def test_registering_nobody_stores_nothing(store: Store) -> None:
    assert await store.register() == []


async def test_one_impossible_history_stores_nobody(store: Store) -> None:
    impossible = person(2, acts=[Replace(happened_on=TODAY, office=OFFICE)])
    with pytest.raises(HistoryError):
        await store.register(person(1), impossible)
    assert await counted(store, Person) == 0
    assert await counted(store, Lookup) == 0


async def test_each_act_changes_the_row_as_the_regulation_says(store: Store) -> None:
    (one,) = await store.register(person(1))
    issued = builders.issued(TODAY - timedelta(days=380), number="0123456789ABCDEF")
    await store.act(one, issued)
    row = await now(store, one)
    assert row["permit_number"] == "0123456789ABCDEF"
    assert row["valid_to"] == issued.valid_to.isoformat()
    assert row["issued_on"] == row["valid_from"] == issued.happened_on.isoformat()
    assert (row["issuing_office"], row["revision"]) == (OFFICE, 2)

    endorsement = Endorse(
        happened_on=issued.valid_to, valid_to=first_expiry(issued.valid_to), office=OFFICE
    )
    await store.act(one, endorsement)
    row = await now(store, one)
    assert row["valid_to"] == endorsement.valid_to.isoformat()
    assert row["clock_start"] == person(1).registration.registered_on.isoformat()

    move = Move(
        happened_on=TODAY - timedelta(days=50),
        reported_on=TODAY - timedelta(days=5),
        county="150430",
        township="150430100",
        address="赤峰市敖汉旗新惠镇",
        office="赤峰市敖汉旗测试派出所",
    )
    await store.act(one, move, Replace(happened_on=TODAY - timedelta(days=4), office=OFFICE))
    row = await now(store, one)
    assert (row["county"], row["township"]) == ("150430", "150430100")
    assert row["clock_start"] == move.reported_on.isoformat()

    end = Cancel(happened_on=TODAY, ground=CancelGround.LOCAL_HUKOU, office=OFFICE)
    await store.act(one, end, Close(happened_on=TODAY, office=OFFICE))
    row = await now(store, one)
    assert (row["cancelled_on"], row["cancel_ground"]) == (TODAY.isoformat(), "local_hukou")
    assert row["clock_start"] is None
    assert row["registered_on"] == person(1).registration.registered_on.isoformat()
    assert row["revision"] == 5
    assert await counted(store, Event) == 7
    assert await recomputed(store) == await stored_rows(store)


async def test_an_act_that_cannot_follow_leaves_everything_as_it_was(store: Store) -> None:
    (one,) = await store.register(active(1))
    before = await stored_rows(store)
    with pytest.raises(HistoryError):
        await store.act(one, builders.issued(TODAY))
    assert await stored_rows(store) == before
    assert await counted(store, Event) == 2


async def test_an_act_for_nobody_is_refused(store: Store) -> None:
    with pytest.raises(PersonUnknownError):
        await store.act(b"n" * 16)


async def test_a_permit_number_that_is_not_given_says_nothing(store: Store) -> None:
    one, other = await store.register(active(1), active(2))
    numbers = {(await now(store, person_id))["permit_number"] for person_id in (one, other)}
    assert len(numbers) == 2
    assert all(len(str(number)) == 16 for number in numbers)


async def test_a_case_opened_twice_is_one_case(store: Store) -> None:
    (one,) = await store.register(active(1))
    for _ in range(2):
        await store.database.write(
            lambda session: open_cases(session, store.ring, [(one, builders.case())])
        )
    assert await counted(store, Casefile) == 1
    await store.database.write(lambda session: open_cases(session, store.ring, []))
    wanted = PersonLoad(Access.PERSON, frozenset({Scope.OPEN_CASE}), frozenset())
    where = facts(
        division=builders.COUNTY, case_digest=case_digest(store.ring, builders.CASE_NUMBER)
    )
    assert await store.reads.one(wanted, one, where) is not None


def everybody() -> list[NewPerson]:
    makes = (
        person,
        builders.active,
        builders.suspended,
        builders.cancelled,
        builders.endorsed,
        builders.moved,
    )
    return [make(number) for number, make in enumerate(makes)]


async def test_the_read_model_is_what_its_sources_say(store: Store) -> None:
    await store.register(*everybody())
    assert await recomputed(store) == await stored_rows(store)


async def test_rebuilding_changes_nothing_that_is_right(store: Store) -> None:
    await store.register(*everybody())
    before = await stored_rows(store)
    heard: list[int] = []
    assert await rebuild_read_model(store.database, store.ring, CALENDAR, heard.append) == 0
    assert heard == [len(before)]
    assert await stored_rows(store) == before


async def test_rebuilding_repairs_what_was_altered_or_lost(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.rebuilding.BATCH", 2)
    ids = await store.register(*everybody())
    before = await stored_rows(store)
    table = table_of(PersonNow)
    await store.database.write(
        lambda session: session.execute(
            update(table).where(table.c.person == ids[0]).values(county="150430")
        )
    )
    await store.database.write(
        lambda session: session.execute(table.delete().where(table.c.person == ids[1]))
    )
    heard: list[int] = []
    assert await rebuild_read_model(store.database, store.ring, CALENDAR, heard.append) == 2
    assert heard == [2, 4, 6]
    assert await stored_rows(store) == before


def test_no_value_of_a_person_stands_in_a_repr() -> None:
    shown = repr(everybody()) + repr(builders.proof()) + repr(builders.case())
    given: Registration = person(0).registration
    for value in (given.name, given.id_number, given.phone, given.address, builders.CASE_NUMBER):
        assert value not in shown
