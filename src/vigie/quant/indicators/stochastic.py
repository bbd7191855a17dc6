"""Stochastic oscillator."""

from __future__ import annotations

from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import Indicator
from vigie.quant.indicators.extremes import highest, lowest
from vigie.quant.indicators.sma import sma


def _stochastic(
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    window: int,
    smooth: int,
    signal: int,
    k: FloatArray,
    d: FloatArray,
) -> None:
    bottom = lowest(low, window)
    spread = highest(high, window) - bottom
    offset = close - bottom
    flat = spread == 0.0
    spread[flat], offset[flat] = 1.0, 0.0
    offset /= spread
    offset *= 100.0
    k[:] = sma(offset, smooth)
    d[:] = sma(k, signal)


def stochastic(
    high: ArrayLike, low: ArrayLike, close: ArrayLike, window: int = 14, smooth: int = 3, signal: int = 3
) -> tuple[FloatArray, FloatArray]:
    """Return the slow stochastic %K and its average %D, in [0, 100].

    Parameters
    ----------
    high, low, close : float64 array, shape (n_bars,)
        Prices.
    window : int
        Bars of the range, >= 1.
    smooth, signal : int
        Bars of the simple averages that make %K, and %D of it, >= 1.

    Returns
    -------
    k, d : float64 array, shape (n_bars,)
        Both NaN for the first ``window + smooth + signal - 3`` bars, as in TA-Lib; a bar whose window has no
        range counts as 0.

    References
    ----------
    TA-Lib, STOCH with simple averages.
    """
    window, smooth, signal = (
        check_whole("window", window),
        check_whole("smooth", smooth),
        check_whole("signal", signal),
    )
    warmup = window + smooth + signal - 3
    k, d = compute(_stochastic, (high, low, close), (window, smooth, signal), (warmup, warmup))
    return k, d


INDICATORS = (
    Indicator(
        stochastic,
        inputs=("high", "low", "close"),
        outputs=("k", "d"),
        warmups=lambda window, smooth, signal: (window + smooth + signal - 3,) * 2,
        formula="k = sma(100 * (close - lowest low) / (highest high - lowest low)); d = sma(k)",
        source="TA-Lib STOCH",
        flat=(0.0, 0.0),
    ),
)
