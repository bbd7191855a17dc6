"""Z-score reversion: enter when the close returns from far off its mean, leave at the mean.

Source: Chan, E. (2013), Algorithmic Trading, chapter 2 (mean reversion of a single price series).
"""

from __future__ import annotations

from dataclasses import dataclass

from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.signal import Criteria
from vigie.quant.indicators.zscore import zscore
from vigie.trading.filters import with_trend, with_volume
from vigie.trading.strategy import is_above, is_below, param, returns_above, returns_below

TIMEFRAME = "1h"


@dataclass(frozen=True, slots=True)
class Params:
    """Window in bars; distance from the mean that counts as far, and at which a trade ends, in deviations."""

    window: int = param(48, low=5, high=2000, search=(24, 240), step=24)
    far: float = param(2.0, low=0.1, high=10.0, search=(1.5, 3.5), step=0.25)
    leave: float = param(0.0, low=-5.0, high=5.0, search=(-0.5, 0.5), step=0.25)

    def __post_init__(self) -> None:
        """Refuse an exit beyond the entry."""
        if self.leave <= -self.far:
            raise UsageError(
                "zscore_reversion_leave_must_above",
                "zscore_reversion.leave must be above -far ({value}), was {leave}",
                value=-self.far,
                leave=self.leave,
            )


def warmup(params: Params) -> int:
    """Bars before the z-score exists at a bar and at the one before it."""
    return params.window


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    value = bars.of(zscore, bars.close, params.window)
    volume = with_volume(bars)
    return Criteria(
        long=(returns_above("Z-score returns from below", value, -params.far), with_trend(bars, 1), volume),
        short=(returns_below("Z-score returns from above", value, params.far), with_trend(bars, -1), volume),
        long_exit=is_above("Z-score at or above the exit", value, params.leave, or_equal=True),
        short_exit=is_below("Z-score at or below the exit", value, -params.leave, or_equal=True),
    )
