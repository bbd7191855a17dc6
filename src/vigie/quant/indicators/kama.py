"""Kaufman's adaptive moving average."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import Indicator
from vigie.quant.indicators.rolling_sum import rolling_sum


@njit(cache=True, nogil=True, error_model="numpy")
def _smooth(x: FloatArray, path: FloatArray, window: int, out: FloatArray) -> None:
    slow, fast = 2.0 / 31.0, 2.0 / 3.0
    value = x[window - 1]
    for i in range(window, len(x)):
        net = abs(x[i] - x[i - window])
        efficiency = net / path[i - 1] if path[i - 1] > net else 1.0
        weight = efficiency * (fast - slow) + slow
        value += (x[i] - value) * (weight * weight)
        out[i] = value


def _kama(x: FloatArray, window: int, out: FloatArray) -> None:
    _smooth(x, rolling_sum(np.abs(np.diff(x)), window), window, out)


def kama(values: ArrayLike, window: int = 10) -> FloatArray:
    """Return Kaufman's adaptive moving average, in the unit of the values.

    Smooths between an average of 2 bars, where the series runs straight, and one of 30, where it wavers.

    Parameters
    ----------
    values : float64 array, shape (n_bars,)
        Any series.
    window : int
        Bars over which straightness is measured, >= 1.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first `window` bars.

    References
    ----------
    TA-Lib, KAMA. Kaufman (1995), Smarter Trading, chapter 7.
    """
    window = check_whole("window", window)
    return compute(_kama, (values,), (window,), (window,))[0]


INDICATORS = (
    Indicator(
        kama,
        inputs=("values",),
        outputs=("kama",),
        warmups=lambda window: (window,),
        formula="k += (x - k) * (efficiency * (2/3 - 2/31) + 2/31)^2, efficiency = net move / path",
        source="TA-Lib KAMA",
        flat=("price",),
    ),
)
