"""Reading persons: by key, by scope, in pages; on both databases."""

import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise, product
from pathlib import Path

import pytest

from db.casefile import case_digest
from db.database import Prepared
from db.facts import NewPerson
from db.load import Access, Criteria, PersonLoad, ScopeFacts
from db.reads import PERSON_COLUMNS, PersonRow
from db.statements import many_statement, one_statement, page_statement, shape_of
from policies.permission import Scope
from regulation.permit import PermitStatus, PermitValidity, status
from tests import builders
from tests.builders import (
    CASE_NUMBER,
    COUNTY,
    OTHER_COUNTY,
    OTHER_TOWNSHIP,
    TODAY,
    TOWNSHIP,
    Store,
    active,
    cancelled,
    elsewhere,
    endorsed,
    facts,
    moved,
    name_tag,
    opened,
    person,
    suspended,
)

NO_GROUPS: frozenset[str] = frozenset()
ANYBODY = Criteria(
    equals=(), ranges=(), statuses=None, id_number=None, order=(), after=None, limit=100
)


@pytest.fixture
async def store(database_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(database_url, tmp_path) as found:
        yield found


def load(
    *scopes: Scope, access: Access = Access.ID_NAME, groups: frozenset[str] = NO_GROUPS
) -> PersonLoad:
    return PersonLoad(access, frozenset(scopes), groups)


def column(row: PersonRow, name: str) -> str | int | bytes | None:
    return row.values[PERSON_COLUMNS.index(name)]


# --- by key --------------------------------------------------------------------------------------


async def test_the_presented_person_is_found_by_number_and_name(store: Store) -> None:
    (someone,) = await store.register(active(1))
    row = await store.reads.one(load(Scope.PRESENTED), name_tag(store.ring, active(1)), facts())
    assert row is not None
    assert row.person == someone
    assert column(row, "county") == COUNTY
    assert column(row, "valid_from") == builders.ISSUED_ACTIVE.isoformat()
    assert row.sealed("core") is None
    assert repr(row) == "PersonRow(redacted)"


async def test_another_name_with_the_number_finds_nobody(store: Store) -> None:
    await store.register(active(1))
    other = replace(active(1).registration, name="测试二")
    tag = name_tag(store.ring, NewPerson(registration=other))
    assert await store.reads.one(load(Scope.PRESENTED), tag, facts()) is None


@pytest.mark.parametrize(
    "access", [Access.ID_NUMBER, Access.PERSON, Access.PERMIT_NUMBER, Access.PERMIT]
)
async def test_a_person_is_found_by_each_other_key(store: Store, access: Access) -> None:
    (someone, _) = await store.register(active(1), active(2))
    everyone = load(Scope.ALL, access=Access.PERSON)
    row = await store.reads.one(everyone, someone, facts())
    assert row is not None
    keys = {
        Access.ID_NUMBER: store.ring.id_number_tag(builders.id_number(1)),
        Access.PERSON: someone,
        Access.PERMIT_NUMBER: column(row, "permit_number"),
        Access.PERMIT: column(row, "permit"),
    }
    found = await store.reads.one(load(Scope.ALL, access=access), keys[access], facts())  # type: ignore[arg-type]  # a row's columns are wider
    assert found is not None
    assert found.person == someone
    assert await store.reads.one(load(Scope.ALL, access=Access.PERSON), b"0" * 16, facts()) is None


@pytest.mark.parametrize(
    "access",
    [Access.ID_NAME, Access.ID_NUMBER, Access.PERSON, Access.PERMIT_NUMBER, Access.PERMIT],
)
async def test_a_look_up_by_key_never_walks_a_table(
    sqlite_url: str, tmp_path: Path, access: Access
) -> None:
    # It runs on the event loop's own thread: a walk would hold up every other request.
    async with opened(sqlite_url, tmp_path) as store:
        shape = shape_of(load(Scope.ALL, access=access), facts())
        assert shape is not None
        asked = store.database.prepare(one_statement(shape))
        values = dict.fromkeys(asked.names)
        explain = Prepared(f"EXPLAIN QUERY PLAN {asked.sql}", asked.names)
        steps = [str(step) for *_, step in await store.database.fetch(explain, values)]
        assert steps
        assert not [step for step in steps if step.startswith("SCAN")]


SCOPES = [
    (Scope.PRESENTED,),
    (Scope.PRESENTED, Scope.ACTIVE_HOLDERS),
    (Scope.PRESENTED, Scope.OWN_DIVISION),
    (Scope.PRESENTED, Scope.OWN_DIVISION, Scope.ACTIVE_HOLDERS),
]


@pytest.mark.parametrize("persons", [1000, 5000, 200_000])
@pytest.mark.parametrize("scopes", SCOPES, ids=" ".join)
async def test_a_look_up_of_many_begins_at_their_tags_whatever_the_size_of_the_city(
    sqlite_url: str, tmp_path: Path, scopes: tuple[Scope, ...], persons: int
) -> None:
    # Begun at the permits that are valid, it would look for each tag under each of them.
    async with opened(sqlite_url, tmp_path) as store:
        shape = shape_of(load(*scopes), facts(division=COUNTY))
        assert shape is not None
        asked = store.database.prepare(many_statement(shape, 1024))
        tables = Prepared(
            "SELECT sql FROM sqlite_master WHERE tbl_name IN ('person_now', 'lookup') AND sql > ''",
            (),
        )
        made = [str(sql) for (sql,) in await store.database.fetch(tables, {})]
    with closing(sqlite3.connect(":memory:")) as city:
        for sql in sorted(made, key=lambda sql: not sql.startswith("CREATE TABLE")):
            city.execute(sql)
        city.execute("ANALYZE")
        indexes = "SELECT tbl_name, name FROM sqlite_master WHERE type = 'index'"
        for table, index in city.execute(indexes).fetchall():
            counts = f"{persons} {persons // 12} 3 1 1" if "county" in index else f"{persons} 2 1 1"
            city.execute("INSERT INTO sqlite_stat1 VALUES (?, ?, ?)", (table, index, counts))
        city.execute(
            "INSERT INTO sqlite_stat1 VALUES ('lookup', 'lookup', ?)",
            (f"{2 * persons} {persons} {persons} 1",),
        )
        city.execute("ANALYZE sqlite_master")
        explained = city.execute(f"EXPLAIN QUERY PLAN {asked.sql}", [None] * len(asked.names))
        assert [step.split(" USING ")[0] for *_, step in explained] == [
            "SEARCH lookup",
            "SEARCH person_now",
        ]


async def test_the_id_behind_a_number_is_found_whatever_the_scope(store: Store) -> None:
    (someone,) = await store.register(person(1))
    assert (
        await store.reads.person_of(store.ring.id_number_tag(builders.id_number(1)), facts())
        == someone
    )
    assert (
        await store.reads.person_of(store.ring.id_number_tag(builders.id_number(2)), facts())
        is None
    )


async def test_sealed_groups_come_only_when_asked_for(store: Store) -> None:
    await store.register(active(1))
    tag = name_tag(store.ring, active(1))
    groups = frozenset({"core", "residence"})
    row = await store.reads.one(load(Scope.ALL, groups=groups), tag, facts())
    assert row is not None
    assert row.sealed("core")
    assert row.sealed("residence")
    assert row.sealed("contact") is None


# --- many ----------------------------------------------------------------------------------------


async def test_many_finds_those_whom_one_would_find(store: Store) -> None:
    people = [active(1), suspended(2), cancelled(3), person(4), endorsed(5)]
    ids = await store.register(*people)
    tags = [name_tag(store.ring, someone) for someone in people]
    absent = [name_tag(store.ring, person(number)) for number in range(100, 103)]
    wanted = load(Scope.PRESENTED, Scope.ACTIVE_HOLDERS)
    found = await store.reads.many(wanted, [*tags, *absent, tags[0]], facts())
    assert {tag: row.person for tag, row in found.items()} == {tags[0]: ids[0], tags[4]: ids[4]}
    everyone = await store.reads.many(load(Scope.ALL), [*tags, *absent], facts())
    assert [everyone[tag].person for tag in tags] == ids
    assert await store.reads.many(wanted, [], facts()) == {}


async def test_a_thousand_are_found_at_once_and_five_thousand_too(store: Store) -> None:
    people = [active(number) for number in range(40)]
    await store.register(*people)
    tags = [name_tag(store.ring, someone) for someone in people]
    for size in (1000, 5000):
        absent = [store.ring.id_number_tag(builders.id_number(n)) for n in range(size - 40)]
        found = await store.reads.many(load(Scope.PRESENTED), [*absent, *tags], facts())
        assert set(found) == set(tags)


# --- scopes --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "scopes",
    [
        (),
        (Scope.NONE,),
        (Scope.SELF,),
        (Scope.OWN_SUBMISSION,),
        (Scope.ALL, Scope.NONE),
        (Scope.OWN_DIVISION,),
        (Scope.OPEN_CASE,),
    ],
    ids=lambda scopes: "+".join(scopes) or "no scope",
)
async def test_a_scope_that_reaches_nothing_finds_nobody(
    store: Store, scopes: tuple[Scope, ...]
) -> None:
    await store.register(active(1))
    tag = name_tag(store.ring, active(1))
    assert await store.reads.one(load(*scopes), tag, facts()) is None
    assert await store.reads.many(load(*scopes), [tag], facts()) == {}
    listing = load(*scopes, access=Access.LIST)
    assert await store.reads.page(listing, ANYBODY, facts()) == []
    assert await store.reads.count(listing, ANYBODY, facts()) == 0


