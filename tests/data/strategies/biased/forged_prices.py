"""Counterfeit: prices that only rise, written over those that were.

Bias: overwrites the prices that the run trades at, under a name built at run time.
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
    for column in (bars.open, bars.high, bars.low, bars.close):
        behind = getattr(column, "ba" + "se")
        np.copyto(behind, 100.0 + np.arange(len(behind)))
    return Criteria(
        long=(is_above("The close is above nothing", bars.close, np.zeros(len(bars))),),
        short=(is_below("The close is below nothing", bars.close, np.zeros(len(bars))),),
    )
