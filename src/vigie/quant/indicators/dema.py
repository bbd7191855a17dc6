"""Double exponential moving average."""

from __future__ import annotations

from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole
from vigie.quant.indicators._spec import Indicator
from vigie.quant.indicators.ema import ema


def dema(values: ArrayLike, window: int = 20) -> FloatArray:
    """Return the double exponential moving average, in the unit of the values.

    Parameters
    ----------
    values : float64 array, shape (n_bars,)
        Any series.
    window : int
        Bars of each exponential average, >= 1.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first ``2 * (window - 1)`` bars.

    References
    ----------
    TA-Lib, DEMA. Mulloy (1994), Technical Analysis of Stocks & Commodities 12(1).
    """
    window = check_whole("window", window)
    once = ema(values, window)
    return once + (once - ema(once, window))


INDICATORS = (
    Indicator(
        dema,
        inputs=("values",),
        outputs=("dema",),
        warmups=lambda window: (2 * (window - 1),),
        formula="2 * ema - ema(ema)",
        source="TA-Lib DEMA",
        flat=("price",),
    ),
)
