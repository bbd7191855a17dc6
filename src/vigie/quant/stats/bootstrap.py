"""How far the Sharpe ratio and the maximum drawdown could have fallen otherwise: stationary bootstrap."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numba import njit

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.quant.metrics.returns import FLAT
from vigie.quant.stats.sharpe import sharpe_sample


@dataclass(frozen=True, slots=True)
class Interval:
    """A central interval: as much probability below `low` as above `high`.

    Attributes
    ----------
    low, high : float
        In the unit of the statistic; NaN where too few samples are defined.
    """

    low: float
    high: float


@dataclass(frozen=True, slots=True)
class BootstrapIntervals:
    """What resampled histories of the same returns show.

    Attributes
    ----------
    sharpe : Interval
        Annualised with the factor given.
    max_drawdown : Interval
        Fractions <= 0 on the sampled periods; `low` is the bad end.
    confidence : float
        Probability inside.
    block_periods : float
        Mean length of the blocks.
    samples : int
        Resampled histories.
    """

    sharpe: Interval
    max_drawdown: Interval
    confidence: float
    block_periods: float
    samples: int


@njit(cache=True, nogil=True, error_model="numpy")
def _resampled(
    returns: FloatArray, block_starts: IntArray, draws: FloatArray, restart_chance: float
) -> tuple[float, float]:
    # One history: at each period a new block starts with `restart_chance`, else the block goes on, wrapping round.
    n = len(returns)
    index = block_starts[0]
    total, squares = 0.0, 0.0
    wealth, peak, depth = 1.0, 1.0, 0.0
    for t in range(n):
        if t > 0:
            index = block_starts[t] if draws[t] < restart_chance else (index + 1) % n
        x = returns[index]
        total += x
        squares += x * x
        wealth *= 1.0 + x
        if wealth > peak:
            peak = wealth
        elif wealth / peak - 1.0 < depth:
            depth = wealth / peak - 1.0
    variance = (squares - total * total / n) / (n - 1)
    sharpe = total / n / math.sqrt(variance) if variance > FLAT * FLAT else math.nan
    return sharpe, depth


def usual_block(n_periods: int) -> float:
    """Return the cube root of the number of periods, the rate that Politis and Romano derive, at least 1.

    Parameters
    ----------
    n_periods : int
        Returns in the history.

    Returns
    -------
    float
        Mean block length in periods, a whole number.
    """
    return max(1.0, float(round(n_periods ** (1.0 / 3.0))))


def bootstrap_intervals(
    returns: FloatArray,
    *,
    seed: int,
    periods_per_year: float = 365.0,
    samples: int = 1_000,
    block_periods: float | None = None,
    confidence: float = 0.95,
) -> BootstrapIntervals:
    """Return percentile intervals of the Sharpe ratio and the maximum drawdown by the stationary bootstrap.

    Blocks of geometric length keep the dependence between neighbouring returns.

    Parameters
    ----------
    returns : float64 array, shape (n_periods,)
        Simple returns; NaN (not known) are left out.
    seed : int
        The same seed gives the same intervals.
    periods_per_year : float
        To annualise the Sharpe ratio.
    samples : int
        Resampled histories, >= 1.
    block_periods : float, optional
        Mean length of a block, >= 1; by default `usual_block`.
    confidence : float
        In (0, 1).

    Returns
    -------
    BootstrapIntervals
        NaN below two returns or without variation.

    Raises
    ------
    UsageError
        If a parameter is outside its range.

    References
    ----------
    Politis and Romano (1994), "The Stationary Bootstrap", Journal of the American Statistical Association
    89(428), section 2.
    """
    finite_returns = np.ascontiguousarray(returns[~np.isnan(returns)], dtype=np.float64)
    n = len(finite_returns)
    block = usual_block(n) if block_periods is None else float(block_periods)
    if not 0.0 < confidence < 1.0:
        raise UsageError(f"confidence must be in (0, 1), was {confidence}")
    if samples < 1 or block < 1.0:
        raise UsageError(f"samples and block_periods must be >= 1, were {samples} and {block}")
    no_interval = Interval(math.nan, math.nan)
    if n < 2:
        return BootstrapIntervals(no_interval, no_interval, confidence, block, 0)
    rng = np.random.default_rng(seed)
    estimates = np.empty((2, samples))
    for k in range(samples):
        estimates[:, k] = _resampled(finite_returns, rng.integers(0, n, n), rng.random(n), 1.0 / block)
    estimates[0] *= math.sqrt(periods_per_year)
    quantiles = [(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0]
    intervals = [_interval(row[~np.isnan(row)], quantiles) for row in estimates]
    return BootstrapIntervals(intervals[0], intervals[1], confidence, block, samples)


@dataclass(frozen=True, slots=True)
class SharpeDifference:
    """By how much one Sharpe ratio exceeds another of the same periods, annualised.

    Attributes
    ----------
    value : float
        NaN where one of the two is not defined.
    interval : Interval
    """

    value: float
    interval: Interval


def sharpe_difference(
    returns: FloatArray,
    other: FloatArray,
    *,
    seed: int,
    periods_per_year: float = 365.0,
    samples: int = 1_000,
    confidence: float = 0.95,
) -> SharpeDifference:
    """Return the difference of two Sharpe ratios of the same periods, with its stationary bootstrap interval.

    Each resampled history takes the same periods of both, so that what moves both at once cancels out.

    Parameters
    ----------
    returns, other : float64 array, shape (n_periods,)
        Simple returns; periods in which either is NaN are left out.
    seed : int
        The same seed gives the same interval.
    periods_per_year : float
        To annualise.
    samples : int
        Resampled histories, >= 1.
    confidence : float
        In (0, 1).

    Returns
    -------
    SharpeDifference
        NaN below two periods, or where one of the two does not vary.
    """
    known = ~(np.isnan(returns) | np.isnan(other))
    first = np.ascontiguousarray(returns[known], dtype=np.float64)
    second = np.ascontiguousarray(other[known], dtype=np.float64)
    n, year = len(first), math.sqrt(periods_per_year)
    value = year * (sharpe_sample(first).sharpe - sharpe_sample(second).sharpe) if n >= 2 else math.nan
    if math.isnan(value):
        return SharpeDifference(math.nan, Interval(math.nan, math.nan))
    restart_chance = 1.0 / usual_block(n)
    rng = np.random.default_rng(seed)
    differences = np.empty(samples)
    for k in range(samples):
        starts, draws = rng.integers(0, n, n), rng.random(n)
        above, below = (_resampled(part, starts, draws, restart_chance)[0] for part in (first, second))
        differences[k] = year * (above - below)
    quantiles = [(1.0 - confidence) / 2.0, (1.0 + confidence) / 2.0]
    return SharpeDifference(value, _interval(differences[~np.isnan(differences)], quantiles))


def _interval(values: FloatArray, quantiles: list[float]) -> Interval:
    if len(values) == 0:
        return Interval(math.nan, math.nan)
    low, high = np.quantile(values, quantiles)
    return Interval(float(low), float(high))
