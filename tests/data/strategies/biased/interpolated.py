"""Straight: closes of every tenth bar, with lines between them.

Bias: a line towards a later close.
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
    at = np.arange(len(bars))
    line = np.interp(at, at[::10], bars.close[::10]) if len(bars) else bars.close
    return Criteria(
        long=(is_above("Above", line, bars.close),),
        short=(is_below("Below", line, bars.close),),
    )
