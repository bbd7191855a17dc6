"""Four hours: above the close of the running four-hour bar.

Bias: uses the close of a coarser bar before that bar has closed.
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
    group = bars.ts // 14_400_000
    ends = np.flatnonzero(np.diff(group, append=-1))
    closes = np.repeat(bars.close[ends], np.diff(np.insert(ends, 0, -1)))
    return Criteria(
        long=(is_above("Above", closes, bars.close),),
        short=(is_below("Below", closes, bars.close),),
    )
