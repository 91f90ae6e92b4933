"""A round works, rests, is woken, and survives what its step does."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import pytest

from bot.rounds import Round

T = TypeVar("T")
NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)


class Frozen:
    """A time that stands still; who sleeps on it sleeps until somebody wakes them."""

    def __init__(self) -> None:
        self.asleep: list[datetime] = []
        self.fell_asleep = asyncio.Event()

    def now(self) -> datetime:
        return NOW

    async def sleep_until(self, moment: datetime) -> None:
        self.asleep.append(moment)
        self.fell_asleep.set()
        await asyncio.Event().wait()


async def resting(one: Round) -> "asyncio.Task[None]":
    """Run a round until it lies down."""
    rested = asyncio.Event()
    task = asyncio.create_task(one.run(rested.set))
    await rested.wait()
    await asyncio.sleep(0)
    return task


async def until(condition: Callable[[], object]) -> None:
    for _ in range(1000):
        if condition():
            return
        await asyncio.sleep(0)
    raise AssertionError("it does not come to rest")


async def test_it_works_while_there_is_work_and_rests_until_it_is_woken() -> None:
    steps: list[bool | None] = [True, True, None, True, None]
    one = Round("test", lambda: _next(steps), Frozen())
    assert one.busy
    task = await resting(one)
    assert (steps, one.busy) == ([True, None], False)
    one.wake()
    assert one.busy
    await until(lambda: not (steps or one.busy))
    task.cancel()


async def test_a_wake_during_a_step_is_not_lost() -> None:
    steps: list[bool | None] = [None, None]

    async def step() -> bool | None:
        if len(steps) == 2:
            one.wake()
        return steps.pop(0)

    one = Round("test", step, Frozen())
    task = asyncio.create_task(one.run())
    await until(lambda: not (steps or one.busy))
    task.cancel()


async def test_a_step_that_fails_is_not_done_and_comes_again() -> None:
    clock, fails = Frozen(), [True, False]

    async def step() -> None:
        if fails.pop(0):
            raise LookupError("secret words")

    one = Round("test", step, clock)
    task = await resting(one)
    assert one.busy  # it says so: what it should have done is not done
    await clock.fell_asleep.wait()
    assert clock.asleep == [NOW + timedelta(seconds=3)]
    one.wake()
    await until(lambda: not (one.busy))
    assert fails == []
    task.cancel()


@pytest.mark.parametrize("turns", range(6))
async def test_whoever_cancels_it_is_obeyed_also_while_it_wakes_up(turns: int) -> None:
    """A cancellation that is swallowed is a bot that cannot be stopped."""
    clock = Frozen()
    one = Round("test", lambda: _next([NOW + timedelta(hours=1)] * 3), clock)
    task = await resting(one)
    await clock.fell_asleep.wait()
    one.wake()
    for _ in range(turns):
        await asyncio.sleep(0)
    task.cancel()
    done, _ = await asyncio.wait({task}, timeout=1)
    assert done, "it goes on"
    assert task.cancelled()


async def _next(steps: list[T]) -> T:
    return steps.pop(0)
