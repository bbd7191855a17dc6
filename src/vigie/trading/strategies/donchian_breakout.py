"""Donchian breakout: enter when the close leaves the channel of the bars before it, leave on a shorter channel.

Source: Faith, C. (2003), The Original Turtle Trading Rules (system 1: 20-day entry, 10-day exit).
"""

from __future__ import annotations

from dataclasses import dataclass

from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.signal import Criteria
from vigie.quant.indicators.donchian import donchian
from vigie.quant.rolling import previous
from vigie.trading.filters import near_trigger, with_trend, with_volume
from vigie.trading.strategy import atr_of, crosses_above, crosses_below, is_above, is_below, param

TIMEFRAME = "4h"


@dataclass(frozen=True, slots=True)
class Params:
    """Bars of the entry channel and of the exit channel."""

    entry: int = param(20, low=2, high=1000, search=(10, 100), step=10)
    leave: int = param(10, low=1, high=1000, search=(5, 50), step=5)

    def __post_init__(self) -> None:
        """Refuse an exit channel longer than the entry's."""
        if self.leave > self.entry:
            raise UsageError(
                "donchian_breakout_leave_must_most",
                "donchian_breakout.leave must be at most entry ({entry}), was {leave}",
                entry=self.entry,
                leave=self.leave,
            )


def warmup(params: Params) -> int:
    """Bars before the channel of the previous bars exists at a bar and at the one before it."""
    return params.entry + 1


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    # Only earlier bars make the channel: a close can never leave a channel that contains its own high.
    upper, _, lower = (previous(band) for band in bars.of(donchian, bars.high, bars.low, params.entry))
    exit_upper, _, exit_lower = (
        previous(band) for band in bars.of(donchian, bars.high, bars.low, params.leave)
    )
    scale = atr_of(bars)
    volume = with_volume(bars)
    return Criteria(
        long=(
            crosses_above("Close breaks the channel upwards", bars.close, upper, scale=scale),
            with_trend(bars, 1), volume, near_trigger(bars, bars.close, upper),
        ),
        short=(
            crosses_below("Close breaks the channel downwards", bars.close, lower, scale=scale),
            with_trend(bars, -1), volume, near_trigger(bars, bars.close, lower),
        ),
        long_exit=is_below("Close below the exit channel", bars.close, exit_lower, scale=scale),
        short_exit=is_above("Close above the exit channel", bars.close, exit_upper, scale=scale),
    )  # fmt: skip
