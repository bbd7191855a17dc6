"""Weights of columns: their score, and what each column adds to it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.domain.errors import DataError


@dataclass(frozen=True, slots=True, eq=False)
class LinearScorer:
    """A sum of columns, each times its weight.

    Attributes
    ----------
    weights : float64 array, shape (n_columns,)
        Of columns in their own units.
    means : float64 array, shape (n_columns,)
        Of what it was fitted on: a column at its mean adds nothing.
    base : float
        The score where all columns are at their means.
    """

    weights: FloatArray
    means: FloatArray
    base: float

    def __post_init__(self) -> None:
        finite = np.isfinite(self.weights).all() and np.isfinite(self.means).all() and np.isfinite(self.base)
        if not finite or self.weights.shape != self.means.shape or self.weights.ndim != 1:
            raise DataError(
                "weights_not_sound",
                "the weights of the model do not fit together: train it anew, or take another one",
            )

    def scores(self, rows: FloatArray) -> FloatArray:
        """Return the score of each row.

        Parameters
        ----------
        rows : float64 array, shape (n_rows, n_columns)

        Returns
        -------
        float64 array, shape (n_rows,)
            NaN where a column is NaN.
        """
        # Summed column by column: the same bits on every platform, whatever its matrix library.
        out = np.full(len(rows), self.base)
        for number in range(len(self.weights)):
            out += (rows[:, number] - self.means[number]) * self.weights[number]
        return out

    def effects(self, row: FloatArray) -> FloatArray:
        """Return what each column adds to the score of one row.

        Parameters
        ----------
        row : float64 array, shape (n_columns,)

        Returns
        -------
        float64 array, shape (n_columns,)
        """
        return (row - self.means) * self.weights


@dataclass(frozen=True, slots=True)
class Standard:
    """Columns moved to mean 0 and scaled to deviation 1, by the rows that a model is fitted on.

    Attributes
    ----------
    means, scales : float64 array, shape (n_columns,)
    """

    means: FloatArray
    scales: FloatArray

    def __call__(self, rows: FloatArray) -> FloatArray:
        """Return rows in these units.

        Parameters
        ----------
        rows : float64 array, shape (n_rows, n_columns)

        Returns
        -------
        float64 array, shape (n_rows, n_columns)
        """
        return (rows - self.means) / self.scales


def standard_of(rows: FloatArray) -> Standard:
    """Return the units of some rows; a column that never moves keeps its own.

    Parameters
    ----------
    rows : float64 array, shape (n_rows, n_columns)

    Returns
    -------
    Standard
    """
    deviations = rows.std(axis=0)
    return Standard(rows.mean(axis=0), np.where(deviations > 0.0, deviations, 1.0))


def unscaled(weights: FloatArray, base: float, standard: Standard) -> LinearScorer:
    """Return weights of standard columns as weights of columns in their own units.

    Parameters
    ----------
    weights : float64 array, shape (n_columns,)
        Of standard columns.
    base : float
        The score where all are at their means.
    standard : Standard

    Returns
    -------
    LinearScorer
    """
    return LinearScorer(np.asarray(weights, float) / standard.scales, standard.means, float(base))


def weighted_line(x: FloatArray, y: FloatArray, weights: FloatArray) -> tuple[float, float, float]:
    """Return the line through points by least squares.

    Parameters
    ----------
    x, y, weights : float64 array, shape (n_points,)
        At least one point; weights > 0.

    Returns
    -------
    tuple of three floats
        The means of x and of y, through which it goes, and its slope; 0 where x never moves.
    """
    share = weights / weights.sum()
    mean_x, mean_y = float((share * x).sum()), float((share * y).sum())
    spread = float((share * (x - mean_x) ** 2).sum())
    slope = float((share * (x - mean_x) * y).sum()) / spread if spread > 0.0 else 0.0
    return mean_x, mean_y, slope
