"""A database is served only by the rules by which all that it derives was computed."""

from collections.abc import AsyncIterator
from dataclasses import fields, replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from db.derived import (
    BESIDE_READINGS,
    BESIDE_VALUES,
    Basis,
    basis_of,
    require_same_rules,
)
from db.errors import RowTamperedError, RulesChangedError
from db.intake import Intake
from db.models import Derived
from regulation.parameters import AS_ISSUED, READINGS, Schedule, Values
from tests.builders import (
    CALENDAR,
    NOW,
    TODAY,
    Store,
    endorsed,
    issued,
    moved,
    opened,
    person,
    rebuild_read_model,
    suspended,
)

DAY = timedelta(days=1)
ISSUED = basis_of(Schedule(), CALENDAR)


@pytest.fixture
async def store(database_url: str, tmp_path: Path) -> AsyncIterator[Store]:
    async with opened(database_url, tmp_path) as found:
        yield found


def policy(*, since: date, **values: int) -> Schedule:
    """A city's own figures from a day on."""
    return Schedule(
        (replace(AS_ISSUED, version="1", since=since, values=replace(Values(), **values)),)
    )


async def serve(store: Store, basis: Basis = ISSUED, today: date = TODAY) -> None:
    await require_same_rules(store.database, store.ring, basis, today=today)


async def test_whoever_reads_the_measures_as_before_is_let_on(store: Store) -> None:
    await serve(store)
    await store.register(person())
    await serve(store)


@pytest.mark.parametrize(
    "changed",
    [
        basis_of(policy(since=TODAY, grace_days=31), CALENDAR),
        basis_of(Schedule((AS_ISSUED.reading(R1="arrival"),)), CALENDAR),
        basis_of(Schedule(), replace(CALENDAR, days_off=CALENDAR.days_off | {TODAY})),
        basis_of(Schedule(), replace(CALENDAR, make_up_days=frozenset())),
    ],
    ids=["a figure", "a reading", "a day off more", "no make-up days"],
)
async def test_other_rules_for_days_that_have_passed_are_refused_until_a_rebuild(
    store: Store, changed: Basis
) -> None:
    await store.register(person())
    with pytest.raises(RulesChangedError, match="juzhu rebuild"):
        await serve(store, changed)
    await serve(store)


@pytest.mark.parametrize(
    "changed",
    [
        basis_of(policy(since=TODAY + DAY, grace_days=31), CALENDAR),
        basis_of(policy(since=date(2020, 1, 1), replacement_fee_fen=2000), CALENDAR),
        basis_of(Schedule((AS_ISSUED.reading(R21="every-card"),)), CALENDAR),
        basis_of(Schedule(), replace(CALENDAR, days_off=CALENDAR.days_off | {TODAY + DAY})),
    ],
    ids=["from tomorrow", "the fee", "who pays it", "tomorrow off"],
)
async def test_what_changes_no_row_that_stands_needs_no_rebuild(
    store: Store, changed: Basis
) -> None:
    await store.register(person())
    await serve(store, changed)


async def test_rules_of_tomorrow_can_not_be_taken_back_once_they_held(store: Store) -> None:
    await store.register(person())
    await serve(store, basis_of(policy(since=TODAY + DAY, grace_days=31), CALENDAR))
    await serve(store, today=TODAY)
    await serve(store, basis_of(policy(since=TODAY + DAY, grace_days=31), CALENDAR))
    with pytest.raises(RulesChangedError):
        await serve(store, today=TODAY + DAY)


async def test_a_city_without_persons_may_begin_by_any_rules(store: Store) -> None:
    changed = basis_of(policy(since=TODAY, grace_days=31), CALENDAR)
    await serve(store, changed)
    await store.register(person())
    await serve(store, changed)
    with pytest.raises(RulesChangedError):
        await serve(store)


async def test_after_a_rebuild_the_new_rules_hold_and_the_former_ones_no_more(
    store: Store,
) -> None:
    rules = policy(since=date(2017, 6, 22), grace_days=90)
    (one,) = await store.register(suspended())
    await rebuild_read_model(store.database, store.ring, CALENDAR, lambda _: None, rules)
    await serve(store, basis_of(rules, CALENDAR))
    with pytest.raises(RulesChangedError):
        await serve(store)
    assert one