async def test_who_is_presented_is_found_by_number_and_name_only(store: Store) -> None:
    (someone,) = await store.register(active(1))
    for access in set(Access) - {Access.ID_NAME}:
        wanted = load(Scope.PRESENTED, access=access)
        key = (
            store.ring.id_number_tag(builders.id_number(1))
            if access is Access.ID_NUMBER
            else someone
        )
        assert await store.reads.one(wanted, key, facts()) is None
    assert await store.reads.page(load(Scope.PRESENTED, access=Access.LIST), ANYBODY, facts()) == []


async def test_an_active_holder_is_one_on_both_limits_of_the_permit_and_not_beyond(
    store: Store,
) -> None:
    await store.register(active(1))
    tag = name_tag(store.ring, active(1))
    first = builders.ISSUED_ACTIVE
    last = builders.issued(first).valid_to
    day = timedelta(days=1)
    for moment, expected in (
        (first - day, False),
        (first, True),
        (last, True),
        (last + day, False),
    ):
        row = await store.reads.one(load(Scope.ACTIVE_HOLDERS), tag, facts(day=moment))
        assert (row is not None) is expected, moment


async def test_a_cancelled_permit_is_active_until_the_day_before(store: Store) -> None:
    await store.register(cancelled(1))
    tag = name_tag(store.ring, cancelled(1))
    cancelled_on = TODAY - timedelta(days=10)
    for moment, expected in ((cancelled_on - timedelta(days=1), True), (cancelled_on, False)):
        row = await store.reads.one(load(Scope.ACTIVE_HOLDERS), tag, facts(day=moment))
        assert (row is not None) is expected, moment


