"""The index of names with birth dates: whom it finds, for whom, and what it says when altered."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import delete, select, update

from db.errors import RowTamperedError
from db.load import Access, Criteria, PersonLoad
from db.lookup import BY_NAME_BIRTH, retire
from db.models import FormerLookup, NameBirth, Person, table_of
from policies.permission import Scope
from regulation.person_name import match_key
from tests.builders import (
    CALENDAR,
    COUNTY,
    OTHER_COUNTY,
    Store,
    elsewhere,
    facts,
    opened,
    person,
    rebuild_read_model,
    registration,
)

OWN = PersonLoad(Access.LIST, frozenset({Scope.OWN_DIVISION}), frozenset())
ANYBODY = Criteria(
    equals=(), ranges=(), statuses=None, id_number=None, order=(), after=None, limit=11
)


@pytest.fixture
async def store(database_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(database_url, tmp_path) as found:
        yield found


async def found(
    store: Store, name: str, born: date, *, division: str = COUNTY, order: bool = False
) -> list[bytes]:
    """Whom a desk of a division finds."""
    criteria = replace(
        ANYBODY,
        named=store.ring.name_birth_tag(match_key(name), born.isoformat()),
        order=(("valid_to", False),) if order else (),
    )
    rows = await store.reads.page(OWN, criteria, facts(division=division))
    assert await store.reads.count(OWN, criteria, facts(division=division)) == len(rows)
    return [row.person for row in rows]


async def test_a_name_and_the_day_of_birth_find_all_who_share_them_and_nobody_else(
    store: Store,
) -> None:
    # Four sequences of one day, and one of the day after.
    registered = [replace(registration(number), name="测试·同名") for number in (0, 1, 3, 4)]
    ids = await store.register(*(person(registered=each) for each in registered), person(2))
    born = registered[0].birth_date
    assert sorted(await found(store, "测试同名", born)) == sorted(ids[:3])
    assert sorted(await found(store, "测试同名", born, order=True)) == sorted(ids[:3])
    assert await found(store, "测试同名", registered[3].birth_date) == [ids[3]]
    assert await found(store, "测试2", born) == [ids[4]]
    assert await found(store, "测试3", born) == []


@pytest.mark.parametrize(
    "written", ["阿拉坦·其其格", "阿拉坦．其其格", "阿拉坦其其格", " 阿拉坦・其其格"]
)
async def test_a_name_is_normalised_as_for_the_index_of_number_and_name(
    store: Store, written: str
) -> None:
    new = person(registered=replace(registration(), name="阿拉坦•其其格"))
    (one,) = await store.register(new)
    assert await found(store, written, new.registration.birth_date) == [one]


async def test_nobody_of_another_division_is_found(store: Store) -> None:
    (one,) = await store.register(elsewhere(person()))
    born = registration().birth_date
    assert await found(store, "测试0", born) == []
    assert await found(store, "测试0", born, division=OTHER_COUNTY) == [one]


async def test_whoever_is_found_by_nobody_any_more_is_not_found_by_name(store: Store) -> None:
    (one,) = await store.register(person())
    await store.database.write(lambda session: retire(session, store.ring, one))
    stored = await store.database.read(
        lambda session: session.scalars(
            select(FormerLookup.person).where(FormerLookup.index == BY_NAME_BIRTH)
        ).all()
    )
    assert list(stored) == [one]
    assert await store.database.read(lambda session: session.scalars(select(NameBirth)).all()) == []


async def test_a_row_that_was_pointed_at_another_person_is_refused(store: Store) -> None:
    one, other = await store.register(person(0), person(5))
    await store.database.write(
        lambda session: session.execute(delete(NameBirth).where(NameBirth.person == other))
    )
    await store.database.write(
        lambda session: session.execute(
            update(NameBirth).where(NameBirth.person == one).values(person=other)
        )
    )
    with pytest.raises(RowTamperedError):
        await found(store, "测试0", registration().birth_date)


async def test_a_row_that_was_taken_away_or_altered_is_computed_anew_by_a_rebuild(
    store: Store,
) -> None:
    one, other, third = await store.register(person(0), person(5), person(9))
    await store.database.write(
        lambda session: session.execute(delete(NameBirth).where(NameBirth.person == one))
    )
    await store.database.write(
        lambda session: session.execute(
            update(NameBirth).where(NameBirth.person == other).values(person=third)
        )
    )
    assert await rebuild_read_model(store.database, store.ring, CALENDAR, lambda _: None) == 3
    for number, who in ((0, one), (5, other), (9, third)):
        assert await found(store, f"测试{number}", registration(number).birth_date) == [who]
    assert await rebuild_read_model(store.database, store.ring, CALENDAR, lambda _: None) == 0


async def test_a_tag_is_of_64_bits_and_says_nothing_without_its_key(store: Store) -> None:
    await store.register(person())
    (row,) = await store.database.read(
        lambda session: session.execute(select(table_of(NameBirth))).all()
    )
    assert len(row.tag) * 8 == 64
    (held,) = await store.database.read(
        lambda session: session.scalars(select(Person.name_birth_tag)).all()
    )
    assert held == row.version.to_bytes(4) + row.tag
