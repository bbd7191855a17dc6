"""Cheap: the close among the lowest tenth of all closes.

Bias: ranked among closes that come later.
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
    order = np.empty(len(bars))
    order[np.argsort(bars.close)] = np.arange(len(bars)) / max(len(bars), 1)
    return Criteria(long=(is_below("Cheap", order, 0.1),), short=(is_above("Dear", order, 0.9),))
