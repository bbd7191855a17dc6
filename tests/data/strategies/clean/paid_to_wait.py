"""Paid to wait: with the side that funding pays.

Clean: a series aligned by the time it was known.
"""

from __future__ import annotations

from dataclasses import dataclass

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.quant.indicators.sma import sma
from vigie.trading.strategy import crosses_above, crosses_below, is_above, is_below, param

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
    rate = bars.feature("funding_rate")
    average = bars.of(sma, bars.close, params.window)
    return Criteria(
        long=(crosses_above("Above", bars.close, average), is_below("Shorts pay", rate, 0.0002)),
        short=(crosses_below("Below", bars.close, average), is_above("Longs pay", rate, 0.0)),
    )
