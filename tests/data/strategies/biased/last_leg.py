"""Zigzag: trade with the leg that leads to the last extreme.

Bias: a leg is marked up or down once its end is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.trading.strategy import is_above, is_below, param

TIMEFRAME = "1h"


@dataclass(frozen=True, slots=True)
class Params:
    """Window in bars."""

    window: int = param(20, low=2, high=200)


def warmup(params: Params) -> int:
    """Bars before everything is known."""
    return 0


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    side = np.zeros(len(bars))
    start = 0
    for i in range(1, len(bars)):
        if abs(bars.close[i] / bars.close[start] - 1.0) > 0.02:
            side[start:i] = np.sign(bars.close[i] - bars.close[start])
            start = i
    return Criteria(long=(is_above("Upward leg", side, 0.5),), short=(is_below("Downward leg", side, -0.5),))
