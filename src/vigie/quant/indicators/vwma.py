"""Volume-weighted moving average."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import Indicator
from vigie.quant.indicators.rolling_sum import rolling_sum


def _vwma(close: FloatArray, volume: FloatArray, window: int, out: FloatArray) -> None:
    traded = rolling_sum(volume, window)
    traded[traded == 0.0] = np.nan
    np.divide(rolling_sum(close * volume, window), traded, out=out)


def vwma(close: ArrayLike, volume: ArrayLike, window: int = 20) -> FloatArray:
    """Return the volume-weighted moving average, in quote currency.

    Parameters
    ----------
    close, volume : float64 array, shape (n_bars,)
        Closing prices and volumes.
    window : int
        Bars, >= 1.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first ``window - 1`` bars and where nothing was traded in the whole window.

    References
    ----------
    TradingView, Pine Script reference, ``ta.vwma``: ``sma(x * volume, n) / sma(volume, n)``.
    """
    window = check_whole("window", window)
    return compute(_vwma, (close, volume), (window,), (window - 1,))[0]


INDICATORS = (
    Indicator(
        vwma,
        inputs=("close", "volume"),
        outputs=("vwma",),
        warmups=lambda window: (window - 1,),
        formula="sum(close * volume) / sum(volume) over `window` bars",
        source="TradingView ta.vwma",
        flat=("price",),
    ),
)
