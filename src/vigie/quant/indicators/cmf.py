"""Chaikin money flow."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.quant.indicators._runs import check_whole, compute
from vigie.quant.indicators._spec import Indicator
from vigie.quant.indicators.rolling_sum import rolling_sum


def _cmf(
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    volume: FloatArray,
    window: int,
    out: FloatArray,
) -> None:
    spread, flow = high - low, (close - low) - (high - close)
    flat = spread == 0.0
    spread[flat], flow[flat] = 1.0, 0.0
    flow /= spread
    flow *= volume
    traded = rolling_sum(volume, window)
    traded[traded == 0.0] = np.nan
    np.divide(rolling_sum(flow, window), traded, out=out)


def cmf(high: ArrayLike, low: ArrayLike, close: ArrayLike, volume: ArrayLike, window: int = 20) -> FloatArray:
    """Return the Chaikin money flow, in [-1, 1]: where in its bars the volume was closed.

    Parameters
    ----------
    high, low, close, volume : float64 array, shape (n_bars,)
        Prices and volumes.
    window : int
        Bars, >= 1.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN for the first ``window - 1`` bars and where nothing was traded in the whole window; a bar without
        range counts as 0.

    References
    ----------
    Chaikin; StockCharts, ChartSchool, Chaikin Money Flow.
    """
    window = check_whole("window", window)
    return compute(_cmf, (high, low, close, volume), (window,), (window - 1,))[0]


INDICATORS = (
    Indicator(
        cmf,
        inputs=("high", "low", "close", "volume"),
        outputs=("cmf",),
        warmups=lambda window: (window - 1,),
        formula="sum(volume * ((close - low) - (high - close)) / (high - low)) / sum(volume)",
        source="StockCharts ChartSchool, Chaikin Money Flow",
        flat=(0.0,),
    ),
)
