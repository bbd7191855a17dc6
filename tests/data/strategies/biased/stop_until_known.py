"""Stop with foresight: wider where the next bar would touch it.

Bias: only the distance of the stop sees the next bar, at the bars where it matters.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.quant.indicators.sma import sma
from vigie.trading.strategy import atr_of, crosses_above, crosses_below, param

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
    average = bars.of(sma, bars.close, params.window)
    width = atr_of(bars).copy()
    low = np.append(bars.low[1:], np.nan)
    width[low < bars.close - 2.0 * width] *= 3.0
    return Criteria(
        long=(crosses_above("Crosses above its average", bars.close, average),),
        short=(crosses_below("Crosses below its average", bars.close, average),),
        stop_distance=width,
    )
