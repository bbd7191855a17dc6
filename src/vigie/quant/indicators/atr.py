"""Average true range."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.arrays import floats
from vigie.quant.indicators._runs import all_known, check_whole, compute
from vigie.quant.indicators._spec import ChartStyle, Indicator
from vigie.quant.indicators.ema import _ema, ema


@njit(cache=True, nogil=True, error_model="numpy")
def _atr(high: FloatArray, low: FloatArray, close: FloatArray, window: int, out: FloatArray) -> None:
    # A comparison with NaN is false and forgets it: what is not known is added as NaN, what is known as nought.
    value = (high[0] - high[0]) + (low[0] - low[0]) + (close[-1] - close[-1])
    for i in range(1, window + 1):
        before = close[i - 1]
        top = high[i] if high[i] > before else before
        bottom = low[i] if low[i] < before else before
        unknown = (high[i] - high[i]) + (low[i] - low[i]) + (before - before)
        value += (top - bottom) + unknown
    value /= window
    out[window] = value
    weight, keep = 1.0 / window, (window - 1) / window
    for i in range(window + 1, len(close)):
        before = close[i - 1]
        top = high[i] if high[i] > before else before
        bottom = low[i] if low[i] < before else before
        unknown = (high[i] - high[i]) + (low[i] - low[i]) + (before - before)
        value = value * keep + ((top - bottom) * weight + unknown)
        out[i] = value


@njit(cache=True, nogil=True, error_model="numpy")
def _beside_averages(
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    fast: int,
    slow: int,
    window: int,
    fast_out: FloatArray,
    slow_out: FloatArray,
    out: FloatArray,
) -> None:
    # Each value waits for the one before: three chains take the time of the longest.
    start = max(fast, slow, window + 1)
    _ema(close[:start], fast, fast_out[:start])
    _ema(close[:start], slow, slow_out[:start])
    _atr(high[:start], low[:start], close[:start], window, out[:start])
    fast_ema, slow_ema, value = fast_out[start - 1], slow_out[start - 1], out[start - 1]
    fast_weight, slow_weight = 2.0 / (fast + 1), 2.0 / (slow + 1)
    weight, keep = 1.0 / window, (window - 1) / window
    for i in range(start, len(close)):
        before = close[i - 1]
        top = high[i] if high[i] > before else before
        bottom = low[i] if low[i] < before else before
        unknown = (high[i] - high[i]) + (low[i] - low[i]) + (before - before)
        value = value * keep + ((top - bottom) * weight + unknown)
        fast_ema += (close[i] - fast_ema) * fast_weight
        slow_ema += (close[i] - slow_ema) * slow_weight
        fast_out[i] = fast_ema
        slow_out[i] = slow_ema
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
    window = check_whole("window", window)
    return compute(_atr, (high, low, close), (window,), (window,), is_lasting=True)[0]


def beside_averages(
    high: ArrayLike, low: ArrayLike, close: ArrayLike, fast: int, slow: int, window: int = 14
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return two exponential averages of the close and the average true range, in the time of one of them.

    Parameters
    ----------
    high, low, close : float64 array, shape (n_bars,)
        Prices.
    fast, slow : int
        Windows of the averages, as in `ema`.
    window : int
        As in `atr`.

    Returns
    -------
    three float64 arrays, shape (n_bars,)
        What `ema`, `ema` and `atr` return, bit for bit.
    """
    fast, slow, window = (
        check_whole("window", fast),
        check_whole("window", slow),
        check_whole("window", window),
    )
    prices = floats(high), floats(low), floats(close)
    n_bars, start = len(prices[2]), max(fast, slow, window + 1)
    if n_bars > start and len(prices[0]) == n_bars == len(prices[1]):
        outputs = np.empty(n_bars), np.empty(n_bars), np.empty(n_bars)
        _beside_averages(*prices, fast, slow, window, *outputs)
        if all_known(outputs, prices):
            for output, warmup in zip(outputs, (fast - 1, slow - 1, window), strict=True):
                output[:warmup] = np.nan
            return outputs
    return ema(close, fast), ema(close, slow), atr(high, low, close, window)


INDICATORS = (
    Indicator(
        atr,
        inputs=("high", "low", "close"),
        outputs=("atr",),
        warmups=lambda window: (window,),
        formula="a += (true range - a) / window, seeded with the mean of the first `window` true ranges",
        source="TA-Lib ATR",
        flat=(0.0,),
        chart=ChartStyle("ATR", "own", "usd", window=14),
    ),
)
