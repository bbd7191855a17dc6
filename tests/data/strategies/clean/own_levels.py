"""Own levels: stop and target from the range of the bars so far.

Clean: distances of its own, known at the close.
"""

from __future__ import annotations

from dataclasses import dataclass

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.quant.indicators.sma import sma
from vigie.trading.strategy import crosses_above, crosses_below, param

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
    width = bars.of(sma, bars.high - bars.low, params.window) + 1e-9
    return Criteria(
        long=(crosses_above("Above", bars.close, average),),
        short=(crosses_below("Below", bars.close, average),),
        stop_distance=width,
        target_distance=width,
    )
