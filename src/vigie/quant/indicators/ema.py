"""Exponential moving average."""

from __future__ import annotations

from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import ChartStyle, Indicator


@njit(cache=True, nogil=True, error_model="numpy")
def _ema(x: FloatArray, window: int, out: FloatArray) -> None:
    total = 0.0
    for i in range(window):
        total += x[i] - x[0]
    value = x[0] + total / window
    out[window - 1] = value
    weight = 2.0 / (window + 1)
    for i in range(window, len(x)):
        value += (x[i] - value) * weight
        out[i] = value


def ema(values: ArrayLike, window: int = 20) -> FloatArray:
    """Return the exponential moving average, in the unit of the values.

    Parameters
    ----------
    values : float64 array, shape (n_bars,)
        Any series.
    window : int
        Bars, >= 1; the newest value weighs ``2 / (window + 1)``.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first ``window - 1`` bars, then seeded with their simple mean.

    References
    ----------
    TA-Lib, EMA.
    """
    window = check_whole("window", window)
    return compute(_ema, (values,), (window,), (window - 1,), is_lasting=True)[0]


INDICATORS = (
    Indicator(
        ema,
        inputs=("values",),
        outputs=("ema",),
        warmups=lambda window: (window - 1,),
        formula="e += (x - e) * 2 / (window + 1), seeded with the mean of the first `window` values",
        source="TA-Lib EMA",
        flat=("price",),
        chart=ChartStyle("EMA", "price", "usd", window=20),
    ),
)
