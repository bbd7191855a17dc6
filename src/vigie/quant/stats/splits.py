"""Cutting history into training and test spans: walk-forward, purged K-fold, combinatorial purged."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from vigie.domain.bar import IntArray
from vigie.domain.errors import UsageError


@dataclass(frozen=True, slots=True)
class Split:
    """One way to cut history; spans are half-open, ascending and apart.

    Attributes
    ----------
    train, test : tuple of range
        Bars to choose parameters on, bars to judge them on.
    """

    train: tuple[range, ...]
    test: tuple[range, ...]


@dataclass(frozen=True, slots=True)
class CombinatorialSplits:
    """All splits of combinatorial purged cross-validation and the histories they add up to.

    Attributes
    ----------
    groups : tuple of range
        The parts of time.
    splits : tuple of Split
        One for every choice of test groups.
    paths : tuple of tuple of int, shape (n_paths, n_groups)
        For each path and group, the split whose test result is used there: every path covers all of time, and
        every test result belongs to exactly one path.
    """

    groups: tuple[range, ...]
    splits: tuple[Split, ...]
    paths: tuple[tuple[int, ...], ...]


def indices(spans: Iterable[range]) -> IntArray:
    """Return the bars of several spans as one index array.

    Parameters
    ----------
    spans : iterable of range
        Bar numbers; steps of the ranges are ignored.

    Returns
    -------
    int64 array, shape (n,)
        In the order of the spans; overlaps repeat. Empty without spans.
    """
    parts = [np.arange(span.start, span.stop, dtype=np.int64) for span in spans]
    return np.concatenate(parts) if parts else np.empty(0, np.int64)


def walk_forward(
    n_bars: int,
    *,
    train: int,
    test: int,
    step: int | None = None,
    anchored: bool = False,
    gap: int = 0,
) -> tuple[Split, ...]:
    """Cut history the way it was lived: choose on the past, judge on what came next, move on.

    Parameters
    ----------
    n_bars : int
        Length of the history.
    train, test : int
        Bars to choose on (anchored: the first time; it grows from the beginning) and to judge on, >= 1.
    step : int, optional
        Bars to move on, >= 1; by default `test`, so that test spans adjoin.
    anchored : bool
        True keeps the beginning of the history in every training span.
    gap : int
        Bars left out between training and test, at least the longest life of a trade or label.

    Returns
    -------
    tuple of Split
        The last test span may be shorter; empty when the history is too short for one.

    Raises
    ------
    UsageError
        If a length is below 1, or `gap` is negative.

    References
    ----------
    Pardo (2008), "The Evaluation and Optimization of Trading Strategies", chapter 11.
    """
    step = test if step is None else step
    if train < 1 or test < 1 or step < 1 or gap < 0:
        raise UsageError(
            "train_test_step_must_gap",
            "train, test and step must be >= 1 and gap >= 0, were {train}, {test}, {step} and {gap}",
            train=train,
            test=test,
            step=step,
            gap=gap,
        )
    return tuple(
        Split(
            (range(0 if anchored else first - gap - train, first - gap),),
            (range(first, min(first + test, n_bars)),),
        )
        for first in range(train + gap, n_bars, step)
    )


def purged_kfold(
    n_bars: int, *, folds: int, horizon_bars: int = 0, embargo_bars: int = 0
) -> tuple[Split, ...]:
    """Cut history into folds of adjoining bars; what could know of a test fold leaves the training.

    Parameters
    ----------
    n_bars : int
        Length of the history.
    folds : int
        2 to `n_bars`.
    horizon_bars : int
        How many bars after its own a label or trade reaches: training bars whose reach overlaps that of a
        test bar are purged.
    embargo_bars : int
        Further bars left out after each test fold, against slow leaks such as serial correlation.

    Returns
    -------
    tuple of Split
        One a fold, in time order.

    References
    ----------
    López de Prado (2018), "Advances in Financial Machine Learning", section 7.4, snippets 7.1 to 7.3.
    """
    groups = _time_groups(n_bars, folds, horizon_bars, embargo_bars)
    return tuple(_purge_split(groups, (k,), n_bars, horizon_bars, embargo_bars) for k in range(folds))


def combinatorial_purged(
    n_bars: int, *, groups: int, test_groups: int, horizon_bars: int = 0, embargo_bars: int = 0
) -> CombinatorialSplits:
    """Cut history in every way that tests on a number of groups, and join the tests to whole paths.

    Parameters
    ----------
    n_bars : int
        Length of the history.
    groups : int
        Parts of time N, 2 to `n_bars`.
    test_groups : int
        Parts k to test on at once, 1 to N - 1.
    horizon_bars, embargo_bars : int
        As in `purged_kfold`.

    Returns
    -------
    CombinatorialSplits
        ``C(N, k)`` splits and ``C(N - 1, k - 1)`` paths.

    Raises
    ------
    UsageError
        If `test_groups` is not between 1 and `groups` - 1.

    References
    ----------
    López de Prado (2018), "Advances in Financial Machine Learning", section 12.3 to 12.4.
    """
    if not 1 <= test_groups < groups:
        raise UsageError(
            "bad_test_groups",
            "test_groups must be in [1, {groups}], was {test_groups}",
            groups=groups - 1,
            test_groups=test_groups,
        )
    parts = _time_groups(n_bars, groups, horizon_bars, embargo_bars)
    test_choices = list(combinations(range(groups), test_groups))
    splits = tuple(_purge_split(parts, tests, n_bars, horizon_bars, embargo_bars) for tests in test_choices)
    per_group = [
        [index for index, tests in enumerate(test_choices) if group in tests] for group in range(groups)
    ]
    n_paths = math.comb(groups - 1, test_groups - 1)
    paths = tuple(tuple(per_group[group][path] for group in range(groups)) for path in range(n_paths))
    return CombinatorialSplits(parts, splits, paths)


def _time_groups(n_bars: int, groups: int, horizon_bars: int, embargo_bars: int) -> tuple[range, ...]:
    if not 2 <= groups <= n_bars:
        raise UsageError(
            "bad_folds_groups",
            "folds or groups must be in [2, {n_bars}], was {groups}",
            n_bars=n_bars,
            groups=groups,
        )
    if horizon_bars < 0 or embargo_bars < 0:
        raise UsageError(
            "bad_horizon_bars_embargo_bars",
            "horizon_bars and embargo_bars must be >= 0, were {horizon_bars} and {embargo_bars}",
            horizon_bars=horizon_bars,
            embargo_bars=embargo_bars,
        )
    # Sizes differ by one bar at most, like numpy.array_split.
    edges = [n_bars * k // groups for k in range(groups + 1)]
    return tuple(range(edges[k], edges[k + 1]) for k in range(groups))


def _purge_split(
    groups: tuple[range, ...], tests: tuple[int, ...], n_bars: int, horizon: int, embargo: int
) -> Split:
    spans: list[range] = []
    train_start = 0
    for k in tests:
        spans.append(range(train_start, max(train_start, groups[k].start - horizon)))
        train_start = groups[k].stop + horizon + embargo
    spans.append(range(train_start, n_bars))
    return Split(tuple(span for span in spans if len(span)), tuple(groups[k] for k in tests))
