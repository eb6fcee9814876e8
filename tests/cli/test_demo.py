"""The synthetic city: whom it holds, that it always comes out the same, and that it loads."""

import struct
import zlib
from collections import Counter
from datetime import date, timedelta
from itertools import islice
from pathlib import Path

import pytest

from cli.demo import (
    DEMO_CASE,
    DEMO_DIVISION,
    DEMO_HOLDER_NAME,
    DEMO_HOLDER_NUMBER,
    DEMO_LAPSED_NAME,
    DEMO_LAPSED_NUMBER,
    demo_city,
    load_demo_city,
)
from db.casefile import case_digest
from db.facts import Close, Issue, Move, NewPerson
from db.load import Access, PersonLoad
from keys.ring import KeyRing, Tag
from policies.permission import Scope
from regulation import divisions, history
from regulation.id_number import parse_id_number
from regulation.permit import CancelGround, PermitStatus, grace_ends, status, window_opens
from regulation.person_name import match_key
from regulation.residence import HALF_A_YEAR, continuous_at_least
from tests.builders import CALENDAR, TODAY, facts, opened, rebuild_read_model

DAYS = [TODAY, date(2024, 2, 29), date(2027, 1, 1)]


def city(size: int, *, day: date = TODAY, seed: int = 1504) -> list[NewPerson]:
    return list(islice(demo_city(seed, today=day), size))


def stands(new: NewPerson, upto: int | None = None) -> history.Standing:
    given = new.registration
    events: list[history.Event] = [
        history.Registered(
            happened_on=given.arrived_on,
            reported_on=given.registered_on,
            division=given.township,
        )
    ]
    for act in new.acts[:upto]:
        day = act.happened_on
        match act:
            case Move():
                events.append(
                    history.Moved(
                        happened_on=day, reported_on=act.reported_on, division=act.township
                    )
                )
            case Issue():
                events.append(history.PermitIssued(happened_on=day, valid_to=act.valid_to))
            case Close():
                events.append(history.RegistrationClosed(happened_on=day))
            case _ if hasattr(act, "valid_to"):
                events.append(history.Endorsed(happened_on=day, valid_to=act.valid_to))
            case _ if hasattr(act, "ground"):
                events.append(history.PermitCancelled(happened_on=day, ground=act.ground))
            case _:
                events.append(history.CardReplaced(happened_on=day))
    return history.standing(events, CALENDAR)


@pytest.mark.parametrize("day", DAYS)
def test_every_number_is_valid_unique_and_nobodys(day: date) -> None:
    numbers = [new.registration.id_number for new in city(3000, day=day)]
    assert len(set(numbers)) == len(numbers)
    for number in numbers:
        assert parse_id_number(number) == number
        assert 996 <= int(number[14:17]) <= 999


@pytest.mark.parametrize("day", DAYS)
def test_no_history_is_impossible_or_reaches_beyond_today(day: date) -> None:
    for new in city(2000, day=day):
        stands(new)
        given = new.registration
        assert given.birth_date <= given.arrived_on <= given.registered_on <= day
        assert given.county != given.hukou_county
        assert divisions.within(given.township, given.county)
        for act in new.acts:
            assert getattr(act, "reported_on", act.happened_on) <= day
        for number, act in enumerate(new.acts):
            if isinstance(act, Issue):
                start = stands(new, upto=number).clock_start
                assert start is not None
                assert continuous_at_least(start, months=HALF_A_YEAR, day=act.happened_on)


@pytest.mark.parametrize("day", DAYS)
def test_even_a_small_city_shows_every_state(day: date) -> None:
    people = [stands(new) for new in city(30, day=day)]
    permits = [one.permit for one in people if one.permit is not None]
    found = Counter(status(permit, day) for permit in permits)
    assert found.keys() == {PermitStatus.ACTIVE, PermitStatus.SUSPENDED, PermitStatus.CANCELLED}
    assert {permit.ground for permit in permits if permit.ground} == set(CancelGround)
    standing = [permit for permit in permits if permit.cancelled_on is None]
    assert any(window_opens(permit) <= day <= permit.valid_to for permit in standing)
    assert any(permit.valid_to < day <= grace_ends(permit, CALENDAR).day for permit in standing)
    assert any(day > grace_ends(permit, CALENDAR).day for permit in standing)
    without = [one for one in people if one.permit is None and one.clock_start is not None]
    long_enough = {
        continuous_at_least(one.clock_start, months=HALF_A_YEAR, day=day)
        for one in without
        if one.clock_start
    }
    assert long_enough == {True, False}
    assert any(one.registered_on is None for one in people)


