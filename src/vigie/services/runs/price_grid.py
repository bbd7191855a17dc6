"""The grid of a file of bars that comes without one: tick and lot read off its prices."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from vigie.domain.bar import Bars, FloatArray
from vigie.domain.money import GridStep

FINEST_TICK_DIGITS = 12
# Digits of a power of ten: lots of 1,000,000 and of 0.00000001.
LOT_DIGITS = (-6, 8)
LOT_WORTH = "0.0001"
# Beyond it neighbouring ticks of a price are the same float64.
_MAX_TICKS = 1e15


def price_step(bars: Bars) -> GridStep:
    """Return the coarsest power of ten, at most 1, that all prices of the bars are multiples of, as their tick.

    Used for files given with ``--bars`` without ``--tick``; the report's assumptions say so.
    """
    digits = 0
    for prices in (bars.open, bars.high, bars.low, bars.close):
        highest = float(prices.max())
        while digits < FINEST_TICK_DIGITS and not _are_on_grid(prices, digits):
            if highest * 10.0 ** (digits + 1) > _MAX_TICKS:
                break
            digits += 1
    return GridStep(1, digits)


def _are_on_grid(prices: FloatArray, digits: int) -> bool:
    scale = 10.0**digits
    return bool(np.array_equal(np.rint(prices * scale) / scale, prices))


def default_lot(bars: Bars) -> GridStep:
    """Return the power of ten of which one lot is worth about 0.0001 quote at most, at the median close.

    Used for files given with ``--bars`` without ``--lot``. A fixed lot would be too coarse for one coin, and for
    another so fine that a position is more lots than a 64-bit integer counts.
    """
    price = Decimal(repr(float(np.median(bars.close))))
    power = price.adjusted() + (price != Decimal(1).scaleb(price.adjusted()))
    lowest, highest = LOT_DIGITS
    digits = min(max(power + 4, lowest), highest)
    return GridStep(10**-digits, 0) if digits < 0 else GridStep(1, digits)
