"""Now and then: one bar in a hundred and fifty sees the next one.

Bias: rare: one bar in 150 looks ahead by one.
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
    seen = bars.close.copy()
    rare = np.flatnonzero(bars.ts // 3_600_000 % 150 == 0)
    rare = rare[rare < len(bars) - 1]
    seen[rare] = bars.close[rare + 1]
    return Criteria(
        long=(is_above("Above", seen, bars.open),),
        short=(is_below("Below", seen, bars.open),),
    )
