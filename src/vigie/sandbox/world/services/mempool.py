"""mempool.space: fees, hash rate, difficulty and prices of Bitcoin."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.sandbox.world import economy
from vigie.sandbox.world.grains import key_of, uniform
from vigie.sandbox.world.wire import Ask, Refusal, Reply
from vigie.sandbox.world.world import World

_PERIOD_DAYS: Final = {
    "24h": 1,
    "3d": 3,
    "1w": 7,
    "1m": 30,
    "3m": 90,
    "6m": 182,
    "1y": 365,
    "2y": 730,
    "3y": 1_095,
}
_RETARGET_MS: Final = 14 * DAY_MS
_BLOCKS: Final = 2_016
_FIRST_HEIGHT: Final = 870_912


class Mempool:
    """Answers its questions from the world.

    Parameters
    ----------
    world : World
        What is shown.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._answers: dict[str, Callable[[Ask], Any]] = {
            "v1/fees/recommended": self._fees,
            "v1/difficulty-adjustment": self._adjustment,
            "v1/prices": self._prices,
            "mempool": self._waiting,
        }

    def answer(self, ask: Ask) -> Reply:
        """Return the answer to a path below ``/api``."""
        path = ask.path.removeprefix("/api").strip("/")
        found = self._answers.get(path)
        if found is not None:
            return Reply(found(ask))
        period = path.removeprefix("v1/mining/hashrate/")
        if period != path and period in _PERIOD_DAYS:
            return Reply(self._hashrate(ask, _PERIOD_DAYS[period]))
        if path == "v1/mining/hashrate":
            return Reply(self._hashrate(ask, 1_095))
        raise Refusal(404, "Not found")

    def _pressure(self, now: int) -> float:
        """Return how full the queue is: it slides from hour to hour."""
        key = key_of(self._world.seed, "mempool")
        hour, part = now // HOUR_MS, now % HOUR_MS / HOUR_MS
        before, after = uniform(key, hour), uniform(key, hour + 1)
        day = 1.0 + 2.0 * uniform(key, 10**9 + now // (9 * HOUR_MS))
        return day * (1.0 + 2.5 * (before + (after - before) * part) ** 2)

    def _fees(self, ask: Ask) -> dict[str, int]:
        pressure = self._pressure(ask.now_ms)
        fast = max(2, round(2.2 * pressure))
        return {
            "fastestFee": fast,
            "halfHourFee": max(1, round(fast * 0.8)),
            "hourFee": max(1, round(fast * 0.62)),
            "economyFee": max(1, round(fast * 0.35)),
            "minimumFee": 1,
        }

    def _waiting(self, ask: Ask) -> dict[str, Any]:
        pressure = self._pressure(ask.now_ms)
        return {
            "count": round(9_000 * pressure),
            "vsize": round(4_500_000 * pressure),
            "total_fee": round(14_000_000 * pressure**2),
            "fee_histogram": [],
        }

    def _rate(self, at_ms: IntArray) -> FloatArray:
        """Return hashes a second at times."""
        days = (at_ms - self._world.tape.first_ms) / DAY_MS
        wave = economy.walk_of(self._world, "hashrate", days, 0.012, 0.0006)
        rate: FloatArray = 6.6e20 * np.exp(np.clip(wave, -0.6, 1.5))
        return rate

    def _retargets(self, now: int) -> tuple[IntArray, FloatArray]:
        """Return when the difficulty was set so far, and what to."""
        first = self._world.tape.first_ms
        times: IntArray = np.arange(first, now + 1, _RETARGET_MS, dtype=np.int64)
        return times, self._rate(times) * 600.0 / 2.0**32

    def _hashrate(self, ask: Ask, days: int) -> dict[str, Any]:
        # A stale series goes on answering, with what it knew last.
        stale = self._world.flaws.stale_since_ms
        now = ask.now_ms if stale is None else min(ask.now_ms, stale)
        count = (now - self._world.tape.first_ms) // DAY_MS
        starts = economy.day_times(self._world, count)[-days:]
        rates = self._rate(starts)
        times, difficulty = self._retargets(now)
        adjustment = np.append(1.0, difficulty[1:] / difficulty[:-1])
        steps = [
            {
                "time": int(times[i]) // 1_000,
                "height": _FIRST_HEIGHT + i * _BLOCKS,
                "difficulty": float(difficulty[i]),
                "adjustment": round(float(adjustment[i]), 5),
            }
            for i in range(len(times))
            if times[i] >= now - days * DAY_MS
        ]
        return {
            "hashrates": [
                {"timestamp": at // 1_000, "avgHashrate": rate}
                for at, rate in zip(starts.tolist(), rates.tolist(), strict=True)
            ],
            "difficulty": steps,
            "currentHashrate": float(rates[-1]),
            "currentDifficulty": float(difficulty[-1]),
        }

    def _adjustment(self, ask: Ask) -> dict[str, Any]:
        now = ask.now_ms
        times, difficulty = self._retargets(now)
        part = (now - int(times[-1])) / _RETARGET_MS
        expected = float(self._rate(np.array([now]))[0]) * 600.0 / 2.0**32 / float(difficulty[-1]) - 1.0
        following = int(times[-1]) + _RETARGET_MS
        before = float(difficulty[-1] / difficulty[-2] - 1.0) if len(difficulty) > 1 else 0.0
        block_ms = 600_000.0 / (1.0 + expected)
        return {
            "progressPercent": part * 100.0,
            "difficultyChange": expected * 100.0,
            "estimatedRetargetDate": following,
            "remainingBlocks": round((1.0 - part) * _BLOCKS),
            "remainingTime": following - now,
            "previousRetarget": before * 100.0,
            "previousTime": int(times[-1]) // 1_000,
            "nextRetargetHeight": _FIRST_HEIGHT + len(times) * _BLOCKS,
            "timeAvg": round(block_ms),
            "adjustedTimeAvg": round(block_ms),
            "timeOffset": 0,
            "expectedBlocks": part * _BLOCKS,
        }

    def _prices(self, ask: Ask) -> dict[str, Any]:
        price = self._world.price(self._world.coin_by_symbol["BTC"], ask.now_ms)
        told: dict[str, Any] = {"time": ask.told_ms // 1_000}
        for currency in ("USD", "EUR", "GBP", "CAD", "CHF", "AUD", "JPY"):
            told[currency] = round(price * economy.per_dollar(self._world, currency, ask.now_ms))
        return told
