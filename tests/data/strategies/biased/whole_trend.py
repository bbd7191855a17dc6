"""Detrended: the close against the straight line through all closes.

Bias: a line fitted to the whole history.
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
    at = np.arange(len(bars), dtype=np.float64)
    line = np.polyval(np.polyfit(at, bars.close, 1), at) if len(bars) > 1 else bars.close
    return Criteria(
        long=(is_above("Above", bars.close, line),),
        short=(is_below("Below", bars.close, line),),
    )
