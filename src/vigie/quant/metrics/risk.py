"""How much it hurt: drawdown with its dates, ulcer index, value at risk, expected shortfall, tail ratio."""

from __future__ import annotations

import math
from typing import Final

import numpy as np
from numba import njit

from vigie.domain.bar import FloatArray, IntArray
from vigie.quant.metrics.returns import FLAT

TAIL: Final = 0.05
_BLOCK: Final = 32


@njit(cache=True, nogil=True, inline="always")
def _moves(block: FloatArray, low: float, peak: float) -> bool:
    has_moved = False
    for i in range(len(block)):
        has_moved |= (block[i] >= peak) | (block[i] < low)
    return has_moved


@njit(cache=True, nogil=True, error_model="numpy")
def drawdown_figures(
    equity: FloatArray, ts: IntArray, capital: float, span_ms: int
) -> tuple[float, float, float, float, float, float]:
    """Return the deepest fall below an earlier peak, its dates and the longest time under water.

    Every bar counts here, not only the last of a day; the capital is the first peak.

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
    depth : float
        Lowest value over the peak before it, minus one: a fraction <= 0, not annualised; 0 when the account
        never fell. NaN without samples.
    start, trough, recovery : float
        Epoch milliseconds UTC of the last close at the peak, of the lowest close, and of the first close back
        at the peak; NaN where there is none. A fall from the capital starts at the open of the first bar.
    duration : float
        Milliseconds from `start` to `recovery`, or to the last close when not recovered.
    longest : float
        Milliseconds of the longest time between two peaks, deep or not.
    """
    nan = math.nan
    n = len(equity)
    if n == 0:
        return nan, nan, nan, nan, nan, nan
    depth, start, trough, recovery, duration, longest = 0.0, nan, nan, nan, nan, 0.0
    peak, peak_at = capital, -1
    low, low_at = capital, -1
    # One step past the end closes the fall in progress.
    for first in range(0, n + 1, _BLOCK):
        # Most blocks reach neither the peak nor a new low: that is seen in vector code.
        if first + _BLOCK <= n and not _moves(equity[first : first + _BLOCK], low, peak):
            continue
        for i in range(first, min(first + _BLOCK, n + 1)):
            is_end = i == n
            value = peak if is_end else equity[i]
            if value >= peak:
                if low < peak:
                    begin = float(ts[peak_at] + span_ms) if peak_at >= 0 else float(ts[0])
                    end = float(ts[n - 1 if is_end else i] + span_ms)
                    if end - begin > longest:
                        longest = end - begin
                    fall = low / peak - 1.0 if peak > 0.0 else nan
                    if fall < depth:
                        depth, start, duration = fall, begin, end - begin
                        trough = float(ts[low_at] + span_ms)
                        recovery = nan if is_end else end
                peak, peak_at, low = value, i, value
            elif value < low:
                low, low_at = value, i
    return depth, start, trough, recovery, duration, longest


@njit(cache=True, nogil=True, error_model="numpy")
def deepest(equity: FloatArray, capital: float) -> float:
    """Return the maximum drawdown alone, a fraction <= 0; equal to the depth of `drawdown_figures`.

    Parameters
    ----------
    equity : float64 array, shape (n_samples,)
        Quote currency, in time order.
    capital : float
        Quote currency: the equity before the first sample, and the first peak.

    Returns
    -------
    float
        0 where the equity never falls below a peak; NaN without samples.
    """
    n = len(equity)
    if n == 0:
        return math.nan
    depth = 0.0
    peak = capital
    low = capital
    for begin in range(0, n, _BLOCK):
        block = equity[begin : begin + _BLOCK]
        if not _moves(block, low, peak):
            continue
        for i in range(len(block)):
            value = block[i]
            if value >= peak:
                if low < peak:
                    fall = low / peak - 1.0 if peak > 0.0 else math.nan
                    if fall < depth:
                        depth = fall
                peak = value
                low = value
            elif value < low:
                low = value
    if low < peak and peak > 0.0:
        fall = low / peak - 1.0
        if fall < depth:
            depth = fall
    return depth


@njit(cache=True, nogil=True, error_model="numpy")
def ulcer_index(returns: FloatArray) -> float:
    """Return the ulcer index: the root mean square of the drawdowns at the end of every period.

    Parameters
    ----------
    returns : float64 array, shape (n,)
        Simple returns a period.

    Returns
    -------
    float
        Fraction >= 0, not annualised; divided by n - 1 like quantstats. NaN below two values.

    References
    ----------
    Martin and McCann (1989), "The Investor's Guide to Fidelity Funds", chapter 7 (which divides by n).
    """
    n = len(returns)
    if n < 2:
        return math.nan
    wealth, peak, squares = 1.0, 1.0, 0.0
    for x in returns:
        wealth *= 1.0 + x
        if wealth > peak:
            peak = wealth
        fall = wealth / peak - 1.0
        squares += fall * fall
    return math.sqrt(squares / (n - 1))


def tail_figures(returns: FloatArray) -> tuple[float, float, float]:
    """Return the historical value at risk and expected shortfall at 95 %, and the tail ratio.

    Parameters
    ----------
    returns : float64 array, shape (n,)
        Simple returns a period.

    Returns
    -------
    var : float
        The 5 % quantile of the returns of one period (linear interpolation): a fraction, negative for a loss.
    cvar : float
        Mean of the returns up to that quantile, of one period.
    tail_ratio : float
        Size of the 95 % quantile over the size of the 5 % quantile. NaN when the latter is zero.

    Notes
    -----
    Equal to empyrical's value_at_risk, conditional_value_at_risk and tail_ratio. NaN below two values.

    References
    ----------
    Rockafellar and Uryasev (2002), "Conditional value-at-risk for general loss distributions".
    """
    n = len(returns)
    if n < 2 or np.isnan(returns).any():
        return math.nan, math.nan, math.nan
    # Linear interpolation between two neighbours, type 7 of Hyndman and Fan (1996).
    ranks = [share * (n - 1) for share in (TAIL, 1.0 - TAIL)]
    below = [int(rank) for rank in ranks]
    above = [min(k + 1, n - 1) for k in below]
    values = np.partition(returns, (*below, *above))
    low, high = [
        _interpolate(float(values[k]), float(values[after]), rank - k)
        for k, after, rank in zip(below, above, ranks, strict=True)
    ]
    # Sorted and added one after the other: how a selection leaves the values differs from machine to machine.
    tail = values[: below[0] + 1]
    worst = float(np.cumsum(np.sort(tail))[-1]) / len(tail)
    return low, worst, abs(high) / abs(low) if abs(low) > FLAT else math.nan


def _interpolate(value: float, above: float, share: float) -> float:
    return value + (above - value) * share
