"""Whether the best of a sweep can be told from luck.

The daily returns of a bounded sample of the combinations, spread evenly over all of them with the best among
them, feed the overfitting test; the number of trials is that of the registry.
"""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS
from vigie.domain.trials import TrialCount
from vigie.quant.metrics.sampling import period_returns, periods_per_year
from vigie.quant.stats.verdict import Verdict, verdict
from vigie.research.confidence import keep_comparable
from vigie.research.sweep.accounts import SMALLEST
from vigie.research.sweep.plan import SweepPlan
from vigie.research.sweep.work import CHUNK, SweepWork

MAX_COLUMNS: Final = 1_000
MAX_BYTES: Final = 32 * 1024 * 1024


def sample_combinations(combinations: IntArray, best: int, count: int) -> IntArray:
    """Return at most `count` of the combinations, evenly spread, with the best among them, ascending.

    Parameters
    ----------
    combinations : int64 array
        Ascending.
    best : int
        Number of the best; need not be among them.
    count : int
        At least 1.

    Returns
    -------
    int64 array, shape (n,)
        Distinct.
    """
    sample = combinations
    if len(combinations) > count:
        sample = combinations[np.linspace(0, len(combinations) - 1, count).astype(np.int64)]
    if best not in sample:
        sample = np.append(sample[: count - 1], best)
    return np.unique(sample)


def fitting_columns(plan: SweepPlan) -> int:
    """Return how many combinations' daily returns fit the memory set apart for them.

    Parameters
    ----------
    plan : SweepPlan
        Its days say how long a column is.

    Returns
    -------
    int
        From 2 to `MAX_COLUMNS`.
    """
    return max(2, min(MAX_COLUMNS, MAX_BYTES // (8 * len(day_starts(plan)))))


def daily_returns(plan: SweepPlan, combinations: IntArray) -> FloatArray:
    """Return the returns of combinations, one row a day (or a bar, from one day up).

    Over several accounts a day's return is the mean of the accounts that have it: equal parts, levelled daily.

    Parameters
    ----------
    plan : SweepPlan
        Series, account and space.
    combinations : int64 array
        Numbers in the space, in any order.

    Returns
    -------
    float64 array, shape (n_days, n_combinations)
        NaN where no account has the day.
    """
    work = SweepWork(plan)
    days = day_starts(plan)
    total = np.zeros((len(days), len(combinations)))
    known = np.zeros((len(days), len(combinations)), np.int16)
    for begin in range(0, len(combinations), CHUNK):
        part = combinations[begin : begin + CHUNK]
        for samples in work.sample_accounts(part):
            rows = np.searchsorted(days, _day_starts_of(samples.ts, plan))
            for k, curve in enumerate(samples.values):
                if np.isnan(curve).any():
                    continue
                returns = period_returns(
                    curve, np.arange(len(curve)), max(plan.account.sizing.capital, SMALLEST)
                )
                total[rows[: len(returns)], begin + k] += returns
                known[rows[: len(returns)], begin + k] += 1
    # In place: with a thousand combinations each copy of this is 32 MB.
    np.divide(total, known, out=total, where=known > 0)
    total[known == 0] = np.nan
    return total


def day_starts(plan: SweepPlan) -> IntArray:
    """Return the start of every day (or bar, where all bars are longer) that any series covers.

    Parameters
    ----------
    plan : SweepPlan
        Warm-up bars are left out.

    Returns
    -------
    int64 array, shape (n_days,)
        Epoch milliseconds, ascending.
    """
    days: IntArray = np.unique(
        np.concatenate([_day_starts_of(slot.bars.ts[slot.first :], plan) for slot in plan.slots])
    )
    return days


def _day_starts_of(ts: IntArray, plan: SweepPlan) -> IntArray:
    span = min(slot.bars.span_ms for slot in plan.slots)
    return ts // DAY_MS * DAY_MS if span < DAY_MS else ts


def judge_sweep(
    plan: SweepPlan,
    combinations: IntArray,
    best: int,
    *,
    trials: TrialCount,
    seed: int,
    permutation_p: float = math.nan,
) -> Verdict:
    """Say whether the best combination can be told from the best of as many worthless ones.

    Parameters
    ----------
    combinations : int64 array
        All that were run, or an even sample.
    trials : TrialCount
        All trials ever made on these histories, from the registry.

    Returns
    -------
    Verdict
        About the best, judged among a sample that fits the memory.
    """
    sample = sample_combinations(combinations, best, fitting_columns(plan))
    matrix = daily_returns(plan, sample)
    selected = int(np.searchsorted(sample, best))
    matrix, selected = keep_comparable(matrix, selected)
    span = min(slot.bars.span_ms for slot in plan.slots)
    return verdict(
        matrix,
        selected,
        trials=trials.at_least(len(sample)),
        seed=seed,
        periods_per_year=periods_per_year(span),
        permutation_p=permutation_p,
    )
