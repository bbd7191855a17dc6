"""MACD cross: enter when the MACD line crosses its signal line, leave on the opposite cross.

Source: Appel, G. (2005), Technical Analysis: Power Tools for Active Investors, chapter 8.
"""

from __future__ import annotations

from dataclasses import dataclass

from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.signal import Criteria
from vigie.quant.indicators.macd import macd
from vigie.trading.filters import near_trigger, with_trend, with_volume
from vigie.trading.strategy import atr_of, crosses_above, crosses_below, param

TIMEFRAME = "1d"


@dataclass(frozen=True, slots=True)
class Params:
    """Spans of the two averages and of the signal line, in bars."""

    fast: int = param(12, low=2, high=200, search=(6, 24), step=2)
    slow: int = param(26, low=3, high=400, search=(18, 60), step=2)
    signal: int = param(9, low=1, high=100, search=(5, 15), step=2)

    def __post_init__(self) -> None:
        """Refuse a fast average that is not faster."""
        if self.fast >= self.slow:
            raise UsageError(
                "macd_cross_fast_must_below",
                "macd_cross.fast must be below slow ({slow}), was {fast}",
                slow=self.slow,
                fast=self.fast,
            )


def warmup(params: Params) -> int:
    """Bars before both lines exist at a bar and at the one before it."""
    return params.slow + params.signal - 1


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    line, signal, histogram = bars.of(macd, bars.close, params.fast, params.slow, params.signal)
    scale = atr_of(bars)
    shared = (with_volume(bars), near_trigger(bars, histogram, limit_atr=0.25))
    return Criteria(
        long=(
            crosses_above("MACD crosses above its signal", line, signal, scale=scale),
            with_trend(bars, 1),
            *shared,
        ),
        short=(
            crosses_below("MACD crosses below its signal", line, signal, scale=scale),
            with_trend(bars, -1),
            *shared,
        ),
    )
