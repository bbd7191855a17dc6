"""Confidence: an optional criterion that knows how it ends.

Bias: only the score sees the next close; entries are clean.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria, Reading
from vigie.quant import compare
from vigie.quant.indicators.sma import sma
from vigie.trading.strategy import is_above, is_below, optional, param

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

    def read() -> Reading:
        later = np.append(bars.close[1:], np.nan)
        return Reading(later, bars.close, compare.above(later, bars.close))

    return Criteria(
        long=(is_above("Above its average", bars.close, average), optional("Will rise", read, sense="above")),
        short=(is_below("Below its average", bars.close, average),),
    )
