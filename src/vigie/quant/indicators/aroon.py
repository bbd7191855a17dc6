"""Aroon up and down."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import Indicator


@njit(cache=True, nogil=True)
def _age(x: FloatArray, span: int, sign: float, out: FloatArray) -> None:
    # Bars since the latest highest value, by blocks as in highest(); a sign of -1 finds the lowest.
    tails = np.zeros(span, np.int64)
    for start in range(0, len(x), span):
        if start > 0:
            best_index = start - 1
            for k in range(1, span):
                best_index = start - k if sign * x[start - k] > sign * x[best_index] else best_index
                tails[k] = best_index
        best_index = start
        stop = min(start + span, len(x))
        for i in range(start, stop):
            best_index = i if sign * x[i] >= sign * x[best_index] else best_index
            older = span - 1 - (i - start)
            if i >= span - 1:
                tail = tails[older]
                index = tail if older > 0 and sign * x[tail] > sign * x[best_index] else best_index
                out[i] = i - index


def _aroon(high: FloatArray, low: FloatArray, window: int, up: FloatArray, down: FloatArray) -> None:
    for values, sign, out in ((high, 1.0, up), (low, -1.0, down)):
        _age(values, window + 1, sign, out)
        part = out[window:]
        np.subtract(window, part, out=part)
        part *= 100.0
        part /= window


def aroon(high: ArrayLike, low: ArrayLike, window: int = 14) -> tuple[FloatArray, FloatArray]:
    """Return Aroon up and Aroon down, in [0, 100].

    Parameters
    ----------
    high, low : float64 array, shape (n_bars,)
        Prices.
    window : int
        Bars, >= 1; the extreme is sought in ``window + 1`` bars, of equal ones the latest counts.

    Returns
    -------
    up, down : float64 array, shape (n_bars,)
        NaN for the first `window` bars.

    References
    ----------
    TA-Lib, AROON. Chande (1995), Technical Analysis of Stocks & Commodities 13(9).
    """
    window = check_whole("window", window)
    up, down = compute(_aroon, (high, low), (window,), (window, window))
    return up, down


INDICATORS = (
    Indicator(
        aroon,
        inputs=("high", "low"),
        outputs=("up", "down"),
        warmups=lambda window: (window, window),
        formula="100 * (window - bars since the highest high, or the lowest low) / window",
        source="TA-Lib AROON",
        flat=(100.0, 100.0),
    ),
)
