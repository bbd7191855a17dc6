"""Would the strategy have done as well on the same moves in another order? Shuffled bars and the p-value."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from vigie.domain.bar import Bars, FloatArray
from vigie.domain.errors import DataError, UsageError


@dataclass(frozen=True, slots=True, eq=False)
class PermutationTest:
    """Outcome of a permutation test.

    Attributes
    ----------
    observed : float
        Statistic on the real bars.
    p_value : float
        ``(1 + shuffled at least as good) / (1 + shuffled)``, in (0, 1]; NaN when nothing could be compared.
    samples : int
        Shuffled histories with a statistic; one without (no trades, say) says nothing and is left out.
    statistics : float64 array, shape (n_permutations,)
        Statistic on each shuffled history, NaN included.
    """

    observed: float
    p_value: float
    samples: int
    statistics: FloatArray


def shuffled_bars(bars: Bars, rng: np.random.Generator, *, start: int = 1) -> Bars:
    """Return the same bars in another order: shapes, gaps, volumes and the last close stay, patterns go.

    Each bar is taken as its logarithmic gap from the close before and its moves from its own open (high, low
    and close, with its volume); the gaps and the bars' shapes are shuffled apart and chained again.

    Parameters
    ----------
    bars : Bars
        Positive prices.
    rng : numpy Generator
        Source of the order.
    start : int
        First bar that is shuffled, >= 1; those before (the warm-up) stay as they are.

    Returns
    -------
    Bars
        The same times and the same `features`, which keep their place in time.

    Raises
    ------
    DataError
        If a price is not positive.

    References
    ----------
    Masters (2018), "Permutation and Randomization Tests for Trading System Development", chapter 3.
    """
    n = len(bars)
    if start < 1:
        raise UsageError("bad_start", "start must be >= 1, was {start}", start=start)
    if n and not bars.low.min() > 0:
        raise DataError(
            "prices_must_shuffled", "prices must be > 0 to be shuffled, lowest was {low}", low=bars.low.min()
        )
    count = n - start
    if count < 2:
        return replace(bars, _memo={})
    log_open, log_close = np.log(bars.open), np.log(bars.close)
    gap = (log_open[start:] - log_close[start - 1 : -1])[rng.permutation(count)]
    order = start + rng.permutation(count)
    body = (log_close - log_open)[order]
    ends = log_close[start - 1] + np.cumsum(gap + body)
    begins = ends - body
    up, down = (np.log(bars.high) - log_open)[order], (np.log(bars.low) - log_open)[order]
    open_, close = np.exp(begins), np.exp(ends)
    # Rounding may not put an end outside its own bar.
    high = np.maximum(np.exp(begins + up), np.maximum(open_, close))
    low = np.minimum(np.exp(begins + down), np.minimum(open_, close))
    return replace(
        bars,
        open=np.concatenate((bars.open[:start], open_)),
        high=np.concatenate((bars.high[:start], high)),
        low=np.concatenate((bars.low[:start], low)),
        close=np.concatenate((bars.close[:start], close)),
        volume=np.concatenate((bars.volume[:start], bars.volume[order])),
        _memo={},
    )


def permutation_test(
    run: Callable[[Bars], float],
    bars: Bars,
    *,
    permutations: int,
    seed: int,
    start: int = 1,
    progress: Callable[[int], None] | None = None,
) -> PermutationTest:
    """Compare a strategy's result on real bars with its results on shuffled ones.

    Parameters
    ----------
    run : callable
        Bars in, statistic out (larger is better: Sharpe ratio, return); NaN when there is none. For a
        strategy whose parameters were searched, the search belongs inside.
    bars : Bars
        The real history.
    permutations : int
        Shuffled histories, >= 1; 199 resolve a p-value of 0.005.
    seed : int
        The same seed gives the same shuffles.
    start : int
        First shuffled bar.
    progress : callable, optional
        Told how many are done.

    Returns
    -------
    PermutationTest
        With the p-value that counts the real history among the shuffled ones.

    Raises
    ------
    UsageError
        If `permutations` is below 1.

    References
    ----------
    Phipson and Smyth (2010), "Permutation P-values Should Never Be Zero", equation 2.
    """
    if permutations < 1:
        raise UsageError(
            "bad_permutations", "permutations must be >= 1, was {permutations}", permutations=permutations
        )
    observed = float(run(bars))
    statistics = np.empty(permutations)
    for k in range(permutations):
        statistics[k] = run(shuffled_bars(bars, np.random.default_rng([seed, k]), start=start))
        if progress is not None:
            progress(k + 1)
    samples = int(np.count_nonzero(~np.isnan(statistics)))
    if math.isnan(observed) or samples == 0:
        return PermutationTest(observed, math.nan, samples, statistics)
    n_as_good = int(np.count_nonzero(statistics >= observed))
    return PermutationTest(observed, (1 + n_as_good) / (1 + samples), samples, statistics)
