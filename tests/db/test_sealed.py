"""Rows altered by hand are refused, and nothing opens without leave; on both databases."""

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from db.casefile import case_digest
from db.errors import RowTamperedError
from db.load import Access, PersonLoad
from db.models import (
    Base,
    Blob,
    Casefile,
    Event,
    Evidence,
    Lookup,
    Person,
    PersonNow,
    Residence,
    table_of,
)
from db.person_row import ROW_GROUPS
from db.reads import PersonRow
from db.sealed import DisclosureError, GroupNotLoadedError
from policies.permission import Scope
from tests import builders
from tests.builders import (
    CALENDAR,
    Store,
    active,
    disclosure,
    facts,
    id_number,
    moved,
    name_tag,
    opened,
    person,
    rebuild_read_model,
)

EVERY_GROUP = frozenset({*ROW_GROUPS, "evidence", "photo"})
LEAVE = disclosure(*EVERY_GROUP)
BY_ID = PersonLoad(Access.PERSON, frozenset({Scope.ALL}), EVERY_GROUP)
BY_NAME = PersonLoad(Access.ID_NAME, frozenset({Scope.PRESENTED}), frozenset())


@pytest.fixture
async def store(database_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(database_url, tmp_path) as found:
        yield found


async def row_of(store: Store, one: bytes) -> PersonRow:
    row = await store.reads.one(BY_ID, one, facts())
    assert row is not None
    return row


async def alter(store: Store, model: type[Base], key: bytes, **values: object) -> None:
    """Change columns by hand, as who runs the database could."""
    table = table_of(model)
    name = "id" if "id" in table.c else "person"
    await store.database.write(
        lambda session: session.execute(update(table).where(table.c[name] == key).values(**values))
    )


async def column(store: Store, model: type[Base], name: str, key: bytes) -> object:
    table = table_of(model)
    place = "id" if model is Person else "person"
    return await store.database.read(
        lambda session: session.scalar(select(table.c[name]).where(table.c[place] == key))
    )


async def test_each_group_opens_to_what_was_registered(store: Store) -> None:
    new = active(1)
    (one,) = await store.register(new)
    row = await row_of(store, one)
    given = new.registration
    assert store.vault.open(LEAVE, row, "core") == {
        "name": given.name,
        "idNumber": given.id_number,
        "sex": given.sex,
        "ethnicity": given.ethnicity,
        "birthDate": given.birth_date.isoformat(),
    }
    assert store.vault.open(LEAVE, row, "contact") == {
        "phone": given.phone,
        "workplace": given.workplace,
        "hukouAddress": given.hukou_address,
    }
    assert store.vault.open(LEAVE, row, "residence") == {"address": given.address}


@pytest.mark.parametrize("group", ROW_GROUPS)
async def test_a_group_outside_the_disclosure_stays_closed(store: Store, group: str) -> None:
    (one,) = await store.register(active(1))
    row = await row_of(store, one)
    with pytest.raises(DisclosureError, match="the plan must name it"):
        store.vault.open(disclosure(*(EVERY_GROUP - {group})), row, group)


async def test_evidence_and_photo_stay_closed_without_leave(store: Store) -> None:
    (one,) = await store.register(person(1, proofs=[builders.proof()], photo=b"photo"))
    row = await row_of(store, one)
    with pytest.raises(DisclosureError):
        await store.reads.evidence(disclosure("core"), [row])
    with pytest.raises(DisclosureError):
        await store.reads.photos(disclosure("core"), [row])


async def test_a_group_that_was_not_loaded_is_a_defect_and_no_empty_value(store: Store) -> None:
    (one,) = await store.register(active(1))
    row = await store.reads.one(replace(BY_ID, groups=frozenset()), one, facts())
    assert row is not None
    with pytest.raises(GroupNotLoadedError):
        store.vault.open(LEAVE, row, "core")


PLAIN: dict[str, object] = {
    "county": builders.OTHER_COUNTY,
    "township": builders.OTHER_TOWNSHIP,
    "revision": 7,
    "registered_on": "2020-01-01",
    "arrived_on": "2020-01-01",
    "reason": "就学",
    "late": 1,
    "clock_start": "2020-01-01",
    "hukou_county": "150404",
    "permit": b"p" * 16,
    "permit_number": "0000",
    "issued_on": "2020-01-01",
    "valid_from": "2020-01-01",
    "valid_to": "2099-01-01",
    "cancelled_on": "2020-01-01",
    "cancel_ground": "other",
    "issuing_office": "别处",
    "residence": b"r" * 16,
    "number_tag": b"n" * 20,
    "name_tag": b"n" * 20,
    "key_ref": 2,
    "generation": 2,
    "wrapped_key": b"J" * 84,
    "core_tag": b"t" * 16,
    "contact_tag": b"t" * 16,
    "residence_tag": b"t" * 16,
    "row_mac": b"\x00\x00\x00\x01" + b"m" * 32,
}


async def test_every_plain_column_of_the_read_model_is_under_the_mac(store: Store) -> None:
    sealed = {"core_sealed", "contact_sealed", "residence_sealed"}
    assert {c.name for c in table_of(PersonNow).columns} == PLAIN.keys() | sealed | {"person"}
    (one,) = await store.register(active(1))
    for name, value in PLAIN.items():
        before = await column(store, PersonNow, name, one)
        await alter(store, PersonNow, one, **{name: value})
        with pytest.raises(RowTamperedError) as caught:
            await store.reads.one(BY_ID, one, facts())
        assert str(value) not in str(caught.value)
        await alter(store, PersonNow, one, **{name: before})
    assert await row_of(store, one)


async def test_a_row_in_another_persons_place_is_refused(store: Store) -> None:
    one, other = await store.register(active(1), active(2))
    await alter(store, PersonNow, one, person=b"x" * 16)
    await alter(store, PersonNow, other, person=one)
    with pytest.raises(RowTamperedError):
        await store.reads.one(BY_ID, one, facts())


@pytest.mark.parametrize("group", ROW_GROUPS)
async def test_sealed_bytes_of_another_person_are_refused(store: Store, group: str) -> None:
    one, other = await store.register(active(1), active(2))
    foreign = await column(store, PersonNow, f"{group}_sealed", other)
    await alter(store, PersonNow, one, **{f"{group}_sealed": foreign})
    row = await row_of(store, one)
    with pytest.raises(RowTamperedError):
        store.vault.open(LEAVE, row, group)


async def test_sealed_bytes_swapped_within_a_person_are_refused(store: Store) -> None:
    (one,) = await store.register(active(1))
    core = await column(store, PersonNow, "core_sealed", one)
    contact = await column(store, PersonNow, "contact_sealed", one)
    await alter(store, PersonNow, one, core_sealed=contact, contact_sealed=core)
    row = await row_of(store, one)
    for group in ("core", "contact"):
        with pytest.raises(RowTamperedError):
            store.vault.open(LEAVE, row, group)


async def test_every_byte_of_a_sealed_group_counts(store: Store) -> None:
    (one,) = await store.register(active(1))
    row = await row_of(store, one)
    sealed = row.sealed("core")
    assert sealed is not None
    place = row.values.index(sealed)
    for position in range(len(sealed)):
        bent = bytearray(sealed)
        bent[position] ^= 1
        values = (*row.values[:place], bytes(bent), *row.values[place + 1 :])
        with pytest.raises(RowTamperedError):
            store.vault.open(LEAVE, PersonRow(values, ROW_GROUPS), "core")
    for length in range(len(sealed)):
        values = (*row.values[:place], sealed[:length], *row.values[place + 1 :])
        with pytest.raises(RowTamperedError):
            store.vault.open(LEAVE, PersonRow(values, ROW_GROUPS), "core")


async def test_a_case_slipped_in_by_hand_opens_nothing(store: Store) -> None:
    one, other = await store.register(active(1), replace(active(2), cases=(builders.case(),)))
    table = table_of(Casefile)
    row = await store.database.read(
        lambda session: dict(session.execute(select(table)).mappings().one())
    )
    assert row["person"] == other
    forged = row | {"id": b"f" * 16, "person": one}
    await store.database.write(lambda session: session.execute(insert(table), [forged]))
    wanted = PersonLoad(Access.PERSON, frozenset({Scope.OPEN_CASE}), frozenset())
    digest = case_digest(store.ring, builders.CASE_NUMBER)
    where = facts(division=builders.COUNTY, case_digest=digest)
    assert await store.reads.one(wanted, other, where) is not None
    with pytest.raises(RowTamperedError):
        await store.reads.one(wanted, one, where)


async def test_altered_rows_that_hang_on_a_person_are_refused(store: Store) -> None:
    photo = b"\x89PNG" * 40_000
    (one,) = await store.register(
        replace(moved(1), proofs=(builders.proof(), builders.proof()), photo=photo)
    )
    row = await row_of(store, one)
    assert await store.reads.photos(LEAVE, [row]) == {one: photo}
    residence, evidence, blob = table_of(Residence), table_of(Evidence), table_of(Blob)

    async def run(statement: object) -> None:
        await store.database.write(lambda session: session.execute(statement))  # type: ignore[call-overload]  # any statement

    await run(update(residence).values(lived_from="2020-01-01"))
    with pytest.raises(RowTamperedError):
        await store.reads.address_periods(LEAVE, [row])
    first = await column(store, Evidence, "evidence", one)
    await run(update(evidence).values(evidence=first))
    with pytest.raises(RowTamperedError):
        await store.reads.evidence(LEAVE, [row])
    await run(blob.delete().where(blob.c.chunk == 1))
    with pytest.raises(RowTamperedError):
        await store.reads.photos(LEAVE, [row])


PHOTO = bytes(range(256)) * 600
"""Three chunks."""


async def photo_of(store: Store, one: bytes) -> bytes | None:
    return (await store.reads.photos(LEAVE, [await row_of(store, one)])).get(one)


async def chunks_of(store: Store, one: bytes) -> list[dict[str, object]]:
    """A person's chunks as they are stored, in order."""
    blob = table_of(Blob)
    return await store.database.read(
        lambda session: [
            dict(row)
            for row in session.execute(
                select(blob).where(blob.c.person == one).order_by(blob.c.chunk)
            ).mappings()
        ]
    )


async def replace_chunks(store: Store, one: bytes, rows: list[dict[str, object]]) -> None:
    blob = table_of(Blob)
    await store.database.write(
        lambda session: session.execute(blob.delete().where(blob.c.person == one))
    )
    if rows:
        await store.database.write(lambda session: session.execute(insert(blob), rows))


Chunks = list[dict[str, object]]
CHUNKS_BY_HAND: dict[str, Callable[[Chunks, Chunks], Chunks]] = {
    "all taken away": lambda _own, _other: [],
    "the first taken away": lambda own, _other: own[1:],
    "one in the middle taken away": lambda own, _other: [own[0], own[2]],
    "the last taken away": lambda own, _other: own[:-1],
    "two exchanged": lambda own, _other: [
        own[0] | {"sealed": own[1]["sealed"]},
        own[1] | {"sealed": own[0]["sealed"]},
        own[2],
    ],
    "one twice": lambda own, _other: [*own, own[2] | {"chunk": 3}],
    "one of another person's": lambda own, other: [
        own[0] | {"sealed": other[0]["sealed"]},
        *own[1:],
    ],
    "the whole photo of another person": lambda own, other: [
        row | {"person": own[0]["person"]} for row in other
    ],
    "another blob beside it": lambda own, _other: [*own, own[0] | {"id": b"b" * 16}],
    "another blob instead of it": lambda own, _other: [row | {"id": b"b" * 16} for row in own],
    "one bit": lambda own, _other: [own[0] | {"sealed": bent(own[0]["sealed"])}, *own[1:]],
}


def bent(sealed: object) -> bytes:
    assert isinstance(sealed, bytes)
    return bytes([*sealed[:-1], sealed[-1] ^ 1])


@pytest.mark.parametrize("alter", CHUNKS_BY_HAND.values(), ids=list(CHUNKS_BY_HAND))
async def test_a_photo_altered_by_hand_is_refused(
    store: Store, alter: Callable[[Chunks, Chunks], Chunks]
) -> None:
    own, other = await store.register(person(1, photo=PHOTO), person(2, photo=PHOTO[::-1]))
    assert await photo_of(store, own) == PHOTO
    others = await chunks_of(store, other)
    await replace_chunks(store, other, [])
    await replace_chunks(store, own, alter(await chunks_of(store, own), others))
    with pytest.raises(RowTamperedError):
        await photo_of(store, own)


async def test_a_photo_given_by_hand_to_a_person_without_one_is_refused(store: Store) -> None:
    one, other = await store.register(person(1), person(2, photo=PHOTO))
    assert await photo_of(store, one) is None
    given = [row | {"person": one} for row in await chunks_of(store, other)]
    await replace_chunks(store, other, [])
    await replace_chunks(store, one, given)
    with pytest.raises(RowTamperedError):
        await photo_of(store, one)


@pytest.mark.parametrize("named", [None, b"b" * 16])
async def test_a_person_whose_row_names_another_photo_by_hand_is_refused(
    store: Store, named: bytes | None
) -> None:
    (one,) = await store.register(person(1, photo=PHOTO))
    row = await row_of(store, one)
    await alter(store, Person, one, photo=named)
    with pytest.raises(RowTamperedError):
        await store.reads.photos(LEAVE, [row])


async def test_a_person_taken_away_from_the_sources_has_no_photo_to_show(store: Store) -> None:
    (one,) = await store.register(person(1, photo=PHOTO))
    row = await row_of(store, one)
    table = table_of(Person)
    await store.database.write(lambda session: session.execute(table.delete()))
    with pytest.raises(RowTamperedError):
        await store.reads.photos(LEAVE, [row])


async def test_a_photo_stays_a_persons_own_through_later_acts(store: Store) -> None:
    (one,) = await store.register(person(1, photo=PHOTO))
    await store.act(one, builders.issued(builders.TODAY))
    assert await photo_of(store, one) == PHOTO


@pytest.mark.parametrize(
    ("model", "values"),
    [
        (Person, {"hukou_county": "150404"}),
        (Person, {"events": 1}),
        (Residence, {"county": builders.OTHER_COUNTY}),
        (Event, {"valid_to": "2099-01-01"}),
        (Event, {"reported_on": "2010-01-01"}),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "+".join(value),
)
async def test_an_altered_source_is_never_signed_into_the_read_model(
    store: Store, model: type[Base], values: dict[str, object]
) -> None:
    (one,) = await store.register(active(1))
    await store.database.write(
        lambda session: session.execute(update(table_of(model)).values(**values))
    )
    with pytest.raises(RowTamperedError):
        await rebuild_read_model(store.database, store.ring, CALENDAR, lambda _: None)
    with pytest.raises(RowTamperedError):
        await store.act(one)


@pytest.mark.parametrize("model", [Event, Residence], ids=["event", "residence"])
async def test_a_source_taken_away_is_missed(store: Store, model: type[Base]) -> None:
    (one,) = await store.register(moved(1))
    table = table_of(model)
    last = table.c.sequence == 3 if model is Event else table.c.changed_on.is_(None)
    await store.database.write(lambda session: session.execute(table.delete().where(last)))
    with pytest.raises(RowTamperedError):
        await store.act(one)


async def test_a_tag_that_was_pointed_at_another_person_finds_nobody(store: Store) -> None:
    lapsed, holder = await store.register(active(1), active(2))
    tag = name_tag(store.ring, active(1))
    await store.database.write(
        lambda session: session.execute(
            update(Lookup).where(Lookup.tag == tag.value).values(person=holder)
        )
    )
    assert lapsed != holder
    with pytest.raises(RowTamperedError):
        await store.reads.one(BY_NAME, tag, facts())
    with pytest.raises(RowTamperedError):
        await store.reads.many(BY_NAME, [tag], facts())


async def test_an_id_number_that_was_pointed_at_another_person_finds_nobody(store: Store) -> None:
    _, holder = await store.register(active(1), active(2))
    tag = store.ring.id_number_tag(id_number(1))
    await store.database.write(
        lambda session: session.execute(
            update(Lookup).where(Lookup.tag == tag.value).values(person=holder)
        )
    )
    with pytest.raises(RowTamperedError):
        await store.reads.person_of(tag, facts())
