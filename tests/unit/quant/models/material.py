"""Rows with something to learn in them, and forests made up at random."""

from __future__ import annotations

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.quant.models.model_kind import FitSample
from vigie.quant.models.trees import LEAF, FlatTrees


def sample(count: int = 1_500, columns: int = 6, seed: int = 3) -> FitSample:
    """Rows whose outcome depends on a product of columns and on one alone; weights of unequal size."""
    random = np.random.default_rng(seed)
    rows = random.normal(size=(count, columns))
    hidden = rows[:, 0] * rows[:, 1] + rows[:, 2] + random.normal(size=count)
    return FitSample(rows, (hidden > 0.0).astype(float), random.uniform(0.5, 1.5, count), seed)


def outcomes(like: FitSample) -> FloatArray:
    """The outcome before each row, and the mean of all before it."""
    last = np.concatenate([[0.0], like.target[:-1]])
    mean = np.concatenate([[0.5], np.cumsum(like.target)[:-1] / np.arange(1, len(like.target))])
    return np.column_stack([last, mean])


def random_trees(seed: int, columns: int = 4, trees: int = 3, depth: int = 4) -> FlatTrees:
    """A forest whose nodes ask the same column again and again."""
    random = np.random.default_rng(seed)
    nodes: list[list[float]] = []

    def grow(left: int, cover: float) -> int:
        number = len(nodes)
        nodes.append([LEAF, 0.0, 0, 0, float(random.normal()), cover])
        if left and random.random() < 0.85:
            share = random.uniform(0.1, 0.9)
            first, second = grow(left - 1, cover * share), grow(left - 1, cover * (1.0 - share))
            nodes[number] = [int(random.integers(columns)), float(random.normal()), first, second, 0.0, cover]
        return number

    roots = [grow(depth, 100.0) for _ in range(trees)]
    column, threshold, left, right, value, cover = (np.array(part) for part in zip(*nodes, strict=True))
    return FlatTrees(
        np.array(roots), column.astype(np.int64), threshold, left.astype(np.int64), right.astype(np.int64),
        value, cover, 0.25, columns,
    )  # fmt: skip
