"""Clocks for tests: that jump over waits, stand until they are moved or until everything waits, or run quickly."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Coroutine, Iterator
from contextlib import contextmanager
from heapq import heappop, heappush
from typing import Any

START = 1_760_000_000_000
# When the simulated world of the contract suites opens, in epoch milliseconds; `CONTRIBUTING.md` says how to move it.
OPENED = int(os.environ.get("VIGIE_TEST_OPENED", "1790000000000"))


class JumpingClock:
    """Waiting takes no time: it only moves the hands; `waits` remembers how long was waited."""

    def __init__(self, now: int = START) -> None:
        self.now = now
        self.waits: list[float] = []

    def market_now(self) -> int:
        return self.now

    def market_speed(self) -> float:
        return 1.0

    def wall_now(self) -> int:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        self.now += round(seconds * 1_000)

    async def pause(self, seconds: float) -> None:
        self.sleep(seconds)
        await asyncio.sleep(0)


class StandingClock:
    """Stands still; `advance` moves it and wakes whoever waited for it, in the order of their times."""

    def __init__(self, now: int = START) -> None:
        self.now = now
        self._waiting: list[tuple[int, asyncio.Future[None]]] = []

    def market_now(self) -> int:
        return self.now

    def market_speed(self) -> float:
        return 1.0

    def wall_now(self) -> int:
        return self.now

    def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nothing may stand still for {seconds} s")

    async def pause(self, seconds: float) -> None:
        due = self.now + round(max(seconds, 0.001) * 1_000)
        future = asyncio.get_running_loop().create_future()
        self._waiting.append((due, future))
        await future

    async def advance(self, seconds: float) -> None:
        """Let time pass, event by event."""
        end = self.now + round(seconds * 1_000)
        await settle()
        while True:
            self._waiting = [entry for entry in self._waiting if not entry[1].done()]
            due = min((entry[0] for entry in self._waiting), default=end + 1)
            if due > end:
                break
            self.now = max(self.now, due)
            for at, future in self._waiting:
                if at <= due and not future.done():
                    future.set_result(None)
            await settle()
        self.now = end

    def jump(self, seconds: float) -> None:
        """Move the hands and wake nobody, as a sleeping laptop does."""
        self.now += round(seconds * 1_000)


class AheadClock(StandingClock):
    """Its wall hand runs ahead by `ahead_ms` until a test puts it right; pauses are not longer for it."""

    def __init__(self, now: int = START, ahead_ms: int = 86_400_000) -> None:
        super().__init__(now)
        self.ahead_ms = ahead_ms

    def wall_now(self) -> int:
        return self.now + self.ahead_ms


async def settle(rounds: int = 15) -> None:
    """Let everything that can go on now go on, work in threads included, where the loop has one thread only."""
    for _ in range(rounds):
        for _ in range(5):
            await asyncio.sleep(0)
        await asyncio.get_running_loop().run_in_executor(None, lambda: None)


class IdleClock:
    """Stands while anything goes on; when everything waits, it is at once as late as the first of them waits for.

    What takes how long does not depend on the machine, and nothing is waited for in earnest.
    """

    # Passes of the loop, more than anything needs that goes on from one answer to the next.
    PASSES = 30

    def __init__(self, now: int = START) -> None:
        self.now = now
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = 0

    def market_now(self) -> int:
        return self.now

    def market_speed(self) -> float:
        return 1.0

    def wall_now(self) -> int:
        return self.now

    def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nothing may stand still for {seconds} s")

    async def pause(self, seconds: float) -> None:
        self._count += 1
        future = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (self.now + round(max(seconds, 0.001) * 1_000), self._count, future))
        await future

    async def through(self, work: Coroutine[Any, Any, None]) -> None:
        """Let time pass as long as a process lives; what an earlier one waited for is over."""
        self._waiting = []
        hands = asyncio.ensure_future(self._pass())
        try:
            await work
        finally:
            hands.cancel()

    @contextmanager
    def aside(self) -> Iterator[None]:
        """Keep what a process that stands still waits for, while another one lives."""
        kept, self._waiting = self._waiting, []
        try:
            yield
        finally:
            self._waiting = kept

    async def _pass(self) -> None:
        while True:
            await self._everything_waits()
            while self._waiting:
                due, _, future = heappop(self._waiting)
                if not future.done():
                    self.now = max(self.now, due)
                    future.set_result(None)
                    break

    async def _everything_waits(self) -> None:
        loop = asyncio.get_running_loop()
        for _ in range(self.PASSES):
            await asyncio.sleep(0)
            # What asyncio has ready to run, this task being out of it: nothing means that all others wait. Loops that
            # do not tell are passed as often as anything may need.
            if not getattr(loop, "_ready", True):
                return


def busy() -> float:
    """Return how many want each processor of this machine, at least one."""
    wanting = os.getloadavg()[0] if hasattr(os, "getloadavg") else 1.0
    return max(1.0, wanting / (os.cpu_count() or 1))


class QuickClock:
    """Runs many times faster than the wall: for what must wait for seconds in turn with other things.

    Parameters
    ----------
    busy : float
        By so much slower: a signature's seconds would be over before a busy machine had sent it.
    """

    def __init__(self, speed: float = 1_000.0, busy: float = 1.0) -> None:
        self.speed = speed
        self._rate = speed / busy
        self._begun = time.monotonic()

    def market_now(self) -> int:
        return self.wall_now()

    def market_speed(self) -> float:
        return 1.0

    def wall_now(self) -> int:
        return START + round((time.monotonic() - self._begun) * self._rate * 1_000)

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds / self._rate)

    async def pause(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._rate)
