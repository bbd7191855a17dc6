"""Funding in advance: the rate that is settled next.

Bias: the funding rate four bars later decides about the entry.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.quant.indicators.sma import sma
from vigie.trading.strategy import crosses_above, crosses_below, is_below, param

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
    rate = bars.feature("funding_rate")
    later = np.append(rate[4:], rate[-1:].repeat(min(4, len(rate))))[: len(bars)]
    return Criteria(
        long=(
            crosses_above("Crosses above its average", bars.close, average),
            is_below("Cheap later", later, 0.0001),
        ),
        short=(crosses_below("Crosses below its average", bars.close, average),),
    )