def test_the_city_has_children_mongol_names_rare_characters_and_histories() -> None:
    people = city(3000)
    names = [new.registration.name for new in people]
    assert any("·" in name for name in names)
    assert any("\u3400" <= char <= "\u4dbf" for name in names for char in name)
    assert any(char >= "\U00020000" for name in names for char in name)
    assert any(name.startswith(("欧阳", "司马", "诸葛")) for name in names)
    children = [n for n in people if n.registration.birth_date > TODAY - timedelta(days=5000)]
    assert len(children) > 300
    assert any(isinstance(act, Move) for new in people for act in new.acts)
    assert any(new.proofs for new in people)
    assert any(new.cases for new in people[2:])
    counties = {new.registration.county for new in people}
    assert counties == {county.code for county in divisions.COUNTIES}


def test_photos_are_small_pictures_whose_checksums_hold() -> None:
    photos = [new.photo for new in city(200) if new.photo]
    assert photos
    for photo in photos:
        assert len(photo) < 2000
        assert photo.startswith(b"\x89PNG\r\n\x1a\n")
        place = 8
        while place < len(photo):
            (size,) = struct.unpack(">I", photo[place : place + 4])
            body = photo[place + 4 : place + 8 + size]
            (checksum,) = struct.unpack(">I", photo[place + 8 + size : place + 12 + size])
            assert zlib.crc32(body) == checksum
            place += 12 + size


def test_the_same_seed_gives_the_same_city_and_another_another() -> None:
    assert city(300) == city(300)
    numbers = [new.registration.id_number for new in city(300)]
    next_week = [new.registration.id_number for new in city(300, day=TODAY + timedelta(days=7))]
    assert next_week == numbers
    other = [new.registration.id_number for new in city(300, seed=1)]
    assert not set(other[2:]) & set(numbers)


async def test_the_fixed_persons_are_what_they_are_said_to_be(
    database_url: str, tmp_path: Path
) -> None:
    async with opened(database_url, tmp_path) as store:
        heard: list[int] = []
        new = await load_demo_city(
            store.database,
            store.ring,
            CALENDAR,
            today=TODAY,
            persons=700,
            progress=heard.append,
        )
        assert (new, heard) == (700, [500, 700])
        active = PersonLoad(
            Access.ID_NAME, frozenset({Scope.PRESENTED, Scope.ACTIVE_HOLDERS}), frozenset()
        )
        holder = tag(store.ring, DEMO_HOLDER_NUMBER, DEMO_HOLDER_NAME)
        lapsed = tag(store.ring, DEMO_LAPSED_NUMBER, DEMO_LAPSED_NAME)
        found = await store.reads.many(active, [holder, lapsed], facts())
        assert set(found) == {holder}
        desk = PersonLoad(
            Access.ID_NAME, frozenset({Scope.OPEN_CASE, Scope.OWN_DIVISION}), frozenset()
        )
        where = facts(division=DEMO_DIVISION, case_digest=case_digest(store.ring, DEMO_CASE))
        assert set(await store.reads.many(desk, [holder, lapsed], where)) == {holder, lapsed}
        again = await load_demo_city(
            store.database,
            store.ring,
            CALENDAR,
            today=TODAY + timedelta(days=1),
            persons=710,
            progress=heard.append,
        )
        assert again == 10
        assert await rebuild_read_model(store.database, store.ring, CALENDAR, heard.append) == 0


def tag(ring: KeyRing, number: str, name: str) -> Tag:
    return ring.id_name_tag(number, match_key(name))
