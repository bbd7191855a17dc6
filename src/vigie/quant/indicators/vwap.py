"""Volume-weighted average price since the start of the UTC day."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import ArrayLike

from vigie.domain.bar import FloatArray
from vigie.domain.time import DAY_MS
from vigie.quant.indicators._runs import compute
from vigie.quant.indicators._spec import Indicator


@njit(cache=True, nogil=True, error_model="numpy")
def _vwap(
    day: FloatArray,
    high: FloatArray,
    low: FloatArray,
    close: FloatArray,
    volume: FloatArray,
    out: FloatArray,
) -> None:
    base = flow = traded = 0.0
    for i in range(len(close)):
        typical = (high[i] + low[i] + close[i]) / 3.0
        if i == 0 or day[i] != day[i - 1]:
            base, flow, traded = typical, 0.0, 0.0
        flow += (typical - base) * volume[i]
        traded += volume[i]
        out[i] = base + flow / traded if traded > 0.0 else np.nan


def vwap(ts: ArrayLike, high: ArrayLike, low: ArrayLike, close: ArrayLike, volume: ArrayLike) -> FloatArray:
    """Return the volume-weighted average price since 00:00 UTC of the bar's day, in quote currency.

    The first day counts from the first bar that is stored.

    Parameters
    ----------
    ts : int64 array, shape (n_bars,)
        Open times, epoch milliseconds UTC.
    high, low, close, volume : float64 array, shape (n_bars,)
        Prices and volumes.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN where nothing was traded yet that day.

    References
    ----------
    TradingView, Pine Script reference, ``ta.vwap`` of the typical price anchored by day. Berkowitz, Logue and
    Noser (1988), Journal of Finance 43(1).
    """
    day = np.asarray(ts, dtype=np.int64) // DAY_MS
    return compute(_vwap, (day, high, low, close, volume), (), (0,))[0]


INDICATORS = (
    Indicator(
        vwap,
        inputs=("ts", "high", "low", "close", "volume"),
        outputs=("vwap",),
        warmups=lambda: (0,),
        formula="sum(typical * volume) / sum(volume) since 00:00 UTC, typical = (high + low + close) / 3",
        source="TradingView ta.vwap, anchored by day",
        flat=("price",),
    ),
)
