"""One column seen closely, over the first 70% of the time alone: its distribution in both halves, its memory."""

from __future__ import annotations

from typing import Final

import numpy as np
from pydantic import BaseModel, Field

from vigie.data.stores import DataStores
from vigie.domain.bar import FloatArray
from vigie.domain.errors import UsageError
from vigie.domain.person import Caller
from vigie.quant.feature_causality import refuse_look_ahead
from vigie.quant.feature_table import LEFT_OUT, compute_features
from vigie.quant.stats.dependence import autocorrelation
from vigie.research.learning.exploration import seen_part
from vigie.research.learning.feature_inputs import join_inputs
from vigie.services.bar_reading import load_bars
from vigie.services.learning.column_bars import read_peers
from vigie.services.operation import OperationInput, Origin, Table, operation
from vigie.services.rows import Row, row_columns, shown

BINS: Final = 24
LAGS: Final = (1, 2, 3, 6, 12, 24, 48, 168)
# The outermost values would leave all others in one bin.
_OUTER: Final = (0.005, 0.995)


class ColumnInput(OperationInput):
    """Which column of which bars."""

    venue: str = Field("binance-perp", max_length=60, description="Whose bars.")
    instrument: str = Field("BTC", max_length=80, description="BTC, BTCUSDT or btc-usdt-perp.")
    timeframe: str = Field("1h", max_length=4, description="Such as 1h or 4h.")
    column: str = Field(
        min_length=1, max_length=80, pattern=r"^[a-z0-9_.,]*$", description="Such as price.return_24."
    )


class ColumnBinRow(Row):
    """A range of values, and how many lie in it."""

    low: float = shown("Lower edge")
    high: float = shown("Upper edge")
    earlier: int = shown("First half", unit="count", definition="Values of the first half of the time seen.")
    later: int = shown("Second half", unit="count", definition="Values of its second half.")


class ColumnLag(BaseModel):
    """How a column hangs together with itself some bars before."""

    lag: int
    correlation: float


class ColumnTable(Table[ColumnBinRow]):
    """The distribution of a column; the outermost bins hold all that lies beyond."""

    column: str
    lags: list[ColumnLag]


@operation("features.column", example={"column": "price.return_24"})
def look_at_column(caller: Caller, params: ColumnInput, data: DataStores) -> ColumnTable:
    """Look at one column over the first 70% of the time: how its values lie in both halves, and its autocorrelation."""
    bars = seen_part(load_bars(data.bars, params.venue, params.instrument, params.timeframe))
    inputs = join_inputs(bars, read_peers(data, bars), data.facts)
    table = compute_features(inputs, [params.column])
    refuse_look_ahead(inputs, table)
    if params.column not in table.values:
        (left,) = table.left_out
        raise UsageError(
            "column_says_nothing",
            "{column} says nothing here: {reason}",
            column=params.column,
            reason=LEFT_OUT[left.reason],
        )
    values = table.values[params.column]
    rows = _bins(values)
    found = [(lag, autocorrelation(values, lag)) for lag in LAGS]
    return ColumnTable(
        columns=row_columns(ColumnBinRow),
        rows=rows,
        total=len(rows),
        origins=[
            Origin(source=f"{params.venue} {bars.instrument} {bars.timeframe}", ts_event=int(bars.ts[-1]))
        ],
        column=params.column,
        lags=[ColumnLag(lag=lag, correlation=value) for lag, value in found if value is not None],
    )


def _bins(values: FloatArray) -> list[ColumnBinRow]:
    known = values[~np.isnan(values)]
    low, high = np.quantile(known, _OUTER).tolist()
    edges = np.linspace(low, high, BINS + 1) if high > low else np.array([low, low + 1.0])
    half = len(values) // 2
    counts = []
    for part in (values[:half], values[half:]):
        inside = np.clip(part[~np.isnan(part)], edges[0], edges[-1])
        counts.append(np.histogram(inside, edges)[0].tolist())
    return [
        ColumnBinRow(low=float(first), high=float(last), earlier=earlier, later=later)
        for first, last, earlier, later in zip(edges[:-1], edges[1:], *counts, strict=True)
    ]
