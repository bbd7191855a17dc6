"""Coin flips: enter on one bar in fifty by a lot drawn from the time and the number of the coin.

A hundred numbers are a hundred trials that have nothing in common and know nothing of prices: the hardest noise
for a count of trials, traded by the same kernel as every other strategy. For `benchmarks.luck` only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars, FloatArray, IntArray
from vigie.domain.signal import Criteria
from vigie.trading.strategy import is_above, is_below, param

TIMEFRAME = "4h"
RARE = 0.02


@dataclass(frozen=True, slots=True)
class Params:
    """Which coin."""

    coin: int = param(1, low=1, high=1_000_000, search=(1, 100), step=1)


def warmup(params: Params) -> int:
    """None: a coin remembers nothing."""
    return 0


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    drawn = lots(bars.ts // bars.span_ms, params.coin)
    return Criteria(
        long=(is_above("Lot in the highest 2 %", drawn, 1.0 - RARE, scale=1.0),),
        short=(is_below("Lot in the lowest 2 %", drawn, RARE, scale=1.0),),
    )


def lots(bar: IntArray, coin: int) -> FloatArray:
    """Return a number in [0, 1) for each bar, by the finaliser of SplitMix64 (Steele, Lea and Flood 2014)."""
    mixed = (bar * 1_000_003 + coin).astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    mixed = (mixed ^ (mixed >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    mixed = (mixed ^ (mixed >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return ((mixed ^ (mixed >> np.uint64(31))) >> np.uint64(11)).astype(np.float64) / 2.0**53
