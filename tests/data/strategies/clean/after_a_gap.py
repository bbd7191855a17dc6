"""After a gap: wait for ten bars after missing ones.

Clean: gaps behind, not ahead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.quant.indicators.sma import sma
from vigie.trading.strategy import crosses_above, crosses_below, is_above, param

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
    average = bars.of(sma, bars.close, params.window)
    since = np.full(len(bars), 1_000.0)
    for start in bars.gaps.tolist():
        since[start:] = np.arange(len(bars) - start)
    calm = is_above("Ten bars since the last gap", since, 10.0)
    return Criteria(
        long=(crosses_above("Above", bars.close, average), calm),
        short=(crosses_below("Below", bars.close, average), calm),
    )
