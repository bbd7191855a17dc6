"""Histogram boosting of scikit-learn: trees one after the other, each of what is left."""

from __future__ import annotations

from vigie.quant.models.flattening import from_hist_boosting
from vigie.quant.models.model_kind import FitSample, ModelKind, OptionRange, fit_estimator, library
from vigie.quant.models.trees import FlatTrees

ROUNDS = 100
# As of LightGBM: small steps, few leaves, and each of a share of the rows.
RATE = 0.01
LEAVES = 4
LEAF_SHARE = 0.1
COLUMNS_SHARE = 0.5


def fit(sample: FitSample) -> FlatTrees:
    """Return the trees; their score is log-odds, or the value.

    Parameters
    ----------
    sample : FitSample

    Returns
    -------
    FlatTrees
    """
    boosters = library("sklearn.ensemble")
    model = (boosters.HistGradientBoostingRegressor if sample.is_value else boosters.HistGradientBoostingClassifier)(
        max_iter=ROUNDS, learning_rate=sample.options.get("rate", RATE),
        max_leaf_nodes=int(sample.options.get("leaves", LEAVES)), min_samples_leaf=sample.leaf_rows(LEAF_SHARE),
        max_features=COLUMNS_SHARE, early_stopping=False, random_state=sample.seed,
    )  # fmt: skip
    # Its threads add in any order, and wait for each other on a busy machine.
    with library("threadpoolctl").threadpool_limits(1):
        fit_estimator(model, sample)
    return from_hist_boosting(model)


KIND = ModelKind(
    "boosting", "both", fit, fitted_by="sklearn",
    options={
        "rate": OptionRange(RATE, 0.005, 0.2, is_log=True),
        "leaves": OptionRange(LEAVES, 2, 31, is_whole=True),
        "leaf_share": OptionRange(LEAF_SHARE, 0.01, 0.2, is_log=True),
    },
)  # fmt: skip
