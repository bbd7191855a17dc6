"""Bollinger squeeze: enter when the close breaks out of a band after a narrow phase, leave at the middle.

Source: Bollinger, J. (2001), Bollinger on Bollinger Bands, chapter 15 (the squeeze).
"""

from __future__ import annotations

from dataclasses import dataclass

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria, Criterion, Reading
from vigie.quant import compare
from vigie.quant.indicators.bollinger import bollinger, bollinger_bandwidth
from vigie.quant.indicators.extremes import lowest
from vigie.quant.indicators.rank_share import rank_share
from vigie.quant.rolling import all_known_before, any_before, previous
from vigie.trading.filters import near_trigger, with_trend, with_volume
from vigie.trading.strategy import atr_of, crosses_above, crosses_below, param

TIMEFRAME = "1h"


@dataclass(frozen=True, slots=True)
class Params:
    """Window and width of the bands; what counts as narrow, over how many bars, and how lately."""

    window: int = param(20, low=2, high=500, search=(10, 60), step=5)
    deviations: float = param(2.0, low=0.1, high=10.0, search=(1.5, 3.0), step=0.25)
    rank_window: int = param(120, low=2, high=5000, search=(60, 240), step=30)
    narrow_share: float = param(0.2, low=0.0, high=1.0, search=(0.1, 0.4), step=0.05)
    lookback: int = param(5, low=1, high=100, search=(3, 10), step=1)


def warmup(params: Params) -> int:
    """Bars before all shares of the look-back exist: 143 with the defaults."""
    return params.window - 1 + params.rank_window - 1 + params.lookback


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    upper, middle, lower = bars.of(bollinger, bars.close, params.window, params.deviations)
    squeeze = _squeeze(bars, params)
    scale = atr_of(bars)
    volume = with_volume(bars)
    return Criteria(
        long=(
            crosses_above("Close crosses above the upper band", bars.close, upper, scale=scale),
            squeeze, with_trend(bars, 1), volume, near_trigger(bars, bars.close, upper),
        ),
        short=(
            crosses_below("Close crosses below the lower band", bars.close, lower, scale=scale),
            squeeze, with_trend(bars, -1), volume, near_trigger(bars, bars.close, lower),
        ),
        long_exit=crosses_below("Close crosses below the middle band", bars.close, middle, scale=scale),
        short_exit=crosses_above("Close crosses above the middle band", bars.close, middle, scale=scale),
    )  # fmt: skip


def _squeeze(bars: Bars, params: Params) -> Criterion:
    # The explained value is the lowest share of the look-back; all of its shares must be known.
    width = bars.of(bollinger_bandwidth, bars.close, params.window, params.deviations)
    share = bars.of(rank_share, width, params.rank_window)
    narrow = compare.at_or_below(share, params.narrow_share)
    known = all_known_before(share, params.lookback)
    holds = any_before(narrow, params.lookback) & known
    narrowest = previous(bars.of(lowest, share, params.lookback))
    reading = Reading(narrowest, params.narrow_share, holds, known=known, scale=0.5)
    return Criterion("Bandwidth was narrow within the look-back", reading, sense="below")
