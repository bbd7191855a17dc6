"""Funding rates and mark prices from files."""

from __future__ import annotations

import io
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from vigie.data.frames import to_bars
from vigie.data.importer import infer_timeframe
from vigie.data.intake.columns import normalise_header
from vigie.data.intake.names import bare_name, read_timeframe
from vigie.data.intake.reader import read_rows
from vigie.data.intake.times import to_milliseconds
from vigie.data.quality import check_rows
from vigie.data.row_faults import row_fault
from vigie.domain.bar import Bars, FloatArray, IntArray
from vigie.domain.errors import DataError, UsageError
from vigie.domain.ids import SeriesId, parse_instrument
from vigie.domain.time import MINUTE_MS

_TIME = ("timestamp", "fundingtime", "time", "date", "datetime", "ts", "calctime")
_SYMBOL = ("symbol", "instrument", "pair", "market")
_RATE = ("fundingrate", "rate", "lastfundingrate", "funding")


@dataclass(frozen=True, slots=True, eq=False)
class FundingSettlements:
    """Settlements of one instrument.

    Attributes
    ----------
    ts : int64 array
        Settlement times floored to the minute, strictly ascending; a rate is known at its settlement.
    rate : float64 array
        Fraction of notional that longs pay; negative: shorts pay.
    """

    ts: IntArray
    rate: FloatArray


def read_funding(path: Path) -> dict[str, FundingSettlements]:
    """Read settlements from Parquet or CSV with columns ``timestamp, symbol, funding_rate``.

    Parameters
    ----------
    path : Path
        One file of one or many symbols.

    Returns
    -------
    dict
        By instrument, ``btc-usdt-perp``. A file without a symbol column is of the symbol in its name.

    Raises
    ------
    UsageError
        If there is no such file.
    DataError
        If columns are missing, a value cannot be read or is no fraction, or one settlement has two rates.
    """
    table = _read_table(path)
    by_plain = {normalise_header(name): name for name in table.columns}
    time, symbol, rate = (_find_column(by_plain, spellings) for spellings in (_TIME, _SYMBOL, _RATE))
    if not time or not rate:
        raise DataError(
            "columns_must_timestamp",
            "{path}: columns must be timestamp, symbol, funding_rate, were {columns}",
            path=path,
            columns=", ".join(table.columns),
        )
    names = (
        table[symbol].cast(pl.String)
        if symbol
        else pl.Series([bare_name(path)]).new_from_index(0, len(table))
    )
    rows = pl.DataFrame(
        {
            "symbol": names,
            "ts": to_milliseconds(table[time]) // MINUTE_MS * MINUTE_MS,
            "rate": table[rate].cast(pl.Float64, strict=False),
        }
    )
    bad = rows.filter(pl.col("ts").is_null() | ~pl.col("rate").is_finite().fill_null(False))
    if len(bad):
        raise DataError(
            "time_rate_cannot_read_rows",
            "{path}: time or rate cannot be read in {bad_count} rows, the first is {value}",
            path=path,
            bad_count=len(bad),
            value=bad.row(0),
        )
    wild = rows.filter(pl.col("rate").abs() >= 1)
    if len(wild):
        raise DataError(
            "funding_rate_must_fraction_notional",
            "{path}: funding_rate must be a fraction of the notional in (-1, 1), was {rate:g}; "
            "a rate in per cent is divided by 100",
            path=path,
            rate=wild["rate"][0],
        )
    # One instrument may be spelt in several ways.
    instruments = {
        name: str(parse_instrument(_parse_symbol(name, path))) for name in rows["symbol"].unique().to_list()
    }
    rows = rows.with_columns(pl.col("symbol").replace_strict(instruments, return_dtype=pl.String))
    parts = rows.unique(maintain_order=True).partition_by("symbol", as_dict=True)
    return {name: _build_rates(part, path) for (name,), part in parts.items()}


def _parse_symbol(name: object, path: Path) -> str:
    words = str(name).replace("_", "-").split("-")
    pairs = [word for word in words if word.upper().endswith(("USDT", "USDC", "USD")) and len(word) > 4]
    if len(words) > 1 and pairs:
        return pairs[0]
    if not name:
        raise DataError("row_no_symbol", "{path}: a row has no symbol", path=path)
    return str(name)


def _build_rates(part: pl.DataFrame, path: Path) -> FundingSettlements:
    part = part.sort("ts")
    ts = part["ts"].to_numpy()
    if np.any(np.diff(ts) == 0):
        raise DataError(
            "two_funding_rates_one_settlement",
            "{path}: two funding rates for one settlement of {symbol}",
            path=path,
            symbol=part["symbol"][0],
        )
    return FundingSettlements(ts, part["rate"].to_numpy())


def _find_column(by_plain: dict[str, str], spellings: tuple[str, ...]) -> str:
    return next((by_plain[spelling] for spelling in spellings if spelling in by_plain), "")


def _read_table(path: Path) -> pl.DataFrame:
    if not path.is_file():
        raise UsageError("file_not_found", "file not found: {path}; check the path", path=path)
    try:
        if path.suffix == ".parquet":
            return pl.read_parquet(path, glob=False)
        if path.suffix == ".feather":
            return pl.read_ipc(io.BytesIO(path.read_bytes()))
        return pl.read_csv(path, infer_schema_length=None, glob=False)
    except (pl.exceptions.PolarsError, OSError) as error:
        raise DataError(
            "not_readable_parquet",
            "{path}: not a readable Parquet, feather or CSV file: {error}",
            path=path,
            error=error,
        ) from error


def read_marks(path: Path, *, symbol: str = "", now_ms: int) -> Bars:
    """Read bars of a mark price, with or without volume, from a file like ``mark-BTCUSDT-1h.parquet``.

    Parameters
    ----------
    path : Path
        Any format that bars come in.
    symbol : str
        Else the word in the file name that ends in a quote currency.
    now_ms : int
        The market's time.

    Returns
    -------
    Bars

    Raises
    ------
    UsageError, DataError
        As for bars; a bad row refuses the file.
    """
    raw = read_rows(path, needs_volume=False)
    words = bare_name(path).replace("_", "-").split("-")
    timeframe = next((word_timeframe for word in words[1:] if (word_timeframe := read_timeframe(word))), "")
    series = SeriesId(
        "",
        str(parse_instrument(symbol or _parse_symbol(bare_name(path), path))),
        timeframe or infer_timeframe(raw["timestamp"]),
    )
    judged = check_rows(raw, span_ms=series.span_ms, now_ms=now_ms)
    bad = judged.bad.filter(pl.col("reason") != "unfinished")
    if len(bad):
        first = bad.row(0, named=True)
        raise DataError(
            "row_bad_rows_all",
            "{path}: row {row}: {reason} ({bad_count} bad rows in all)",
            path=path,
            row=first["row"],
            reason=row_fault(first["reason"]),
            bad_count=len(bad),
        )
    return to_bars(judged.good, series)
