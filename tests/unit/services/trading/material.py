"""A house whose bars are all there, a clock that runs through them, and a run file that trades them."""

from __future__ import annotations

import asyncio
from concurrent.futures import Future, ThreadPoolExecutor
from heapq import heappop, heappush
from pathlib import Path

from tests import houses
from vigie.domain.time import DAY_MS, parse_time
from vigie.services.needs import bound
from vigie.services.runs import request_builder
from vigie.services.trading.account_plans.planning import make_plan

BEGUN = parse_time(houses.START) + 200 * DAY_MS
FILE = """
[account]
mode = "portfolio"
capital = 10_000

[venue]
id = "binance-perp"

[[slots]]
instruments = ["BTC", "ETH", "SOL"]
timeframe = "1h"
strategy = "ema_cross"

[[slots]]
instruments = ["BTC"]
timeframe = "4h"
strategy = "macd_cross"
"""
# Averages so short that they cross every few hours.
BUSY = "params = { fast = 2, slow = 4 }"


class RunningClock:
    """Jumps to the next moment that anybody waits for; the market is many times faster than the wall."""

    SPEED = 600

    def __init__(self, now: int, until: int) -> None:
        self._begun = self._wall = now
        self._until = until
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._count = 0
        self.is_over = asyncio.Event()

    def market_speed(self) -> float:
        return self.SPEED

    def market_now(self) -> int:
        return self._begun + (self._wall - self._begun) * self.SPEED

    def wall_now(self) -> int:
        return self._wall

    def sleep(self, seconds: float) -> None:
        raise AssertionError(f"nothing may stand still for {seconds} s")

    async def pause(self, seconds: float) -> None:
        self._count += 1
        future = asyncio.get_running_loop().create_future()
        heappush(self._waiting, (self._wall + round(seconds * 1_000), self._count, future))
        await future

    async def run(self) -> None:
        """Let time pass until the end."""
        while self.market_now() < self._until:
            for _ in range(4):
                await asyncio.sleep(0)
            if self._waiting:
                due, _, future = heappop(self._waiting)
                # What nobody waits for any more does not move the hands.
                if not future.done():
                    self._wall = max(self._wall, due)
                    future.set_result(None)
        self.is_over.set()


class AtOnce(ThreadPoolExecutor):
    """Does what is handed to a thread in the moment it is handed over: no clock of a test runs ahead of it."""

    def submit(self, work, /, *args, **more):
        done = Future()
        try:
            done.set_result(work(*args, **more))
        except Exception as fault:  # its asker's, as in a thread
            done.set_exception(fault)
        return done


def run_file(folder: Path, text: str = FILE) -> Path:
    path = folder / "run.toml"
    path.write_text(text)
    return path


def planned(house, folder: Path, *, text: str = FILE, account: str = "main", mode: str = "paper"):
    asked = request_builder.build_request(
        house.data, config=run_file(folder, text), own_strategies=house.results.strategies
    )
    return bound(house, make_plan)(asked, account=account, mode=mode)
