"""RSI reversion: enter when the RSI returns from an extreme, leave when it passes the middle.

Source: Wilder, J. W. (1978), New Concepts in Technical Trading Systems, section VI.
"""

from __future__ import annotations

from dataclasses import dataclass

from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.signal import Criteria
from vigie.quant.indicators.rsi import rsi
from vigie.trading.filters import with_trend, with_volume
from vigie.trading.strategy import is_above, is_below, param, returns_above, returns_below

TIMEFRAME = "1d"


@dataclass(frozen=True, slots=True)
class Params:
    """Window in bars; the extremes and the exits on the RSI's scale, mirrored for shorts around 50."""

    window: int = param(14, low=2, high=200, search=(5, 30), step=1)
    oversold: float = param(30.0, low=1.0, high=49.0, search=(15.0, 40.0), step=5.0)
    leave: float = param(60.0, low=50.0, high=99.0, search=(50.0, 80.0), step=5.0)

    def __post_init__(self) -> None:
        """Refuse an exit below the entry."""
        if self.leave <= self.oversold:
            raise UsageError(
                "rsi_reversion_leave_must_above",
                "rsi_reversion.leave must be above oversold ({oversold}), was {leave}",
                oversold=self.oversold,
                leave=self.leave,
            )


def warmup(params: Params) -> int:
    """Bars before the RSI exists at a bar and at the one before it."""
    return params.window + 1


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    value = bars.of(rsi, bars.close, params.window)
    low, high = params.oversold, 100.0 - params.oversold
    volume = with_volume(bars)
    return Criteria(
        long=(returns_above("RSI returns from below", value, low, scale=10.0), with_trend(bars, 1), volume),
        short=(
            returns_below("RSI returns from above", value, high, scale=10.0),
            with_trend(bars, -1),
            volume,
        ),
        long_exit=is_above("RSI at or above the exit", value, params.leave, or_equal=True, scale=10.0),
        short_exit=is_below(
            "RSI at or below the exit", value, 100.0 - params.leave, or_equal=True, scale=10.0
        ),
    )
