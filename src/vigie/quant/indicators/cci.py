"""Commodity channel index."""

from __future__ import annotations

from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import Indicator
from vigie.quant.indicators.sma import sma


@njit(cache=True, nogil=True, error_model="numpy")
def _scale(typical: FloatArray, mean: FloatArray, window: int, out: FloatArray) -> None:
    for i in range(window - 1, len(typical)):
        past, middle = typical[i - window + 1 : i + 1], mean[i]
        # Four sums side by side: one alone would wait for itself at every step.
        a = b = c = d = 0.0
        for k in range(0, window - 3, 4):
            a += abs(past[k] - middle)
            b += abs(past[k + 1] - middle)
            c += abs(past[k + 2] - middle)
            d += abs(past[k + 3] - middle)
        for k in range(window - window % 4, window):
            a += abs(past[k] - middle)
        spread = (a + b + c + d) / window
        out[i] = (typical[i] - middle) / (0.015 * spread) if spread > 0.0 else 0.0


def _cci(high: FloatArray, low: FloatArray, close: FloatArray, window: int, out: FloatArray) -> None:
    typical = (high + low + close) / 3.0
    _scale(typical, sma(typical, window), window, out)


def cci(high: ArrayLike, low: ArrayLike, close: ArrayLike, window: int = 20) -> FloatArray:
    """Return the commodity channel index: typical price against its mean, in units of 0.015 mean deviations.

    Parameters
    ----------
    high, low, close : float64 array, shape (n_bars,)
        Prices.
    window : int
        Bars, >= 2.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first ``window - 1`` bars; 0 while prices are constant.

    References
    ----------
    TA-Lib, CCI. Lambert (1980), Commodities 9(10).
    """
    window = check_whole("window", window, 2)
    return compute(_cci, (high, low, close), (window,), (window - 1,))[0]


INDICATORS = (
    Indicator(
        cci,
        inputs=("high", "low", "close"),
        outputs=("cci",),
        warmups=lambda window: (window - 1,),
        formula="(t - sma(t)) / (0.015 * mean |t - sma(t)|), t = (high + low + close) / 3",
        source="TA-Lib CCI",
        flat=(0.0,),
    ),
)
