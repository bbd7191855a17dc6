"""Money flow index."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.compare import above, below
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import Indicator
from vigie.quant.indicators.rolling_sum import rolling_sum


def _mfi(
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    volume: FloatArray,
    window: int,
    out: FloatArray,
) -> None:
    typical = (high + low + close) / 3.0
    flow = (typical * volume)[1:]
    now, before = typical[1:], typical[:-1]
    # The last digit of a sum of three prices must not decide between inflow and outflow.
    inward = rolling_sum(flow * above(now, before), window)
    total = inward + rolling_sum(flow * below(now, before), window)
    total[total == 0.0] = 1.0
    np.divide(inward, total, out=out[1:])
    out[1:] *= 100.0


def mfi(high: ArrayLike, low: ArrayLike, close: ArrayLike, volume: ArrayLike, window: int = 14) -> FloatArray:
    """Return the money flow index, in [0, 100]: RSI with volume.

    TA-Lib answers 0 where less than one quote unit flowed in the window; here any flow counts.

    Parameters
    ----------
    high, low, close, volume : float64 array, shape (n_bars,)
        Prices and volumes.
    window : int
        Bars, >= 1.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first `window` bars; 0 where nothing flowed.

    References
    ----------
    TA-Lib, MFI. Quong and Soudack (1989), Technical Analysis of Stocks & Commodities 7(3).
    """
    window = check_whole("window", window)
    return compute(_mfi, (high, low, close, volume), (window,), (window,))[0]


INDICATORS = (
    Indicator(
        mfi,
        inputs=("high", "low", "close", "volume"),
        outputs=("mfi",),
        warmups=lambda window: (window,),
        formula="100 * inflow / (inflow + outflow), flow = typical price * volume over `window` bars",
        source="TA-Lib MFI",
        flat=(0.0,),
    ),
)
