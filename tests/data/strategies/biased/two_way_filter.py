"""Smooth: the slope of an average run forwards, then backwards.

Bias: the backward pass brings in the future.
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
    smooth = bars.close.copy()
    for i in range(1, len(smooth)):
        smooth[i] = smooth[i - 1] + 0.1 * (smooth[i] - smooth[i - 1])
    for i in range(len(smooth) - 2, -1, -1):
        smooth[i] = smooth[i + 1] + 0.1 * (smooth[i] - smooth[i + 1])
    slope = np.diff(smooth, prepend=smooth[:1])
    return Criteria(long=(is_above("Rising", slope, 0.0),), short=(is_below("Falling", slope, 0.0),))
