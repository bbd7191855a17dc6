"""mempool.space: fees, hash rate, difficulty and prices of Bitcoin, and what lies at an address."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, Final

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie_sandbox.world import economy
from vigie_sandbox.world.hashed_random import derive_key, uniform
from vigie_sandbox.world.wire import Reply, Service, ServiceRefusal, ServiceRequest
from vigie_sandbox.world.world import World

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
_ADDRESS: Final = re.compile(r"(bc1[02-9ac-hj-np-z]{11,87}|[13][1-9A-HJ-NP-Za-km-z]{25,34})", re.IGNORECASE)
# The example of BIP 173: it always holds something, so that a beginner has an address to try.
EXAMPLE_ADDRESS: Final = "bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4"
_USED_SHARE: Final = 0.4
_EMPTIED_SHARE: Final = 0.3
_COMES_SATS: Final = 40_000_000
_RETARGET_MS: Final = 14 * DAY_MS
_BLOCKS: Final = 2_016
_FIRST_HEIGHT: Final = 870_912


def open_service(world: World) -> Service:
    """Return what answers for this service in a world."""
    return Mempool(world)


class Mempool:
    """Answers its questions from the world.

    Parameters
    ----------
    world : World
        What is shown.
    """

    def __init__(self, world: World) -> None:
        self._world = world
        self._handlers: dict[str, Callable[[ServiceRequest], Any]] = {
            "v1/fees/recommended": self._fees,
            "v1/difficulty-adjustment": self._adjustment,
            "v1/prices": self._prices,
            "mempool": self._queue,
        }

    def answer(self, request: ServiceRequest) -> Reply:
        """Return the answer to a path below ``/api``."""
        path = request.path.removeprefix("/api").strip("/")
        handler = self._handlers.get(path)
        if handler is not None:
            return Reply(handler(request))
        period = path.removeprefix("v1/mining/hashrate/")
        if period != path and period in _PERIOD_DAYS:
            return Reply(self._hashrate(request, _PERIOD_DAYS[period]))
        if path == "v1/mining/hashrate":
            return Reply(self._hashrate(request, 1_095))
        if path.startswith("address/"):
            return Reply(self._address(path.removeprefix("address/")))
        raise ServiceRefusal(404, "Not found")

    def _address(self, address: str) -> dict[str, object]:
        """Return what lies at an address: two of five were used, of some everything left again."""
        if not _ADDRESS.fullmatch(address):
            raise ServiceRefusal(400, "Invalid Bitcoin address")
        key, is_example = derive_key(self._world.seed, "address", address), address == EXAMPLE_ADDRESS
        n_came = int(5 * uniform(key, 1)) + 1 if is_example or uniform(key, 0) < _USED_SHARE else 0
        came = round(_COMES_SATS * n_came * (0.5 + uniform(key, 2) / 2 if is_example else uniform(key, 2)))
        is_emptied = not is_example and uniform(key, 3) < _EMPTIED_SHARE
        left = came if is_emptied else round(came * uniform(key, 4) / 2)
        chain = {
            "funded_txo_count": n_came,
            "funded_txo_sum": came,
            "spent_txo_count": n_came if left == came else n_came // 2,
            "spent_txo_sum": left,
            "tx_count": 2 * n_came,
        }
        return {"address": address, "chain_stats": chain, "mempool_stats": dict.fromkeys(chain, 0)}

    def _pressure(self, now: int) -> float:
        """Return how full the queue is: it slides from hour to hour."""
        key = derive_key(self._world.seed, "mempool")
        hour, part = now // HOUR_MS, now % HOUR_MS / HOUR_MS
        before, after = uniform(key, hour), uniform(key, hour + 1)
        day = 1.0 + 2.0 * uniform(key, 10**9 + now // (9 * HOUR_MS))
        return day * (1.0 + 2.5 * (before + (after - before) * part) ** 2)

    def _fees(self, request: ServiceRequest) -> dict[str, int]:
        pressure = self._pressure(request.now_ms)
        fast = max(2, round(2.2 * pressure))
        return {
            "fastestFee": fast,
            "halfHourFee": max(1, round(fast * 0.8)),
            "hourFee": max(1, round(fast * 0.62)),
            "economyFee": max(1, round(fast * 0.35)),
            "minimumFee": 1,
        }

    def _queue(self, request: ServiceRequest) -> dict[str, Any]:
        pressure = self._pressure(request.now_ms)
        return {
            "count": round(9_000 * pressure),
            "vsize": round(4_500_000 * pressure),
            "total_fee": round(14_000_000 * pressure**2),
            "fee_histogram": [],
        }

    def _hashrate_at(self, at_ms: IntArray) -> FloatArray:
        """Return hashes a second at times."""
        days = (at_ms - self._world.tape.first_ms) / DAY_MS
        walk = economy.random_walk(self._world, "hashrate", days, 0.012, 0.0006)
        rate: FloatArray = 6.6e20 * np.exp(np.clip(walk, -0.6, 1.5))
        return rate

    def _retargets(self, now: int) -> tuple[IntArray, FloatArray]:
        """Return when the difficulty was set so far, and what to."""
        first = self._world.tape.first_ms
        times: IntArray = np.arange(first, now + 1, _RETARGET_MS, dtype=np.int64)
        return times, self._hashrate_at(times) * 600.0 / 2.0**32

    def _hashrate(self, request: ServiceRequest, days: int) -> dict[str, Any]:
        # A stale series goes on answering, with what it knew last.
        stale = self._world.flaws.stale_since_ms
        now = request.now_ms if stale is None else min(request.now_ms, stale)
        count = (now - self._world.tape.first_ms) // DAY_MS
        starts = economy.day_times(self._world, count)[-days:]
        rates = self._hashrate_at(starts)
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
                {"timestamp": start_ms // 1_000, "avgHashrate": rate}
                for start_ms, rate in zip(starts.tolist(), rates.tolist(), strict=True)
            ],
            "difficulty": steps,
            "currentHashrate": float(rates[-1]),
            "currentDifficulty": float(difficulty[-1]),
        }

    def _adjustment(self, request: ServiceRequest) -> dict[str, Any]:
        now = request.now_ms
        times, difficulty = self._retargets(now)
        progress = (now - int(times[-1])) / _RETARGET_MS
        expected = (
            float(self._hashrate_at(np.array([now]))[0]) * 600.0 / 2.0**32 / float(difficulty[-1]) - 1.0
        )
        next_retarget_ms = int(times[-1]) + _RETARGET_MS
        previous_change = float(difficulty[-1] / difficulty[-2] - 1.0) if len(difficulty) > 1 else 0.0
        block_ms = 600_000.0 / (1.0 + expected)
        return {
            "progressPercent": progress * 100.0,
            "difficultyChange": expected * 100.0,
            "estimatedRetargetDate": next_retarget_ms,
            "remainingBlocks": round((1.0 - progress) * _BLOCKS),
            "remainingTime": next_retarget_ms - now,
            "previousRetarget": previous_change * 100.0,
            "previousTime": int(times[-1]) // 1_000,
            "nextRetargetHeight": _FIRST_HEIGHT + len(times) * _BLOCKS,
            "timeAvg": round(block_ms),
            "adjustedTimeAvg": round(block_ms),
            "timeOffset": 0,
            "expectedBlocks": progress * _BLOCKS,
        }

    def _prices(self, request: ServiceRequest) -> dict[str, Any]:
        price = self._world.price(self._world.coin_by_symbol["BTC"], request.now_ms)
        prices: dict[str, Any] = {"time": request.service_ms // 1_000}
        for currency in ("USD", "EUR", "GBP", "CAD", "CHF", "AUD", "JPY"):
            prices[currency] = round(price * economy.per_dollar(self._world, currency, request.now_ms))
        return prices
