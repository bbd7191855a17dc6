"""LightGBM: boosted trees, deterministic on one thread."""

from __future__ import annotations

from vigie.quant.models.flattening import from_lightgbm
from vigie.quant.models.model_kind import FitSample, ModelKind, OptionRange, library, refuse_one_class
from vigie.quant.models.trees import FlatTrees

ROUNDS = 200
# Prices tell little of what comes: large steps and many leaves learn what came by chance instead.
RATE = 0.005
LEAVES = 4
# A share, no number of rows: outcomes that overlap share bars, so that 100 rows of a day's horizon are four outcomes.
LEAF_SHARE = 0.1
OPTIONS = {
    "learning_rate": RATE, "num_leaves": LEAVES, "feature_fraction": 0.5,
    "deterministic": True, "force_row_wise": True, "num_threads": 1, "verbosity": -1,
}  # fmt: skip


def fit(sample: FitSample) -> FlatTrees:
    """Return the trees; their score is log-odds, or the value.

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
    asked = {
        "objective": "regression" if sample.is_value else "binary",
        "learning_rate": sample.options.get("rate", RATE),
        "num_leaves": int(sample.options.get("leaves", LEAVES)),
        "min_data_in_leaf": sample.leaf_rows(LEAF_SHARE),
    }
    return from_lightgbm(lightgbm.train({**OPTIONS, **asked, "seed": sample.seed}, rows, ROUNDS))


KIND = ModelKind(
    "lightgbm", "both", fit, fitted_by="lightgbm",
    options={
        "rate": OptionRange(RATE, 0.002, 0.1, is_log=True),
        "leaves": OptionRange(LEAVES, 2, 31, is_whole=True),
        "leaf_share": OptionRange(LEAF_SHARE, 0.01, 0.2, is_log=True),
    },
)  # fmt: skip
