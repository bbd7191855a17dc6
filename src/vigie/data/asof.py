"""What was known at each bar's close: series joined by the time they became known, never by event time."""

from __future__ import annotations

import numpy as np

from vigie.domain.bar import Bars, FloatArray, IntArray
from vigie.domain.errors import DataError


def align(ts_known: IntArray, value: FloatArray, close_times: IntArray) -> FloatArray:
    """Return for each close time the last value known by then.

    Parameters
    ----------
    ts_known : int64 array, shape (n,)
        When each value became known, epoch milliseconds, ascending (equal times allowed: the later row wins).
    value : float64 array, shape (n,)
        The values.
    close_times : int64 array, shape (n_bars,)
        When each bar closed.

    Returns
    -------
    float64 array, shape (n_bars,)
        NaN where nothing was known yet.

    Raises
    ------
    DataError
        If `ts_known` is not ascending or the lengths differ.

    Notes
    -----
    Causal: a value known after a bar's close never reaches it.
    """
    if len(ts_known) != len(value):
        raise DataError(f"value must have {len(ts_known)} entries like ts_known, had {len(value)}")
    if np.any(np.diff(ts_known) < 0):
        raise DataError("ts_known must be ascending, was not")
    index = np.searchsorted(ts_known, close_times, side="right") - 1
    aligned = np.full(len(close_times), np.nan)
    known = index >= 0
    aligned[known] = np.asarray(value, dtype=np.float64)[index[known]]
    return aligned


def add_feature(bars: Bars, name: str, ts_known: IntArray, value: FloatArray) -> Bars:
    """Return the bars with one more point-in-time series, read with `bars.feature(name)`."""
    series = align(ts_known, value, bars.ts + bars.span_ms)
    return Bars(
        instrument=bars.instrument,
        span_ms=bars.span_ms,
        ts=bars.ts,
        open=bars.open,
        high=bars.high,
        low=bars.low,
        close=bars.close,
        volume=bars.volume,
        venue=bars.venue,
        features={**bars.features, name: series},
    )
