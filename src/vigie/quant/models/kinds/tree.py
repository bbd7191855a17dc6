"""One tree of decisions, small enough to be read: what a forest says, told by few questions.

Grown on outcomes themselves, one tree asks what happened to differ by chance;
a forest averages chance out.

References
----------
Breiman and Shang (1996), "Born Again Trees".
"""

from __future__ import annotations

from dataclasses import replace

from vigie.quant.models.flattening import from_sklearn_trees
from vigie.quant.models.kinds import forest
from vigie.quant.models.model_kind import FitSample, ModelKind, OptionRange, library
from vigie.quant.models.trees import FlatTrees

DEPTH = 3
LEAF_SHARE = 0.05
# Of the forest: few and coarse trees, since the tree tells only the rough shape of what they say.
FOREST = {"trees": 40, "depth": 4, "leaf_share": 0.05}


def fit(sample: FitSample) -> FlatTrees:
    """Return the tree; its score is the mean of what the forest says in a leaf: a share of the class, or a value.

    Parameters
    ----------
    sample : FitSample

    Returns
    -------
    FlatTrees
    """
    told = forest.fit(replace(sample, options=FOREST)).scores(sample.rows)
    model = library("sklearn.tree").DecisionTreeRegressor(
        max_depth=int(sample.options.get("depth", DEPTH)),
        min_weight_fraction_leaf=sample.options.get("leaf_share", LEAF_SHARE),
        random_state=sample.seed,
    )
    model.fit(sample.rows, told, sample_weight=sample.weights)
    return from_sklearn_trees([model], 0)


KIND = ModelKind(
    "tree", "both", fit, fitted_by="sklearn",
    options={
        "depth": OptionRange(DEPTH, 1, 5, is_whole=True),
        "leaf_share": OptionRange(LEAF_SHARE, 0.005, 0.1, is_log=True),
    },
)  # fmt: skip
