"""Pivots: buy above the last confirmed swing high.

Clean: a swing appears when it is confirmed, two bars later.
"""

from __future__ import annotations

from dataclasses import dataclass

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.quant.indicators.pivots import swings
from vigie.trading.strategy import crosses_above, crosses_below, param

TIMEFRAME = "1h"


@dataclass(frozen=True, slots=True)
class Params:
    """Window in bars."""

    window: int = param(20, low=2, high=200)


def warmup(params: Params) -> int:
    """Bars before everything is known."""
    return 5


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    high, low = bars.of(swings, bars.high, bars.low, 2, 2)
    return Criteria(
        long=(crosses_above("Above the swing high", bars.close, high),),
        short=(crosses_below("Below the swing low", bars.close, low),),
    )
