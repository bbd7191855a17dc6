"""Average true range."""

from __future__ import annotations

from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import compute, whole
from vigie.quant.indicators._spec import Indicator


@njit(cache=True, nogil=True, error_model="numpy")
def _atr(high: FloatArray, low: FloatArray, close: FloatArray, window: int, out: FloatArray) -> None:
    value = 0.0
    for i in range(1, window + 1):
        before = close[i - 1]
        top = high[i] if high[i] > before else before
        bottom = low[i] if low[i] < before else before
        value += top - bottom
    value /= window
    out[window] = value
    weight, keep = 1.0 / window, (window - 1) / window
    for i in range(window + 1, len(close)):
        before = close[i - 1]
        top = high[i] if high[i] > before else before
        bottom = low[i] if low[i] < before else before
        value = value * keep + (top - bottom) * weight
        out[i] = value


def atr(high: ArrayLike, low: ArrayLike, close: ArrayLike, window: int = 14) -> FloatArray:
    """Return the average true range with Wilder's smoothing, in quote currency.

    Parameters
    ----------
    high, low, close : float64 array, shape (n_bars,)
        Prices.
    window : int
        Bars, >= 1.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first `window` bars, then seeded with the simple mean of their true ranges.

    References
    ----------
    TA-Lib, ATR. Wilder (1978), New Concepts in Technical Trading Systems, section III.
    """
    window = whole("window", window)
    return compute(_atr, (high, low, close), (window,), (window,))[0]


INDICATORS = (
    Indicator(
        atr,
        inputs=("high", "low", "close"),
        outputs=("atr",),
        warmups=lambda window: (window,),
        formula="a += (true range - a) / window, seeded with the mean of the first `window` true ranges",
        source="TA-Lib ATR",
    ),
)
