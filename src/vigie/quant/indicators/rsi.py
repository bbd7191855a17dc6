"""Relative strength index."""

from __future__ import annotations

from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import ChartStyle, Indicator


@njit(cache=True, nogil=True, error_model="numpy")
def _rsi(close: FloatArray, window: int, out: FloatArray) -> None:
    gain = loss = 0.0
    for i in range(1, window + 1):
        step = close[i] - close[i - 1]
        gain += step if step > 0.0 else 0.0
        loss -= step if step < 0.0 else 0.0
    gain /= window
    loss /= window
    out[window] = 100.0 * (gain / (gain + loss)) if gain + loss > 0.0 else 0.0
    weight = 1.0 / window
    for i in range(window + 1, len(close)):
        step = close[i] - close[i - 1]
        gain += ((step if step > 0.0 else 0.0) - gain) * weight
        loss += ((-step if step < 0.0 else 0.0) - loss) * weight
        total = gain + loss
        out[i] = 100.0 * (gain / total) if total > 0.0 else 0.0


def rsi(close: ArrayLike, window: int = 14) -> FloatArray:
    """Return the relative strength index with Wilder's smoothing, in [0, 100].

    Parameters
    ----------
    close : float64 array, shape (n_bars,)
        Closing prices.
    window : int
        Bars, >= 2.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first `window` bars; 0 while prices have never moved, as in TA-Lib.

    References
    ----------
    TA-Lib, RSI. Wilder (1978), New Concepts in Technical Trading Systems, section VI.
    """
    window = check_whole("window", window, 2)
    return compute(_rsi, (close,), (window,), (window,))[0]


INDICATORS = (
    Indicator(
        rsi,
        inputs=("close",),
        outputs=("rsi",),
        warmups=lambda window: (window,),
        formula="100 * gain / (gain + loss), Wilder averages of the rises and falls",
        source="TA-Lib RSI",
        flat=(0.0,),
        chart=ChartStyle("RSI", "own", "index", window=14),
    ),
)