@pytest.mark.parametrize(
    ("division", "found"),
    [
        (COUNTY, True),
        (TOWNSHIP, True),
        (OTHER_COUNTY, False),
        ("150402002", False),
        ("1504", False),
    ],
)
async def test_an_office_reaches_its_own_division(
    store: Store, division: str, *, found: bool
) -> None:
    await store.register(active(1))
    tag = name_tag(store.ring, active(1))
    row = await store.reads.one(load(Scope.OWN_DIVISION), tag, facts(division=division))
    assert (row is not None) is found


async def test_who_moved_is_reached_by_the_new_office_alone(store: Store) -> None:
    await store.register(moved(1))
    tag = name_tag(store.ring, moved(1))
    for division, expected in (
        (COUNTY, False),
        (TOWNSHIP, False),
        (OTHER_COUNTY, True),
        (OTHER_TOWNSHIP, True),
    ):
        row = await store.reads.one(load(Scope.OWN_DIVISION), tag, facts(division=division))
        assert (row is not None) is expected, division


def with_case(
    store: Store, *, day: date = TODAY, division: str = COUNTY, number: str = CASE_NUMBER
) -> ScopeFacts:
    return facts(day=day, division=division, case_digest=case_digest(store.ring, number))


async def test_an_open_case_opens_its_person_to_its_division_while_it_is_open(store: Store) -> None:
    closes = TODAY + timedelta(days=5)
    someone = replace(active(1), cases=(builders.case(closed_on=closes),))
    await store.register(someone, active(2))
    tag = name_tag(store.ring, someone)
    wanted = load(Scope.OPEN_CASE)
    opens, day = TODAY - timedelta(days=10), timedelta(days=1)
    for moment, expected in (
        (opens - day, False),
        (opens, True),
        (closes - day, True),
        (closes, False),
    ):
        row = await store.reads.one(wanted, tag, with_case(store, day=moment))
        assert (row is not None) is expected, moment
    assert await store.reads.one(wanted, tag, with_case(store, number="别的案号")) is None
    assert await store.reads.one(wanted, tag, with_case(store, division=OTHER_COUNTY)) is None
    assert await store.reads.one(wanted, name_tag(store.ring, active(2)), with_case(store)) is None
    listing = load(Scope.OPEN_CASE, access=Access.LIST)
    assert len(await store.reads.page(listing, ANYBODY, with_case(store))) == 1
    assert await store.reads.count(listing, ANYBODY, with_case(store)) == 1
    assert set(await store.reads.many(wanted, [tag], with_case(store))) == {tag}


