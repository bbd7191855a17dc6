"""Stochastic of the relative strength index."""

from __future__ import annotations

from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import Indicator
from vigie.quant.indicators.extremes import highest, lowest
from vigie.quant.indicators.rsi import rsi
from vigie.quant.indicators.sma import sma

FLAT = 1e-9


def _stochastic(index: FloatArray, span: int, smooth: int, signal: int, k: FloatArray, d: FloatArray) -> None:
    bottom = lowest(index, span)
    top = highest(index, span)
    spread, offset = top - bottom, index - bottom
    # Where prices rest, RSI rests but for its last digits: that is no range.
    flat = spread <= FLAT * top
    spread[flat], offset[flat] = 1.0, 0.0
    offset /= spread
    offset *= 100.0
    k[:] = sma(offset, smooth)
    d[:] = sma(k, signal)


def stoch_rsi(
    close: ArrayLike, window: int = 14, span: int = 14, smooth: int = 1, signal: int = 3
) -> tuple[FloatArray, FloatArray]:
    """Return %K and %D of the stochastic taken over RSI instead of prices, in [0, 100].

    Parameters
    ----------
    close : float64 array, shape (n_bars,)
        Closing prices.
    window : int
        Bars of RSI, >= 2.
    span : int
        Bars of the range of RSI, >= 1.
    smooth, signal : int
        Bars of the simple averages that make %K (1: none, as in TA-Lib), and %D of it, >= 1.

    Returns
    -------
    k, d : float64 array, shape (n_bars,)
        Both NaN for the first ``window + span + smooth + signal - 3`` bars; 0 where RSI has no range.

    References
    ----------
    TA-Lib, STOCHRSI. Chande and Kroll (1994), The New Technical Trader, chapter 1.
    """
    window, span = check_whole("window", window, 2), check_whole("span", span)
    smooth, signal = check_whole("smooth", smooth), check_whole("signal", signal)
    warmup = span + smooth + signal - 3
    k, d = compute(_stochastic, (rsi(close, window),), (span, smooth, signal), (warmup, warmup))
    return k, d


INDICATORS = (
    Indicator(
        stoch_rsi,
        inputs=("close",),
        outputs=("k", "d"),
        warmups=lambda window, span, smooth, signal: (window + span + smooth + signal - 3,) * 2,
        formula="stochastic of rsi(close, window) over `span` bars",
        source="TA-Lib STOCHRSI",
        flat=(0.0, 0.0),
    ),
)
