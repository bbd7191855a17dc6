"""Orders that end together are looked at together, each with a look that began after it had ended."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest

from tests.clocks import JumpingClock
from vigie.domain.errors import AuthError
from vigie.engine.live.book.orders import OrderTimeouts
from vigie.engine.live.book.reconciler import Reconciler
from vigie.engine.live.waiting import RetryingCaller


class Venue:
    """Answers questions for fills when it is let, and fails where it is told to."""

    def __init__(self):
        self.asked, self.answers = [], []

    async def fills(self, since_ms):
        answer = asyncio.get_running_loop().create_future()
        self.asked.append(since_ms)
        self.answers.append(answer)
        return await answer


def looking(venue):
    heard = SimpleNamespace(since=7, new=lambda told: told)
    bookings = SimpleNamespace(take=lambda new, intents: None)
    memory = SimpleNamespace(
        fills=heard, fundings=SimpleNamespace(since=7, new=tuple), bookings=bookings, intents={}
    )
    asker = RetryingCaller(JumpingClock(), OrderTimeouts().look_s, lambda why: None)
    return Reconciler(venue, asker, OrderTimeouts(), memory)


async def passed():
    for _ in range(20):
        await asyncio.sleep(0)


def test_those_that_come_while_somebody_looks_share_the_next_look():
    venue = Venue()
    lookout = looking(venue)

    async def story():
        works = [asyncio.ensure_future(lookout.wait_for_fills(lambda: True)) for _ in range(5)]
        await passed()
        assert len(venue.asked) == 1
        venue.answers[0].set_result(())
        await passed()
        assert (len(venue.asked), sum(one.done() for one in works)) == (2, 1), "asked after they came"
        late = asyncio.ensure_future(lookout.wait_for_fills(lambda: True))
        await passed()
        venue.answers[1].set_result(())
        await passed()
        assert all(one.done() for one in works)
        assert (len(venue.asked), late.done()) == (3, False), "what came later is not seen by an earlier look"
        venue.answers[2].set_result(())
        await late

    asyncio.run(story())


def test_a_look_that_failed_or_was_given_up_is_nobodys():
    venue = Venue()
    lookout = looking(venue)

    async def story():
        first, second, third, fourth = (
            asyncio.ensure_future(lookout.wait_for_fills(lambda: True)) for _ in range(4)
        )  # fmt: skip
        await passed()
        first.cancel()
        await passed()
        venue.answers[1].set_exception(AuthError("the key is not good any more"))
        await passed()
        assert second.done()
        assert not third.done()
        venue.answers[2].set_result(())
        await asyncio.gather(third, fourth)
        assert len(venue.asked) == 3
        with pytest.raises(AuthError):
            await second

    asyncio.run(story())
