"""A small neural network of scikit-learn; only the library scores it, so that it never trades."""

from __future__ import annotations

from vigie.quant.models.linear import standard_of
from vigie.quant.models.model_kind import FitSample, ModelKind, OptionRange, fit_estimator, library
from vigie.quant.models.network_weights import NetworkWeights, weights_of

UNITS = (16,)
PENALTY = 1e-2
ROUNDS = 30


def fit(sample: FitSample) -> NetworkWeights:
    """Return the network; its score is a probability.

    Parameters
    ----------
    sample : FitSample

    Returns
    -------
    NetworkWeights
    """
    standard = standard_of(sample.rows)
    model = library("sklearn.neural_network").MLPClassifier(
        UNITS,
        alpha=sample.options.get("penalty", PENALTY),
        max_iter=ROUNDS,
        early_stopping=True,
        random_state=sample.seed,
    )
    import warnings

    with warnings.catch_warnings():
        # It ends after its rounds, whether the last one still helped or not.
        warnings.simplefilter("ignore")
        fit_estimator(model, sample, standard(sample.rows))
    return weights_of(model, standard)


KIND = ModelKind(
    "network", "class", fit, fitted_by="sklearn", scored_by="sklearn",
    options={"penalty": OptionRange(PENALTY, 1e-4, 1.0, is_log=True)},
)  # fmt: skip
