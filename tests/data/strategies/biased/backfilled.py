"""Filled: the warm-up takes the first known value.

Bias: unknown values are filled in from later ones.
"""

from __future__ import annotations

from dataclasses import dataclass

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
    return 0


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    average = bars.of(sma, bars.close, params.window).copy()
    if len(bars) >= params.window:
        average[: params.window - 1] = average[params.window - 1]
    return Criteria(
        long=(is_above("Above", bars.close, average),),
        short=(is_below("Below", bars.close, average),),
    )
