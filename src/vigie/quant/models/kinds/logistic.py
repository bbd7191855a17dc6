"""A logistic regression: log-odds as a sum of columns.

Fitted here by Newton's method, as scikit-learn's ``newton-cholesky`` does, so that it needs no library that learns: the
demonstration trains one.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.quant.models.linear import LinearScorer, standard_of, unscaled
from vigie.quant.models.model_kind import FitSample, ModelKind, OptionRange, refuse_one_class

# Strength of the ridge is its inverse; of standard columns.
FREEDOM: Final = 0.3
_STEPS: Final = 100
# Largest slope of the loss at which it is at its lowest.
_FLAT: Final = 1e-12


def fit(sample: FitSample) -> LinearScorer:
    """Return the weights.

    Parameters
    ----------
    sample : FitSample

    Returns
    -------
    LinearScorer

    Raises
    ------
    DataError
        If all rows are of one kind.
    """
    refuse_one_class(sample)
    standard = standard_of(sample.rows)
    rows = np.column_stack([np.ones(len(sample.rows)), standard(sample.rows)])
    # The base is free, the weights are held back.
    ridge = np.append(0.0, np.ones(rows.shape[1] - 1)) / sample.options.get("freedom", FREEDOM)
    weights = np.zeros(rows.shape[1])
    for _ in range(_STEPS):
        said = 1.0 / (1.0 + np.exp(-np.clip(rows @ weights, -700.0, 700.0)))
        slope = rows.T @ (sample.weights * (said - sample.target)) + ridge * weights
        if np.abs(slope).max() <= _FLAT * len(rows):
            break
        bend = (rows * (sample.weights * said * (1.0 - said))[:, None]).T @ rows + np.diag(ridge)
        lower = _lower(sample, rows, ridge, weights, np.linalg.solve(bend, slope))
        if lower is None:  # as low as numbers tell
            break
        weights = lower
    return unscaled(weights[1:], weights[0], standard)


def _lower(
    sample: FitSample, rows: FloatArray, ridge: FloatArray, weights: FloatArray, step: FloatArray
) -> FloatArray | None:
    """Return the weights after a step, or after a part of it, where the loss is lower; None where no part helps."""
    before = _loss(sample, rows, ridge, weights)
    for _ in range(_STEPS):
        after: FloatArray = weights - step
        if _loss(sample, rows, ridge, after) < before:
            return after
        step = step / 2.0
    return None


def _loss(sample: FitSample, rows: FloatArray, ridge: FloatArray, weights: FloatArray) -> float:
    scores = rows @ weights
    losses = np.logaddexp(0.0, scores) - sample.target * scores
    return float(sample.weights @ losses + 0.5 * ridge @ weights**2)


KIND = ModelKind(
    "logistic", "class", fit, options={"freedom": OptionRange(FREEDOM, 0.001, 10.0, is_log=True)}
)
