"""Standard deviation over a window."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import Indicator


@njit(cache=True, nogil=True, error_model="numpy")
def _deviation(x: FloatArray, window: int, tails: FloatArray, squares: FloatArray, out: FloatArray) -> None:
    # Blocks as in the simple average. The base lies in every window of its block, so the squares are of the
    # size of the deviation itself and no digits cancel, not even on a stablecoin.
    for start in range(0, len(x), window):
        base = x[start]
        if start > 0:
            tail = square = 0.0
            for k in range(1, window):
                step = x[start - k] - base
                tail += step
                square += step * step
                tails[k] = tail
                squares[k] = square
        head = square = 0.0
        stop = min(start + window, len(x))
        for i in range(start, stop):
            step = x[i] - base
            head += step
            square += step * step
            if i >= window - 1:
                k = window - 1 - (i - start)
                mean = (head + tails[k]) / window
                variance = (square + squares[k]) / window - mean * mean
                out[i] = sqrt(variance) if variance > 0.0 else 0.0


def _deviate(x: FloatArray, window: int, out: FloatArray) -> None:
    # Made here: to load code that makes arrays takes 3 MB of the compiler.
    _deviation(x, window, np.zeros(window), np.zeros(window), out)


def standard_deviation(values: ArrayLike, window: int = 20) -> FloatArray:
    """Return the population standard deviation, in the unit of the values.

    Unlike TA-Lib it keeps its digits where the deviation is tiny against the mean, and does not round
    deviations below 1e-7 to zero.

    Parameters
    ----------
    values : float64 array, shape (n_bars,)
        Any series.
    window : int
        Bars, >= 1.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first ``window - 1`` bars; 0 where all values of the window are equal.

    References
    ----------
    TA-Lib, STDDEV.
    """
    window = check_whole("window", window)
    return compute(_deviate, (values,), (window,), (window - 1,))[0]


INDICATORS = (
    Indicator(
        standard_deviation,
        inputs=("values",),
        outputs=("standard_deviation",),
        warmups=lambda window: (window - 1,),
        formula="sqrt(mean((x - sma)^2)) over `window` values",
        source="TA-Lib STDDEV",
        flat=(0.0,),
    ),
)
