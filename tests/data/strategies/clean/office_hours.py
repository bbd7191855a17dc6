"""Office hours: breaks its average between 8 and 16 UTC.

Clean: the hour is known.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

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
    average = bars.of(sma, bars.close, params.window)
    hour = (bars.ts // 3_600_000 % 24).astype(np.float64)
    hours = (is_above("From 8", hour, 7.5), is_below("Until 16", hour, 15.5))
    return Criteria(
        long=(crosses_above("Above", bars.close, average), *hours),
        short=(crosses_below("Below", bars.close, average), *hours),
    )
