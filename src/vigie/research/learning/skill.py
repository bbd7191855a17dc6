"""How much better than the usual rate a model says what comes: by fold, in all, and how far that may be luck.

Intervals are of blocks of time, drawn whole: rows of a week belong together, those of other assets too.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.quant.models.calibration import log_losses, probabilities
from vigie.quant.stats.bootstrap import Interval
from vigie.quant.stats.clusters import cluster_means, draw_clusters, mean_interval
from vigie.research.learning.learning_rows import LearningRows
from vigie.research.learning.walking import Walked

WEEK_MS: Final = 7 * 86_400_000
BANDS: Final = 10


@dataclass(frozen=True, slots=True)
class FoldSkill:
    """How a model did in one fold.

    Attributes
    ----------
    number : int
    from_ms, until_ms : int
    rows : int
        Rows that were judged.
    auc : float
        How often a row of the class has the greater log-odds than one that is not; NaN with one class.
    brier, log_loss : float
        Of the model.
    brier_gain, log_loss_gain : float
        The usual rate's minus the model's: above 0 where the model says better.
    """

    number: int
    from_ms: int
    until_ms: int
    rows: int
    auc: float
    brier: float
    log_loss: float
    brier_gain: float
    log_loss_gain: float


@dataclass(frozen=True, slots=True)
class CalibrationBand:
    """Rows of like probability, and what came of them.

    Attributes
    ----------
    said, came : float
        Mean probability, share of the class.
    rows : int
    """

    said: float
    came: float
    rows: int


@dataclass(frozen=True, slots=True)
class Skill:
    """How a model did over all folds.

    Attributes
    ----------
    folds : tuple of FoldSkill
    rows : int
    auc : float
    brier_gain, log_loss_gain : float
        As of a fold.
    brier_interval, log_loss_interval : Interval
        Of 95 %, over blocks of a week.
    bands : tuple of CalibrationBand
        From the least probable to the most.
    """

    folds: tuple[FoldSkill, ...]
    rows: int
    auc: float
    brier_gain: float
    log_loss_gain: float
    brier_interval: Interval
    log_loss_interval: Interval
    bands: tuple[CalibrationBand, ...]

    @property
    def says_more(self) -> bool:
        """Whether it says better than the usual rate, and that is no luck."""
        return self.log_loss_interval.low > 0.0


def measure(rows: LearningRows, walked: Walked, *, seed: int) -> Skill:
    """Return how a model did on rows that it was not fitted on.

    Parameters
    ----------
    rows : LearningRows
    walked : Walked
    seed : int
        Of the draws.

    Returns
    -------
    Skill
    """
    judged = np.flatnonzero(~np.isnan(walked.log_odds))
    target = rows.target[judged]
    said, usual = probabilities(walked.log_odds[judged]), probabilities(walked.usual[judged])
    briers = (usual - target) ** 2 - (said - target) ** 2
    losses = log_losses(usual, target) - log_losses(said, target)
    clusters = draw_clusters(rows.ts[judged] // WEEK_MS, seed=seed, samples=1_000)
    everything = np.ones(len(judged), bool)
    return Skill(
        folds=tuple(_fold_skill(rows, walked, number) for number in range(len(walked.fits))),
        rows=len(judged),
        auc=auc(walked.log_odds[judged], target),
        brier_gain=float(briers.mean()),
        log_loss_gain=float(losses.mean()),
        brier_interval=mean_interval(cluster_means(briers, clusters, everything)),
        log_loss_interval=mean_interval(cluster_means(losses, clusters, everything)),
        bands=calibration_bands(said, target),
    )


def auc(scores: FloatArray, target: FloatArray) -> float:
    """Return how often a row of the class scores more than one that is not; half of the draws count.

    Parameters
    ----------
    scores : float64 array, shape (n_rows,)
    target : float64 array, shape (n_rows,)
        0 or 1.

    Returns
    -------
    float
        In [0, 1]; NaN with one class.
    """
    positive = int((target == 1.0).sum())
    negative = len(target) - positive
    if not positive or not negative:
        return float("nan")
    _, places, counts = np.unique(scores, return_inverse=True, return_counts=True)
    ends = np.cumsum(counts)
    ranks = (ends - (counts - 1) / 2.0)[places]
    total = float(ranks[target == 1.0].sum())
    return (total - positive * (positive + 1) / 2.0) / (positive * negative)


def calibration_bands(said: FloatArray, target: FloatArray) -> tuple[CalibrationBand, ...]:
    """Return what came in bands of equally many rows, from the least probable up.

    Parameters
    ----------
    said : float64 array, shape (n_rows,)
        Probabilities.
    target : float64 array, shape (n_rows,)

    Returns
    -------
    tuple of CalibrationBand
    """
    order: IntArray = np.argsort(said, kind="stable")
    parts = [part for part in np.array_split(order, BANDS) if len(part)]
    return tuple(
        CalibrationBand(float(said[part].mean()), float(target[part].mean()), len(part)) for part in parts
    )


def _fold_skill(rows: LearningRows, walked: Walked, number: int) -> FoldSkill:
    fold = walked.fits[number].fold
    target, log_odds = rows.target[fold.judged], walked.log_odds[fold.judged]
    said, usual = probabilities(log_odds), probabilities(walked.usual[fold.judged])
    brier, loss = float(((said - target) ** 2).mean()), float(log_losses(said, target).mean())
    return FoldSkill(
        number=fold.number,
        from_ms=fold.from_ms,
        until_ms=fold.until_ms,
        rows=len(target),
        auc=auc(log_odds, target),
        brier=brier,
        log_loss=loss,
        brier_gain=float(((usual - target) ** 2).mean()) - brier,
        log_loss_gain=float(log_losses(usual, target).mean()) - loss,
    )
