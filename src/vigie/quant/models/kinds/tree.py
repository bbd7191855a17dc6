"""One tree of decisions, small enough to be read."""

from __future__ import annotations

from vigie.quant.models.flattening import from_sklearn_trees
from vigie.quant.models.model_kind import FitSample, ModelKind, OptionRange, fit_classifier, library
from vigie.quant.models.trees import FlatTrees

DEPTH = 3
LEAF_SHARE = 0.02


def fit(sample: FitSample) -> FlatTrees:
    """Return the tree; its score is the share of the class in a leaf.

    Parameters
    ----------
    sample : FitSample

    Returns
    -------
    FlatTrees
    """
    model = library("sklearn.tree").DecisionTreeClassifier(
        max_depth=int(sample.options.get("depth", DEPTH)),
        min_weight_fraction_leaf=sample.options.get("leaf_share", LEAF_SHARE),
        random_state=sample.seed,
    )
    fit_classifier(model, sample)
    return from_sklearn_trees([model], 1)


KIND = ModelKind(
    "tree", "class", fit,
    options={
        "depth": OptionRange(DEPTH, 1, 5, is_whole=True),
        "leaf_share": OptionRange(LEAF_SHARE, 0.005, 0.1, is_log=True),
    },
)  # fmt: skip
