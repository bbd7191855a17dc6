"""A linear regression with a small ridge: how much, as a sum of columns."""

from __future__ import annotations

from vigie.quant.models.linear import LinearScorer, standard_of, unscaled
from vigie.quant.models.model_kind import FitSample, ModelKind, library

# Of standard columns; columns that say the same share their weight and do not cancel each other.
RIDGE = 10.0


def fit(sample: FitSample) -> LinearScorer:
    """Return the weights.

    Parameters
    ----------
    sample : FitSample

    Returns
    -------
    LinearScorer
    """
    standard = standard_of(sample.rows)
    model = library("sklearn.linear_model").Ridge(alpha=RIDGE, solver="cholesky")
    model.fit(standard(sample.rows), sample.target, sample_weight=sample.weights)
    return unscaled(model.coef_, float(model.intercept_), standard)


KIND = ModelKind("linear", "value", fit, fitted_by="sklearn")
