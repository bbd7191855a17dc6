"""Z-score of the whole history.

Bias: mean and deviation of the whole history.
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
    score = (bars.close - np.mean(bars.close)) / (np.std(bars.close) or 1.0) if len(bars) else bars.close
    return Criteria(long=(is_below("Far below", score, -1.0),), short=(is_above("Far above", score, 1.0),))