async def test_a_rebuild_that_was_stopped_lets_nobody_on_and_goes_on_where_it_was(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.rebuilding.BATCH", 2)
    await store.register(*(person(number) for number in range(5)))
    rules = policy(since=date(2017, 6, 22), grace_days=90)

    class StoppedError(Exception):
        pass

    def stop(done: int) -> None:
        if done == 4:
            raise StoppedError

    with pytest.raises(StoppedError):
        await rebuild_read_model(store.database, store.ring, CALENDAR, stop, rules)
    for basis in (ISSUED, basis_of(rules, CALENDAR)):
        with pytest.raises(RulesChangedError, match="not finished"):
            await serve(store, basis)
    heard: list[int] = []
    await rebuild_read_model(store.database, store.ring, CALENDAR, heard.append, rules)
    assert heard == [4, 5]
    await serve(store, basis_of(rules, CALENDAR))


async def test_a_check_that_was_stopped_under_the_same_rules_keeps_nobody_away(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.rebuilding.BATCH", 1)
    await store.register(person(0), person(5))

    def stop(_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rebuild_read_model(store.database, store.ring, CALENDAR, stop)
    await serve(store)


async def test_a_server_that_goes_on_by_the_former_rules_writes_nothing_after_a_rebuild_began(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("db.rebuilding.BATCH", 1)
    one, _ = await store.register(person(0), person(5))
    rules = policy(since=date(2017, 6, 22), grace_days=90)
    former = Intake(store.ring, CALENDAR, basis=ISSUED)
    newer = Intake(store.ring, CALENDAR, rules, basis=basis_of(rules, CALENDAR))

    async def acts(intake: Intake, number: int) -> None:
        await store.database.write(
            lambda session: intake.register(session, [person(number)], recorded_at=NOW)
        )
        await store.database.write(
            lambda session: intake.act(session, one, [issued(TODAY)], recorded_at=NOW)
        )

    def stop(_done: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await rebuild_read_model(store.database, store.ring, CALENDAR, stop, rules)
    for intake in (former, newer):
        with pytest.raises(RulesChangedError):
            await acts(intake, 9)
    await rebuild_read_model(store.database, store.ring, CALENDAR, lambda _: None, rules)
    with pytest.raises(RulesChangedError, match="juzhu rebuild"):
        await acts(former, 9)
    await acts(newer, 9)


async def test_a_row_that_somebody_altered_is_not_believed(store: Store) -> None:
    changed = basis_of(policy(since=TODAY, grace_days=31), CALENDAR)
    await store.register(person())
    await store.database.write(
        lambda session: session.execute(update(Derived).values(made_by=changed.text))
    )
    with pytest.raises(RowTamperedError):
        await serve(store, changed)


async def test_what_is_left_out_changes_no_row(store: Store) -> None:
    await store.register(endorsed(0), suspended(5), moved(9), person(13))
    for name in sorted(BESIDE_VALUES):
        await require_same_rows(
            store, policy(since=date(2017, 1, 1), **{name: (getattr(Values(), name) or 1) + 3})
        )
    for reading in sorted(BESIDE_READINGS):
        for choice in READINGS[reading].choices:
            if choice.code != READINGS[reading].recommended:
                rules = Schedule((AS_ISSUED.reading(**{reading: choice.code}),))
                await require_same_rows(store, rules)


async def require_same_rows(store: Store, rules: Schedule) -> None:
    assert basis_of(rules, CALENDAR) == ISSUED
    heard: list[int] = []
    assert await rebuild_read_model(store.database, store.ring, CALENDAR, heard.append, rules) == 0


def test_every_other_figure_counts() -> None:
    for each in fields(Values):
        if each.name not in BESIDE_VALUES:
            changed = policy(
                since=date(2017, 1, 1), **{each.name: getattr(Values(), each.name) + 1}
            )
            assert basis_of(changed, CALENDAR) != ISSUED
