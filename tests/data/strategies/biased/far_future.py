"""Far sight: enters when the close 50 bars later is higher.

Bias: close[i + 50].
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
    later = np.full(len(bars), np.nan)
    later[:-50] = bars.close[50:]
    return Criteria(
        long=(is_above("Above", later, bars.close),),
        short=(is_below("Below", later, bars.close),),
    )
