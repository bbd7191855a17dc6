"""Highest and lowest value over a window."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import Indicator


@njit(cache=True, nogil=True)
def _extreme(x: FloatArray, window: int, sign: float, tails: FloatArray, out: FloatArray) -> None:
    # The larger of the best in the tail of one block and the best in the head of the next: three comparisons
    # a bar whatever the window (van Herk 1992, Gil and Werman 1993). A sign of -1 finds the lowest.
    for start in range(0, len(x), window):
        if start > 0:
            best = -np.inf
            for k in range(1, window):
                value = sign * x[start - k]
                best = value if value > best else best
                tails[k] = best
        best = -np.inf
        stop = min(start + window, len(x))
        for i in range(start, stop):
            value = sign * x[i]
            best = value if value > best else best
            if i >= window - 1:
                tail = tails[window - 1 - (i - start)]
                out[i] = sign * (tail if tail > best else best)


def _find_extreme(x: FloatArray, window: int, sign: float, out: FloatArray) -> None:
    # The array is made here as in the deviation.
    _extreme(x, window, sign, np.full(window, -np.inf), out)


def highest(values: ArrayLike, window: int = 20) -> FloatArray:
    """Return the highest of the last `window` values, this one included.

    Parameters
    ----------
    values : float64 array, shape (n_bars,)
        Any series.
    window : int
        Bars, >= 1.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first ``window - 1`` bars.

    References
    ----------
    TA-Lib, MAX.
    """
    window = check_whole("window", window)
    return compute(_find_extreme, (values,), (window, 1.0), (window - 1,))[0]


def lowest(values: ArrayLike, window: int = 20) -> FloatArray:
    """Return the lowest of the last `window` values, this one included.

    Parameters
    ----------
    values : float64 array, shape (n_bars,)
        Any series.
    window : int
        Bars, >= 1.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first ``window - 1`` bars.

    References
    ----------
    TA-Lib, MIN.
    """
    window = check_whole("window", window)
    return compute(_find_extreme, (values,), (window, -1.0), (window - 1,))[0]


INDICATORS = (
    Indicator(
        highest,
        inputs=("values",),
        outputs=("highest",),
        warmups=lambda window: (window - 1,),
        formula="max of the last `window` values",
        source="TA-Lib MAX",
        flat=("price",),
    ),
    Indicator(
        lowest,
        inputs=("values",),
        outputs=("lowest",),
        warmups=lambda window: (window - 1,),
        formula="min of the last `window` values",
        source="TA-Lib MIN",
        flat=("price",),
    ),
)
