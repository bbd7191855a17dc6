"""Linearly weighted moving average."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import ChartStyle, Indicator


@njit(cache=True, nogil=True, error_model="numpy")
def _wma(x: FloatArray, window: int, out: FloatArray) -> None:
    # Blocks as in the simple average. Taking one older bar in raises every weight of the tail by one, which
    # adds the plain sum of the tail to its weighted sum.
    tails = np.zeros(window)
    divisor = window * (window + 1) / 2.0
    for start in range(0, len(x), window):
        base = x[start]
        if start > 0:
            plain = weighted = 0.0
            for k in range(1, window):
                plain += x[start - k] - base
                weighted += plain
                tails[k] = weighted
        plain = weighted = 0.0
        stop = min(start + window, len(x))
        for i in range(start, stop):
            step = x[i] - base
            plain += step
            weighted += (i - start + 1) * step
            if i >= window - 1:
                older = window - 1 - (i - start)
                out[i] = base + (tails[older] + weighted + older * plain) / divisor


def wma(values: ArrayLike, window: int = 20) -> FloatArray:
    """Return the linearly weighted moving average, in the unit of the values.

    Parameters
    ----------
    values : float64 array, shape (n_bars,)
        Any series.
    window : int
        Bars, >= 1; the newest weighs `window`, the oldest 1.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first ``window - 1`` bars.

    References
    ----------
    TA-Lib, WMA.
    """
    window = check_whole("window", window)
    return compute(_wma, (values,), (window,), (window - 1,))[0]


INDICATORS = (
    Indicator(
        wma,
        inputs=("values",),
        outputs=("wma",),
        warmups=lambda window: (window - 1,),
        formula="sum(k * x_k) / sum(k), k = 1 (oldest) .. `window` (newest)",
        source="TA-Lib WMA",
        flat=("price",),
        chart=ChartStyle("WMA", "price", "usd", window=20),
    ),
)
