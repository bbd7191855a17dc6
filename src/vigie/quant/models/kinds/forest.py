"""A random forest: the mean of many trees, each of other rows and columns."""

from __future__ import annotations

from vigie.quant.models.flattening import from_sklearn_trees
from vigie.quant.models.model_kind import FitSample, ModelKind, OptionRange, fit_estimator, library
from vigie.quant.models.trees import FlatTrees

TREES = 100
DEPTH = 6
LEAF_SHARE = 0.005
ROWS_SHARE = 0.3


def fit(sample: FitSample) -> FlatTrees:
    """Return the trees; their score is the mean of their leaves: the share of the class, or the value.

    Parameters
    ----------
    sample : FitSample

    Returns
    -------
    FlatTrees
    """
    # A whole number: of a share, the library takes it of the weights, which overlapping outcomes make small.
    most = max(1, round(ROWS_SHARE * len(sample.rows)))
    forests = library("sklearn.ensemble")
    model = (forests.RandomForestRegressor if sample.is_value else forests.RandomForestClassifier)(
        int(sample.options.get("trees", TREES)), max_depth=int(sample.options.get("depth", DEPTH)),
        min_weight_fraction_leaf=sample.options.get("leaf_share", LEAF_SHARE), max_samples=most,
        random_state=sample.seed, n_jobs=1,
    )  # fmt: skip
    fit_estimator(model, sample)
    return from_sklearn_trees(list(model.estimators_), 0 if sample.is_value else 1)


KIND = ModelKind(
    "forest", "both", fit, fitted_by="sklearn",
    options={
        "depth": OptionRange(DEPTH, 2, 10, is_whole=True),
        "leaf_share": OptionRange(LEAF_SHARE, 0.001, 0.05, is_log=True),
    },
)  # fmt: skip
