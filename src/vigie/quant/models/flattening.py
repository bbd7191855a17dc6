"""What a library's trees have learned, as flat arrays: LightGBM's and scikit-learn's, with their own raw scores.

The libraries' objects are read here; neither library is imported.
"""

from __future__ import annotations

from typing import Final, NotRequired, Protocol, TypedDict

import numpy as np
from numpy.typing import ArrayLike, NDArray

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import DataError
from vigie.quant.models.trees import LEAF, FlatTrees, joined

# LightGBM reads a value as 0 that is no further from it.
_ZERO: Final = float(np.float32(1e-35))


class LightgbmNode(TypedDict):
    """A node as LightGBM tells it: of a split, or of a leaf.

    Attributes
    ----------
    split_index, split_feature : int
        Of a split alone.
    threshold : float
    decision_type : str
        ``<=`` of numbers, ``==`` of categories.
    left_child, right_child : LightgbmNode
    internal_count, leaf_count : int
        Rows that came through.
    leaf_value : float
        Of a leaf alone.
    """

    split_index: NotRequired[int]
    split_feature: int
    threshold: float
    decision_type: str
    left_child: LightgbmNode
    right_child: LightgbmNode
    internal_count: int
    leaf_value: float
    leaf_count: NotRequired[int]


class LightgbmTree(TypedDict):
    """A tree as LightGBM tells it.

    Attributes
    ----------
    tree_structure : LightgbmNode
        Its root.
    """

    tree_structure: LightgbmNode


class LightgbmDump(TypedDict):
    """What LightGBM tells of all that a model is.

    Attributes
    ----------
    num_tree_per_iteration : int
        1 where a row has a single score.
    average_output : bool
        Whether the score is a mean over trees.
    max_feature_idx : int
        Number of the last column.
    tree_info : list of LightgbmTree
    """

    num_tree_per_iteration: int
    average_output: NotRequired[bool]
    max_feature_idx: int
    tree_info: list[LightgbmTree]


class Booster(Protocol):
    """A fitted ``lightgbm.Booster``."""

    def dump_model(self) -> LightgbmDump:
        """Return all that it is.

        Returns
        -------
        LightgbmDump
        """
        ...


class SklearnNodes(Protocol):
    """The nodes of a fitted tree of scikit-learn, one array each.

    Attributes
    ----------
    children_left, children_right, feature : int64 array, shape (n_nodes,)
        -1 at a leaf.
    threshold, weighted_n_node_samples : float64 array, shape (n_nodes,)
    value : float64 array, shape (n_nodes, 1, n_classes)
    n_features : int
    """

    children_left: IntArray
    children_right: IntArray
    feature: IntArray
    threshold: FloatArray
    value: FloatArray
    weighted_n_node_samples: FloatArray
    n_features: int


class SklearnTree(Protocol):
    """A fitted tree of scikit-learn, alone or of a forest.

    Attributes
    ----------
    tree_ : SklearnNodes
    """

    tree_: SklearnNodes


class HistStage(Protocol):
    """One tree of histogram boosting.

    Attributes
    ----------
    nodes : structured array, shape (n_nodes,)
    """

    nodes: NDArray[np.void]


class HistBoosting(Protocol):
    """A fitted model of scikit-learn's histogram boosting; the library tells its trees in no public way.

    Attributes
    ----------
    n_features_in_ : int
    """

    n_features_in_: int
    _predictors: list[list[HistStage]]
    _baseline_prediction: FloatArray


def from_lightgbm(booster: Booster) -> FlatTrees:
    """Return the trees of a ``lightgbm.Booster`` that was fitted on columns of numbers without NaN.

    Parameters
    ----------
    booster : Booster

    Returns
    -------
    FlatTrees

    Raises
    ------
    DataError
        If it has categories, trees with linear leaves or several classes: these have no single score.
    """
    told = booster.dump_model()
    if told["num_tree_per_iteration"] != 1 or told.get("average_output"):
        raise DataError("model_not_one_score", "the model has no single score a row")
    trees = [_lightgbm_tree(tree, told["max_feature_idx"] + 1) for tree in told["tree_info"]]
    if not trees:
        raise DataError("model_without_trees", "the model learned no tree: more rows, or smaller leaves")
    return joined(trees, 0.0)


