"""Supertrend flip: enter when the Supertrend line changes sides, leave when it changes back.

Source: Seban, O. (2008), Tout le monde mérite d'être riche, chapter on the Supertrend.
"""

from __future__ import annotations

from dataclasses import dataclass

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.quant.indicators.supertrend import supertrend
from vigie.trading.filters import near_trigger, with_trend, with_volume
from vigie.trading.strategy import crosses_above, crosses_below, param

TIMEFRAME = "4h"


@dataclass(frozen=True, slots=True)
class Params:
    """Window of the ATR in bars and its multiple."""

    window: int = param(10, low=1, high=200, search=(7, 30), step=1)
    multiplier: float = param(3.0, low=0.1, high=20.0, search=(1.5, 5.0), step=0.5)


def warmup(params: Params) -> int:
    """Bars before the direction exists at a bar and at the one before it."""
    return params.window + 1


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    line, direction = bars.of(supertrend, bars.high, bars.low, bars.close, params.window, params.multiplier)
    shared = (with_volume(bars), near_trigger(bars, bars.close, line, limit_atr=3.0))
    return Criteria(
        long=(crosses_above("Supertrend turns up", direction, 0.0), with_trend(bars, 1), *shared),
        short=(crosses_below("Supertrend turns down", direction, 0.0), with_trend(bars, -1), *shared),
    )
