"""Fewer columns: the columns with most information about an outcome, and a model that reads only these."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.quant.models.linear import LinearScorer
from vigie.quant.models.model_kind import FittedModel
from vigie.quant.models.network_weights import NetworkWeights
from vigie.quant.models.trees import LEAF, FlatTrees
from vigie.quant.stats.dependence import mutual_information


@dataclass(frozen=True, slots=True, eq=False)
class ColumnSubsetModel:
    """A model of some columns that is asked about rows of all.

    Attributes
    ----------
    model : FittedModel
    columns : int64 array
        Numbers of the columns that it reads, ascending.
    """

    model: FittedModel
    columns: IntArray

    def scores(self, rows: FloatArray) -> FloatArray:
        """Return the score of each row.

        Parameters
        ----------
        rows : float64 array, shape (n_rows, n_columns)

        Returns
        -------
        float64 array, shape (n_rows,)
        """
        return self.model.scores(rows[:, self.columns])


def best_columns(rows: FloatArray, target: FloatArray, count: int) -> IntArray:
    """Return the columns that say most of an outcome, each alone.

    Parameters
    ----------
    rows : float64 array, shape (n_rows, n_columns)
        Only rows that a model may learn from: the choice is part of what is learned.
    target : float64 array, shape (n_rows,)
    count : int
        How many, >= 1.

    Returns
    -------
    int64 array
        Numbers, ascending; all where there are no more.
    """
    told = np.array([mutual_information(rows[:, k], target) or 0.0 for k in range(rows.shape[1])])
    return np.sort(np.argsort(-told, kind="stable")[:count]).astype(np.int64)


def widened(model: FittedModel, columns: IntArray, n_columns: int) -> FittedModel:
    """Return a model of some columns as one of all.

    Parameters
    ----------
    model : FittedModel
    columns : int64 array
        Numbers of the columns that it was fitted on.
    n_columns : int
        How many a row has.

    Returns
    -------
    FittedModel
        Of the same form where it is numbers, so that it is stored and explained like any other.
    """
    if isinstance(model, LinearScorer):
        weights, means = np.zeros(n_columns), np.zeros(n_columns)
        weights[columns], means[columns] = model.weights, model.means
        return LinearScorer(weights, means, model.base)
    if isinstance(model, FlatTrees):
        asked = np.where(model.column == LEAF, LEAF, columns[model.column])
        return replace(model, column=asked, n_columns=n_columns)
    if isinstance(model, NetworkWeights):
        return model.widened(columns, n_columns)
    return ColumnSubsetModel(model, columns)
