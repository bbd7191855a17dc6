"""Whether the same search would have found as much on the same moves in another order.

The search is part of what is tested: on every shuffled history all combinations are tried again and the best
counts. Testing the winner alone would forget that it was chosen.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from vigie.domain.errors import UsageError
from vigie.engine.run import PlannedSlot, ProgressCallback
from vigie.ports.executor import Executor
from vigie.quant.stats.permutation import PermutationTest, shuffled_bars
from vigie.research.sweep.loop import MemoryRowStore, Search, run_search
from vigie.research.sweep.objective import TRADES, scores
from vigie.research.sweep.plan import SweepPlan
from vigie.research.sweep.tpe import run_tpe
from vigie.research.sweep.work import Rows


def no_progress(stage: str, done: int, of: int) -> None:
    """Report progress to nobody.

    Parameters
    ----------
    stage : str
        What is counted.
    done, of : int
        How many are done, of how many.
    """


def search_rows(plan: SweepPlan, search: Search, executor: Executor) -> Rows:
    """Return the rows of a whole search, kept in memory.

    Parameters
    ----------
    plan : SweepPlan
        Series, account and space.
    search : Search
        Any method.
    executor : Executor
        Where chunks are scored.

    Returns
    -------
    record array of `row_type`
        In the order tried, refused ones included.
    """
    row_store = MemoryRowStore(plan.accounts)
    (run_tpe if search.method == "tpe" else run_search)(plan, search, executor, row_store, no_progress)
    return row_store.rows


def best_combination(plan: SweepPlan, rows: Rows, min_trades: int) -> tuple[int, float]:
    """Return the best combination and its score; NaN where none traded enough.

    Ties go to the combination that was counted first.

    Parameters
    ----------
    plan : SweepPlan
        For its objective and spans.
    rows : record array of `row_type`
        In any order; may be empty.
    min_trades : int
        Fewer over all accounts rule a combination out.

    Returns
    -------
    tuple of int, float
        Number and score; -1 and NaN where none is left.
    """
    values = scores(rows["figures"], plan.objective, plan.elapsed_ms)
    trades = rows["figures"][:, :, TRADES].sum(axis=1)
    usable = ~rows["refused"] & (trades >= min_trades)
    if not usable.any():
        return -1, math.nan
    order = np.lexsort((rows["combination"], -np.where(usable, values, -np.inf), ~usable))
    return int(rows["combination"][order[0]]), float(values[order[0]])


def shuffled_slots(slots: tuple[PlannedSlot, ...], seed: int, number: int) -> tuple[PlannedSlot, ...]:
    """Return the slots on shuffled bars; series of one length are shuffled alike, so that they stay correlated.

    Parameters
    ----------
    slots : tuple of PlannedSlot
        On their real bars.
    seed : int
        Of all shuffles.
    number : int
        Of this shuffle; the same seed and number give the same bars.

    Returns
    -------
    tuple of PlannedSlot
        Warm-up bars stay as they are; funding keeps its times.
    """
    return tuple(
        replace(
            slot,
            bars=shuffled_bars(slot.bars, np.random.default_rng([seed, number]), start=max(1, slot.first)),
        )
        for slot in slots
    )


def compare_with_shuffled(
    observed: float,
    statistic: Callable[[int], float],
    *,
    permutations: int,
    progress: ProgressCallback = no_progress,
) -> PermutationTest:
    """Compare a statistic with those of shuffled histories.

    Parameters
    ----------
    statistic : callable
        Number of the shuffle in, statistic out.

    Returns
    -------
    PermutationTest
        Its p-value is NaN where nothing could be compared.

    Raises
    ------
    UsageError
        If `permutations` is below 1.
    """
    if permutations < 1:
        raise UsageError(
            "bad_permutations", "permutations must be >= 1, was {permutations}", permutations=permutations
        )
    statistics = np.empty(permutations)
    for number in range(permutations):
        statistics[number] = statistic(number)
        progress("shuffled histories", number + 1, permutations)
    samples = int(np.count_nonzero(~np.isnan(statistics)))
    if math.isnan(observed) or samples == 0:
        return PermutationTest(observed, math.nan, samples, statistics)
    n_as_good = int(np.count_nonzero(statistics >= observed))
    return PermutationTest(observed, (1 + n_as_good) / (1 + samples), samples, statistics)


def refuse_finer(slots: tuple[PlannedSlot, ...]) -> None:
    """Refuse finer bars, which cannot be shuffled with the coarser ones.

    Parameters
    ----------
    slots : tuple of PlannedSlot
        Of a plan.

    Raises
    ------
    UsageError
        If there are finer bars.
    """
    if any(slot.detail is not None for slot in slots):
        raise UsageError(
            "permutations_cannot_shuffle_finer_bars",
            "--permutations cannot shuffle finer bars; leave --detail out",
        )


def permuted_search(
    plan: SweepPlan,
    search: Search,
    executor: Executor,
    *,
    observed: float,
    permutations: int,
    seed: int,
    min_trades: int,
    progress: ProgressCallback = no_progress,
) -> PermutationTest:
    """Repeat a search on shuffled histories and compare the best scores.

    Parameters
    ----------
    plan : SweepPlan
        On its real bars.
    search : Search
        Repeated whole on every shuffle.
    executor : Executor
        Where chunks are scored.
    observed : float
        Best score on the real bars.
    permutations : int
        Shuffled histories, >= 1.
    seed : int
        Of the shuffles.
    min_trades : int
        Combinations with fewer trades are not chosen.
    progress : ProgressCallback
        Called after each shuffle.

    Returns
    -------
    PermutationTest
        Shuffles on which nothing traded enough are left out.
    """
    refuse_finer(plan.slots)

    def statistic(number: int) -> float:
        shuffled_plan = replace(plan, slots=shuffled_slots(plan.slots, seed, number))
        return best_combination(shuffled_plan, search_rows(shuffled_plan, search, executor), min_trades)[1]

    return compare_with_shuffled(observed, statistic, permutations=permutations, progress=progress)
