"""LightGBM: boosted trees, deterministic on one thread."""

from __future__ import annotations

from vigie.quant.models.flattening import from_lightgbm
from vigie.quant.models.model_kind import FitSample, ModelKind, OptionRange, library, refuse_one_class
from vigie.quant.models.trees import FlatTrees

ROUNDS = 200
RATE = 0.03
LEAVES = 15
LEAF_ROWS = 100
OPTIONS = {
    "objective": "binary", "learning_rate": RATE, "num_leaves": LEAVES, "min_data_in_leaf": LEAF_ROWS,
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
    asked = {
        "learning_rate": sample.options.get("rate", RATE),
        "num_leaves": int(sample.options.get("leaves", LEAVES)),
        "min_data_in_leaf": int(sample.options.get("leaf_rows", LEAF_ROWS)),
    }
    return from_lightgbm(lightgbm.train({**OPTIONS, **asked, "seed": sample.seed}, rows, ROUNDS))


KIND = ModelKind(
    "lightgbm", "class", fit,
    options={
        "rate": OptionRange(RATE, 0.005, 0.1, is_log=True),
        "leaves": OptionRange(LEAVES, 4, 31, is_whole=True),
        "leaf_rows": OptionRange(LEAF_ROWS, 20, 1_000, is_log=True, is_whole=True),
    },
)  # fmt: skip
