"""Supertrend: a trailing band that changes sides when the close goes through it."""

from __future__ import annotations

from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_positive, check_whole, compute
from vigie.quant.indicators._spec import Indicator
from vigie.quant.indicators.atr import atr


@njit(cache=True, nogil=True)
def _supertrend(
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    distance: FloatArray,
    multiplier: float,
    line: FloatArray,
    direction: FloatArray,
) -> None:
    is_up = False
    upper = lower = before = 0.0
    for i in range(len(close)):
        middle = (high[i] + low[i]) / 2.0
        top = middle + multiplier * distance[i]
        bottom = middle - multiplier * distance[i]
        # A band only tightens, until a close beyond it sets it free.
        upper = top if i == 0 or top < upper or before > upper else upper
        lower = bottom if i == 0 or bottom > lower or before < lower else lower
        if i > 0:
            is_up = close[i] >= lower if is_up else close[i] > upper
        line[i] = lower if is_up else upper
        direction[i] = 1.0 if is_up else -1.0
        before = close[i]


def supertrend(
    high: ArrayLike, low: ArrayLike, close: ArrayLike, window: int = 10, multiplier: float = 3.0
) -> tuple[FloatArray, FloatArray]:
    """Return the Supertrend line in quote currency and its direction, +1 (below the price) or -1.

    The first direction is -1, as on TradingView.

    Parameters
    ----------
    high, low, close : float64 array, shape (n_bars,)
        Prices.
    window : int
        Bars of the average true range, >= 1.
    multiplier : float
        Distance of the bands in average true ranges, > 0.

    Returns
    -------
    line, direction : float64 array, shape (n_bars,)
        NaN for the first `window` bars.

    References
    ----------
    Seban; in the form of TradingView, Pine Script reference, ``ta.supertrend``. The average true range
    is TA-Lib's, so it starts one bar later than there.
    """
    window, multiplier = check_whole("window", window), check_positive("multiplier", multiplier)
    distance = atr(high, low, close, window)
    line, direction = compute(_supertrend, (high, low, close, distance), (multiplier,), (0, 0))
    return line, direction


INDICATORS = (
    Indicator(
        supertrend,
        inputs=("high", "low", "close"),
        outputs=("line", "direction"),
        warmups=lambda window, multiplier: (window, window),
        formula="(high + low) / 2 +- multiplier * atr, tightening only, changing sides on a close beyond",
        source="TradingView ta.supertrend",
        flat=("price", -1.0),
    ),
)
