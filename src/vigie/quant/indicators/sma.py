"""Simple moving average."""

from __future__ import annotations

from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import ChartStyle, Indicator


@njit(cache=True, nogil=True, error_model="numpy")
def _sma(x: FloatArray, window: int, out: FloatArray) -> None:
    # A window is the tail of one block of `window` bars and the head of the next: nothing is ever subtracted
    # from a sum, so nothing drifts. Distances from the first value of the block keep constant prices exact.
    # Tails wait in the places of the values that they become a part of: nothing is allocated, so a run that finds this
    # compiled need not load what the compiler knows of arrays.
    for start in range(0, len(x), window):
        base = x[start]
        stop = min(start + window, len(x))
        last = start + window - 1
        tail = 0.0
        if last < stop:
            out[last] = tail
        if start > 0:
            for k in range(1, window):
                tail += x[start - k] - base
                if last - k < stop:
                    out[last - k] = tail
        head = 0.0
        for i in range(start, stop):
            head += x[i] - base
            if i >= window - 1:
                out[i] = base + (head + out[i]) / window


def sma(values: ArrayLike, window: int = 20) -> FloatArray:
    """Return the simple moving average, in the unit of the values.

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
    TA-Lib, SMA.
    """
    window = check_whole("window", window)
    return compute(_sma, (values,), (window,), (window - 1,))[0]


INDICATORS = (
    Indicator(
        sma,
        inputs=("values",),
        outputs=("sma",),
        warmups=lambda window: (window - 1,),
        formula="mean of the last `window` values",
        source="TA-Lib SMA",
        flat=("price",),
        chart=ChartStyle("SMA", "price", "usd", window=50),
    ),
)
