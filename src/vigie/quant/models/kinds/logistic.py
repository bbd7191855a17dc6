"""A logistic regression: log-odds as a sum of columns."""

from __future__ import annotations

from vigie.quant.models.linear import LinearScorer, standard_of, unscaled
from vigie.quant.models.model_kind import FitSample, ModelKind, class_counts, library

# Strength of the ridge is its inverse; of standard columns.
FREEDOM = 0.3


def fit(sample: FitSample) -> LinearScorer:
    """Return the weights.

    Parameters
    ----------
    sample : FitSample

    Returns
    -------
    LinearScorer
    """
    class_counts(sample)
    standard = standard_of(sample.rows)
    model = library("sklearn.linear_model").LogisticRegression(
        C=FREEDOM, solver="newton-cholesky", max_iter=100, tol=1e-8
    )
    model.fit(standard(sample.rows), sample.target.astype(int), sample_weight=sample.weights)
    return unscaled(model.coef_[0], float(model.intercept_[0]), standard)


KIND = ModelKind("logistic", "class", fit)
