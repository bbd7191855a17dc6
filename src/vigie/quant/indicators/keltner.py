"""Keltner channel."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_positive, check_whole, compute
from vigie.quant.indicators._spec import Indicator
from vigie.quant.indicators.atr import atr
from vigie.quant.indicators.ema import ema


def _keltner(
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    window: int,
    atr_window: int,
    multiplier: float,
    upper: FloatArray,
    middle: FloatArray,
    lower: FloatArray,
) -> None:
    middle[:] = ema(close, window)
    half = atr(high, low, close, atr_window)
    half *= multiplier
    np.add(middle, half, out=upper)
    np.subtract(middle, half, out=lower)


def keltner(
    high: ArrayLike,
    low: ArrayLike,
    close: ArrayLike,
    window: int = 20,
    atr_window: int = 10,
    multiplier: float = 2.0,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the upper, middle and lower line of the Keltner channel, in quote currency.

    Parameters
    ----------
    high, low, close : float64 array, shape (n_bars,)
        Prices.
    window, atr_window : int
        Bars of the exponential average and of the average true range, >= 1.
    multiplier : float
        Half width in average true ranges, > 0.

    Returns
    -------
    upper, middle, lower : float64 array, shape (n_bars,)
        NaN for the first ``max(window - 1, atr_window)`` bars.

    References
    ----------
    Raschke's form of Keltner (1960), as in StockCharts, ChartSchool, Keltner Channels.
    """
    window, atr_window = check_whole("window", window), check_whole("atr_window", atr_window)
    parameters = (window, atr_window, check_positive("multiplier", multiplier))
    warmup = max(window - 1, atr_window)
    upper, middle, lower = compute(_keltner, (high, low, close), parameters, (warmup,) * 3)
    return upper, middle, lower


INDICATORS = (
    Indicator(
        keltner,
        inputs=("high", "low", "close"),
        outputs=("upper", "middle", "lower"),
        warmups=lambda window, atr_window, multiplier: (max(window - 1, atr_window),) * 3,
        formula="ema(close, window) +- multiplier * atr(atr_window)",
        source="StockCharts ChartSchool, Keltner Channels",
        flat=("price", "price", "price"),
    ),
)
