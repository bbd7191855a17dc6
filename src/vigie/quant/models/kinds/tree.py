"""One tree of decisions, small enough to be read."""

from __future__ import annotations

from vigie.quant.models.flattening import from_sklearn_trees
from vigie.quant.models.model_kind import FitSample, ModelKind, fit_classifier, library
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
        max_depth=DEPTH, min_weight_fraction_leaf=LEAF_SHARE, random_state=sample.seed
    )
    fit_classifier(model, sample)
    return from_sklearn_trees([model], 1)


KIND = ModelKind("tree", "class", fit)
