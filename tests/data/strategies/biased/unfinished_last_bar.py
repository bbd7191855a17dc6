"""Careful: no signal on the newest bar.

Bias: every signal comes one bar late and is dated back.
"""

from __future__ import annotations

from dataclasses import dataclass

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria, Criterion, Reading
from vigie.quant import compare
from vigie.quant.indicators.sma import sma
from vigie.trading.strategy import param

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
    over, under = compare.above(bars.close, average), compare.below(bars.close, average)
    over[-1:] = under[-1:] = False
    return Criteria(
        long=(Criterion("Above", Reading(bars.close, average, over)),),
        short=(Criterion("Below", Reading(bars.close, average, under)),),
    )
