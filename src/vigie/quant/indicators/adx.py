"""Average directional index with its two directional indicators."""

from __future__ import annotations

from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import ChartStyle, Indicator


@njit(cache=True, nogil=True, inline="always")
def _move(high: FloatArray, low: FloatArray, close: FloatArray, i: int) -> tuple[float, float, float]:
    rise, fall, before = high[i] - high[i - 1], low[i - 1] - low[i], close[i - 1]
    up = rise if rise > fall else 0.0
    down = fall if fall > rise else 0.0
    top = high[i] if high[i] > before else before
    bottom = low[i] if low[i] < before else before
    return up if up > 0.0 else 0.0, down if down > 0.0 else 0.0, top - bottom


@njit(cache=True, nogil=True, error_model="numpy")
def _adx(
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    window: int,
    index: FloatArray,
    plus: FloatArray,
    minus: FloatArray,
) -> None:
    up = down = spread = strength = 0.0
    for i in range(1, window):
        rise, fall, span = _move(high, low, close, i)
        up, down, spread = up + rise, down + fall, spread + span
    keep = (window - 1) / window
    for i in range(window, len(close)):
        rise, fall, span = _move(high, low, close, i)
        up, down, spread = up * keep + rise, down * keep + fall, spread * keep + span
        plus[i] = 100.0 * (up / spread) if spread > 0.0 else 0.0
        minus[i] = 100.0 * (down / spread) if spread > 0.0 else 0.0
    first = 2 * window - 1
    for i in range(window, len(close)):
        both = plus[i] + minus[i]
        direction = 100.0 * (abs(plus[i] - minus[i]) / both) if both > 0.0 else 0.0
        if i < first:
            strength += direction
        elif i == first:
            strength = (strength + direction) / window
            index[i] = strength
        else:
            # Without any movement in either direction the index rests, as in TA-Lib.
            strength += (direction - strength) / window if both > 0.0 else 0.0
            index[i] = strength


def adx(
    high: ArrayLike, low: ArrayLike, close: ArrayLike, window: int = 14
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """Return the average directional index with +DI and -DI, each in [0, 100].

    Parameters
    ----------
    high, low, close : float64 array, shape (n_bars,)
        Prices.
    window : int
        Bars, >= 2.

    Returns
    -------
    adx, plus_di, minus_di : float64 array, shape (n_bars,)
        NaN for the first ``2 * window - 1`` bars of ADX and the first `window` of +DI and -DI; 0 while prices
        have never moved.

    References
    ----------
    TA-Lib, ADX, PLUS_DI, MINUS_DI. Wilder (1978), New Concepts in Technical Trading Systems, section IV.
    """
    window = check_whole("window", window, 2)
    warmups = (2 * window - 1, window, window)
    index, plus, minus = compute(_adx, (high, low, close), (window,), warmups)
    return index, plus, minus


INDICATORS = (
    Indicator(
        adx,
        inputs=("high", "low", "close"),
        outputs=("adx", "plus_di", "minus_di"),
        warmups=lambda window: (2 * window - 1, window, window),
        formula="Wilder average of 100 * |+DI - -DI| / (+DI + -DI)",
        source="TA-Lib ADX, PLUS_DI, MINUS_DI",
        flat=(0.0, 0.0, 0.0),
        chart=ChartStyle("ADX", "own", "index", window=14),
    ),
)
