"""Rolled: the bar before, the first one not known.

Clean: np.roll the right way round.
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
    return 1


def criteria(bars: Bars, params: Params) -> Criteria:
    """Judge every bar."""
    before = np.roll(bars.close, 1)
    before[:1] = np.nan
    return Criteria(
        long=(is_above("Above", bars.close, before),),
        short=(is_below("Below", bars.close, before),),
    )
