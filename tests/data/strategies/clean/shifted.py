"""Shifted: a data frame shifted the right way round.

Clean: shift(1).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

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
    before = pl.Series(bars.close).shift(1).cast(pl.Float64).to_numpy().astype(np.float64)
    return Criteria(
        long=(is_above("Above", bars.close, before),),
        short=(is_below("Below", bars.close, before),),
    )