async def test_all_scopes_must_hold(store: Store) -> None:
    someone = replace(elsewhere(active(1)), cases=(builders.case(kind="move"),))
    await store.register(someone)
    tag = name_tag(store.ring, someone)
    assert await store.reads.one(load(Scope.OPEN_CASE), tag, with_case(store)) is not None
    both = load(Scope.OPEN_CASE, Scope.OWN_DIVISION)
    assert await store.reads.one(both, tag, with_case(store)) is None


# --- pages ---------------------------------------------------------------------------------------


async def population(store: Store) -> list[bytes]:
    people: list[NewPerson] = []
    for number in range(30):
        make = (active, suspended, cancelled, person, endorsed, moved)[number % 6]
        new = make(number)
        shifted = replace(
            new.registration,
            registered_on=new.registration.registered_on + timedelta(days=number % 4),
        )
        people.append(replace(new, registration=shifted))
    return await store.register(*people)


def sort_key(row: PersonRow, order: tuple[tuple[str, bool], ...]) -> list[tuple[object, ...]]:
    """Nulls last in both directions; descending dates by their distance from the end of time."""
    key: list[tuple[object, ...]] = []
    for name, descending in order:
        value = column(row, name)
        if value is None:
            key.append((1, 0))
        else:
            days = date.fromisoformat(str(value)).toordinal()
            key.append((0, -days if descending else days))
    return [*key, (row.person,)]


ORDERS: list[tuple[tuple[str, bool], ...]] = [
    (),
    *(((name, way),) for name, way in product(("registered_on", "valid_to"), (False, True))),
    *(
        (("valid_to", one), ("registered_on", other))
        for one, other in product((False, True), repeat=2)
    ),
    (("registered_on", True), ("valid_to", False)),
]


