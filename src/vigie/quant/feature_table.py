"""Many columns at once, and which of them say nothing: constant, never known or infinite ones are left out by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final, Literal

import numpy as np

from vigie.domain.bar import FloatArray
from vigie.domain.errors import InvariantBroken, UsageError
from vigie.quant.features import registry
from vigie.quant.features._spec import KNOWN_BY, FeatureColumn, FeatureInputs, KnownBy

__all__ = [
    "KNOWN_BY", "LEFT_OUT", "FeatureColumn", "FeatureInputs", "FeatureTable", "KnownBy", "LeftOutColumn",
    "Reason", "compute_features",
]  # fmt: skip

Reason = Literal["unknown", "constant", "infinite"]
# Why a column is left out, in a sentence with its cure.
LEFT_OUT: Final[dict[Reason, str]] = {
    "unknown": "No value is known: what it reads is not stored here, or the history is shorter than its look-back.",
    "constant": "It has one value throughout and can teach nothing; choose a longer history.",
    "infinite": "It has infinite values; look at the bars with `vigie data check`.",
}


@dataclass(frozen=True, slots=True)
class LeftOutColumn:
    """A column that is not in a table.

    Attributes
    ----------
    name : str
        Its full name.
    reason : str
        A key of `LEFT_OUT`.
    """

    name: str
    reason: Reason


@dataclass(frozen=True, slots=True, eq=False)
class FeatureTable:
    """Columns over bars.

    Attributes
    ----------
    values : mapping of str to float64 array, shape (n_bars,)
        By full name; NaN where not known.
    left_out : tuple of LeftOutColumn
        What was to be computed and says nothing.
    """

    values: Mapping[str, FloatArray]
    left_out: tuple[LeftOutColumn, ...]


def compute_features(
    data: FeatureInputs,
    names: Sequence[str] = (),
    *,
    columns: Mapping[str, FeatureColumn] | None = None,
) -> FeatureTable:
    """Return columns over bars; those that say nothing are left out, or refused where they were asked for by name.

    Parameters
    ----------
    data : FeatureInputs
        What the columns read.
    names : sequence of str
        Full names; every column where none is given.
    columns : mapping, optional
        The registry's where left out.

    Returns
    -------
    FeatureTable
        In the order asked for.

    Raises
    ------
    UsageError
        If a name is unknown or given twice, or a column that was asked for is constant, infinite or never known.
    InvariantBroken
        If a column has not one float64 value for each bar.

    Notes
    -----
    Causal: a value uses bars up to its own. Whether a column is constant is judged over all bars that are given.
    """
    chosen = choose_columns(names, columns)
    values: dict[str, FloatArray] = {}
    left_out = []
    for column in chosen:
        made = column.compute(data)
        if made.dtype != np.float64 or made.shape != (len(data),):
            raise InvariantBroken(
                "feature_column_must_fit",
                "column {name} must have {count} float64 values, had {shape} of {kind}",
                name=column.full_name, count=len(data), shape=made.shape, kind=made.dtype,
            )  # fmt: skip
        reason = _useless(made)
        if reason is None:
            values[column.full_name] = made
        elif names:
            raise _refusal(column, reason)
        else:
            left_out.append(LeftOutColumn(column.full_name, reason))
    return FeatureTable(values, tuple(left_out))


def choose_columns(
    names: Sequence[str], columns: Mapping[str, FeatureColumn] | None = None
) -> list[FeatureColumn]:
    """Return the columns of some names, or all where none is given.

    Parameters
    ----------
    names : sequence of str
        Full names.
    columns : mapping, optional
        By full name; the registry's where left out.

    Returns
    -------
    list of FeatureColumn
        In the order asked for.

    Raises
    ------
    UsageError
        If a name is unknown or given twice.
    """
    known = registry() if columns is None else columns
    if twice := next((name for name in names if names.count(name) > 1), ""):
        raise UsageError(
            "feature_column_given_twice", "column {name} is given twice: name it once", name=twice
        )
    for name in names:
        if name not in known:
            nearest = get_close_matches(name, known, n=1, cutoff=0.0)
            raise UsageError(
                "feature_column_unknown",
                "there is no column {name!r}; the nearest is {nearest}, `vigie features list` lists all",
                name=name,
                nearest=nearest[0] if nearest else "",
            )
    return [known[name] for name in names] if names else list(known.values())


def _refusal(column: FeatureColumn, reason: Reason) -> UsageError:
    name = column.full_name
    if reason == "unknown" and column.reads:
        return UsageError(
            "feature_column_not_stored",
            "no value of column {name} is known: {reads} of this asset is not stored here; collect it with `vigie "
            "collect`, or leave the column out",
            name=name,
            reads=", ".join(column.reads),
        )
    if reason == "unknown":
        return UsageError(
            "feature_column_unknown_throughout",
            "no value of column {name} is known: store bars of other instruments if it reads them, or choose a history "
            "longer than {lookback} bars",
            name=name,
            lookback=column.lookback,
        )
    if reason == "constant":
        return UsageError(
            "feature_column_constant",
            "column {name} has one value throughout and can teach nothing; choose a longer history or another column",
            name=name,
        )
    return UsageError(
        "feature_column_infinite",
        "column {name} has infinite values; look at the bars with `vigie data check`",
        name=name,
    )


def _useless(values: FloatArray) -> Reason | None:
    if not len(values):
        return "unknown"
    least, most = np.fmin.reduce(values), np.fmax.reduce(values)
    if np.isnan(least):
        return "unknown"
    if np.isinf(least) or np.isinf(most):
        return "infinite"
    return "constant" if least == most else None
