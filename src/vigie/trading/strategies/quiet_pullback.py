"""Quiet pullback: in a trend, enter when a shallow dip on low volatility turns back into the trend.

Our own: a trend says where, a calm dip says when. The dip is the RSI(5) returning from its low half while EMA(50) is
above EMA(200) and ATR(14) is below its own 100-bar mean, so the stop of 2 ATR is short when it is set.
"""

from __future__ import annotations

from dataclasses import dataclass

from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.signal import Criteria
from vigie.quant.indicators.rsi import rsi
from vigie.quant.indicators.sma import sma
from vigie.trading.filters import near_trigger, with_volume
from vigie.trading.strategy import averages_of, is_above, is_below, param, returns_above, returns_below

TIMEFRAME = "1h"


@dataclass(frozen=True, slots=True)
class Params:
    """Spans of the trend averages and of calm, in bars; how deep the dip is on the RSI's scale."""

    fast: int = param(50, low=5, high=500, search=(20, 100), step=10)
    slow: int = param(200, low=10, high=2000, search=(100, 400), step=50)
    dip: float = param(35.0, low=1.0, high=49.0, search=(20.0, 45.0), step=5.0)
    calm: int = param(100, low=10, high=1000, search=(50, 200), step=50)

    def __post_init__(self) -> None:
        """Refuse a fast average that is not faster."""
        if self.fast >= self.slow:
            raise UsageError(
                "quiet_pullback_fast_must_below",
                "quiet_pullback.fast must be below slow ({slow}), was {fast}",
                slow=self.slow,
                fast=self.fast,
            )


def warmup(params: Params) -> int:
    """Bars before trend, dip and calm exist."""
    return max(params.slow - 1, params.calm + 13, 6)


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    fast, slow, volatility = averages_of(bars, params.fast, params.slow)
    dip = bars.of(rsi, bars.close, 5)
    usual = bars.of(sma, volatility, params.calm)
    quiet = is_below("ATR below its own mean", volatility, usual, scale=usual)
    shared = (quiet, with_volume(bars), near_trigger(bars, bars.close, fast, limit_atr=2.0))
    return Criteria(
        long=(
            returns_above("RSI(5) returns from the dip", dip, params.dip, scale=10.0),
            is_above("Fast EMA above the slow", fast, slow, scale=volatility), *shared,
        ),
        short=(
            returns_below("RSI(5) returns from the bounce", dip, 100.0 - params.dip, scale=10.0),
            is_below("Fast EMA below the slow", fast, slow, scale=volatility), *shared,
        ),
        long_exit=is_below("Fast EMA below the slow", fast, slow, scale=volatility),
        short_exit=is_above("Fast EMA above the slow", fast, slow, scale=volatility),
    )  # fmt: skip