def from_sklearn_trees(estimators: list[SklearnTree], positive: int) -> FlatTrees:
    """Return scikit-learn's decision trees as one; its score is the mean share of a class, or the mean value.

    Parameters
    ----------
    estimators : list of fitted trees
        Of a forest, or one alone.
    positive : int
        Which class counts; 0 for values.

    Returns
    -------
    FlatTrees
    """
    trees = [_sklearn_tree(estimator.tree_, positive, len(estimators)) for estimator in estimators]
    return joined(trees, 0.0)


def from_hist_boosting(model: HistBoosting) -> FlatTrees:
    """Return the trees of scikit-learn's histogram boosting of two classes or of values.

    Parameters
    ----------
    model : HistBoosting

    Returns
    -------
    FlatTrees

    Raises
    ------
    DataError
        If it has several classes.
    """
    if any(len(stage) != 1 for stage in model._predictors):
        raise DataError("model_not_one_score", "the model has no single score a row")
    trees = [_hist_tree(stage[0].nodes, model.n_features_in_) for stage in model._predictors]
    (start,) = np.ravel(model._baseline_prediction)
    if not trees:
        raise DataError("model_without_trees", "the model learned no tree: more rows, or smaller leaves")
    return joined(trees, float(start))


def _lightgbm_tree(tree: LightgbmTree, n_columns: int) -> FlatTrees:
    """Return one tree, each parent before its children."""
    nodes: list[tuple[int, float, int, int, float, float]] = []

    def read(node: LightgbmNode) -> int:
        number = len(nodes)
        nodes.append((LEAF, 0.0, 0, 0, 0.0, 1.0))
        if "split_index" not in node:
            # A tree of one leaf tells no count: nothing is asked, so nothing weighs.
            nodes[number] = (LEAF, 0.0, 0, 0, float(node["leaf_value"]), float(node.get("leaf_count", 1)))
            return number
        if node["decision_type"] != "<=":
            raise DataError("model_with_categories", "the model asks for categories: use columns of numbers")
        left, right = read(node["left_child"]), read(node["right_child"])
        nodes[number] = (
            node["split_feature"], _beyond_zero(node["threshold"]), left, right, 0.0,
            float(node["internal_count"]),
        )  # fmt: skip
        return number

    read(tree["tree_structure"])
    columns = [np.array(part) for part in zip(*nodes, strict=True)]
    column, threshold, left, right, value, cover = columns
    return FlatTrees(
        np.zeros(1, np.int64), _whole(column), threshold.astype(float), _whole(left), _whole(right),
        value.astype(float), cover.astype(float), 0.0, n_columns,
    )  # fmt: skip


def _beyond_zero(threshold: float) -> float:
    """Return a threshold that sends on as one what LightGBM reads as 0, the side on which 0 is."""
    if abs(threshold) > _ZERO:
        return threshold
    return _ZERO if threshold >= 0.0 else float(np.nextafter(-_ZERO, -np.inf))


def _sklearn_tree(tree: SklearnNodes, positive: int, count: int) -> FlatTrees:
    is_leaf = tree.children_left == -1
    values: FloatArray = tree.value[:, 0, :]
    shares = values[:, positive] / values.sum(axis=1) if values.shape[1] > 1 else values[:, 0]
    return FlatTrees(
        np.zeros(1, np.int64),
        np.where(is_leaf, LEAF, _whole(tree.feature)),
        np.where(is_leaf, 0.0, tree.threshold),
        np.where(is_leaf, 0, _whole(tree.children_left)),
        np.where(is_leaf, 0, _whole(tree.children_right)),
        np.where(is_leaf, shares / count, 0.0),
        np.asarray(tree.weighted_n_node_samples, float),
        0.0,
        int(tree.n_features),
        is_single=True,
    )


def _hist_tree(nodes: NDArray[np.void], n_columns: int) -> FlatTrees:
    is_leaf = nodes["is_leaf"].astype(bool)
    if bool(np.any(nodes["is_categorical"][~is_leaf])):
        raise DataError("model_with_categories", "the model asks for categories: use columns of numbers")
    return FlatTrees(
        np.zeros(1, np.int64),
        np.where(is_leaf, LEAF, _whole(nodes["feature_idx"])),
        np.where(is_leaf, 0.0, nodes["num_threshold"]),
        np.where(is_leaf, 0, _whole(nodes["left"])),
        np.where(is_leaf, 0, _whole(nodes["right"])),
        np.where(is_leaf, nodes["value"], 0.0),
        nodes["count"].astype(float),
        0.0,
        n_columns,
    )


def _whole(values: ArrayLike) -> IntArray:
    return np.asarray(values).astype(np.int64)
