"""Perfect exit: leave before the next bar falls.

Bias: only the exit sees the next close.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import Bars
from vigie.domain.signal import Criteria
from vigie.quant.indicators.sma import sma
from vigie.trading.strategy import is_above, is_below, param

TIMEFRAME = "1h"


@dataclass(frozen=True, slots=True)
class Params:
    """Window in bars."""

    window: int = param(20, low=2, high=200)


def warmup(params: Params) -> int:
    """Bars before everything is known."""
    return params.window - 1


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    average = bars.of(sma, bars.close, params.window)
    later = np.append(bars.close[1:], np.nan)
    return Criteria(
        long=(is_above("Above its average", bars.close, average),),
        short=(is_below("Below its average", bars.close, average),),
        long_exit=is_below("The next bar falls", later, bars.close),
        short_exit=is_above("The next bar rises", later, bars.close),
    )
