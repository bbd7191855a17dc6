"""When the account is looked at: daily for bars shorter than a day, else every bar.

Ratios of slots with different timeframes are comparable because all of them are taken from one value a day.
"""

from __future__ import annotations

from typing import Final

import numpy as np
from numba import njit

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS

YEAR_MS: Final = 365 * DAY_MS
_DAY: Final = DAY_MS


def periods_per_year(span_ms: int) -> float:
    """Return how many sampling periods a 24/7 market has in a year of 365 days.

    Parameters
    ----------
    span_ms : int
        Length of a bar; anything below a day is sampled daily.

    Returns
    -------
    float
        365 for bars up to a day, ``365 * 86_400_000 / span_ms`` above.
    """
    return YEAR_MS / max(span_ms, DAY_MS)


# Both write into arrays of their caller: a run that finds them compiled need not load what numba knows of arrays.
@njit(cache=True, nogil=True, error_model="numpy")
def _write_period_ends(ts: IntArray, span_ms: int, ends: IntArray) -> int:
    n = len(ts)
    stride = _DAY // span_ms
    count = 0
    i = 0
    day_end = (ts[0] // _DAY + 1) * _DAY if n > 0 else 0
    while i < n:
        j = i + 1
        if span_ms < _DAY:
            # The next day follows on the last one, or it is looked for: a division is dear.
            if ts[i] >= day_end:
                day_end += _DAY
                if ts[i] >= day_end:
                    day_end = (ts[i] // _DAY + 1) * _DAY
            # A day without gaps is jumped over at once; any other is walked.
            if i + stride < n and ts[i + stride] >= day_end and ts[i + stride - 1] < day_end:
                j = i + stride
            while j < n and ts[j] < day_end:
                j += 1
        ends[count] = j - 1
        count += 1
        i = j
    return count


@njit(cache=True, nogil=True, error_model="numpy")
def _write_period_returns(equity: FloatArray, ends: IntArray, capital: float, returns: FloatArray) -> int:
    previous = capital
    for k in range(len(ends)):
        if previous <= 0.0:
            return k
        value = equity[ends[k]]
        returns[k] = value / previous - 1.0
        previous = value
    return len(ends)


def period_ends(ts: IntArray, span_ms: int) -> IntArray:
    """Return the index of the last bar of every UTC day that has bars.

    A bar belongs to the day of its open time, so the bar that closes at midnight ends its day. Days without
    bars have no sample: nothing is filled.

    Parameters
    ----------
    ts : int64 array, shape (n_bars,)
        Open times, epoch milliseconds UTC, ascending.
    span_ms : int
        Length of a bar; from one day on every bar is an end.

    Returns
    -------
    int64 array, shape (n_periods,)
        Ascending indices into `ts`.
    """
    n = len(ts)
    days = int(ts[-1]) // _DAY - int(ts[0]) // _DAY + 1 if n > 0 else 0
    ends = np.empty(min(n, days) if span_ms < _DAY else n, np.int64)
    return ends[: _write_period_ends(ts, span_ms, ends)]


def period_returns(equity: FloatArray, ends: IntArray, capital: float) -> FloatArray:
    """Return the simple return of every sampling period, the first one measured from the capital.

    Parameters
    ----------
    equity : float64 array, shape (n_bars,)
        Account value at the close of every bar, quote currency.
    ends : int64 array, shape (n_periods,)
        From `period_ends`.
    capital : float
        Account value before the first bar.

    Returns
    -------
    float64 array, shape (<= n_periods,)
        Fractions. The series ends with the period in which the account reached zero: a ruined account has
        no further returns.
    """
    returns = np.empty(len(ends))
    return returns[: _write_period_returns(equity, ends, capital, returns)]


def sampled_returns(
    equity: FloatArray, ts: IntArray, *, capital: float, span_ms: int
) -> tuple[IntArray, FloatArray]:
    """Return when and what the account earned, one value a sampling period; the input of `vigie.quant.stats`.

    Parameters
    ----------
    equity : float64 array, shape (n_bars,)
        Account value at the close of every bar.
    ts : int64 array, shape (n_bars,)
        Open times of the bars, epoch milliseconds UTC.
    capital : float
        Account value before the first bar.
    span_ms : int
        Length of a bar.

    Returns
    -------
    int64 array, shape (n_periods,)
        Start of each period: 00:00 UTC of its day, or the bar's open time from one day up.
    float64 array, shape (n_periods,)
        Simple returns, fractions.
    """
    ends = period_ends(ts, span_ms)
    returns = period_returns(equity, ends, capital)
    stamps = ts[ends[: len(returns)]]
    return (stamps // DAY_MS * DAY_MS if span_ms < DAY_MS else stamps), returns
