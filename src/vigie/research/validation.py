"""Purged K-fold and combinatorial purged cross-validation of a search over parameters.

Every combination trades the whole history once; its daily returns are then divided into training and test days.
For each split the combination that did best on the training days is judged on the test days. Days whose trades
could reach into a test are purged, further days behind a test are embargoed.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Final, Literal

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.domain.time import DAY_MS
from vigie.engine.run import ProgressCallback
from vigie.ports.executor import Executor
from vigie.quant.metrics.sampling import periods_per_year
from vigie.quant.stats.pbo import Overfitting, overfitting
from vigie.quant.stats.splits import Split, combinatorial_purged, indices, purged_kfold
from vigie.research.sweep.loop import Search
from vigie.research.sweep.objective import TRADES
from vigie.research.sweep.plan import SweepPlan
from vigie.research.sweep.shuffled import no_progress, search_rows
from vigie.research.sweep.space import Number
from vigie.research.sweep.sweep_verdict import daily_returns, day_starts

FoldScheme = Literal["kfold", "cpcv"]
# Daily returns of all combinations, in bytes.
MAX_BYTES: Final = 128 * 1024 * 1024
_FLAT: Final = 1e-14


@dataclass(frozen=True, slots=True)
class FoldSettings:
    """How history is divided.

    Attributes
    ----------
    scheme : str
        ``kfold`` tests each fold once; ``cpcv`` tests every choice of `test_groups` out of `folds`.
    folds : int
        Parts of time.
    test_groups : int
        Parts that are tested at once (cpcv).
    purge, embargo : int
        Bars; see `vigie.quant.stats.splits`.
    min_trades : int
        Combinations with fewer trades over the whole history are never chosen.
    """

    scheme: FoldScheme = "kfold"
    folds: int = 5
    test_groups: int = 2
    purge: int = 0
    embargo: int = 0
    min_trades: int = 1

    def __post_init__(self) -> None:
        """Refuse what cannot be divided."""
        if self.scheme not in ("kfold", "cpcv"):
            raise UsageError(
                "scheme_must_kfold_cpcv", "scheme must be kfold or cpcv, was {scheme!r}", scheme=self.scheme
            )
        if self.purge < 0 or self.embargo < 0:
            raise UsageError(
                "purge_embargo_must_bars",
                "purge and embargo must be >= 0 bars, were {purge} and {embargo}",
                purge=self.purge,
                embargo=self.embargo,
            )


@dataclass(frozen=True, slots=True)
class ValidationFold:
    """One split: what was chosen on its training days, and how it did there and on the test days.

    Attributes
    ----------
    test : tuple of (int, int)
        Test spans, epoch milliseconds, end exclusive.
    in_sample, out_of_sample : float
        The objective on the training and on the test days.
    """

    test: tuple[tuple[int, int], ...]
    combination: int
    params: dict[str, Number]
    in_sample: float
    out_of_sample: float


@dataclass(frozen=True, slots=True, eq=False)
class Validation:
    """What cross-validation showed.

    Attributes
    ----------
    folds : tuple of ValidationFold
        One a split.
    path_sharpes : float64 array, shape (n_paths,)
        Annual Sharpe ratio out of sample of every path through all of time; K-fold has one.
    path_returns : float64 array, shape (n_paths, n_days)
        Their daily returns.
    days : int64 array, shape (n_days,)
        Start of each day (or bar).
    overfit : Overfitting
        PBO over all combinations.
    tried : int64 array
        Combinations that were run.
    """

    folds: tuple[ValidationFold, ...]
    path_sharpes: FloatArray
    path_returns: FloatArray
    days: IntArray
    overfit: Overfitting
    tried: IntArray
    periods_per_year: float

    @property
    def typical(self) -> int:
        """The path with the median Sharpe ratio (the lower of two)."""
        order = np.argsort(np.nan_to_num(self.path_sharpes, nan=-np.inf), kind="stable")
        return int(order[(len(order) - 1) // 2])

    def quantiles(self, shares: tuple[float, ...] = (0.05, 0.25, 0.5, 0.75, 0.95)) -> dict[str, float]:
        """Return quantiles of the paths' Sharpe ratios; empty where none is known.

        Parameters
        ----------
        shares : tuple of float
            In [0, 1].

        Returns
        -------
        dict of str to float
            By share as text, ``"0.05"``; annual ratios.
        """
        known = self.path_sharpes[~np.isnan(self.path_sharpes)]
        return {f"{share:g}": float(np.quantile(known, share)) for share in shares} if len(known) else {}

    @property
    def losing_share(self) -> float:
        """Share of the paths with a Sharpe ratio at or below 0."""
        return float(np.mean(np.nan_to_num(self.path_sharpes, nan=0.0) <= 0.0))


def cross_validate(
    plan: SweepPlan,
    search: Search,
    folds: FoldSettings,
    executor: Executor,
    *,
    progress: ProgressCallback = no_progress,
) -> Validation:
    """Cross-validate a search.

    Parameters
    ----------
    plan : SweepPlan
        What is varied over which bars; assumed checked for causality.
    search : Search
        How combinations are chosen.
    folds : FoldSettings
        How history is divided.
    executor : Executor
        Where combinations are scored.
    progress : ProgressCallback
        Called with ``folds``, done and all after each split.

    Returns
    -------
    Validation
        With daily returns out of sample of every path.

    Raises
    ------
    UsageError
        If the objective cannot be read off daily returns, or there are too many combinations to hold.
    """
    if plan.objective not in ("sharpe", "return"):
        raise UsageError(
            "ranks_sharpe_return",
            "{scheme} ranks by sharpe or return, was {objective}",
            scheme=folds.scheme,
            objective=plan.objective,
        )
    rows = search_rows(plan, search, executor)
    usable = ~rows["refused"] & (rows["figures"][:, :, TRADES].sum(axis=1) >= folds.min_trades)
    combinations = np.sort(rows["combination"][usable])
    if len(combinations) == 0:
        raise UsageError(
            "no_combination_trades", "no combination has {min_trades} trades", min_trades=folds.min_trades
        )
    days = day_starts(plan)
    most = MAX_BYTES // (8 * len(days))
    if len(combinations) > most:
        raise UsageError(
            "stores_daily_returns_all_combinations",
            "{scheme} stores the daily returns of all combinations: at most {most} for {days_count} "
            "days, had {combinations_count}; draw some with --random",
            scheme=folds.scheme,
            most=most,
            days_count=len(days),
            combinations_count=len(combinations),
        )
    matrix = np.nan_to_num(daily_returns(plan, combinations), nan=0.0)
    span = min(slot.bars.span_ms for slot in plan.slots)
    splits, paths = _splits(folds, len(days), span)
    year = periods_per_year(span)
    folds_done, columns = [], []
    for number, split in enumerate(splits):
        column, fold = _evaluate_fold(plan, combinations, matrix, days, split, year)
        folds_done.append(fold)
        columns.append(column)
        progress("folds", number + 1, len(splits))
    path_returns = np.array([_join_path(matrix, splits, columns, path) for path in paths])
    return Validation(
        folds=tuple(folds_done),
        path_sharpes=sharpe_ratios(path_returns.T, year),
        path_returns=path_returns,
        days=days,
        overfit=overfitting(matrix),
        tried=np.sort(rows["combination"][~rows["refused"]]),
        periods_per_year=year,
    )


def _splits(
    folds: FoldSettings, n_days: int, span_ms: int
) -> tuple[tuple[Split, ...], tuple[tuple[tuple[int, int], ...], ...]]:
    """Return the splits of days, and for each path the (split, test span) used in each part of time."""
    purge, embargo = (
        math.ceil(bars * span_ms / max(span_ms, DAY_MS)) for bars in (folds.purge, folds.embargo)
    )
    if folds.scheme == "kfold":
        splits = purged_kfold(n_days, folds=folds.folds, horizon_bars=purge, embargo_bars=embargo)
        return splits, (tuple((index, 0) for index in range(len(splits))),)
    division = combinatorial_purged(
        n_days, groups=folds.folds, test_groups=folds.test_groups, horizon_bars=purge, embargo_bars=embargo
    )
    paths = tuple(
        tuple(
            (split, division.splits[split].test.index(division.groups[group]))
            for group, split in enumerate(path)
        )
        for path in division.paths
    )
    return division.splits, paths


def _evaluate_fold(
    plan: SweepPlan, combinations: IntArray, matrix: FloatArray, days: IntArray, split: Split, year: float
) -> tuple[int, ValidationFold]:
    train = indices(split.train)
    if len(train) < 2:
        raise UsageError(
            "fold_no_training_days_left",
            "a fold has no training days left; shorten purge and embargo, or use fewer folds",
        )
    inside = _objective(plan, matrix[train], year)
    column = int(np.argmax(inside))
    outside = _objective(plan, matrix[indices(split.test), column : column + 1], year)
    last = int(days[-1]) + int(days[-1] - days[-2])
    ends = np.append(days[1:], last)
    combination = int(combinations[column])
    return column, ValidationFold(
        test=tuple((int(days[span.start]), int(ends[span.stop - 1])) for span in split.test),
        combination=combination,
        params=plan.space.values(combination),
        in_sample=float(inside[column]),
        out_of_sample=float(outside[0]),
    )


def _join_path(
    matrix: FloatArray, splits: tuple[Split, ...], chosen: list[int], path: tuple[tuple[int, int], ...]
) -> FloatArray:
    """Join the test results that a path is made of."""
    parts = []
    for split, test_index in path:
        span = splits[split].test[test_index]
        parts.append(matrix[span.start : span.stop, chosen[split]])
    return np.concatenate(parts)


def _objective(plan: SweepPlan, returns: FloatArray, year: float) -> FloatArray:
    """Return the score of each column; what never moved scores 0."""
    if plan.objective == "sharpe":
        return np.nan_to_num(sharpe_ratios(returns, year), nan=0.0)
    grown: FloatArray = np.prod(1.0 + returns, axis=0) - 1.0
    return grown


def sharpe_ratios(returns: FloatArray, year: float) -> FloatArray:
    """Return the annual Sharpe ratio of each column of returns; NaN without variation.

    Parameters
    ----------
    returns : float64 array, shape (n_days, n)
    year : float
        Periods a year, to annualise.

    Returns
    -------
    float64 array, shape (n,)
        NaN also for fewer than two days.
    """
    if len(returns) < 2:
        return np.full(returns.shape[1], np.nan)
    deviation = returns.std(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        ratios: FloatArray = returns.mean(axis=0) / deviation * math.sqrt(year)
    return np.where(deviation > _FLAT, ratios, np.nan)
