"""True range."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import compute
from vigie.quant.indicators._spec import Indicator


def _true_range(high: FloatArray, low: FloatArray, close: FloatArray, out: FloatArray) -> None:
    before = close[:-1]
    np.maximum(high[1:], before, out=out[1:])
    out[1:] -= np.minimum(low[1:], before)


def true_range(high: ArrayLike, low: ArrayLike, close: ArrayLike) -> FloatArray:
    """Return the true range, in quote currency: the bar's range with the close before it taken in.

    Parameters
    ----------
    high, low, close : float64 array, shape (n_bars,)
        Prices.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first bar.

    References
    ----------
    TA-Lib, TRANGE. Wilder (1978), New Concepts in Technical Trading Systems, section III.
    """
    return compute(_true_range, (high, low, close), (), (1,))[0]


INDICATORS = (
    Indicator(
        true_range,
        inputs=("high", "low", "close"),
        outputs=("true_range",),
        warmups=lambda: (1,),
        formula="max(high, close before) - min(low, close before)",
        source="TA-Lib TRANGE",
        flat=(0.0,),
    ),
)
