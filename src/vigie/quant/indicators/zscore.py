"""Z-score: distance from the mean in standard deviations."""

from __future__ import annotations

from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.arrays import floats
from vigie.quant.indicators._runs import check_whole
from vigie.quant.indicators._spec import Indicator
from vigie.quant.indicators.deviation import standard_deviation
from vigie.quant.indicators.sma import sma


def zscore(values: ArrayLike, window: int = 20) -> FloatArray:
    """Return how many population standard deviations a value lies above the mean of its window.

    Parameters
    ----------
    values : float64 array, shape (n_bars,)
        Any series.
    window : int
        Bars, >= 2; this one included.

    Returns
    -------
    float64 array, shape (n_bars,)
        At most ``sqrt(window - 1)`` in size; NaN for the first ``window - 1`` bars; 0 where all values of the
        window are equal.

    References
    ----------
    Standard score; population deviation as in Bollinger bands.
    """
    window = check_whole("window", window, 2)
    distance = floats(values) - sma(values, window)
    spread = standard_deviation(values, window)
    flat = spread == 0.0
    spread[flat], distance[flat] = 1.0, 0.0
    distance /= spread
    return distance


INDICATORS = (
    Indicator(
        zscore,
        inputs=("values",),
        outputs=("zscore",),
        warmups=lambda window: (window - 1,),
        formula="(x - sma) / population standard deviation",
        source="standard score",
        flat=(0.0,),
    ),
)
