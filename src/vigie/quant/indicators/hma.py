"""Hull moving average."""

from __future__ import annotations

from math import isqrt

from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole
from vigie.quant.indicators._spec import Indicator
from vigie.quant.indicators.wma import wma


def hma(values: ArrayLike, window: int = 20) -> FloatArray:
    """Return the Hull moving average, in the unit of the values.

    Parameters
    ----------
    values : float64 array, shape (n_bars,)
        Any series.
    window : int
        Bars, >= 2; half of it and its root are rounded down, as in the source.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first ``window + isqrt(window) - 2`` bars.

    References
    ----------
    Hull (2005), "How to reduce lag in a moving average", alanhull.com:
    ``WMA(2 * WMA(Integer(period / 2)) - WMA(period), Integer(SquareRoot(period)))``.
    """
    window = check_whole("window", window, 2)
    full_wma = wma(values, window)
    half_wma = wma(values, window // 2)
    return wma(half_wma + (half_wma - full_wma), isqrt(window))


INDICATORS = (
    Indicator(
        hma,
        inputs=("values",),
        outputs=("hma",),
        warmups=lambda window: (window + isqrt(window) - 2,),
        formula="wma(2 * wma(x, window // 2) - wma(x, window), isqrt(window))",
        source="Hull (2005), How to reduce lag in a moving average",
        flat=("price",),
    ),
)
