"""Z-score of the history so far.

Clean: sums that grow bar by bar.
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
    count = np.arange(1.0, len(bars) + 1.0)
    mean = np.cumsum(bars.close) / count
    spread = np.sqrt(np.maximum(np.cumsum(bars.close**2) / count - mean**2, 1e-12))
    score = (bars.close - mean) / spread
    return Criteria(long=(is_below("Far below", score, -1.0),), short=(is_above("Far above", score, 1.0),))