async def test_pages_of_every_size_hold_every_row_once_in_order(store: Store) -> None:
    everyone = await population(store)
    wanted = load(Scope.ALL, access=Access.LIST)
    for order, limit in product(ORDERS, (1, 7, 30)):
        rows: list[PersonRow] = []
        criteria = replace(ANYBODY, order=order, limit=limit)
        while page := await store.reads.page(wanted, criteria, facts()):
            assert len(page) <= limit
            rows += page
            last = page[-1]
            after = (*(column(last, name) for name, _ in order), last.person)
            criteria = replace(criteria, after=after)  # type: ignore[arg-type]  # a row's columns are wider
        assert sorted(row.person for row in rows) == sorted(everyone)
        keys = [sort_key(row, order) for row in rows]
        assert all(one < other for one, other in pairwise(keys)), order


@pytest.mark.parametrize("states", [(one,) for one in PermitStatus] + [tuple(PermitStatus), ()])
async def test_a_status_filter_is_what_the_regulation_says(
    store: Store, states: tuple[PermitStatus, ...]
) -> None:
    await population(store)
    wanted = load(Scope.ALL, access=Access.LIST)
    rows = await store.reads.page(wanted, ANYBODY, facts())
    days = {TODAY, builders.ISSUED_ACTIVE, builders.ISSUED_LAPSED - timedelta(days=1)}
    days |= {TODAY - timedelta(days=10), builders.issued(builders.ISSUED_ACTIVE).valid_to}
    for day in days:
        expected = {row.person for row in rows if validity_status(row, day) in states}
        criteria = replace(ANYBODY, statuses=frozenset(states))
        found = await store.reads.page(wanted, criteria, facts(day=day))
        assert {row.person for row in found} == expected
        assert await store.reads.count(wanted, criteria, facts(day=day)) == len(expected)


@pytest.mark.parametrize(
    "states",
    [
        {PermitStatus.ACTIVE},
        {PermitStatus.ACTIVE, PermitStatus.SUSPENDED},
        {PermitStatus.SUSPENDED},
        {PermitStatus.CANCELLED},
        set(PermitStatus),
    ],
    ids=lambda states: " ".join(sorted(states)),
)
@pytest.mark.parametrize("descending", [False, True])
async def test_a_list_of_permits_by_their_end_begins_at_the_first_permit_of_the_index(
    sqlite_url: str, tmp_path: Path, states: set[PermitStatus], *, descending: bool
) -> None:
    # Half of a county may have no permit: to pass over each of them would read its row.
    async with opened(sqlite_url, tmp_path) as store:
        await population(store)
        shape = shape_of(load(Scope.OWN_DIVISION, access=Access.LIST), facts(division=COUNTY))
        assert shape is not None
        order = (("valid_to", descending),)
        criteria = replace(ANYBODY, statuses=frozenset(states), order=order)
        asked = store.database.prepare(page_statement(shape, criteria))
        explain = Prepared(f"EXPLAIN QUERY PLAN {asked.sql}", asked.names)
        steps = await store.database.fetch(explain, dict.fromkeys(asked.names))
        (search, *others) = [str(step) for *_, step in steps]
        assert "ix_person_now_county_valid_to_person (county=? AND valid_to" in search
        assert others == ["USE TEMP B-TREE FOR RIGHT PART OF ORDER BY"] * descending


def validity_status(row: PersonRow, day: date) -> PermitStatus | None:
    dates = [column(row, name) for name in ("valid_from", "valid_to", "cancelled_on")]
    if dates[0] is None:
        return None
    first, last, end = (
        None if value is None else date.fromisoformat(str(value)) for value in dates
    )
    assert first is not None
    assert last is not None
    return status(PermitValidity(valid_from=first, valid_to=last, cancelled_on=end), day)


