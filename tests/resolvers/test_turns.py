"""Turns at lists: a flood waits behind itself."""

import asyncio
from contextlib import suppress

import pytest

from resolvers.turns import AT_ONCE, WAITING, TooManyListsError, Turns


class Desk:
    """Clients that hold each turn until they are told to go on."""

    def __init__(self, **limits: int) -> None:
        self.turns = Turns(**limits)
        self.began: list[str] = []
        self.done = asyncio.Event()

    async def ask(self, client: str, *, slow: bool = True) -> None:
        async with self.turns.turn(client):
            self.began.append(client)
            if slow:
                await self.done.wait()

    def start(self, client: str, *, slow: bool = True) -> "asyncio.Task[None]":
        return asyncio.create_task(self.ask(client, slow=slow))


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_so_many_lists_are_in_work_at_a_time_and_no_more() -> None:
    desk = Desk()
    asked = [desk.start("police") for _ in range(AT_ONCE + 2)]
    await settled()
    assert len(desk.began) == AT_ONCE
    desk.done.set()
    await asyncio.gather(*asked)
    assert len(desk.began) == AT_ONCE + 2


async def test_who_comes_after_a_flood_waits_for_those_in_work_only() -> None:
    desk = Desk(at_once=1)
    asked = [desk.start("police") for _ in range(20)]
    await settled()
    asked += [desk.start("office"), desk.start("office")]
    await settled()
    desk.done.set()
    await asyncio.gather(*asked)
    assert desk.began[:6] == ["police", "police", "office", "police", "office", "police"]


async def test_a_full_line_refuses_its_own_client_alone() -> None:
    desk = Desk()
    asked = [desk.start("police") for _ in range(AT_ONCE + WAITING)]
    await settled()
    with pytest.raises(TooManyListsError):
        await desk.ask("police")
    asked.append(desk.start("office"))
    await settled()
    desk.done.set()
    await asyncio.gather(*asked)
    assert "office" in desk.began
    await desk.ask("police")


@pytest.mark.parametrize("steps", range(4))
async def test_who_gives_up_leaves_the_line_and_keeps_no_turn(steps: int) -> None:
    """Whether while waiting, or in the very moment in which its turn comes."""
    desk = Desk(at_once=1)
    first, second = desk.start("police"), desk.start("office")
    await settled()
    desk.done.set()
    for _ in range(steps):
        await asyncio.sleep(0)
    second.cancel()
    with suppress(asyncio.CancelledError):
        await second
    await first
    async with asyncio.timeout(1):
        await asyncio.gather(*(desk.ask("housing") for _ in range(3)))


async def test_a_turn_that_comes_to_who_has_just_given_up_goes_on_to_the_next() -> None:
    desk = Desk(at_once=1)
    first, second, third = (desk.start(name) for name in ("police", "office", "housing"))
    await settled()
    second.cancel()
    first.cancel()
    await asyncio.gather(first, second, return_exceptions=True)
    desk.done.set()
    async with asyncio.timeout(1):
        await third
    assert desk.began == ["police", "housing"]
