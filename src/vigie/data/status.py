"""What is stored, and how complete it is."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from vigie.data.quality import find
from vigie.domain.ids import SeriesId
from vigie.ports.store import BarStore, Holding


@dataclass(frozen=True, slots=True)
class SeriesStatus:
    """One stored series.

    Attributes
    ----------
    first_ms, last_ms : int
        Open times of the oldest and the newest bar.
    bars, gaps, missing : int
        Bars, holes, and bars missing in them.
    age_ms : int
        Time since the newest bar closed.
    size_bytes, files : int
        On disk.
    """

    series: SeriesId
    first_ms: int
    last_ms: int
    bars: int
    gaps: int
    missing: int
    age_ms: int
    size_bytes: int
    files: int


def series_status(store: BarStore, holding: Holding, *, now_ms: int) -> SeriesStatus:
    """Describe one stored series.

    Parameters
    ----------
    store : BarStore
        Where the bars are.
    holding : Holding
        One of `store.holdings()`.
    now_ms : int
        The market's time.

    Returns
    -------
    SeriesStatus
    """
    series = holding.series
    bars = store.read(series)
    times = bars["timestamp"].to_physical()
    found = find(bars, series.span_ms)
    last = int(times[-1])
    return SeriesStatus(
        series=series,
        first_ms=int(times[0]),
        last_ms=last,
        bars=len(bars),
        gaps=found.gaps,
        missing=found.missing,
        age_ms=max(0, now_ms - last - series.span_ms),
        size_bytes=holding.size_bytes,
        files=len(holding.files),
    )


def fresh_rows(bars: pl.DataFrame) -> pl.DataFrame:
    """Return stored bars as raw rows, to be judged like those of a file."""
    return bars.with_row_index("row", offset=1).with_columns(
        pl.col("timestamp").to_physical(), fault=pl.lit(None, pl.String), line=pl.lit(None, pl.String)
    )
