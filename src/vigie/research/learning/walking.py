"""One model over all folds: log-odds of rows that it was not fitted on, beside what is usual.

Scaling, calibration and the threshold of trading are made inside each fold, of rows before those that are judged.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, Protocol

import numpy as np

from vigie.domain.bar import BoolArray, FloatArray
from vigie.quant.models.calibration import ScoreLine, fit_calibration
from vigie.quant.models.column_choice import widened
from vigie.quant.models.conformal import ConformalBounds, fit_conformal
from vigie.quant.models.linear import weighted_line
from vigie.quant.models.model_kind import FitSample, FittedModel, ModelKind
from vigie.research.learning.fold_choices import AS_GIVEN, FoldChoices, choose_columns, search_options
from vigie.research.learning.folds import LearnFold
from vigie.research.learning.learning_rows import LearningRows

# What log-odds are worth is said from so many rows on.
LEAST_LET_IN: Final = 30
# A trade must promise so many times its costs: what it promises is uncertain, and so is how long it lasts.
MARGIN: Final = 5.0
_NEVER: Final = (np.inf, np.inf)


@dataclass(frozen=True, slots=True, eq=False)
class FoldFit:
    """What was learned before a fold.

    Attributes
    ----------
    fold : LearnFold
    model : FittedModel
    calibration : ScoreLine
    usual : float
        Log-odds of the usual rate before the fold.
    long_from, short_from : float
        Log-odds from which on, up or down, a trade is expected to pay its costs; infinite where none is.
    columns : tuple of int
        Numbers of the columns that were chosen; empty where all are read.
    options : mapping of str to float
        That were found; empty where none were searched.
    bounds : ConformalBounds, optional
        How far it may be wrong; None where that is not known.
    """

    fold: LearnFold
    model: FittedModel
    calibration: ScoreLine
    usual: float
    long_from: float
    short_from: float
    columns: tuple[int, ...] = ()
    options: Mapping[str, float] = field(default_factory=dict)
    bounds: ConformalBounds | None = None


@dataclass(frozen=True, slots=True, eq=False)
class ToldIntervals:
    """Intervals and predicted sets of each judged row, beside its log-odds.

    Attributes
    ----------
    low, high : float64 array, shape (n_rows,)
        Ends of the interval of the return; NaN where not known.
    may_come, may_stay_away : bool array, shape (n_rows,)
        Whether the class is told to be possible, and whether its contrary is; both where that is not known.
    """

    low: FloatArray
    high: FloatArray
    may_come: BoolArray
    may_stay_away: BoolArray


@dataclass(frozen=True, slots=True, eq=False)
class Walked:
    """A model that walked through time.

    Attributes
    ----------
    kind : str
        Name of the model.
    fits : tuple of FoldFit
        In the order of time.
    log_odds : float64 array, shape (n_rows,)
        Of rows that are judged; NaN elsewhere.
    usual : float64 array, shape (n_rows,)
        Log-odds of the usual rate, known before the fold of each row.
    is_long, is_short : bool array, shape (n_rows,)
        Where the log-odds reach what the fold of the row trades from.
    intervals : ToldIntervals, optional
        How far it may be wrong.
    """

    kind: str
    fits: tuple[FoldFit, ...]
    log_odds: FloatArray
    usual: FloatArray
    is_long: BoolArray
    is_short: BoolArray
    intervals: ToldIntervals | None = None


class FoldKeeper(Protocol):
    """Keeps what was learned before each fold, so that work that was stopped goes on where it was."""

    def find(self, fold: LearnFold) -> FoldFit | None:
        """Return what was kept.

        Parameters
        ----------
        fold : LearnFold

        Returns
        -------
        FoldFit or None
            None where nothing is kept of it.
        """
        ...

    def keep(self, fit: FoldFit) -> None:
        """Keep what was learned before a fold.

        Parameters
        ----------
        fit : FoldFit
        """
        ...


def walk(
    rows: LearningRows,
    kind: ModelKind,
    folds: tuple[LearnFold, ...],
    *,
    seed: int,
    choices: FoldChoices = AS_GIVEN,
    keeper: FoldKeeper | None = None,
) -> Walked:
    """Fit, calibrate and ask a model fold by fold.

    Parameters
    ----------
    rows : LearningRows
    kind : ModelKind
        Of a class.
    folds : tuple of LearnFold
        Of `vigie.research.learning.folds.walk_folds`.
    seed : int
        Each fold has one of its own, made from it.
    choices : FoldChoices
        What each fold chooses for itself.
    keeper : FoldKeeper, optional
        Told of each fold that is learned before; what it kept is not learned again.

    Returns
    -------
    Walked
    """
    fits = tuple(
        find_or_fit(rows, kind, fold, seed=seed + fold.number, choices=choices, keeper=keeper)
        for fold in folds
    )
    return judge_fits(rows, kind, fits)


def find_or_fit(
    rows: LearningRows,
    kind: ModelKind,
    fold: LearnFold,
    *,
    seed: int,
    choices: FoldChoices,
    keeper: FoldKeeper | None,
) -> FoldFit:
    """Return what was kept of a fold, else learn before it and keep that.

    Parameters
    ----------
    rows : LearningRows
    kind : ModelKind
    fold : LearnFold
    seed : int
    choices : FoldChoices
    keeper : FoldKeeper, optional

    Returns
    -------
    FoldFit
    """
    kept = keeper.find(fold) if keeper else None
    fit = kept or fit_before(rows, kind, fold, seed=seed, choices=choices)
    if keeper and kept is None:
        keeper.keep(fit)
    return fit


def judge_fits(rows: LearningRows, kind: ModelKind, fits: tuple[FoldFit, ...]) -> Walked:
    """Ask what was learned about the rows of its folds.

    Parameters
    ----------
    rows : LearningRows
    kind : ModelKind
    fits : tuple of FoldFit
        No row is judged by two of them.

    Returns
    -------
    Walked
    """
    count = len(rows)
    log_odds, usual = np.full(count, np.nan), np.full(count, np.nan)
    is_long, is_short = np.zeros(count, bool), np.zeros(count, bool)
    low, high = np.full(count, np.nan), np.full(count, np.nan)
    may_come, may_stay_away = np.ones(count, bool), np.ones(count, bool)
    for fit in fits:
        judged = fit.fold.judged
        scores = fit.model.scores(read(rows, kind)[judged])
        log_odds[judged] = fit.calibration.log_odds(scores)
        usual[judged] = fit.usual
        is_long[judged] = log_odds[judged] >= fit.long_from
        is_short[judged] = log_odds[judged] <= fit.short_from
        if fit.bounds is not None:
            low[judged], high[judged] = fit.bounds.returns(scores)
            may_come[judged], may_stay_away[judged] = fit.bounds.outcomes(scores)
    return Walked(
        kind.name, fits, log_odds, usual, is_long, is_short, ToldIntervals(low, high, may_come, may_stay_away)
    )  # fmt: skip


def returns_of(rows: LearningRows) -> FloatArray:
    """Return what came of each row: the return before costs, or of a signal what its trade made after them.

    Parameters
    ----------
    rows : LearningRows

    Returns
    -------
    float64 array, shape (n_rows,)
        NaN where nothing was traded.
    """
    both = (rows.gains[:, 0] - rows.gains[:, 1]) / 2.0
    return np.where(np.isnan(both), rows.gains[:, 0], both)


def read(rows: LearningRows, kind: ModelKind) -> FloatArray:
    """Return what a kind of model reads of rows.

    Parameters
    ----------
    rows : LearningRows
    kind : ModelKind

    Returns
    -------
    float64 array, shape (n_rows, n)
    """
    return rows.outcomes if kind.reads == "outcomes" else rows.values


def fit_before(
    rows: LearningRows, kind: ModelKind, fold: LearnFold, *, seed: int, choices: FoldChoices = AS_GIVEN
) -> FoldFit:
    """Fit and calibrate a model on rows before a fold; nothing of the fold itself is read.

    Parameters
    ----------
    rows : LearningRows
    kind : ModelKind
    fold : LearnFold
    seed : int
    choices : FoldChoices

    Returns
    -------
    FoldFit
    """
    seen = read(rows, kind)
    part = fold.fitted
    columns = choose_columns(rows, kind, fold, choices)
    values = seen if columns is None else seen[:, columns]
    options = search_options(rows, kind, fold, choices, values=values, seed=seed)
    sample = FitSample(
        values[part], rows.learned[part], rows.weights[part], seed, options, is_value=rows.is_value
    )
    model = kind.fit(sample)
    if columns is not None:
        model = widened(model, columns, seen.shape[1])
    held = fold.calibrated
    scores = model.scores(seen[held])
    before = np.concatenate([part, held])
    mean = float(np.average(rows.target[before], weights=rows.weights[before]))
    usual = float(np.log(mean / (1.0 - mean))) if 0.0 < mean < 1.0 else 0.0
    calibration = fit_calibration(scores, rows.target[held], rows.weights[held])
    if calibration.slope == 0.0:
        # A score that is worth nothing says what is usual: neither better nor worse than that.
        calibration = ScoreLine(0.0, usual)
    log_odds = calibration.log_odds(scores)
    line = (
        _gain_line(log_odds - usual, rows.gains[held], rows.weights[held])
        if calibration.slope > 0.0
        else _NEVER
    )
    return FoldFit(
        fold, model, calibration, usual, usual + line[0], usual - line[1],
        () if columns is None else tuple(columns.tolist()), options, _bounds(rows, fold, scores),
    )  # fmt: skip


def _bounds(rows: LearningRows, fold: LearnFold, scores: FloatArray) -> ConformalBounds:
    """Return how far scores may be wrong: the newer half of what calibrates says it of a line through the older."""
    held = fold.calibrated
    middle = len(held) // 2
    newer = np.arange(middle, len(held))
    older = np.arange(middle)
    if len(newer):
        older = older[rows.ends[held[older]] < rows.ts[held[newer[0]]] - fold.embargo_ms]
    return fit_conformal(
        scores, rows.target[held], returns_of(rows)[held], rows.weights[held], older=older, newer=newer
    )


def _gain_line(excess: FloatArray, gains: FloatArray, weights: FloatArray) -> tuple[float, float]:
    """Return how far above and below the usual log-odds a trade is expected to pay its costs; infinite where never.

    Where both sides are traded, at the usual log-odds neither is expected to earn: which way prices went meanwhile is
    not learned from so short a time, only what a difference of log-odds was worth.
    """
    both = ~np.isnan(gains).any(axis=1)
    if both.sum() >= LEAST_LET_IN:
        moved, cost = (gains[both, 0] - gains[both, 1]) / 2.0, -gains[both].mean()
        x, w = excess[both], weights[both]
        worth = float((w * x * moved).sum() / (w * x * x).sum()) if x.any() else 0.0
        away = max(MARGIN * cost / worth, 0.0) if worth > 0.0 else np.inf
        return away, away
    return _side(excess, gains[:, 0], weights), _side(-excess, gains[:, 1], weights)


def _side(excess: FloatArray, gains: FloatArray, weights: FloatArray) -> float:
    known = ~np.isnan(gains)
    if known.sum() < LEAST_LET_IN:
        return np.inf
    mean, middle, worth = weighted_line(excess[known], gains[known], weights[known])
    return mean - middle / worth if worth > 0.0 else np.inf
