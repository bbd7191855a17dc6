"""Patience: the threshold falls with the number of bars.

Bias: the length of the history tells how far it continues.
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
    change = np.abs(np.diff(bars.close, prepend=bars.close[:1])) / bars.close
    big = 30.0 / (len(bars) + 1_000)
    return Criteria(
        long=(is_above("Large move", change, big), is_above("Green", bars.close, bars.open)),
        short=(is_above("Large move", change, big), is_below("Red", bars.close, bars.open)),
    )
