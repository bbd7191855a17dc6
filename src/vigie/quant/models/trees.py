"""A forest of decision trees as flat arrays: its score and what each column adds to one, compiled.

Takes what a library has learned, as numbers; gives the library's own raw score. Whoever scores needs no library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import DataError

# What stands in place of a column at a leaf.
LEAF: Final = -1
# A path that asks so many columns weighs its parts with whole numbers that a float64 still holds exactly.
_MOST_COLUMNS: Final = 50


@dataclass(frozen=True, slots=True, eq=False)
class FlatTrees:
    """Trees one after the other; node numbers count from the first node of the first tree.

    Attributes
    ----------
    roots : int64 array, shape (n_trees,)
        First node of each tree.
    column : int64 array, shape (n_nodes,)
        Which column a node asks for; `LEAF` at a leaf.
    threshold : float64 array, shape (n_nodes,)
        A value at most this goes left; 0 at a leaf.
    left, right : int64 array, shape (n_nodes,)
        Nodes that follow; 0 at a leaf.
    value : float64 array, shape (n_nodes,)
        What a leaf adds to the score; 0 elsewhere.
    cover : float64 array, shape (n_nodes,)
        How much of what it was fitted on came through a node: rows or their weight, > 0.
    start : float
        What the sum over trees begins with.
    n_columns : int
        How many columns a row has.
    is_single : bool
        Whether values are compared as float32, as scikit-learn's trees do.
    """

    roots: IntArray
    column: IntArray
    threshold: FloatArray
    left: IntArray
    right: IntArray
    value: FloatArray
    cover: FloatArray
    start: float
    n_columns: int
    is_single: bool = False

    def __post_init__(self) -> None:
        _check(self)

    def scores(self, rows: FloatArray) -> FloatArray:
        """Return the raw score of each row.

        Parameters
        ----------
        rows : float64 array, shape (n_rows, n_columns)
            Values of the columns, C order.

        Returns
        -------
        float64 array, shape (n_rows,)
            NaN where a column is NaN.
        """
        out = np.empty(len(rows))
        _score_rows(
            _seen(self, rows), self.roots, self.column, self.threshold, self.left, self.right, self.value,
            self.start, out,
        )  # fmt: skip
        return out


@dataclass(frozen=True, slots=True, eq=False)
class LeafPaths:
    """For each leaf, the columns that its path asks and between which values each must lie.

    Attributes
    ----------
    begins : int64 array, shape (n_leaves + 1,)
        Where the columns of a leaf begin in the arrays below.
    value : float64 array, shape (n_leaves,)
        What the leaf adds to the score.
    column : int64 array, shape (n_parts,)
        Each once a leaf.
    above, most : float64 array, shape (n_parts,)
        A row goes on to the leaf where its value is greater than `above` and at most `most`.
    share : float64 array, shape (n_parts,)
        How much would go on if the column were not known, in (0, 1].
    start : float
        What the sum begins with.
    n_columns : int
    is_single : bool
        As in `FlatTrees`.

    References
    ----------
    Lundberg, Erion and Lee (2018), "Consistent Individualized Feature Attribution for Tree Ensembles".
    """

    begins: IntArray
    value: FloatArray
    column: IntArray
    above: FloatArray
    most: FloatArray
    share: FloatArray
    start: float
    n_columns: int
    is_single: bool

    @property
    def base(self) -> float:
        """The mean score of what it was fitted on: that of a row of which nothing is known."""
        pairs = zip(self.begins[:-1].tolist(), self.begins[1:].tolist(), strict=True)
        shares = np.array([np.prod(self.share[first:end]) for first, end in pairs])
        return float(self.start + np.sum(self.value * shares))

    def effects(self, row: FloatArray) -> FloatArray:
        """Return what each column adds to the score of one row; they and `base` add up to it.

        Parameters
        ----------
        row : float64 array, shape (n_columns,)

        Returns
        -------
        float64 array, shape (n_columns,)
            Shapley values of the path-dependent game; NaN where a column is NaN.
        """
        seen = _seen(self, row[None, :])[0]
        if np.isnan(seen).any():
            return np.full(self.n_columns, np.nan)
        out = np.zeros(self.n_columns)
        _add_effects(seen, self.begins, self.value, self.column, self.above, self.most, self.share, out)
        return out


def leaf_paths(trees: FlatTrees) -> LeafPaths:
    """Return the paths of a forest, made once for all rows of which effects are wanted.

    Parameters
    ----------
    trees : FlatTrees

    Returns
    -------
    LeafPaths
        Leaves in the order of the trees.

    Raises
    ------
    DataError
        If a path asks more columns than can be weighed exactly.
    """
    begins, values = [0], []
    columns: list[int] = []
    above: list[float] = []
    most: list[float] = []
    shares: list[float] = []
    for root in trees.roots.tolist():
        waiting: list[tuple[int, dict[int, tuple[float, float, float]]]] = [(root, {})]
        while waiting:
            node, path = waiting.pop()
            asked = int(trees.column[node])
            if asked == LEAF:
                values.append(float(trees.value[node]))
                for name, (low, high, share) in path.items():
                    columns.append(name)
                    above.append(low)
                    most.append(high)
                    shares.append(share)
                begins.append(len(columns))
                continue
            low, high, share = path.get(asked, (-np.inf, np.inf, 1.0))
            threshold, left, right = (
                float(trees.threshold[node]),
                int(trees.left[node]),
                int(trees.right[node]),
            )
            part = float(trees.cover[left] / trees.cover[node]), float(trees.cover[right] / trees.cover[node])
            waiting.append((right, {**path, asked: (max(low, threshold), high, share * part[1])}))
            waiting.append((left, {**path, asked: (low, min(high, threshold), share * part[0])}))
    if np.diff(begins).max() > _MOST_COLUMNS:
        raise DataError(
            "path_too_wide",
            "a path of the model asks {count} columns, at most {most} are explained: train it with less depth",
            count=int(np.diff(begins).max()),
            most=_MOST_COLUMNS,
        )
    return LeafPaths(
        np.array(begins, np.int64), np.array(values), np.array(columns, np.int64), np.array(above),
        np.array(most), np.array(shares), trees.start, trees.n_columns, trees.is_single,
    )  # fmt: skip


def joined(trees: Sequence[FlatTrees], start: float) -> FlatTrees:
    """Return several forests as one, whose score is the sum of theirs.

    Parameters
    ----------
    trees : sequence of FlatTrees
        At least one, of the same columns.
    start : float
        What the sum begins with, in place of their own starts.

    Returns
    -------
    FlatTrees
    """
    offsets = np.cumsum([0, *(len(tree.column) for tree in trees)])[:-1].tolist()

    def shifted(one: IntArray, leaf: NDArray[np.bool_], offset: int) -> IntArray:
        return np.where(leaf, 0, one + offset)

    pairs = list(zip(trees, offsets, strict=True))
    return FlatTrees(
        np.concatenate([one.roots + offset for one, offset in pairs]),
        np.concatenate([tree.column for tree in trees]),
        np.concatenate([tree.threshold for tree in trees]),
        np.concatenate([shifted(one.left, one.column == LEAF, offset) for one, offset in pairs]),
        np.concatenate([shifted(one.right, one.column == LEAF, offset) for one, offset in pairs]),
        np.concatenate([tree.value for tree in trees]),
        np.concatenate([tree.cover for tree in trees]),
        start,
        trees[0].n_columns,
        trees[0].is_single,
    )


def _seen(one: FlatTrees | LeafPaths, rows: FloatArray) -> FloatArray:
    """Return rows as the trees compare them."""
    if rows.ndim != 2 or rows.shape[1] != one.n_columns:
        raise DataError(
            "rows_other_columns",
            "a row of {count} columns is wanted, not of {found}",
            count=one.n_columns,
            found=rows.shape[-1] if rows.ndim else 0,
        )
    seen = rows.astype(np.float32).astype(np.float64) if one.is_single else rows
    return np.ascontiguousarray(seen, dtype=np.float64)


def _check(trees: FlatTrees) -> None:
    """Refuse arrays that no walk from the root down ends in: they may come from a file."""
    count = len(trees.column)
    arrays = (trees.threshold, trees.left, trees.right, trees.value, trees.cover)
    inner = trees.column != LEAF
    nodes = np.arange(count)
    is_sound = (
        all(array.shape == (count,) for array in arrays)
        and trees.n_columns > 0
        and len(trees.roots) > 0
        and bool(np.all((trees.roots >= 0) & (trees.roots < count)))
        and bool(np.all((trees.column >= LEAF) & (trees.column < trees.n_columns)))
        # Children come after their parent: whoever walks on arrives.
        and bool(np.all((trees.left[inner] > nodes[inner]) & (trees.left[inner] < count)))
        and bool(np.all((trees.right[inner] > nodes[inner]) & (trees.right[inner] < count)))
        and bool(np.all(np.isfinite(trees.threshold)) and np.all(np.isfinite(trees.value)))
        and bool(np.all(trees.cover > 0.0) and np.isfinite(trees.start))
    )
    if not is_sound:
        raise DataError(
            "trees_not_sound",
            "the trees of the model do not fit together: train it anew, or take another one",
        )


@njit(cache=True, nogil=True)
def _score_rows(
    rows: FloatArray,
    roots: IntArray,
    column: IntArray,
    threshold: FloatArray,
    left: IntArray,
    right: IntArray,
    value: FloatArray,
    start: float,
    out: FloatArray,
) -> None:
    for number in range(len(rows)):
        total = start
        for k in range(rows.shape[1]):
            if np.isnan(rows[number, k]):
                total = np.nan
        if np.isnan(total):
            out[number] = np.nan
            continue
        for root in roots:
            node = root
            while column[node] >= 0:
                node = left[node] if rows[number, column[node]] <= threshold[node] else right[node]
            total += value[node]
        out[number] = total


@njit(cache=True, nogil=True)
def _add_effects(
    row: FloatArray,
    begins: IntArray,
    value: FloatArray,
    column: IntArray,
    above: FloatArray,
    most: FloatArray,
    share: FloatArray,
    out: FloatArray,
) -> None:
    """Add the Shapley values of each leaf, whose value is a product over the columns of its path."""
    whole = np.empty(_MOST_COLUMNS + 1)
    rest = np.empty(_MOST_COLUMNS + 1)
    for leaf in range(len(value)):
        first, end = begins[leaf], begins[leaf + 1]
        count = end - first
        # Coefficients of the product of (share + goes_on * t): of how many known columns the rest is asked.
        whole[0] = 1.0
        for k in range(count):
            place = first + k
            goes_on = above[place] < row[column[place]] <= most[place]
            whole[k + 1] = whole[k] if goes_on else 0.0
            for power in range(k, 0, -1):
                whole[power] = whole[power] * share[place] + (whole[power - 1] if goes_on else 0.0)
            whole[0] *= share[place]
        for k in range(count):
            place = first + k
            part = share[place]
            if above[place] < row[column[place]] <= most[place]:
                # The product without this column, from the highest power down: stable, as `part` is at most 1.
                rest[count - 1] = whole[count]
                for power in range(count - 1, 0, -1):
                    rest[power - 1] = whole[power] - part * rest[power]
                gain = 1.0 - part
            else:
                for power in range(count):
                    rest[power] = whole[power] / part
                gain = -part
            total, weight = 0.0, 1.0 / count
            for power in range(count):
                # 1 / (count * binomial(count - 1, power)), from one power to the next.
                total += rest[power] * weight
                weight *= (power + 1.0) / (count - 1.0 - power) if power < count - 1 else 1.0
            out[column[place]] += value[leaf] * gain * total
