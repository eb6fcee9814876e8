"""Counting what may be asked: both sides of each limit, replicas, a store that goes away."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from datetime import UTC, datetime, timedelta
from pathlib import Path
from socket import AF_INET, SOCK_STREAM, socket

import pytest
from limits.aio.storage import Storage

from resolvers.context import Caller
from resolvers.quotas import AGAIN_SECONDS, LOCAL_SHARE, Figures, OverQuotaError, Quotas
from server.quota_file import opened_store
from tests.valkey import valkey

NOON = datetime(2026, 11, 23, 4, 0, 30, tzinfo=UTC)
"""Thirty seconds past noon in Shanghai."""

Made = Callable[..., Quotas]


def caller(official: str = "a", department: str = "education") -> Caller:
    return Caller(
        client="client",
        official=official,
        department=department,
        roles=frozenset({department}),
        division=None,
        purposes=None,
        authentication="token",
        address="",
        language="en",
        request_id="r",
    )


@pytest.fixture(params=["memory", "redis"])
async def made(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Made]:
    """What makes replicas that count in one store."""
    async with AsyncExitStack() as opened:
        if request.param == "memory":
            shared = await opened.enter_async_context(opened_store(None))
            stores = [shared] * 3
        else:
            address = opened.enter_context(valkey(tmp_path)).address
            stores = [await opened.enter_async_context(opened_store(address)) for _ in range(3)]
        fresh = iter(stores)
        yield lambda figures, **of: quotas(figures, next(fresh), **of)


def quotas(default: Figures, store: Storage, **departments: Figures) -> Quotas:
    return Quotas(
        default=default,
        departments=departments,
        store=store,
        elapsed=lambda: 0.0,
        report=lambda _: None,
    )


async def admitted(counting: Quotas, times: int, who: Caller, now: datetime = NOON) -> int:
    """How many of so many requests were admitted."""
    count = 0
    for _ in range(times):
        try:
            await counting.admit(who, now)
            count += 1
        except OverQuotaError:
            pass
    return count


async def test_an_official_has_so_many_requests_a_minute_and_a_colleague_as_many(
    made: Made,
) -> None:
    counting = made(Figures(official_requests=5))
    assert await admitted(counting, 5, caller("a")) == 5
    with pytest.raises(OverQuotaError) as over:
        await counting.admit(caller("a"), NOON)
    assert (over.value.quota, over.value.again, over.value.first) == ("official-requests", 30, True)
    with pytest.raises(OverQuotaError) as again:
        await counting.admit(caller("a"), NOON)
    assert again.value.first is False
    assert await admitted(counting, 6, caller("b")) == 5


async def test_the_minute_begins_anew_at_the_full_minute(made: Made) -> None:
    counting = made(Figures(official_requests=5))
    assert await admitted(counting, 9, caller()) == 5
    assert await admitted(counting, 9, caller(), NOON + timedelta(seconds=29)) == 0
    assert await admitted(counting, 9, caller(), NOON + timedelta(seconds=30)) == 5


async def test_a_departments_requests_are_those_of_all_its_officials(made: Made) -> None:
    counting = made(Figures(official_requests=5, department_requests=8))
    assert await admitted(counting, 9, caller("a")) == 5
    assert await admitted(counting, 9, caller("b")) == 3
    # What the department was refused is not taken from the official.
    remaining = {each.name: each.remaining for each in counting.left(caller("b"), NOON)}
    assert remaining == {"official-requests": 2, "department-requests": 0}
    assert await admitted(counting, 9, caller("a", "housing")) == 5


async def test_rows_count_by_the_day_in_shanghai(made: Made) -> None:
    counting = made(Figures(official_rows=1000))
    midnight = datetime(2026, 11, 23, 16, 0, tzinfo=UTC)
    await counting.reserve(caller(), NOON, 999)
    with pytest.raises(OverQuotaError) as over:
        await counting.reserve(caller(), NOON, 2)
    assert (over.value.quota, over.value.again) == ("official-rows", 11 * 3600 + 59 * 60 + 30)
    await counting.reserve(caller(), midnight - timedelta(seconds=1), 1)
    with pytest.raises(OverQuotaError):
        await counting.reserve(caller(), midnight - timedelta(seconds=1), 1)
    await counting.reserve(caller(), midnight, 1000)


async def test_more_rows_than_a_day_has_are_refused_and_cost_nothing(made: Made) -> None:
    counting = made(Figures(official_rows=100))
    with pytest.raises(OverQuotaError):
        await counting.reserve(caller(), NOON, 101)
    await counting.reserve(caller(), NOON, 100)


async def test_rows_that_a_list_did_not_need_are_given_back(made: Made) -> None:
    counting = made(Figures(official_rows=100, department_rows=100))
    await counting.reserve(caller(), NOON, 100)
    counting.give_back(caller(), NOON, 97)
    await counting.reserve(caller(), NOON, 97)
    with pytest.raises(OverQuotaError):
        await counting.reserve(caller(), NOON, 1)


async def test_what_is_left_is_told(made: Made) -> None:
    counting = made(Figures(official_requests=600, official_rows=5000))
    assert [each.remaining for each in counting.left(caller(), NOON)] == [600, 5000]
    await counting.admit(caller(), NOON)
    await counting.reserve(caller(), NOON, 70)
    told = counting.left(caller(), NOON)
    assert [(each.name, each.amount, each.seconds, each.remaining) for each in told] == [
        ("official-requests", 600, 60, 599),
        ("official-rows", 5000, 86_400, 4930),
    ]
    assert [each.again for each in told] == [30, 11 * 3600 + 59 * 60 + 30]


async def test_a_department_has_figures_of_its_own(made: Made) -> None:
    counting = made(Figures(official_requests=2), education=Figures(official_requests=4))
    assert await admitted(counting, 9, caller()) == 4
    assert await admitted(counting, 9, caller("a", "housing")) == 2


async def test_replicas_never_give_more_together_than_one_alone(made: Made) -> None:
    replicas = [made(Figures(department_rows=1000)) for _ in range(3)]
    taken = 0

    async def work(counting: Quotas, number: int) -> None:
        nonlocal taken
        for rows in (7, 1, 30, 2) * 40:
            try:
                await counting.reserve(caller(f"official-{number}"), NOON, rows)
                taken += rows
            except OverQuotaError:
                pass

    await asyncio.gather(*(work(replica, n) for n, replica in enumerate(replicas)))
    assert taken <= 1000
    # What stays with replicas that nobody asks any more is at most their shares.
    assert taken >= 1000 - 3 * 40


# --- a store that goes away ----------------------------------------------------------------------


async def test_without_its_store_each_process_has_a_tenth_and_goes_back_when_it_can(
    tmp_path: Path,
) -> None:
    clock = [0.0]
    told: list[str] = []
    with valkey(tmp_path) as server:
        async with opened_store(server.address) as store:
            counting = Quotas(
                default=Figures(official_requests=100),
                departments={},
                store=store,
                elapsed=lambda: clock[0],
                report=told.append,
            )
            assert await admitted(counting, 3, caller("a")) == 3
            server.stop()
            assert await admitted(counting, 200, caller("b")) == 100 // LOCAL_SHARE
            assert told == ["lost"]
            server.start()
            # Left alone for some seconds, so that not every request waits for a store that hangs.
            assert await admitted(counting, 200, caller("c")) == 100 // LOCAL_SHARE
            clock[0] += AGAIN_SECONDS
            assert await admitted(counting, 200, caller("d")) == 100
            assert told == ["lost", "found"]


async def test_a_store_that_never_answers_is_asked_once_in_a_while() -> None:
    told: list[str] = []
    with socket(AF_INET, SOCK_STREAM) as deaf:
        deaf.bind(("127.0.0.1", 0))
        deaf.listen()
        async with opened_store(f"redis://127.0.0.1:{deaf.getsockname()[1]}/0") as store:
            counting = Quotas(
                default=Figures(official_requests=100),
                departments={},
                store=store,
                elapsed=lambda: 0.0,
                report=told.append,
            )
            assert await admitted(counting, 200, caller()) == 100 // LOCAL_SHARE
    assert told == ["lost"]
