"""Proof on every run that columns did not look ahead: computed on cut histories, their values must keep every bit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import numpy as np

from vigie.domain.errors import UsageError
from vigie.domain.time import iso
from vigie.quant.feature_table import FeatureColumn, FeatureInputs, FeatureTable
from vigie.quant.features import registry

# Where histories are cut, as shares of their bars: a column of tomorrow shows at each, one of all bars at the first.
_CUTS: Final = (0.37, 0.61, 0.83)


def refuse_look_ahead(
    data: FeatureInputs, table: FeatureTable, columns: Mapping[str, FeatureColumn] | None = None
) -> None:
    """Refuse a table of which a column changes before a bar when the bars from there on are cut off.

    Parameters
    ----------
    data : FeatureInputs
        What the table was made of.
    table : FeatureTable
        Its columns are made again on parts of it.
    columns : mapping, optional
        The registry's where left out.

    Raises
    ------
    UsageError
        With the name of the first column that reads the future, and where that shows.
    """
    known = registry() if columns is None else columns
    for share in _CUTS:
        stop = int(len(data) * share)
        part = data.before(stop)
        for name, whole in table.values.items():
            again = known[name].compute(part)
            if again.tobytes() == whole[:stop].tobytes():
                continue
            is_other = ~((again == whole[:stop]) | (np.isnan(again) & np.isnan(whole[:stop])))
            if is_other.any():
                raise UsageError(
                    "feature_column_looks_ahead",
                    "column {name} reads the future: its value at {ts} changes when later bars are cut off; correct "
                    "it or leave it out",
                    name=name,
                    ts=iso(int(data.ts[int(np.argmax(is_other))])),
                )
