"""From a model's score to log-odds that can be believed: a line through what came of rows it was not fitted on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray

_ROUNDS: Final = 50
_CLOSE: Final = 1e-10
_FAR: Final = 30.0
_LONGEST: Final = 5.0
# A step may end so much above what was reached: rounding, no more.
_NO_LOWER: Final = 1.0 + 1e-12


@dataclass(frozen=True, slots=True)
class ScoreLine:
    """Log-odds as a line of the score.

    Attributes
    ----------
    slope : float
        >= 0; 0 where the score said nothing, or the contrary, of rows that it was not fitted on.
    intercept : float
        Log-odds at a score of 0.
    """

    slope: float
    intercept: float

    def log_odds(self, scores: FloatArray) -> FloatArray:
        """Return log-odds; platforms agree on them to the bit.

        Parameters
        ----------
        scores : float64 array, shape (n_rows,)

        Returns
        -------
        float64 array, shape (n_rows,)
            NaN where a score is NaN.
        """
        return self.slope * scores + self.intercept


def probabilities(log_odds: FloatArray) -> FloatArray:
    """Return probabilities, to be shown and measured; nothing is decided by them.

    Parameters
    ----------
    log_odds : float64 array

    Returns
    -------
    float64 array
        In (0, 1).
    """
    return 1.0 / (1.0 + np.exp(-np.clip(log_odds, -_FAR, _FAR)))


def log_losses(said: FloatArray, target: FloatArray) -> FloatArray:
    """Return how surprising what came is to who said probabilities, in nats.

    Parameters
    ----------
    said : float64 array, shape (n_rows,)
        In (0, 1).
    target : float64 array, shape (n_rows,)
        0 or 1.

    Returns
    -------
    float64 array, shape (n_rows,)
    """
    return -np.where(target == 1.0, np.log(said), np.log1p(-said))


def fit_calibration(scores: FloatArray, target: FloatArray, weights: FloatArray) -> ScoreLine:
    """Return the line under which what came is most likely, drawn a little towards one half.

    Parameters
    ----------
    scores : float64 array, shape (n_rows,)
        Of rows that the model was not fitted on.
    target : float64 array, shape (n_rows,)
        0 or 1.
    weights : float64 array, shape (n_rows,)

    Returns
    -------
    ScoreLine

    References
    ----------
    Platt (1999), "Probabilistic Outputs for Support Vector Machines"; Lin, Lin and Weng (2007) for the steps.
    """
    total = float(weights.sum())
    positive = float(weights[target == 1.0].sum())
    # One more of each kind: what never came is not impossible.
    share = (positive + 1.0) / (total + 2.0)
    flat = ScoreLine(0.0, float(np.log(share / (1.0 - share))))
    spread = float(scores.std()) if len(scores) else 0.0
    if spread == 0.0:
        return flat
    mean = float(scores.mean())
    at = (scores - mean) / spread
    high, low = (positive + 1.0) / (positive + 2.0), 1.0 / (total - positive + 2.0)
    aim = np.where(target == 1.0, high, low)
    slope, height = 0.0, flat.intercept
    loss = _loss(slope * at + height, aim, weights)
    for _ in range(_ROUNDS):
        p = probabilities(slope * at + height)
        error, bend = weights * (p - aim), weights * p * (1.0 - p) + 1e-12
        down = np.array([(error * at).sum(), error.sum()])
        a, b, c = float((bend * at * at).sum()), float((bend * at).sum()), float(bend.sum())
        wide = a * c - b * b
        if wide <= 0.0:
            break
        step = np.array([(c * down[0] - b * down[1]) / wide, (a * down[1] - b * down[0]) / wide])
        # Far steps overshoot where nearly all rows are of one kind; shortened, they keep their way.
        step = step / max(1.0, float(np.abs(step).max()) / _LONGEST)
        while (after := _loss((slope - step[0]) * at + height - step[1], aim, weights)) > loss * _NO_LOWER:
            step = step / 2.0
        loss = after
        slope, height = slope - float(step[0]), height - float(step[1])
        if np.abs(step).max() < _CLOSE:
            break
    if slope <= 0.0:
        return flat
    return ScoreLine(slope / spread, height - slope * mean / spread)


def _loss(log_odds: FloatArray, aim: FloatArray, weights: FloatArray) -> float:
    return float((weights * (np.logaddexp(0.0, log_odds) - aim * log_odds)).sum())
