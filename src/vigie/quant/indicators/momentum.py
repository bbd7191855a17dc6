"""Momentum."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import Indicator


def _momentum(x: FloatArray, window: int, out: FloatArray) -> None:
    np.subtract(x[window:], x[:-window], out=out[window:])


def momentum(values: ArrayLike, window: int = 10) -> FloatArray:
    """Return the change over `window` bars, in the unit of the values.

    Parameters
    ----------
    values : float64 array, shape (n_bars,)
        Any series.
    window : int
        Bars, >= 1.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first `window` bars.

    References
    ----------
    TA-Lib, MOM.
    """
    window = check_whole("window", window)
    return compute(_momentum, (values,), (window,), (window,))[0]


INDICATORS = (
    Indicator(
        momentum,
        inputs=("values",),
        outputs=("momentum",),
        warmups=lambda window: (window,),
        formula="x - x[window bars ago]",
        source="TA-Lib MOM",
        flat=(0.0,),
    ),
)
