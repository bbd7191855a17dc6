"""The clock that follows the simulated world: asked once in a while, carried on in between."""

from __future__ import annotations

import asyncio
import time
import urllib.request

import pytest

from vigie.adapters.clock import ClockReading, SandboxClock, SystemClock
from vigie.domain.errors import TransientError
from vigie_sandbox.world.server import serving
from vigie_sandbox.world.world import World

OPENED = 1_790_000_000_000


def test_reading_is_carried_on_by_its_speed():
    reading = ClockReading(wall_ms=1_000, market_ms=50_000, speed=60.0, is_paused=False)
    assert reading.at(1_000) == 50_000
    assert reading.at(2_500) == 140_000
    assert reading.at(500) == 50_000, "a wall clock that was set back"


def test_reading_of_a_world_that_stands_still_stands_still():
    assert ClockReading(1_000, 50_000, 60.0, True).at(9_999) == 50_000


def test_market_hand_follows_the_world_and_the_wall_hand_is_real():
    hand = [0.0]
    world = World(lambda: hand[0], OPENED, history_days=3, speed=60.0, flawless=True, quiet=True)
    with serving(world) as url:
        clock = SandboxClock(url)
        assert abs(clock.market_now() - OPENED) < 60_000
        assert abs(clock.wall_now() - time.time() * 1_000) < 5_000
        before = clock.market_now()
        assert clock.market_now() >= before


def test_world_is_asked_again_where_the_wall_was_set_back(monkeypatch):
    clock = SandboxClock("http://127.0.0.1:9")
    asked: list[int] = []

    def ask() -> None:
        asked.append(1)
        clock._reading = ClockReading(clock.wall_now(), OPENED, 1.0, False)

    monkeypatch.setattr(clock, "_poll", ask)
    monkeypatch.setattr(clock, "_poll_in_background", ask)
    monkeypatch.setattr(clock, "wall_now", lambda: 10_000_000)
    assert clock.market_now() == clock.market_now() == OPENED
    monkeypatch.setattr(clock, "wall_now", lambda: 5_000_000)
    assert clock.market_now() == clock.market_now() == OPENED
    assert len(asked) == 2


def test_world_that_is_busy_at_first_is_waited_for(monkeypatch):
    world = World(lambda: 0.0, OPENED, history_days=3, speed=60.0, flawless=True, quiet=True)
    opened, waits = urllib.request.urlopen, []

    def slow_at_first(url, timeout):
        waits.append(timeout)
        if timeout < 5.0:
            raise TimeoutError("the world is busy")
        return opened(url, timeout=timeout)

    monkeypatch.setattr(urllib.request, "urlopen", slow_at_first)
    with serving(world) as url:
        clock = SandboxClock(url)
        assert abs(clock.market_now() - OPENED) < 60_000
        clock._poll()
    assert waits[0] > 5.0 > waits[1], "once it is known, the last reading goes on"


def test_world_that_never_answered_is_said_with_what_to_do():
    with pytest.raises(TransientError, match="vigie demo"):
        SandboxClock("http://127.0.0.1:9").market_now()


def test_pause_lets_others_go_on():
    async def act() -> list[str]:
        said: list[str] = []

        async def other() -> None:
            said.append("other")

        task = asyncio.create_task(other())
        await SystemClock().pause(0.001)
        said.append("pause is over")
        await task
        return said

    assert asyncio.run(act()) == ["other", "pause is over"]
