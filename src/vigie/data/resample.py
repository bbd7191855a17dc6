"""Shorter bars to longer ones on UTC boundaries; only whole bars, partial ones are listed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import polars as pl

from vigie.data.frames import BAR_SCHEMA
from vigie.domain.bar import IntArray
from vigie.domain.errors import UsageError
from vigie.domain.time import timeframe_name

# From so many parts on a bar's volume is summed in blocks, as bars that were decided on before had it.
_MANY_PARTS: Final = 128


@dataclass(frozen=True, slots=True, eq=False)
class ResampledBars:
    """Longer bars.

    Attributes
    ----------
    whole : DataFrame
        Bars of which every part is there; columns of a bar.
    partial : DataFrame
        `timestamp` and `parts` of the bars that were left out because parts are missing.
    """

    whole: pl.DataFrame
    partial: pl.DataFrame


def resample(frame: pl.DataFrame, *, source_ms: int, target_ms: int) -> ResampledBars:
    """Make longer bars of shorter ones: first open, highest high, lowest low, last close, sum of volumes.

    Parameters
    ----------
    frame : DataFrame
        Ascending, unique bars of `source_ms`.
    source_ms, target_ms : int
        Lengths; the target is a multiple of the source. Bars start at multiples of the length since 1970 UTC.

    Returns
    -------
    ResampledBars

    Raises
    ------
    UsageError
        If the target is not a longer multiple of the source.
    """
    if target_ms <= source_ms or target_ms % source_ms:
        raise UsageError(
            "target_timeframe_must_multiple",
            "target timeframe must be a multiple of {source_ms}, was {target_ms}",
            source_ms=timeframe_name(source_ms),
            target_ms=timeframe_name(target_ms),
        )
    start = (pl.col("timestamp").to_physical() // target_ms * target_ms).alias("bucket")
    # Buckets are runs of ascending times, so grouping them in order needs no sorting.
    longer = (
        frame.lazy()
        .with_columns(start)
        .set_sorted("bucket")
        .group_by("bucket", maintain_order=True)
        .agg(
            pl.col("open").first(),
            pl.col("high").max(),
            pl.col("low").min(),
            pl.col("close").last(),
            pl.len().alias("parts"),
        )
        .with_columns(pl.col("bucket").cast(BAR_SCHEMA["timestamp"]).alias("timestamp"))
        .collect()
    )
    is_whole = pl.col("parts") == target_ms // source_ms
    volumes = _volumes(frame["volume"], longer["parts"].to_numpy(), target_ms // source_ms)
    return ResampledBars(
        whole=longer.filter(is_whole).with_columns(volumes).select(*BAR_SCHEMA),
        partial=longer.filter(~is_whole).select("timestamp", "parts"),
    )


def _volumes(volumes: pl.Series, parts: IntArray, whole: int) -> pl.Series:
    """Return the volume of each bar that is whole.

    A sum of groups splits the one in the middle of the frame among threads: the last digit of a bar's volume would
    depend on the bars beside it, and what was decided on would not be made again. Here it is the parts' alone.
    """
    begins = (np.cumsum(parts) - parts)[parts == whole]
    if whole >= _MANY_PARTS:
        joined = volumes.rechunk()
        return pl.Series(
            "volume", [joined.slice(begin, whole).sum() for begin in begins.tolist()], pl.Float64
        )
    values, sums = volumes.to_numpy(), np.zeros(len(begins))
    for part in range(whole):
        sums += values[begins + part]
    return pl.Series("volume", sums, pl.Float64)
