"""Just wide enough: a stop as wide as the next bars need.

Bias: only the distance of the stop sees the next range.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.quant.indicators.sma import sma
from vigie.trading.strategy import is_above, is_below, param

TIMEFRAME = "1h"


@dataclass(frozen=True, slots=True)
class Params:
    """Window in bars."""

    window: int = param(20, low=2, high=200)


def warmup(params: Params) -> int:
    """Bars before everything is known."""
    return params.window - 1


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    average = bars.of(sma, bars.close, params.window)
    width = np.maximum(bars.high - bars.low, 1e-9)
    width[:-1] = np.maximum(width[:-1], width[1:])
    return Criteria(
        long=(is_above("Above its average", bars.close, average),),
        short=(is_below("Below its average", bars.close, average),),
        stop_distance=width,
    )
