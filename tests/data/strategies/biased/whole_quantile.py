"""Busy bars: volume in the top fifth.

Bias: a quantile of the whole history as the threshold.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.trading.strategy import is_above, is_below, param

TIMEFRAME = "1h"


@dataclass(frozen=True, slots=True)
class Params:
    """Window in bars."""

    window: int = param(20, low=2, high=200)


def warmup(params: Params) -> int:
    """Bars before everything is known."""
    return 0


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    busy = float(np.quantile(bars.volume, 0.8)) if len(bars) else 0.0
    return Criteria(
        long=(
            is_above("Volume in the top fifth", bars.volume, busy),
            is_above("Green", bars.close, bars.open),
        ),
        short=(
            is_above("Volume in the top fifth", bars.volume, busy),
            is_below("Red", bars.close, bars.open),
        ),
    )
