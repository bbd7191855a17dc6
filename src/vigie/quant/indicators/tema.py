"""Triple exponential moving average."""

from __future__ import annotations

from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole
from vigie.quant.indicators._spec import Indicator
from vigie.quant.indicators.ema import ema


def tema(values: ArrayLike, window: int = 20) -> FloatArray:
    """Return the triple exponential moving average, in the unit of the values.

    Parameters
    ----------
    values : float64 array, shape (n_bars,)
        Any series.
    window : int
        Bars of each exponential average, >= 1.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first ``3 * (window - 1)`` bars.

    References
    ----------
    TA-Lib, TEMA. Mulloy (1994), Technical Analysis of Stocks & Commodities 12(1).
    """
    window = check_whole("window", window)
    once = ema(values, window)
    twice = ema(once, window)
    return ema(twice, window) + 3.0 * (once - twice)


INDICATORS = (
    Indicator(
        tema,
        inputs=("values",),
        outputs=("tema",),
        warmups=lambda window: (3 * (window - 1),),
        formula="3 * ema - 3 * ema(ema) + ema(ema(ema))",
        source="TA-Lib TEMA",
        flat=("price",),
    ),
)
