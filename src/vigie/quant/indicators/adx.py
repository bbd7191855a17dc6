"""Average directional index with its two directional indicators."""

from __future__ import annotations

from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import compute, whole
from vigie.quant.indicators._spec import Indicator


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
    weight = 1.0 / window
    for i in range(1, len(close)):
        rise, fall = high[i] - high[i - 1], low[i - 1] - low[i]
        before = close[i - 1]
        top = high[i] if high[i] > before else before
        bottom = low[i] if low[i] < before else before
        # The first window - 1 bars are summed, from then on each sum loses its window-th part first.
        keep = 0.0 if i < window else weight
        up += (rise if rise > fall and rise > 0.0 else 0.0) - up * keep
        down += (fall if fall > rise and fall > 0.0 else 0.0) - down * keep
        spread += top - bottom - spread * keep
        if i < window:
            continue
        plus[i] = 100.0 * (up / spread) if spread > 0.0 else 0.0
        minus[i] = 100.0 * (down / spread) if spread > 0.0 else 0.0
        both = plus[i] + minus[i]
        direction = 100.0 * (abs(plus[i] - minus[i]) / both) if both > 0.0 else 0.0
        if i < 2 * window:
            strength += direction
            if i == 2 * window - 1:
                strength *= weight
                index[i] = strength
        else:
            # Without any movement in either direction the index rests, as in TA-Lib.
            strength += (direction - strength) * weight if both > 0.0 else 0.0
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
    window = whole("window", window, 2)
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
    ),
)
