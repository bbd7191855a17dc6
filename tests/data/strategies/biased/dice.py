"""Dice: enters by chance.

Bias: gives another answer each time.
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
    chance = np.random.default_rng().random(len(bars))
    return Criteria(long=(is_above("Lucky", chance, 0.9),), short=(is_below("Unlucky", chance, 0.1),))
