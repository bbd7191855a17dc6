"""Filter: a loop over the bars, as slow as Python.

Clean: a forward pass only.
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
    level = np.empty(len(bars))
    value = 0.0
    for i, price in enumerate(bars.close.tolist()):
        value = price if i == 0 else value + 0.1 * (price - value)
        level[i] = value
    return Criteria(
        long=(is_above("Above", bars.close, level),),
        short=(is_below("Below", bars.close, level),),
    )
