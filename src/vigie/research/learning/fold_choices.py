"""What is chosen inside a fold: columns, and options of a kind of model, by rows that the fold learns from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Protocol

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import UsageError
from vigie.quant.models.calibration import fit_calibration, log_losses, probabilities
from vigie.quant.models.column_choice import best_columns
from vigie.quant.models.model_kind import FitSample, ModelKind, OptionRange, library
from vigie.research.learning.folds import LEAST_FITTED, LearnFold
from vigie.research.learning.learning_rows import LearningRows

# Of the rows that are fitted, the newest part says which options are best.
_COMPARED: Final = 0.3


@dataclass(frozen=True, slots=True)
class FoldChoices:
    """What each fold chooses for itself.

    Attributes
    ----------
    columns : int
        How many columns are kept; 0 for all.
    tries : int
        How many sets of options are tried; 0 for those of the kind.
    """

    columns: int = 0
    tries: int = 0


AS_GIVEN: Final = FoldChoices()


class _Trial(Protocol):
    """A trial of Optuna."""

    def suggest_int(self, name: str, low: int, high: int, *, log: bool) -> int: ...

    def suggest_float(self, name: str, low: float, high: float, *, log: bool) -> float: ...


def choose_columns(
    rows: LearningRows, kind: ModelKind, fold: LearnFold, choices: FoldChoices
) -> IntArray | None:
    """Return the columns that a fold keeps; None for all.

    Parameters
    ----------
    rows : LearningRows
    kind : ModelKind
    fold : LearnFold
    choices : FoldChoices

    Returns
    -------
    int64 array or None
    """
    if not choices.columns or kind.reads == "outcomes" or choices.columns >= len(rows.columns):
        return None
    return best_columns(rows.values[fold.fitted], rows.learned[fold.fitted], choices.columns)


def search_options(
    rows: LearningRows,
    kind: ModelKind,
    fold: LearnFold,
    choices: FoldChoices,
    *,
    values: FloatArray,
    seed: int,
) -> Mapping[str, float]:
    """Return the options under which what came in the newest rows that a fold fits was most likely.

    These are no trials: nothing of what the fold judges is read.

    Parameters
    ----------
    rows : LearningRows
    kind : ModelKind
    fold : LearnFold
    choices : FoldChoices
    values : float64 array, shape (n_rows, n_columns)
        What the model reads.
    seed : int
        Of the search.

    Returns
    -------
    mapping of str to float
        Empty where nothing is searched.

    Raises
    ------
    UsageError
        If the extra `ml` is missing, or the fold has too few rows to compare on.
    """
    if not choices.tries or not kind.options:
        return {}
    older, newer = _cut(rows, fold)
    best, least = {name: one.usual for name, one in kind.options.items()}, np.inf
    optuna = library("optuna")
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(sampler=optuna.samplers.TPESampler(seed=seed))
    # What the kind takes by itself is tried first: a search does not end below it.
    study.enqueue_trial(dict(best))
    for _ in range(choices.tries):
        asked = study.ask()
        options = {name: _suggest(asked, name, one) for name, one in kind.options.items()}
        sample = FitSample(
            values[older], rows.learned[older], rows.weights[older], seed, options, is_value=rows.is_value
        )
        scores = kind.fit(sample).scores(values[newer])
        loss = _loss(scores, rows.target[newer], rows.weights[newer])
        study.tell(asked, loss)
        if loss < least:
            best, least = options, loss
    return best


def _suggest(asked: _Trial, name: str, one: OptionRange) -> float:
    if one.is_whole:
        return float(asked.suggest_int(name, int(one.low), int(one.high), log=one.is_log))
    return float(asked.suggest_float(name, one.low, one.high, log=one.is_log))


def _cut(rows: LearningRows, fold: LearnFold) -> tuple[IntArray, IntArray]:
    """Return the older and the newer rows that a fold fits, purged and embargoed as folds are."""
    count = len(fold.fitted)
    newer = fold.fitted[round(count * (1.0 - _COMPARED)) :]
    older = fold.fitted[: count - len(newer)]
    if len(newer):
        older = older[rows.ends[older] < rows.ts[newer[0]] - fold.embargo_ms]
    if min(len(older), len(newer)) < LEAST_FITTED:
        raise UsageError(
            "search_needs_rows",
            "a search inside a fold needs {least} rows on both sides of its cut, has {count}: take fewer folds, a "
            "longer time, or no search",
            least=LEAST_FITTED,
            count=min(len(older), len(newer)),
        )
    return older, newer


def _loss(scores: FloatArray, target: FloatArray, weights: FloatArray) -> float:
    """Return the log loss of scores once they are calibrated: kinds have scores of several units."""
    line = fit_calibration(scores, target, weights)
    return float(np.average(log_losses(probabilities(line.log_odds(scores)), target), weights=weights))
