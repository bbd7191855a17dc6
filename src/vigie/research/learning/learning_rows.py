"""Rows in the order of time, each with its outcome and when that is known: what a model reads and is asked about."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import DataError, UsageError

# Below, no fold has enough to say anything.
LEAST_ROWS = 200


@dataclass(frozen=True, slots=True, eq=False)
class LearningRows:
    """What a model may read at a close, and what came of it.

    Attributes
    ----------
    columns : tuple of str
        Names, each once.
    ts : int64 array, shape (n_rows,)
        When a row is known: the close of its bar, epoch milliseconds; ascending, and equal where assets are pooled.
    values : float64 array, shape (n_rows, n_columns)
        Finite.
    target : float64 array, shape (n_rows,)
        0 or 1.
    ends : int64 array, shape (n_rows,)
        When the outcome is known, epoch milliseconds; after `ts`.
    weights : float64 array, shape (n_rows,)
        How much each counts, > 0.
    gains : float64 array, shape (n_rows, 2)
        What a long and a short trade made, as a share of the price and after costs; NaN where a side is not traded.
    assets : int64 array, shape (n_rows,)
        Which asset a row is of.
    bars : int64 array, shape (n_rows,)
        Which bar of its asset.
    amounts : float64 array, shape (n_rows,)
        How much came, of what is learned as an amount; empty where the outcome itself is learned.
    outcomes : float64 array, shape (n_rows, 2)
        The newest that was known at each row of what is learned, and the mean of all known; made from the others.
    """

    columns: tuple[str, ...]
    ts: IntArray
    values: FloatArray
    target: FloatArray
    ends: IntArray
    weights: FloatArray
    gains: FloatArray
    assets: IntArray
    bars: IntArray
    amounts: FloatArray = field(default_factory=lambda: np.empty(0))
    outcomes: FloatArray = field(default_factory=lambda: np.empty((0, 2)))

    def __post_init__(self) -> None:
        _check(self)
        if not len(self.outcomes):
            outcomes = known_outcomes(
                self.ts, self.ends, self.learned, self.assets, unknown=0.0 if self.is_value else 0.5
            )
            object.__setattr__(self, "outcomes", outcomes)

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.ts)

    @property
    def is_value(self) -> bool:
        """Whether what is learned is how much, not whether."""
        return len(self.amounts) > 0

    @property
    def learned(self) -> FloatArray:
        """What a model is fitted on: the amount, or else the outcome."""
        return self.amounts if self.is_value else self.target


def known_rows(values: FloatArray, target: FloatArray) -> IntArray:
    """Return the rows of which every column and the outcome are known.

    Parameters
    ----------
    values : float64 array, shape (n_rows, n_columns)
    target : float64 array, shape (n_rows,)
        NaN where there is no outcome.

    Returns
    -------
    int64 array
        Ascending.
    """
    return np.flatnonzero(np.isfinite(values).all(axis=1) & ~np.isnan(target))


def known_outcomes(
    ts: IntArray, ends: IntArray, target: FloatArray, assets: IntArray, *, unknown: float = 0.5
) -> FloatArray:
    """Return the newest outcome known at each row, and the mean of all known: of its own asset.

    Parameters
    ----------
    ts, ends, assets : int64 array, shape (n_rows,)
    target : float64 array, shape (n_rows,)
    unknown : float
        Said before anything is known.

    Returns
    -------
    float64 array, shape (n_rows, 2)
    """
    out = np.full((len(ts), 2), unknown)
    for asset in np.unique(assets):
        own = np.flatnonzero(assets == asset)
        # Outcomes in the order in which they became known; the newest row last among equals.
        order = own[np.lexsort((ts[own], ends[own]))]
        count = np.searchsorted(ends[order], ts[own], side="right")
        sums = np.concatenate([[0.0], np.cumsum(target[order])])
        known = count > 0
        out[own[known], 0] = target[order][count[known] - 1]
        out[own[known], 1] = sums[count[known]] / count[known]
    return out


def _check(rows: LearningRows) -> None:
    """Refuse what no honest answer comes of."""
    count = len(rows.ts)
    singles = (rows.target, rows.ends, rows.weights, rows.assets, rows.bars, rows.learned)
    if (
        rows.values.shape != (count, len(rows.columns))
        or rows.gains.shape != (count, 2)
        or any(single.shape != (count,) for single in singles)
    ):
        raise UsageError("learning_rows_do_not_fit", "columns, outcomes and times must have one value a row")
    twice = [name for name, times in Counter(rows.columns).items() if times > 1]
    if twice:
        raise UsageError(
            "learned_column_twice",
            "two columns to learn from are called {name}: name each once",
            name=twice[0],
        )
    if not rows.columns:
        raise UsageError("no_columns_left", "no column is left: choose columns whose values are stored here")
    if count < LEAST_ROWS:
        raise DataError(
            "too_few_rows_to_learn",
            "{count} rows are complete, at least {least} are needed: take a longer time or fewer columns",
            count=count,
            least=LEAST_ROWS,
        )
    if not np.isfinite(rows.values).all():
        number = int(np.flatnonzero(~np.isfinite(rows.values).all(axis=0))[0])
        raise DataError(
            "column_with_gaps",
            "column {name} has gaps: leave out its rows, or the column",
            name=rows.columns[number],
        )
    if np.any(np.diff(rows.ts) < 0):
        raise UsageError("rows_not_in_order", "rows must be in the order of time")
    if np.any(rows.ends <= rows.ts):
        raise UsageError(
            "outcome_known_before", "an outcome is known at its own close: it would be a column of the past"
        )
    if not np.isin(rows.target, (0.0, 1.0)).all():
        raise UsageError("outcome_not_a_class", "outcomes must be 0 or 1")
    if not np.isfinite(rows.amounts).all():
        raise UsageError("amount_not_known", "how much came must be known of every row")
    if len(np.unique(rows.target)) < 2:
        raise DataError(
            "one_class_only",
            "all {count} rows have the same outcome: take a longer time, or another label",
            count=count,
        )
    _refuse_copies(rows)


def _likeness(column: FloatArray, target: FloatArray) -> float:
    """Return the size of the correlation with a standard target; 0 of what stays what it is."""
    moved, spread = column - column.mean(), float(column.std())
    return abs(float(moved @ target)) / (spread * len(target)) if spread > 0.0 else 0.0


def _refuse_copies(rows: LearningRows) -> None:
    """Refuse a column that is the outcome itself, as it stands or turned round."""
    # Column by column: pooled rows are large, and a scaled copy of all would be as large again.
    known = [(one - one.mean()) / one.std() for one in (rows.target, rows.amounts) if len(one) and one.std()]
    alike = np.array(
        [max(_likeness(rows.values[:, k], one) for one in known) for k in range(len(rows.columns))]
    )
    worst = int(np.argmax(alike))
    if alike[worst] > 1.0 - 1e-9:
        raise UsageError(
            "target_in_a_column",
            "column {name} is the outcome itself: it cannot be known beforehand",
            name=rows.columns[worst],
        )
