"""Centred mean: the close against an average of bars on both sides.

Bias: half of the window lies in the future.
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
    half = params.window // 2
    sums = np.cumsum(np.insert(bars.close, 0, 0.0))
    at = np.arange(len(bars))
    first, last = np.maximum(at - half, 0), np.minimum(at + half + 1, len(bars))
    middle = (sums[last] - sums[first]) / (last - first)
    return Criteria(
        long=(is_above("Above", bars.close, middle),),
        short=(is_below("Below", bars.close, middle),),
    )
