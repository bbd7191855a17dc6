"""Yesterday: above the high of the day before.

Clean: grouped by day, but only days that are over.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.trading.strategy import crosses_above, crosses_below, param

TIMEFRAME = "1h"


@dataclass(frozen=True, slots=True)
class Params:
    """Window in bars."""

    window: int = param(20, low=2, high=200)


def warmup(params: Params) -> int:
    """Bars before everything is known."""
    return 25


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    day = bars.ts // 86_400_000
    starts = np.flatnonzero(np.diff(day, prepend=-1))
    tops = np.maximum.reduceat(bars.high, starts) if len(bars) else bars.high
    bottoms = np.minimum.reduceat(bars.low, starts) if len(bars) else bars.low
    sizes = np.diff(np.append(starts, len(bars)))
    top = np.repeat(np.insert(tops[:-1], 0, np.nan)[: len(sizes)], sizes)
    bottom = np.repeat(np.insert(bottoms[:-1], 0, np.nan)[: len(sizes)], sizes)
    return Criteria(
        long=(crosses_above("Above yesterday's high", bars.close, top),),
        short=(crosses_below("Below yesterday's low", bars.close, bottom),),
    )
