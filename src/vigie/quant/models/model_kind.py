"""What a kind of model is, and what it is fitted on."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from importlib.util import find_spec
from types import ModuleType
from typing import Literal, Protocol

import numpy as np

from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.errors import DataError, UsageError


@dataclass(frozen=True, slots=True, eq=False)
class FitSample:
    """What a model is fitted on: rows in the order of time.

    Attributes
    ----------
    rows : float64 array, shape (n_rows, n_columns)
        Finite.
    target : float64 array, shape (n_rows,)
        0 or 1 of a class, any number of a value.
    weights : float64 array, shape (n_rows,)
        How much each counts, > 0.
    seed : int
        Of all randomness.
    options : mapping of str to float
        In place of the kind's own.
    is_value : bool
        Whether the target is how much, not whether.
    """

    rows: FloatArray
    target: FloatArray
    weights: FloatArray
    seed: int = 0
    options: Mapping[str, float] = field(default_factory=dict)
    is_value: bool = False

    def leaf_rows(self, usual_share: float) -> int:
        """Return how many rows a leaf of a tree holds at least.

        Parameters
        ----------
        usual_share : float
            Of all rows, where the option ``leaf_share`` is not given.

        Returns
        -------
        int
        """
        return max(1, round(self.options.get("leaf_share", usual_share) * len(self.rows)))


class FittedModel(Protocol):
    """What was learned."""

    def scores(self, rows: FloatArray) -> FloatArray:
        """Return a number a row: the greater, the more likely the class, or the value itself.

        Parameters
        ----------
        rows : float64 array, shape (n_rows, n_columns)

        Returns
        -------
        float64 array, shape (n_rows,)
            NaN where a column is NaN.
        """
        ...


class ExplainedModel(FittedModel, Protocol):
    """What was learned, with what each column adds to one score."""

    @property
    def base(self) -> float:
        """The score of a row of which nothing is known."""
        ...

    def effects(self, row: FloatArray) -> FloatArray:
        """Return what each column adds; they and `base` add up to the score.

        Parameters
        ----------
        row : float64 array, shape (n_columns,)

        Returns
        -------
        float64 array, shape (n_columns,)
        """
        ...


@dataclass(frozen=True, slots=True)
class OptionRange:
    """Between which values an option of a kind is searched.

    Attributes
    ----------
    usual : float
        What the kind takes by itself.
    low, high : float
    is_log : bool
        Whether ratios count, not distances.
    is_whole : bool
        Whether only whole numbers do.
    """

    usual: float
    low: float
    high: float
    is_log: bool = False
    is_whole: bool = False


@dataclass(frozen=True, slots=True)
class ModelKind:
    """One way to learn.

    Attributes
    ----------
    name : str
        As the file.
    target : str
        ``class``: whether; ``value``: how much; ``both``.
    reads : str
        ``columns``; or ``outcomes``: the last known outcome and the mean of all known, in place of columns.
    fit : callable
        From a sample to what was learned; raises `UsageError` where its library is missing.
    scored_by : str
        The library that scores what is learned; empty where none is needed. Others never trade.
    fitted_by : str
        The library that fits it, of the extra ``ml``; empty where none is needed.
    options : mapping of str to OptionRange
        What can be searched, by the names that `FitSample.options` has.
    """

    name: str
    target: Literal["class", "value", "both"]
    fit: Callable[[FitSample], FittedModel]
    reads: Literal["columns", "outcomes"] = "columns"
    scored_by: str = ""
    fitted_by: str = ""
    options: Mapping[str, OptionRange] = field(default_factory=dict)

    @property
    def is_flat(self) -> bool:
        """Whether what is learned is scored without a library."""
        return not self.scored_by


def library(name: str) -> ModuleType:
    """Return a library that learns, or a part of it.

    Parameters
    ----------
    name : str
        As it is imported.

    Returns
    -------
    module
        What stands in it is not known beforehand.

    Raises
    ------
    UsageError
        If it is not installed, or what it needs of the system is not.
    """
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        raise _lacking(name) from error
    except OSError as error:  # its compiled part finds no OpenMP
        raise UsageError(
            "learning_needs_openmp",
            "{name} does not start: {error}; install OpenMP (`apt install libgomp1`, `brew install libomp`)",
            name=name.partition(".")[0],
            error=error,
        ) from error


def require_library(name: str) -> None:
    """Refuse where a library is not installed; it is not imported.

    Parameters
    ----------
    name : str
        As it is imported.

    Raises
    ------
    UsageError
        With what to install.
    """
    if find_spec(name) is None:
        raise _lacking(name)


def _lacking(name: str) -> UsageError:
    return UsageError(
        "learning_needs_extra",
        'learning needs {name}: pip install "vigie[ml]"',
        name=name.partition(".")[0],
    )


class Estimator(Protocol):
    """A classifier or a regressor of scikit-learn before it is fitted."""

    def fit(self, rows: FloatArray, target: FloatArray | IntArray, sample_weight: FloatArray) -> object:
        """Learn.

        Parameters
        ----------
        rows : float64 array, shape (n_rows, n_columns)
        target : float64 or int64 array, shape (n_rows,)
        sample_weight : float64 array, shape (n_rows,)

        Returns
        -------
        object
            Itself.
        """
        ...


def fit_estimator(model: Estimator, sample: FitSample, rows: FloatArray | None = None) -> None:
    """Fit a classifier of scikit-learn on a sample, or a regressor where the target is how much.

    Parameters
    ----------
    model : Estimator
        Changed in place.
    sample : FitSample
    rows : float64 array, shape (n_rows, n_columns), optional
        In place of the sample's, where these are scaled.

    Raises
    ------
    DataError
        If all rows are of one kind.
    """
    refuse_one_class(sample)
    target = sample.target if sample.is_value else sample.target.astype(int)
    model.fit(sample.rows if rows is None else rows, target, sample_weight=sample.weights)


def refuse_one_class(sample: FitSample) -> None:
    """Refuse rows of one kind: of whether, nothing can be learned from them.

    Parameters
    ----------
    sample : FitSample

    Raises
    ------
    DataError
        If all are of the class, or none is.
    """
    if not sample.is_value and len(np.unique(sample.target)) < 2:
        raise DataError(
            "one_class_only",
            "all {count} rows have the same outcome: take a longer time, or another label",
            count=len(sample.target),
        )
