"""Williams %R."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import Indicator
from vigie.quant.indicators.extremes import highest, lowest


def _williams_r(high: FloatArray, low: FloatArray, close: FloatArray, window: int, out: FloatArray) -> None:
    top = highest(high, window)
    spread, offset = top - lowest(low, window), close - top
    flat = spread == 0.0
    spread[flat], offset[flat] = 1.0, 0.0
    np.divide(offset, spread, out=out)
    out *= 100.0


def williams_r(high: ArrayLike, low: ArrayLike, close: ArrayLike, window: int = 14) -> FloatArray:
    """Return Williams %R, in [-100, 0].

    Parameters
    ----------
    high, low, close : float64 array, shape (n_bars,)
        Prices.
    window : int
        Bars, >= 1.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first ``window - 1`` bars; 0 where the window has no range, as in TA-Lib.

    References
    ----------
    TA-Lib, WILLR.
    """
    window = check_whole("window", window)
    return compute(_williams_r, (high, low, close), (window,), (window - 1,))[0]


INDICATORS = (
    Indicator(
        williams_r,
        inputs=("high", "low", "close"),
        outputs=("williams_r",),
        warmups=lambda window: (window - 1,),
        formula="100 * (close - highest high) / (highest high - lowest low)",
        source="TA-Lib WILLR",
        flat=(0.0,),
    ),
)
