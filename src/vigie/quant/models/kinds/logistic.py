"""A logistic regression: log-odds as a sum of columns."""

from __future__ import annotations

from vigie.quant.models.linear import LinearScorer, standard_of, unscaled
from vigie.quant.models.model_kind import FitSample, ModelKind, OptionRange, fit_classifier, library

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
    standard = standard_of(sample.rows)
    model = library("sklearn.linear_model").LogisticRegression(
        C=sample.options.get("freedom", FREEDOM), solver="newton-cholesky", max_iter=100, tol=1e-8
    )
    fit_classifier(model, sample, standard(sample.rows))
    return unscaled(model.coef_[0], float(model.intercept_[0]), standard)


KIND = ModelKind(
    "logistic", "class", fit, options={"freedom": OptionRange(FREEDOM, 0.001, 10.0, is_log=True)}
)
