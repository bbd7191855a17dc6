"""LightGBM: boosted trees, deterministic on one thread."""

from __future__ import annotations

from vigie.quant.models.flattening import from_lightgbm
from vigie.quant.models.model_kind import FitSample, ModelKind, library, refuse_one_class
from vigie.quant.models.trees import FlatTrees

ROUNDS = 200
OPTIONS = {
    "objective": "binary", "learning_rate": 0.03, "num_leaves": 15, "min_data_in_leaf": 100,
    "feature_fraction": 0.7, "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbosity": -1,
}  # fmt: skip


def fit(sample: FitSample) -> FlatTrees:
    """Return the trees; their score is log-odds.

    Parameters
    ----------
    sample : FitSample

    Returns
    -------
    FlatTrees
    """
    refuse_one_class(sample)
    lightgbm = library("lightgbm")
    rows = lightgbm.Dataset(sample.rows, sample.target, weight=sample.weights, free_raw_data=True)
    return from_lightgbm(lightgbm.train({**OPTIONS, "seed": sample.seed}, rows, ROUNDS))


KIND = ModelKind("lightgbm", "class", fit)
