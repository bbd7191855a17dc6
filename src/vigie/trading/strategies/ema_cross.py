"""EMA cross: enter when the fast average crosses the slow one, leave on the opposite cross.

Source: Murphy, J. J. (1999), Technical Analysis of the Financial Markets, chapter 9 (double crossover method).
"""

from __future__ import annotations

from dataclasses import dataclass

from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.signal import Criteria
from vigie.trading.filters import near_trigger, with_trend, with_volume
from vigie.trading.strategy import averages_of, crosses_above, crosses_below, param

TIMEFRAME = "4h"


@dataclass(frozen=True, slots=True)
class Params:
    """Spans of the two averages, in bars."""

    fast: int = param(20, low=2, high=500, search=(5, 60), step=5)
    slow: int = param(50, low=3, high=1000, search=(20, 200), step=10)

    def __post_init__(self) -> None:
        """Refuse a fast average that is not faster."""
        if self.fast >= self.slow:
            raise UsageError(
                "ema_cross_fast_must_below",
                "ema_cross.fast must be below slow ({slow}), was {fast}",
                slow=self.slow,
                fast=self.fast,
            )


def warmup(params: Params) -> int:
    """Bars before both averages exist at a bar and at the one before it."""
    return params.slow


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    fast, slow, scale = averages_of(bars, params.fast, params.slow)
    shared = (with_volume(bars), near_trigger(bars, bars.close, slow, limit_atr=2.0))
    up, down = "Fast EMA crosses above the slow", "Fast EMA crosses below the slow"
    return Criteria(
        long=(crosses_above(up, fast, slow, scale=scale), with_trend(bars, 1), *shared),
        short=(crosses_below(down, fast, slow, scale=scale), with_trend(bars, -1), *shared),
    )
