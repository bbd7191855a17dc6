"""ADX trend: enter when a strong directional trend begins, leave when it weakens or turns.

Source: Wilder, J. W. (1978), New Concepts in Technical Trading Systems, section IV.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars, FloatArray
from vigie.domain.errors import UsageError
from vigie.domain.signal import Criteria, Criterion, Reading
from vigie.quant import compare
from vigie.quant.indicators.adx import adx
from vigie.quant.rolling import begins
from vigie.trading.filters import with_trend, with_volume
from vigie.trading.strategy import param

TIMEFRAME = "1d"


@dataclass(frozen=True, slots=True)
class Params:
    """Window in bars; the ADX above which a trend is strong and below which it has ended."""

    window: int = param(14, low=2, high=200, search=(7, 30), step=1)
    strong: float = param(25.0, low=1.0, high=99.0, search=(15.0, 40.0), step=5.0)
    weak: float = param(20.0, low=0.0, high=99.0, search=(10.0, 30.0), step=5.0)

    def __post_init__(self) -> None:
        """Refuse an exit above the entry."""
        if self.weak > self.strong:
            raise UsageError(
                "adx_trend_weak_must_most",
                "adx_trend.weak must be at most strong ({strong}), was {weak}",
                strong=self.strong,
                weak=self.weak,
            )


def warmup(params: Params) -> int:
    """Bars before the ADX exists at a bar and at the one before it."""
    return 2 * params.window


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    strength, plus, minus = bars.of(adx, bars.high, bars.low, bars.close, params.window)
    volume = with_volume(bars)
    return Criteria(
        long=(_starts("An upward trend begins", strength, plus, minus, params), with_trend(bars, 1), volume),
        short=(
            _starts("A downward trend begins", strength, minus, plus, params),
            with_trend(bars, -1),
            volume,
        ),
        long_exit=_ends("The upward trend weakens or turns", strength, plus, minus, params),
        short_exit=_ends("The downward trend weakens or turns", strength, minus, plus, params),
    )


def _starts(
    name: str, strength: FloatArray, with_it: FloatArray, against: FloatArray, params: Params
) -> Criterion:
    trend = compare.above(strength, params.strong) & compare.above(with_it, against)
    known = ~np.isnan(strength + with_it + against)
    # Without the direction no strength is near a beginning.
    scale = np.where(compare.above(with_it, against), 10.0, 0.0)
    reading = Reading(strength, params.strong, begins(trend, known), scale=scale, is_crossing=True)
    return Criterion(name, reading, sense="above")


def _ends(
    name: str, strength: FloatArray, with_it: FloatArray, against: FloatArray, params: Params
) -> Criterion:
    over = compare.below(strength, params.weak) | compare.above(against, with_it)
    over &= ~np.isnan(strength)
    return Criterion(name, Reading(strength, params.weak, over, scale=10.0), sense="below")
