"""Slope of the regression line."""

from __future__ import annotations

from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole
from vigie.quant.indicators._spec import Indicator
from vigie.quant.indicators.sma import sma
from vigie.quant.indicators.wma import wma


def linear_regression_slope(values: ArrayLike, window: int = 14) -> FloatArray:
    """Return the slope of the least-squares line through the last `window` values, in their unit a bar.

    With equally spaced bars it is six times the distance from simple to weighted average, over
    ``window - 1``.

    Parameters
    ----------
    values : float64 array, shape (n_bars,)
        Any series.
    window : int
        Bars, >= 2.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first ``window - 1`` bars; 0 while the values are constant.

    References
    ----------
    TA-Lib, LINEARREG_SLOPE.
    """
    window = check_whole("window", window, 2)
    slope = wma(values, window)
    slope -= sma(values, window)
    slope *= 6.0
    slope /= window - 1
    return slope


INDICATORS = (
    Indicator(
        linear_regression_slope,
        inputs=("values",),
        outputs=("slope",),
        warmups=lambda window: (window - 1,),
        formula="least-squares slope = 6 * (wma - sma) / (window - 1)",
        source="TA-Lib LINEARREG_SLOPE",
        flat=(0.0,),
    ),
)
