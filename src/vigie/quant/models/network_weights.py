"""The weights of a small neural network of scikit-learn: numbers in a file, scored by the library alone.

A network is sums of many products, and a machine's matrix library decides in which order they are added: platforms
would differ in what they trade. So nothing here calculates a score, and nothing that trades loads the library.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise
from typing import Protocol

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import DataError
from vigie.quant.models.linear import Standard
from vigie.quant.models.model_kind import library


class SklearnNetwork(Protocol):
    """A fitted ``sklearn.neural_network.MLPClassifier`` of two classes.

    Attributes
    ----------
    coefs_ : list of float64 array, shape (n_in, n_out)
        Of each layer.
    intercepts_ : list of float64 array, shape (n_out,)
    """

    coefs_: list[FloatArray]
    intercepts_: list[FloatArray]

    def predict_proba(self, rows: FloatArray) -> FloatArray:
        """Return the probability of each class.

        Parameters
        ----------
        rows : float64 array, shape (n_rows, n_columns)

        Returns
        -------
        float64 array, shape (n_rows, 2)
        """
        ...


# Without slots: its network is made once and kept.
@dataclass(frozen=True, eq=False)
class NetworkWeights:
    """A network of two classes, layer by layer; its score is a probability.

    Attributes
    ----------
    sizes : int64 array
        Columns, the units of each layer, 1.
    weights, biases : float64 array
        Of all layers, one after the other, each row by row.
    means, scales : float64 array, shape (n_columns,)
        Columns are moved and scaled by these first.
    """

    sizes: IntArray
    weights: FloatArray
    biases: FloatArray
    means: FloatArray
    scales: FloatArray

    def __post_init__(self) -> None:
        sizes = self.sizes
        is_sound = (
            len(sizes) >= 2
            and bool((sizes > 0).all())
            and int(sizes[-1]) == 1
            and len(self.weights) == int((sizes[:-1] * sizes[1:]).sum())
            and len(self.biases) == int(sizes[1:].sum())
            and len(self.means) == len(self.scales) == self.n_columns
            and all(np.isfinite(part).all() for part in (self.weights, self.biases, self.means, self.scales))
            and bool((self.scales > 0.0).all())
        )
        if not is_sound:
            raise DataError(
                "weights_not_sound",
                "the weights of the model do not fit together: train it anew, or take another one",
            )

    @property
    def n_columns(self) -> int:
        """How many columns it reads."""
        return int(self.sizes[0])

    def scores(self, rows: FloatArray) -> FloatArray:
        """Return the probability of each row, as the library has it.

        Parameters
        ----------
        rows : float64 array, shape (n_rows, n_columns)

        Returns
        -------
        float64 array, shape (n_rows,)
            NaN where a column is NaN.

        Raises
        ------
        UsageError
            If scikit-learn is not installed.
        """
        out = np.full(len(rows), np.nan)
        known = ~np.isnan(rows).any(axis=1)
        if known.any():
            standard = Standard(self.means, self.scales)
            out[known] = self._network.predict_proba(standard(rows[known]))[:, 1]
        return out

    def widened(self, columns: IntArray, n_columns: int) -> NetworkWeights:
        """Return the same network as one that is asked about rows of more columns.

        Parameters
        ----------
        columns : int64 array
            Numbers of the columns that it reads.
        n_columns : int
            How many a row has.

        Returns
        -------
        NetworkWeights
            Columns that it does not read have weights of 0.
        """
        units, split = int(self.sizes[1]), int(self.sizes[0] * self.sizes[1])
        first = np.zeros((n_columns, units))
        first[columns] = self.weights[:split].reshape(-1, units)
        means, scales = np.zeros(n_columns), np.ones(n_columns)
        means[columns], scales[columns] = self.means, self.scales
        return NetworkWeights(
            np.array([n_columns, *self.sizes[1:]], np.int64),
            np.concatenate([first.ravel(), self.weights[split:]]),
            self.biases,
            means,
            scales,
        )

    @cached_property
    def _network(self) -> SklearnNetwork:
        """Return the library's own network with these weights, as its fit would have left it."""
        layers = [(int(before), int(after)) for before, after in pairwise(self.sizes)]
        network = library("sklearn.neural_network").MLPClassifier(tuple(after for _, after in layers[:-1]))
        network.coefs_ = [
            part.reshape(shape)
            for part, shape in zip(_cut(self.weights, [a * b for a, b in layers]), layers, strict=True)
        ]
        network.intercepts_ = _cut(self.biases, [after for _, after in layers])
        network.n_layers_, network.n_outputs_ = len(self.sizes), 1
        network.out_activation_, network.n_features_in_ = "logistic", self.n_columns
        made: SklearnNetwork = network
        return made


def weights_of(network: SklearnNetwork, standard: Standard) -> NetworkWeights:
    """Return the weights of a fitted network.

    Parameters
    ----------
    network : SklearnNetwork
    standard : Standard
        By which its columns were moved and scaled.

    Returns
    -------
    NetworkWeights
    """
    sizes = [len(network.coefs_[0]), *(part.shape[1] for part in network.coefs_)]
    return NetworkWeights(
        np.array(sizes, np.int64),
        np.concatenate([part.ravel() for part in network.coefs_]),
        np.concatenate(network.intercepts_),
        standard.means,
        standard.scales,
    )


def _cut(numbers: FloatArray, lengths: Sequence[int]) -> list[FloatArray]:
    """Return numbers in parts of these lengths."""
    return np.split(numbers, np.cumsum(lengths)[:-1])
