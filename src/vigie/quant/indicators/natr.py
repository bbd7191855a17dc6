"""Normalised average true range."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.arrays import floats
from vigie.quant.indicators._runs import check_whole
from vigie.quant.indicators._spec import Indicator
from vigie.quant.indicators.atr import atr


def natr(high: ArrayLike, low: ArrayLike, close: ArrayLike, window: int = 14) -> FloatArray:
    """Return the average true range in per cent of the close.

    Parameters
    ----------
    high, low, close : float64 array, shape (n_bars,)
        Prices.
    window : int
        Bars, >= 1.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first `window` bars and where the close is 0.

    References
    ----------
    TA-Lib, NATR. Forman (2006), Technical Analysis of Stocks & Commodities 24(5).
    """
    window = check_whole("window", window)
    prices = floats(close)
    out = atr(high, low, prices, window)
    out /= np.where(prices == 0.0, np.nan, prices)
    out *= 100.0
    return out


INDICATORS = (
    Indicator(
        natr,
        inputs=("high", "low", "close"),
        outputs=("natr",),
        warmups=lambda window: (window,),
        formula="100 * atr / close",
        source="TA-Lib NATR",
        flat=(0.0,),
    ),
)
