"""Work that never waits needs no timer; work that waits too long is cancelled, and told so."""

import asyncio

import pytest

from resolvers.patience import within


async def at_once() -> str:
    return "found"


async def after(*waits: float) -> str:
    for seconds in waits:
        await asyncio.sleep(seconds)
    return "found"


@pytest.mark.parametrize("waits", [(), (0,), (0, 0.001, 0)], ids=str)
async def test_what_was_found_comes_back(waits: tuple[float, ...]) -> None:
    assert await within(5, after(*waits)) == "found"


async def test_work_that_never_waits_needs_no_time_at_all() -> None:
    assert await within(0, at_once()) == "found"


async def test_work_that_waits_too_long_is_cancelled() -> None:
    cancelled = asyncio.Event()

    async def slow() -> str:
        try:
            return await after(0.001, 60)
        except asyncio.CancelledError:
            cancelled.set()
            raise

    with pytest.raises(TimeoutError):
        await within(0.02, slow())
    assert cancelled.is_set()


async def test_a_fault_of_the_work_is_its_own() -> None:
    async def faulty(*, first: bool) -> None:
        if not first:
            await asyncio.sleep(0)
        raise LookupError

    for first in (True, False):
        with pytest.raises(LookupError):
            await within(5, faulty(first=first))


async def test_who_cancels_the_caller_cancels_the_work() -> None:
    begun, ended = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        begun.set()
        try:
            await asyncio.sleep(60)
        finally:
            ended.set()

    task = asyncio.create_task(within(30, slow()))
    await begun.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended.is_set()


async def test_work_may_see_to_a_cancellation_before_it_ends() -> None:
    """As a transaction that rolls back: what it still awaits is awaited."""
    rolled_back = False

    async def careful() -> None:
        nonlocal rolled_back
        try:
            await asyncio.sleep(60)
        finally:
            await asyncio.sleep(0.001)
            rolled_back = True

    with pytest.raises(TimeoutError):
        await within(0.01, careful())
    assert rolled_back