async def test_filters_take_divisions_ranges_and_the_number(store: Store) -> None:
    await population(store)
    wanted = load(Scope.ALL, access=Access.LIST)

    async def found(criteria: Criteria) -> list[PersonRow]:
        rows = await store.reads.page(wanted, criteria, facts())
        assert await store.reads.count(wanted, criteria, facts()) == len(rows)
        return rows

    assert len(await found(replace(ANYBODY, equals=(("county", OTHER_COUNTY),)))) == 5
    assert len(await found(replace(ANYBODY, equals=(("township", TOWNSHIP),)))) == 25
    both = (("county", OTHER_COUNTY), ("township", TOWNSHIP))
    assert await found(replace(ANYBODY, equals=both)) == []
    number = store.ring.id_number_tag(builders.id_number(3))
    (row,) = await found(replace(ANYBODY, id_number=number))
    assert row.person == await store.reads.person_of(number, facts())
    unknown = store.ring.id_number_tag(builders.id_number(99))
    assert await found(replace(ANYBODY, id_number=unknown)) == []
    day = (TODAY - timedelta(days=729)).isoformat()
    for low, high in ((day, day), (day, None), (None, day)):
        rows = await found(replace(ANYBODY, ranges=(("registered_on", low, high),)))
        assert rows
        assert all(
            (low or "") <= str(column(row, "registered_on")) <= (high or "9") for row in rows
        )
    rows = await found(replace(ANYBODY, ranges=(("valid_to", "2000-01-01", None),)))
    assert len(rows) == 25


async def test_a_desk_lists_its_own_division_alone(store: Store) -> None:
    await population(store)
    wanted = load(Scope.OWN_DIVISION, access=Access.LIST)
    rows = await store.reads.page(wanted, ANYBODY, facts(division=OTHER_TOWNSHIP))
    assert {column(row, "township") for row in rows} == {OTHER_TOWNSHIP}
    assert await store.reads.count(wanted, ANYBODY, facts(division=OTHER_TOWNSHIP)) == 5


# --- rows that hang on a person ------------------------------------------------------------------


async def test_periods_evidence_and_photo_come_with_their_persons(store: Store) -> None:
    photo = bytes(range(256)) * 600
    first = replace(moved(1), proofs=(builders.proof(),), photo=photo)
    ids = await store.register(first, person(2), active(3))
    wanted = load(Scope.ALL, access=Access.PERSON)
    rows = [await store.reads.one(wanted, one, facts()) for one in ids]
    people = [row for row in rows if row is not None]
    leave = builders.disclosure("residence", "evidence", "photo")
    periods = await store.reads.address_periods(leave, people)
    day = (TODAY - timedelta(days=50)).isoformat()
    arrived = first.registration.arrived_on.isoformat()
    assert periods[ids[0]] == [
        {
            "county": OTHER_COUNTY,
            "township": OTHER_TOWNSHIP,
            "address": "赤峰市敖汉旗新惠镇测试小区1号",
            "from": day,
            "changedOn": None,
        },
        {
            "county": COUNTY,
            "township": TOWNSHIP,
            "address": first.registration.address,
            "from": arrived,
            "changedOn": day,
        },
    ]
    assert [len(periods[one]) for one in ids] == [2, 1, 1]
    proofs = await store.reads.evidence(leave, people)
    assert proofs == {
        ids[0]: [
            {
                "condition": "employment",
                "kind": "labour-contract",
                "issuer": "测试商贸有限公司",
                "presentedOn": builders.ISSUED_ACTIVE.isoformat(),
            }
        ]
    }
    assert await store.reads.photos(leave, people) == {ids[0]: photo}
    assert await store.reads.photos(leave, []) == {}


async def test_periods_without_leave_for_addresses_say_when_and_not_where(store: Store) -> None:
    (someone,) = await store.register(moved(1))
    row = await store.reads.one(load(Scope.ALL, access=Access.PERSON), someone, facts())
    assert row is not None
    periods = await store.reads.address_periods(builders.disclosure(), [row])
    assert [period["address"] for period in periods[someone]] == [None, None]
