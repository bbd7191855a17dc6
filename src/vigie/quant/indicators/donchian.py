"""Donchian channel."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import ChartedOutput, ChartStyle, Indicator
from vigie.quant.indicators.extremes import highest, lowest


def _donchian(
    high: FloatArray,
    low: FloatArray,
    window: int,
    upper: FloatArray,
    middle: FloatArray,
    lower: FloatArray,
) -> None:
    upper[:], lower[:] = highest(high, window), lowest(low, window)
    np.add(upper, lower, out=middle)
    middle /= 2.0


def donchian(high: ArrayLike, low: ArrayLike, window: int = 20) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the highest high, the middle and the lowest low of the last `window` bars, in quote currency.

    This bar is included: a breakout compares the close with the channel of the bar before.

    Parameters
    ----------
    high, low : float64 array, shape (n_bars,)
        Prices.
    window : int
        Bars, >= 1.

    Returns
    -------
    upper, middle, lower : float64 array, shape (n_bars,)
        NaN for the first ``window - 1`` bars.

    References
    ----------
    Donchian (1960), High finance in copper, Financial Analysts Journal 16(6).
    """
    window = check_whole("window", window)
    upper, middle, lower = compute(_donchian, (high, low), (window,), (window - 1,) * 3)
    return upper, middle, lower


INDICATORS = (
    Indicator(
        donchian,
        inputs=("high", "low"),
        outputs=("upper", "middle", "lower"),
        warmups=lambda window: (window - 1,) * 3,
        formula="highest high, mean of both, lowest low of the last `window` bars",
        source="Donchian (1960), Financial Analysts Journal 16(6)",
        flat=("price", "price", "price"),
        chart=ChartStyle(
            "Donchian",
            "price",
            "usd",
            window=20,
            outputs=(ChartedOutput("upper", "upper", "max"), ChartedOutput("lower", "lower", "min")),
        ),
    ),
)
