"""Pivots: buy the swing low on the bar where it lies.

Bias: a swing low becomes known two bars later and is then placed two bars back.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria, Criterion, Reading
from vigie.trading.strategy import param

TIMEFRAME = "1h"


@dataclass(frozen=True, slots=True)
class Params:
    """Window in bars."""

    window: int = param(20, low=2, high=200)


def warmup(params: Params) -> int:
    """Bars before everything is known."""
    return 2


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    low = bars.low
    is_low = np.zeros(len(bars), np.bool_)
    is_low[2:-2] = (
        (low[2:-2] < low[1:-3]) & (low[2:-2] < low[:-4]) & (low[2:-2] < low[3:-1]) & (low[2:-2] < low[4:])
    )
    never = np.zeros(len(bars), np.bool_)
    return Criteria(
        long=(Criterion("Swing low", Reading(low, bars.close, is_low)),),
        short=(Criterion("Never", Reading(low, bars.close, never)),),
    )
