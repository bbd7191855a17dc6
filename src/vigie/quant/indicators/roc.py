"""Rate of change."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import Indicator


def _roc(x: FloatArray, window: int, out: FloatArray) -> None:
    before = x[:-window].copy()
    before[before == 0.0] = np.nan
    np.divide(x[window:], before, out=out[window:])
    out[window:] -= 1.0
    out[window:] *= 100.0


def roc(values: ArrayLike, window: int = 10) -> FloatArray:
    """Return the rate of change over `window` bars, in per cent.

    Parameters
    ----------
    values : float64 array, shape (n_bars,)
        Any series.
    window : int
        Bars, >= 1.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first `window` bars and where the earlier value is 0.

    References
    ----------
    TA-Lib, ROC.
    """
    window = check_whole("window", window)
    return compute(_roc, (values,), (window,), (window,))[0]


INDICATORS = (
    Indicator(
        roc,
        inputs=("values",),
        outputs=("roc",),
        warmups=lambda window: (window,),
        formula="100 * (x / x[window bars ago] - 1)",
        source="TA-Lib ROC",
        flat=(0.0,),
    ),
)
