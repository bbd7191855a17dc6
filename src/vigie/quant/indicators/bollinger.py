"""Bollinger bands, their width, and where the close lies between them."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.arrays import floats
from vigie.quant.indicators._runs import check_positive, check_whole
from vigie.quant.indicators._spec import ChartedOutput, ChartStyle, Indicator
from vigie.quant.indicators.deviation import standard_deviation
from vigie.quant.indicators.sma import sma


def bollinger(
    close: ArrayLike, window: int = 20, deviations: float = 2.0
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the upper, middle and lower Bollinger band, in quote currency.

    Parameters
    ----------
    close : float64 array, shape (n_bars,)
        Closing prices.
    window : int
        Bars, >= 1.
    deviations : float
        Half width in population standard deviations, > 0.

    Returns
    -------
    upper, middle, lower : float64 array, shape (n_bars,)
        NaN for the first ``window - 1`` bars; all equal to the price while it is constant.

    References
    ----------
    TA-Lib, BBANDS. Bollinger (2001), Bollinger on Bollinger Bands.
    """
    window, deviations = check_whole("window", window), check_positive("deviations", deviations)
    middle = sma(close, window)
    half = standard_deviation(close, window)
    half *= deviations
    return middle + half, middle, middle - half


def bollinger_bandwidth(close: ArrayLike, window: int = 20, deviations: float = 2.0) -> FloatArray:
    """Return the distance between the bands as a fraction of the middle one.

    Parameters
    ----------
    close : float64 array, shape (n_bars,)
        Closing prices.
    window : int
        Bars, >= 1.
    deviations : float
        Half width in population standard deviations, > 0.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first ``window - 1`` bars and where the middle is 0.

    References
    ----------
    Bollinger (2001), Bollinger on Bollinger Bands: BandWidth.
    """
    window, deviations = check_whole("window", window), check_positive("deviations", deviations)
    middle = sma(close, window)
    width = standard_deviation(close, window)
    width *= 2.0 * deviations
    middle[middle == 0.0] = np.nan
    width /= middle
    return width


def bollinger_percent_b(close: ArrayLike, window: int = 20, deviations: float = 2.0) -> FloatArray:
    """Return where the close lies between the bands: 0 at the lower, 1 at the upper, outside beyond.

    Parameters
    ----------
    close : float64 array, shape (n_bars,)
        Closing prices.
    window : int
        Bars, >= 1.
    deviations : float
        Half width in population standard deviations, > 0.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first ``window - 1`` bars; 0.5 where the bands coincide.

    References
    ----------
    Bollinger (2001), Bollinger on Bollinger Bands: %b.
    """
    window, deviations = check_whole("window", window), check_positive("deviations", deviations)
    distance = floats(close) - sma(close, window)
    width = standard_deviation(close, window)
    width *= 2.0 * deviations
    flat = width == 0.0
    width[flat], distance[flat] = 1.0, 0.0
    return distance / width + 0.5


INDICATORS = (
    Indicator(
        bollinger,
        inputs=("close",),
        outputs=("upper", "middle", "lower"),
        warmups=lambda window, deviations: (window - 1,) * 3,
        formula="sma +- deviations * population standard deviation",
        source="TA-Lib BBANDS",
        flat=("price", "price", "price"),
        chart=ChartStyle(
            "Bollinger",
            "price",
            "usd",
            window=20,
            outputs=(
                ChartedOutput("upper", "upper", "+2\u03c3"),
                ChartedOutput("middle", "middle"),
                ChartedOutput("lower", "lower", "\u22122\u03c3"),
            ),
        ),
    ),
    Indicator(
        bollinger_bandwidth,
        inputs=("close",),
        outputs=("bandwidth",),
        warmups=lambda window, deviations: (window - 1,),
        formula="(upper - lower) / middle",
        source="Bollinger (2001), Bollinger on Bollinger Bands",
        flat=(0.0,),
    ),
    Indicator(
        bollinger_percent_b,
        inputs=("close",),
        outputs=("percent_b",),
        warmups=lambda window, deviations: (window - 1,),
        formula="(close - lower) / (upper - lower)",
        source="Bollinger (2001), Bollinger on Bollinger Bands",
        flat=(0.5,),
    ),
)
