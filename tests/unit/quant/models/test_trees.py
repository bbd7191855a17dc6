"""Flat trees: their score by walking from the root, their effects by the definition of Shapley; what is refused."""

from __future__ import annotations

from dataclasses import replace
from itertools import combinations
from math import factorial

import numpy as np
import pytest

from tests.unit.quant.models.material import random_trees
from vigie.domain.errors import DataError
from vigie.quant.models.trees import LEAF, FlatTrees, joined, leaf_paths

SEEDS = range(25)


def walked(trees: FlatTrees, row: np.ndarray) -> float:
    total = trees.start
    for root in trees.roots.tolist():
        node = root
        while trees.column[node] != LEAF:
            is_left = row[trees.column[node]] <= trees.threshold[node]
            node = int(trees.left[node] if is_left else trees.right[node])
        total += trees.value[node]
    return total


def expected(trees: FlatTrees, row: np.ndarray, known: frozenset[int]) -> float:
    """The score where only some columns are known: the others go both ways, by how many rows did."""

    def below(node: int) -> float:
        asked = int(trees.column[node])
        left, right = int(trees.left[node]), int(trees.right[node])
        if asked == LEAF:
            return float(trees.value[node])
        if asked in known:
            return below(left if row[asked] <= trees.threshold[node] else right)
        shares = trees.cover[left] / trees.cover[node], trees.cover[right] / trees.cover[node]
        return float(shares[0] * below(left) + shares[1] * below(right))

    return trees.start + sum(below(root) for root in trees.roots.tolist())


def shapley(trees: FlatTrees, row: np.ndarray) -> list[float]:
    count = trees.n_columns
    found = []
    for column in range(count):
        others = [other for other in range(count) if other != column]
        total = 0.0
        for size in range(count):
            weight = factorial(size) * factorial(count - size - 1) / factorial(count)
            for known in combinations(others, size):
                with_it = expected(trees, row, frozenset({*known, column}))
                total += weight * (with_it - expected(trees, row, frozenset(known)))
        found.append(total)
    return found


@pytest.mark.parametrize("seed", SEEDS)
def test_scores_and_effects_are_those_of_the_definition(seed):
    trees = random_trees(seed)
    rows = np.random.default_rng(seed).normal(size=(6, trees.n_columns))
    # Values that stand on a threshold go left.
    rows[0, trees.column[0]] = trees.threshold[0] if trees.column[0] != LEAF else rows[0, 0]
    assert trees.scores(rows).tolist() == [walked(trees, row) for row in rows]
    paths = leaf_paths(trees)
    assert paths.base == pytest.approx(expected(trees, rows[0], frozenset()), rel=1e-12)
    for row in rows:
        effects = paths.effects(row)
        assert effects == pytest.approx(shapley(trees, row), abs=1e-12)
        assert paths.base + effects.sum() == pytest.approx(walked(trees, row), abs=1e-12)


def test_row_with_a_column_that_is_not_known_has_no_score_and_no_effects():
    trees = random_trees(1)
    rows = np.zeros((2, trees.n_columns))
    rows[1, -1] = np.nan
    scores = trees.scores(rows)
    assert np.isfinite(scores[0])
    assert np.isnan(scores[1])
    assert np.isnan(leaf_paths(trees).effects(rows[1])).all()


def test_joined_forests_score_as_their_sum():
    one, other = random_trees(4), random_trees(5)
    rows = np.random.default_rng(0).normal(size=(20, one.n_columns))
    both = joined([one, other], 1.0)
    assert both.scores(rows) == pytest.approx(one.scores(rows) + other.scores(rows) + 0.5, abs=1e-12)


@pytest.mark.parametrize(
    "spoiled",
    [
        lambda trees: {"roots": np.array([99_999])},
        lambda trees: {"roots": np.array([], np.int64)},
        lambda trees: {"column": np.where(trees.column == LEAF, LEAF, trees.n_columns)},
        # A walk that never ends.
        lambda trees: {"left": np.zeros_like(trees.left)},
        lambda trees: {"right": trees.right + len(trees.right)},
        lambda trees: {"value": trees.value[:-1]},
        lambda trees: {"threshold": np.full_like(trees.threshold, np.nan)},
        lambda trees: {"cover": np.zeros_like(trees.cover)},
        lambda trees: {"start": float("inf")},
    ],
)
def test_arrays_that_no_walk_ends_in_are_refused(spoiled):
    trees = random_trees(2)
    with pytest.raises(DataError, match="do not fit together"):
        replace(trees, **spoiled(trees))


def test_row_of_other_columns_is_refused():
    trees = random_trees(2)
    with pytest.raises(DataError, match="a row of 4 columns is wanted, not of 3"):
        trees.scores(np.zeros((1, 3)))


def test_path_that_asks_too_many_columns_is_not_explained():
    count = 60
    nodes = np.arange(2 * count + 1)
    inner = nodes % 2 == 0
    inner[-1] = False
    trees = FlatTrees(
        np.zeros(1, np.int64), np.where(inner, nodes // 2, LEAF), np.zeros(len(nodes)), np.where(inner, nodes + 1, 0),
        np.where(inner, nodes + 2, 0), np.ones(len(nodes)), 2.0 ** -(nodes // 2), 0.0, count,
    )  # fmt: skip
    assert trees.scores(np.ones((1, count))).tolist() == [1.0]
    with pytest.raises(DataError, match="asks 60 columns"):
        leaf_paths(trees)
