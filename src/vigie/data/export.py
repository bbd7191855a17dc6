"""Stored bars as files for other programs."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Final

import polars as pl

from vigie.data.frames import to_frame
from vigie.domain.bar import Bars
from vigie.domain.errors import UsageError
from vigie.domain.ids import parse_instrument

FORMATS: Final = ("csv", "parquet")


def encode_bars(bars: Bars, form: str) -> bytes:
    """Write bars as CSV (ISO times UTC, shortest exact numbers) or Parquet.

    Parameters
    ----------
    bars : Bars
        Ascending.
    form : str
        ``csv`` or ``parquet``.

    Returns
    -------
    bytes
        Importing them gives the same bars.
    """
    check_format(form)
    frame = to_frame(bars)
    buffer = io.BytesIO()
    if form == "parquet":
        frame.write_parquet(buffer, compression="zstd")
    else:
        text = pl.col("timestamp").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
        frame.with_columns(text).write_csv(buffer)
    return buffer.getvalue()


def check_format(form: str) -> None:
    """Refuse a format that cannot be written."""
    if form not in FORMATS:
        raise UsageError(
            "unknown_format",
            "format must be one of {formats}, was {form!r}",
            formats=" ".join(FORMATS),
            form=form,
        )


def file_name(bars: Bars, form: str) -> Path:
    """Return the name of an exported file, ``BTCUSDT_1d.csv``."""
    return Path(f"{parse_instrument(bars.instrument).symbol}_{bars.timeframe}.{form}")
