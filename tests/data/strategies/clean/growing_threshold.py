"""Records: a move larger than nine tenths of all moves before it.

Clean: quantiles of earlier bars only, recomputed at each bar.
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
    return params.window


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    size = np.abs(bars.close - bars.open) / bars.open
    large = np.full(len(bars), np.nan)
    for i in range(params.window, len(bars)):
        large[i] = np.partition(size[:i], int(i * 0.9))[int(i * 0.9)]
    return Criteria(
        long=(is_above("Record move", size, large), is_above("Green", bars.close, bars.open)),
        short=(is_above("Record move", size, large), is_below("Red", bars.close, bars.open)),
    )
