"""Which file a bar belongs to: a year of bars of an hour or longer, a month of shorter ones."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final

from vigie.domain.time import HOUR_MS

if TYPE_CHECKING:
    from polars import DataFrame

_NAME: Final = re.compile(r"^\d{4}(-\d{2})?\.parquet$")


def is_yearly(span_ms: int) -> bool:
    """Return whether bars of this length are kept in files of a year."""
    return span_ms >= HOUR_MS


def is_period(filename: str) -> bool:
    """Return whether the file name is that of a period."""
    return _NAME.match(filename) is not None


def period_range(filename: str) -> tuple[int, int]:
    """Return the times [start_ms, end_ms) of the bars that ``2024.parquet`` or ``2024-05.parquet`` holds."""
    stem = filename.removesuffix(".parquet")
    year, month = int(stem[:4]), int(stem[5:7] or "0")
    if not month:
        return _month_start_ms(year, 1), _month_start_ms(year + 1, 1)
    return _month_start_ms(year, month), _month_start_ms(year + month // 12, month % 12 + 1)


def _month_start_ms(year: int, month: int) -> int:
    return int(datetime(year, month, 1, tzinfo=UTC).timestamp()) * 1_000


def split(frame: DataFrame, span_ms: int) -> list[tuple[str, DataFrame]]:
    """Cut an ascending frame into the files its bars belong to, ascending."""
    import polars as pl

    pattern = "%Y" if is_yearly(span_ms) else "%Y-%m"
    every = "1y" if is_yearly(span_ms) else "1mo"
    runs = frame.select(pl.col("timestamp").dt.truncate(every).rle().alias("run")).unnest("run")
    pieces: list[tuple[str, DataFrame]] = []
    offset = 0
    for length, period in runs.iter_rows():
        pieces.append((f"{period.strftime(pattern)}.parquet", frame.slice(offset, length)))
        offset += length
    return pieces
