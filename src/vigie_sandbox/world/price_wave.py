"""A wave planted in one coin's price: there a model can find something, in every other market there is nothing to find.

It rises and falls with the clock, whatever else moves the price, and ends where it began: no level drifts away.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.domain.time import DAY_MS
from vigie_sandbox.world.price_walk import CLOSE, HIGH, LOW, OPEN

SYMBOL: Final = "BNB"
PERIOD_MS: Final = 7 * DAY_MS
# Of the price, to either side.
HEIGHT: Final = 0.035


def add_wave(bars: FloatArray, ts: int, span_ms: int, scale: float) -> None:
    """Add the wave to bars, in place; bars of any length agree on it.

    Parameters
    ----------
    bars : float64 array, shape (5, n_bars)
        Of the coin, without it.
    ts, span_ms : int
        Open time of the first bar, and the length of each.
    scale : float
        Ticks in one unit of the price.
    """
    opens = ts + np.arange(bars.shape[1], dtype=np.float64) * span_ms
    begin, middle, end = (
        np.exp(HEIGHT * np.sin(2.0 * np.pi * at / PERIOD_MS))
        for at in (opens, opens + span_ms / 2.0, opens + span_ms)
    )
    for row, factor in ((OPEN, begin), (HIGH, middle), (LOW, middle), (CLOSE, end)):
        bars[row] = np.rint(bars[row] * factor * scale) / scale
    ends = bars[[OPEN, CLOSE]]
    bars[HIGH] = np.maximum(bars[HIGH], ends.max(axis=0))
    bars[LOW] = np.minimum(bars[LOW], ends.min(axis=0))
