"""The columns and types of a frame of bars, and the way from frames to arrays."""

from __future__ import annotations

from typing import Final

import polars as pl

from vigie.domain.bar import BAR_COLUMNS, Bars, FloatArray
from vigie.domain.ids import SeriesId

TIME_TYPE: Final = pl.Datetime("ms", "UTC")
PRICES: Final = ("open", "high", "low", "close")
NUMBERS: Final = (*PRICES, "volume")
BAR_SCHEMA: Final = {"timestamp": TIME_TYPE, **dict.fromkeys(NUMBERS, pl.Float64())}


def to_bars(frame: pl.DataFrame, series: SeriesId) -> Bars:
    """Turn an ascending frame of bars into arrays.

    Parameters
    ----------
    frame : DataFrame
        Columns `BAR_COLUMNS`, without nulls.
    series : SeriesId
        What the bars are of.

    Returns
    -------
    Bars
        Contiguous, writable arrays.
    """

    def column(name: str) -> FloatArray:
        # Writable: compiled functions take read-only arrays for another type and compile again.
        return frame[name].to_numpy(writable=True)

    return Bars(
        instrument=series.instrument,
        span_ms=series.span_ms,
        ts=frame["timestamp"].to_physical().to_numpy(writable=True),
        open=column("open"),
        high=column("high"),
        low=column("low"),
        close=column("close"),
        volume=column("volume"),
        venue=series.venue,
    )


def to_frame(bars: Bars) -> pl.DataFrame:
    """Turn arrays of bars into a frame with the columns of `BAR_SCHEMA`."""
    data = {"timestamp": bars.ts, **{name: getattr(bars, name) for name in NUMBERS}}
    return pl.DataFrame(data).select(BAR_COLUMNS).cast(BAR_SCHEMA)  # type: ignore[arg-type]  # a mapping of names to types is a schema


def to_raw_rows(bars: pl.DataFrame) -> pl.DataFrame:
    """Return stored bars as raw rows, to be judged like those of a file."""
    return bars.with_row_index("row", offset=1).with_columns(
        pl.col("timestamp").to_physical(), fault=pl.lit(None, pl.String), line=pl.lit(None, pl.String)
    )
