"""Chunk after chunk through an executor into a keeper of rows.

Grid and random searches know all their combinations beforehand; rows are kept in that order, so that what is
kept is always a beginning, and a sweep that was killed goes on behind it.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final, Literal, Protocol

import numpy as np

from vigie.domain.bar import IntArray
from vigie.domain.errors import UsageError
from vigie.engine.run import ProgressCallback, judge, prepare_slot, refuse_leaks
from vigie.ports.executor import Executor
from vigie.research.sweep.gather import WAITING
from vigie.research.sweep.plan import SweepPlan, refusal_reason, variant_slots
from vigie.research.sweep.work import CHUNK, Rows, SweepWork, row_type

Method = Literal["grid", "random", "tpe"]
CAUSALITY_SAMPLES: Final = 3
_SEARCH_FOR_VALID: Final = 10_000


@dataclass(frozen=True, slots=True)
class Search:
    """How combinations are chosen.

    Attributes
    ----------
    method : str
        ``grid`` (all), ``random`` (a number of different ones), ``tpe`` (each round learns from those before).
    count : int
        How many; 0 for all.
    seed : int
        Of random and tpe.
    """

    method: Method = "grid"
    count: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        """Refuse a search of nothing."""
        if self.method != "grid" and self.count < 1:
            raise UsageError(
                "must_try_least_combination",
                "{method} must try at least 1 combination, was {count}",
                method=self.method,
                count=self.count,
            )


class RowStore(Protocol):
    """Keeps the rows of a sweep in the order they come."""

    def load_rows(self) -> Rows:
        """Return the rows kept by an earlier, interrupted run of the same sweep; `count_rows` of them.

        Returns
        -------
        record array of `row_type`
            In the order they were kept; empty where nothing was.
        """
        ...

    def count_rows(self) -> int:
        """Return how many rows an earlier run kept.

        Returns
        -------
        int
            0 where nothing was kept.
        """
        ...

    def keep(self, rows: Rows) -> None:
        """Keep rows; may wait for more before it writes.

        Parameters
        ----------
        rows : record array of `row_type`
            The next chunk in the order of the search.
        """
        ...


class MemoryRowStore:
    """Keeps rows in memory."""

    def __init__(self, accounts: int) -> None:
        self._blocks: list[Rows] = []
        self._dtype = row_type(accounts)

    def load_rows(self) -> Rows:
        """Return nothing: memory does not outlive a run.

        Returns
        -------
        record array of `row_type`, shape (0,)
            Always empty.
        """
        return np.zeros(0, self._dtype)

    def count_rows(self) -> int:
        """Return 0.

        Returns
        -------
        int
            Always 0.
        """
        return 0

    def keep(self, rows: Rows) -> None:
        """Keep rows.

        Parameters
        ----------
        rows : record array of `row_type`
            Not copied.
        """
        self._blocks.append(rows)

    @property
    def rows(self) -> Rows:
        """All rows, in order."""
        return np.concatenate(self._blocks) if self._blocks else np.zeros(0, self._dtype)


def search_size(plan: SweepPlan, search: Search) -> int:
    """Return how many combinations a search will try.

    Parameters
    ----------
    plan : SweepPlan
        Its space bounds the number.
    search : Search
        A grid tries all, whatever its `count`.

    Returns
    -------
    int
        TPE may end with fewer.
    """
    return plan.space.size if search.method == "grid" else min(search.count, plan.space.size)


def chunks(plan: SweepPlan, search: Search, start: int = 0) -> Iterator[IntArray]:
    """Yield the combinations of a grid or random search, from place `start` on, a chunk at a time.

    Parameters
    ----------
    plan : SweepPlan
        Space and lengths of its series.
    search : Search
        Grid or random.
    start : int
        Number of combinations that are done already.

    Returns
    -------
    iterator of int64 array, shape (n,)
        Ascending; sizes depend on `start`, the order does not.
    """
    size, first = search_size(plan, search), start
    drawn = None
    if search.method == "random":
        # Sorted, so that neighbours share their signals; which ones were drawn does not depend on it.
        draw = random.Random(search.seed)  # noqa: S311 - a seeded draw, no secret
        drawn = np.array(sorted(draw.sample(range(plan.space.size), size)), np.int64)
    while start < size:
        end = start + _chunk(plan, done=start - first, left=size - start)
        yield np.arange(start, end, dtype=np.int64) if drawn is None else drawn[start:end]
        start = end


def _chunk(plan: SweepPlan, *, done: int, left: int) -> int:
    # Small at first, so that no thread waits long for its first, and at the end, so that none waits for the last.
    bars = sum(len(slot.bars) for slot in plan.slots)
    most = max(CHUNK, min(4 * CHUNK, WAITING // bars))
    return min(left, most, CHUNK // 4 + done, max(3 * CHUNK // 4, left // 5))


def run_search(
    plan: SweepPlan, search: Search, executor: Executor, row_store: RowStore, progress: ProgressCallback
) -> None:
    """Score every combination of a grid or random search that is not kept yet.

    Parameters
    ----------
    plan : SweepPlan
        Assumed checked, see `check_plan`.
    search : Search
        Grid or random; for TPE see `run_tpe`.
    executor : Executor
        Where chunks are scored.
    row_store : RowStore
        Its earlier rows are a beginning of the same search.
    progress : ProgressCallback
        Called with ``combinations``, done and all after each chunk.
    """
    work = SweepWork(plan)
    size = search_size(plan, search)
    done = row_store.count_rows()
    for rows in executor.map(work, chunks(plan, search, done)):
        row_store.keep(rows)
        done += len(rows)
        progress("combinations", done, size)


def first_valid(plan: SweepPlan, start: int) -> int | None:
    """Return the first combination from `start` on, going round, that is not refused.

    Parameters
    ----------
    plan : SweepPlan
        At most 10,000 combinations are looked at.
    start : int
        Number to begin at.

    Returns
    -------
    int or None
        None where none of those is valid.
    """
    for step in range(min(plan.space.size, _SEARCH_FOR_VALID)):
        combination = (start + step) % plan.space.size
        if variant_slots(plan, combination) is not None:
            return combination
    return None


def check_plan(plan: SweepPlan, *, check: bool, seed: int) -> None:
    """Refuse a sweep that cannot run, and a strategy that looks ahead.

    Causality and warm-up are proved on a sample of the combinations: every series once, three at least.

    Parameters
    ----------
    plan : SweepPlan
        Series, account and space.
    check : bool
        Whether causality and warm-up are proved, too.
    seed : int
        Of the samples.

    Raises
    ------
    UsageError
        With the reason.
    """
    count = max(CAUSALITY_SAMPLES, len(plan.slots)) if check else 1
    rng = np.random.default_rng(seed)
    for sample in range(count):
        combination = first_valid(plan, sample * plan.space.size // count)
        if combination is None:
            raise UsageError(
                "no_combination_possible", "no combination is possible: {plan}", plan=refusal_reason(plan, 0)
            )
        slots = variant_slots(plan, combination)
        if slots is not None and sample == 0:
            for slot in slots:
                prepare_slot(slot)
        if slots is not None and check:
            slot = slots[sample % len(slots)]
            refuse_leaks(slot, judge(slot.strategy, slot.bars, slot.params), rng)
