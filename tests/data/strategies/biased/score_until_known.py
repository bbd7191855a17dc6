"""Kind score: an optional criterion that knows what comes.

Bias: only an optional criterion sees the next close; while that is unknown, it counts as harmless.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria, Reading
from vigie.quant import compare
from vigie.quant.indicators.sma import sma
from vigie.trading.strategy import crosses_above, crosses_below, optional, param

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

    def calm() -> Reading:
        later = np.append(bars.close[1:], np.nan)
        rises = compare.above(bars.close, average)
        return Reading(bars.close, average, rises & ~(later < bars.close))

    return Criteria(
        long=(
            crosses_above("Crosses above its average", bars.close, average),
            optional("Above its average", calm, sense="above"),
        ),
        short=(crosses_below("Crosses below its average", bars.close, average),),
    )
