"""Leaks of the future into a model, each by its name: asked of a way of learning from outside, before it is believed.

Nothing here reads how the columns, the folds or the fit are written: the future is cut off or changed, and what was
said before it must keep every bit.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, Literal

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.domain.errors import UsageError
from vigie.research.learning.folds import LearnFold
from vigie.research.learning.learning_rows import LearningRows
from vigie.research.learning.skill import auc

LeakName = Literal[
    "embargo_of_zero",
    "overlapping_labels",
    "column_from_tomorrow",
    "revised_values",
    "outcome_in_a_column",
    "values_ahead_in_fit",
    "outcomes_ahead_in_fit",
    "only_survivors",
]
# No honest column tells up from down so often, alone; one that does holds the answer.
TELLING: Final = 0.9
# Nor by luck: outcomes that overlap are few, and a slow column follows a few of them without knowing any.
_LUCK: Final = 4.0
_CUTS: Final = (0.45, 0.7, 0.95)
_FOLLOWED: Final = 3


@dataclass(frozen=True, slots=True)
class KnownFuture:
    """One way in which the future is known.

    Attributes
    ----------
    name : str
        Of its kind.
    where : str
        The column, the asset or the fold; empty where it is the whole.
    """

    name: LeakName
    where: str = ""


@dataclass(frozen=True, slots=True)
class ListedAsset:
    """An asset that could be traded.

    Attributes
    ----------
    name : str
    from_ms : int
        Since when.
    until_ms : int or None
        Until when; None where it still can.
    """

    name: str
    from_ms: int
    until_ms: int | None = None


@dataclass(frozen=True, slots=True, eq=False)
class LearningWay:
    """A way of learning, as it is asked from outside.

    Attributes
    ----------
    rows : LearningRows
        Of one asset or several.
    folds : tuple of LearnFold
    embargo_ms : int
        That the folds were cut with.
    walk : callable
        From rows and folds to log-odds of the rows that are judged; NaN elsewhere.
    columns : callable
        From a number of bars, and a time by which values must have been known (None: whatever is known now), to the
        columns over these first bars.
    n_bars : int
        How many bars there are.
    bar_ts : int64 array, shape (n_bars,)
        When each closes, epoch milliseconds.
    chosen : tuple of str
        Assets that are learned from; empty where that is not asked.
    listed : tuple of ListedAsset
        All that could have been chosen.
    """

    rows: LearningRows
    folds: tuple[LearnFold, ...]
    embargo_ms: int
    walk: Callable[[LearningRows, tuple[LearnFold, ...]], FloatArray]
    columns: Callable[[int, int | None], Mapping[str, FloatArray]]
    n_bars: int
    bar_ts: np.ndarray
    chosen: tuple[str, ...] = ()
    listed: tuple[ListedAsset, ...] = ()


def find_leaks(way: LearningWay, *, seed: int) -> tuple[KnownFuture, ...]:
    """Return every leak that is found; none where the future changes nothing.

    Parameters
    ----------
    way : LearningWay
    seed : int
        Of the other future.

    Returns
    -------
    tuple of KnownFuture
        In the order of `LeakName`.
    """
    found: list[KnownFuture] = []
    if way.embargo_ms <= 0:
        found.append(KnownFuture("embargo_of_zero"))
    found += _overlaps(way.rows, way.folds)
    found += _columns_ahead(way)
    found += _telling_columns(way.rows)
    found += _fits_ahead(way, np.random.default_rng(seed))
    found += _survivors(way)
    return tuple(found)


def refuse_leaks_of(way: LearningWay, *, seed: int) -> None:
    """Refuse a way of learning that knows the future.

    Parameters
    ----------
    way : LearningWay
    seed : int
        As of `find_leaks`.

    Raises
    ------
    UsageError
        With every leak by name.
    """
    _refuse(find_leaks(way, seed=seed))


def refuse_leaking_rows(rows: LearningRows, folds: Sequence[LearnFold]) -> None:
    """Refuse rows and folds that know the future, as far as it is seen without any fit.

    Parameters
    ----------
    rows : LearningRows
    folds : sequence of LearnFold

    Raises
    ------
    UsageError
        With every overlapping fold, and every column that tells the outcome, by name.
    """
    _refuse([*_overlaps(rows, folds), *_telling_columns(rows)])


def _refuse(leaks: Sequence[KnownFuture]) -> None:
    if leaks:
        raise UsageError(
            "learning_knows_future",
            "this way of learning knows the future: {leaks}",
            leaks=", ".join(f"{leak.name} ({leak.where})" if leak.where else leak.name for leak in leaks),
        )


def _overlaps(rows: LearningRows, folds: Sequence[LearnFold]) -> list[KnownFuture]:
    """Return folds that learn from a row whose outcome overlaps that of a judged row, or the embargo beside it."""
    found = []
    decided = np.maximum(rows.ts, rows.ends - 1)
    for fold in folds:
        learned = np.concatenate([fold.fitted, fold.calibrated])
        # Row by row: combinations judge parts that lie apart, and learn from what lies between them.
        begun = np.searchsorted(rows.ts[fold.judged], decided[learned] + fold.embargo_ms, side="right")
        latest = np.maximum.accumulate(decided[fold.judged])
        reaches = latest[begun - 1] + fold.embargo_ms >= rows.ts[learned]
        if np.any(reaches & (begun > 0)):
            found.append(KnownFuture("overlapping_labels", f"fold {fold.number + 1}"))
    return found


def _columns_ahead(way: LearningWay) -> list[KnownFuture]:
    """Return columns that change when later bars are cut off, or when what was known only later is."""
    whole = way.columns(way.n_bars, None)
    ahead: dict[str, LeakName] = {}
    for cut in _CUTS:
        count = round(way.n_bars * cut)
        known_by = int(way.bar_ts[count - 1])
        shorter = way.columns(count, None)
        as_known = way.columns(count, known_by)
        for name, values in whole.items():
            if not _same(values[:count], shorter[name]):
                ahead.setdefault(name, "column_from_tomorrow")
            elif not _same(shorter[name], as_known[name]):
                ahead.setdefault(name, "revised_values")
    order = ("column_from_tomorrow", "revised_values")
    return [KnownFuture(kind, name) for kind in order for name, found in ahead.items() if found == kind]


def _telling_columns(rows: LearningRows) -> list[KnownFuture]:
    """Return columns that tell the outcome nearly always."""
    found = []
    least = max(TELLING - 0.5, _LUCK * _auc_deviation(rows))
    for number, name in enumerate(rows.columns):
        if abs(auc(rows.values[:, number], rows.target) - 0.5) > least:
            found.append(KnownFuture("outcome_in_a_column", name))
    return found


def _auc_deviation(rows: LearningRows) -> float:
    """Return the standard deviation of the AUC of a column that tells nothing, of as many outcomes as share no bar."""
    # Markets that move together have no more outcomes than one of them.
    weights = rows.weights / len(np.unique(rows.assets))
    of_class = float(weights[rows.target == 1.0].sum())
    others = float(weights.sum()) - of_class
    return float(np.sqrt((of_class + others + 1.0) / (12.0 * of_class * others)))


def _fits_ahead(way: LearningWay, random: np.random.Generator) -> list[KnownFuture]:
    """Return whether what a middle fold says changes with values, or outcomes, that come after it."""
    rows, fold = way.rows, way.folds[len(way.folds) // 2]
    seen = np.flatnonzero(rows.ts < fold.until_ms)
    before = way.walk(rows, way.folds)[seen]
    later = rows.ts >= fold.until_ms
    moved = rows.values.std(axis=0) * random.normal(3.0, 2.0, rows.values.shape)
    other_values = replace(rows, values=np.where(later[:, None], rows.values + moved, rows.values))
    found = []
    if not _same(before, way.walk(other_values, way.folds)[seen]):
        found.append(KnownFuture("values_ahead_in_fit"))
    # Outcomes of the fold itself are known only after it is judged.
    unknown = rows.ends >= fold.from_ms
    gains = np.where(unknown[:, None], -rows.gains, rows.gains)
    amounts = np.where(unknown, -rows.amounts, rows.amounts) if rows.is_value else rows.amounts
    # Earlier folds are over by then: only what this one says is compared.
    compared = rows.ts[seen] >= fold.from_ms
    for other in _other_outcomes(rows, random):
        target = np.where(unknown, other, rows.target)
        changed = replace(rows, target=target, gains=gains, outcomes=rows.outcomes, amounts=amounts)
        told = way.walk(changed, way.folds)
        if not _same(before[compared], told[seen][compared]):
            found.append(KnownFuture("outcomes_ahead_in_fit"))
            break
    return found


def _other_outcomes(rows: LearningRows, random: np.random.Generator) -> Iterator[FloatArray]:
    """Yield other outcomes: at random, turned round, and told by one column, which a selector would take."""
    yield random.permutation(rows.target)
    yield 1.0 - rows.target
    for number in random.permutation(len(rows.columns))[:_FOLLOWED]:
        column = rows.values[:, number]
        yield (column > np.median(column)).astype(float)


def _survivors(way: LearningWay) -> list[KnownFuture]:
    """Return whether only assets were chosen that can still be traded, where others could be at the beginning."""
    if not way.chosen or not way.listed:
        return []
    first, last = int(way.rows.ts[0]), int(way.rows.ts[-1])
    gone = [
        asset
        for asset in way.listed
        if asset.from_ms <= last and asset.until_ms is not None and first < asset.until_ms <= last
    ]
    missing = [asset.name for asset in gone if asset.name not in way.chosen]
    return [KnownFuture("only_survivors", missing[0])] if gone and len(missing) == len(gone) else []


def _same(one: FloatArray, other: FloatArray) -> bool:
    return bool(np.array_equal(one, other, equal_nan=True))
