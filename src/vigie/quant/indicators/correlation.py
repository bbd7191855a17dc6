"""Rolling correlation."""

from __future__ import annotations

from math import sqrt

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import Indicator


@njit(cache=True, nogil=True, inline="always")
def _take(sums: FloatArray, x: float, y: float) -> None:
    sums[0] += x
    sums[1] += y
    sums[2] += x * x
    sums[3] += y * y
    sums[4] += x * y


@njit(cache=True, nogil=True, error_model="numpy")
def _correlation(x: FloatArray, y: FloatArray, window: int, out: FloatArray) -> None:
    # Blocks with a base in every window, as in the standard deviation; five sums a bar lie side by side.
    tails, sums, total = np.zeros(5 * window), np.zeros(5), np.zeros(5)
    for start in range(0, len(x), window):
        x_base, y_base = x[start], y[start]
        for m in range(5):
            sums[m] = 0.0
        for k in range(1, window if start > 0 else 1):
            _take(sums, x[start - k] - x_base, y[start - k] - y_base)
            for m in range(5):
                tails[5 * k + m] = sums[m]
        for m in range(5):
            sums[m] = 0.0
        for i in range(start, min(start + window, len(x))):
            _take(sums, x[i] - x_base, y[i] - y_base)
            if i >= window - 1:
                older = 5 * (window - 1 - (i - start))
                for m in range(5):
                    total[m] = (sums[m] + tails[older + m]) / window
                x_variance = total[2] - total[0] * total[0]
                y_variance = total[3] - total[1] * total[1]
                if x_variance > 0.0 and y_variance > 0.0:
                    value = (total[4] - total[0] * total[1]) / (sqrt(x_variance) * sqrt(y_variance))
                    value = value if value < 1.0 else 1.0
                    out[i] = value if value > -1.0 else -1.0
                else:
                    out[i] = 0.0


def rolling_correlation(values: ArrayLike, other: ArrayLike, window: int = 30) -> FloatArray:
    """Return Pearson's correlation of two series over a window, in [-1, 1].

    For two assets give returns, not prices: prices that merely drift look correlated.

    Parameters
    ----------
    values, other : float64 array, shape (n_bars,)
        Any two series.
    window : int
        Bars, >= 2.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first ``window - 1`` bars; 0 where either series is constant, as in TA-Lib.

    References
    ----------
    TA-Lib, CORREL.
    """
    window = check_whole("window", window, 2)
    return compute(_correlation, (values, other), (window,), (window - 1,))[0]


INDICATORS = (
    Indicator(
        rolling_correlation,
        inputs=("values", "other"),
        outputs=("correlation",),
        warmups=lambda window: (window - 1,),
        formula="covariance / (deviation of x * deviation of y) over `window` bars",
        source="TA-Lib CORREL",
        flat=(0.0,),
    ),
)
