"""Which columns a model would miss: how much worse it says what came when one of them is shuffled, out of fold."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.quant.models.calibration import log_losses, probabilities
from vigie.quant.models.model_kind import ModelKind
from vigie.research.learning.learning_rows import LearningRows
from vigie.research.learning.walking import FoldFit, Walked

REPEATS: Final = 3


@dataclass(frozen=True, slots=True)
class ColumnImportance:
    """What one column was worth.

    Attributes
    ----------
    name : str
    loss_added : float
        Mean log loss added in rows that were judged when the column is shuffled among them; below 0 where the column
        did harm.
    folds_worse : int
        Of how many folds the loss grew.
    """

    name: str
    loss_added: float
    folds_worse: int


def permutation_importance(
    rows: LearningRows, walked: Walked, kind: ModelKind, *, seed: int
) -> tuple[ColumnImportance, ...]:
    """Return what each column was worth, the most missed first.

    Parameters
    ----------
    rows : LearningRows
    walked : Walked
        Of the same rows.
    kind : ModelKind
        That walked; one that reads outcomes in place of columns has none.
    seed : int
        Of the shuffles.

    Returns
    -------
    tuple of ColumnImportance

    References
    ----------
    Breiman (2001), "Random Forests", section 10.
    """
    if kind.reads == "outcomes":
        return ()
    added = np.array(
        [_added(rows, fit, np.random.default_rng((seed, fit.fold.number))) for fit in walked.fits]
    )
    sizes = np.array([len(fit.fold.judged) for fit in walked.fits], float)
    means = sizes @ added / sizes.sum()
    worse = (added > 0.0).sum(axis=0)
    order = np.argsort(-means, kind="stable")
    return tuple(ColumnImportance(rows.columns[k], float(means[k]), int(worse[k])) for k in order)


def _added(rows: LearningRows, fit: FoldFit, random: np.random.Generator) -> FloatArray:
    """Return the loss that each column's shuffle adds in one fold."""
    values, target = rows.values[fit.fold.judged], rows.target[fit.fold.judged]
    usual = _loss(fit, values, target)
    out = np.empty(values.shape[1])
    for column in range(values.shape[1]):
        shuffled, kept = values.copy(), values[:, column]
        total = 0.0
        for _ in range(REPEATS):
            shuffled[:, column] = random.permutation(kept)
            total += _loss(fit, shuffled, target) - usual
        out[column] = total / REPEATS
    return out


def _loss(fit: FoldFit, values: FloatArray, target: FloatArray) -> float:
    said = probabilities(fit.calibration.log_odds(fit.model.scores(values)))
    return float(log_losses(said, target).mean())
