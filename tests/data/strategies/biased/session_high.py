"""Session: the close near the high of its UTC day.

Bias: the day's high, before the day is over.
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
    day = bars.ts // 86_400_000
    starts = np.flatnonzero(np.diff(day, prepend=-1))
    tops = np.maximum.reduceat(bars.high, starts) if len(bars) else bars.high
    top = np.repeat(tops, np.diff(np.append(starts, len(bars))))
    return Criteria(
        long=(is_above("At the day's high", bars.close, top * 0.999),),
        short=(is_below("Far below the day's high", bars.close, top * 0.97),),
    )
