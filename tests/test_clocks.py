"""The clock that is followed over HTTP: who sleeps by it can always be woken and stopped."""

import asyncio
from datetime import timedelta

from bot.clocks import FollowedClock
from bot.sandbox.driver import Sandbox


async def test_a_sleep_that_is_cancelled_just_as_the_time_moves_ends() -> None:
    async with Sandbox.running() as telegram:
        telegram.play(1)
        clock, moved = FollowedClock(telegram.clock_url), asyncio.Event()
        await clock.first()
        asleep = asyncio.create_task(clock.sleep_until(clock.now() + timedelta(hours=1)))

        def cancel() -> None:  # called right after all who sleep were told
            asleep.cancel()
            moved.set()

        following = asyncio.create_task(clock.follow(lambda now: True, cancel))
        await telegram.wait_for(lambda: telegram.state.clock.next is not None)
        telegram.play(0)
        await moved.wait()
        async with asyncio.timeout(5):
            await asyncio.gather(asleep, return_exceptions=True)
        assert asleep.cancelled()
        following.cancel()
        await asyncio.gather(following, return_exceptions=True)
