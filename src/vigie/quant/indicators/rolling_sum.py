"""Sum over a window."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import Indicator


@njit(cache=True, nogil=True)
def _rolling_sum(x: FloatArray, window: int, out: FloatArray) -> None:
    # Tail of one block plus head of the next, so that a huge value leaves no trace once it has left.
    tails = np.zeros(window)
    for start in range(0, len(x), window):
        if start > 0:
            tail = 0.0
            for k in range(1, window):
                tail += x[start - k]
                tails[k] = tail
        head = 0.0
        stop = min(start + window, len(x))
        for i in range(start, stop):
            head += x[i]
            if i >= window - 1:
                out[i] = head + tails[window - 1 - (i - start)]


def rolling_sum(values: ArrayLike, window: int = 20) -> FloatArray:
    """Return the sum of the last `window` values, this one included.

    Parameters
    ----------
    values : float64 array, shape (n_bars,)
        Any series.
    window : int
        Bars, >= 1.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first ``window - 1`` bars.

    References
    ----------
    TA-Lib, SUM.
    """
    window = check_whole("window", window)
    return compute(_rolling_sum, (values,), (window,), (window - 1,))[0]


INDICATORS = (
    Indicator(
        rolling_sum,
        inputs=("values",),
        outputs=("sum",),
        warmups=lambda window: (window - 1,),
        formula="sum of the last `window` values",
        source="TA-Lib SUM",
        flat=("20 price",),
    ),
)
