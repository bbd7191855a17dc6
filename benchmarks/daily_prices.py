"""Daily closes as Vigie answers them, beside a source that is in none of them: `python -m benchmarks.daily_prices`.

Reads the real files of the folder that `VIGIE_SHARED` names (default: `shared` beside the clone), stores them as the
collector and an import would, asks `daily_closes` and prints how far its days are from CoinMarketCap's, and Coin
Metrics' from Binance spot.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from vigie.adapters.stores.facts.store import ParquetFacts
from vigie.adapters.stores.parquet.bars import ParquetBars
from vigie.data.bar_reader import BarReader
from vigie.domain.fact import Observation
from vigie.domain.ids import SeriesId
from vigie.domain.time import DAY_MS
from vigie.services.market_data.daily_prices import DayValues, daily_closes

_EPOCH: Final = date(1970, 1, 1).toordinal()
_FIRST, _LAST = date(2010, 7, 1), date(2025, 12, 31)
_AT: Final = (_LAST.toordinal() + 2 - _EPOCH) * DAY_MS
COINS: Final = {"bitcoin": "BTC", "ethereum": "ETH", "ripple": "XRP", "dogecoin": "DOGE"}
PERIODS: Final = ((2010, 2013), (2014, 2017), (2018, 2019), (2020, 2025))


@dataclass(frozen=True, slots=True)
class CloseDifference:
    """How far two sources' closes of the same days are from each other, as fractions.

    Attributes
    ----------
    name, period : str
        Whose days, and which years.
    days : int
        Days that both have.
    median, most_99, most : float
        Of the absolute differences: the middle one, the one that 99 of 100 do not exceed, the largest.
    """

    name: str
    period: str
    days: int
    median: float
    most_99: float
    most: float


def read_closes(path: Path, column: str) -> dict[int, float]:
    """Return a column of a daily file by day since 1970-01-01."""
    frame = pl.read_parquet(path).select(pl.col("timestamp").dt.epoch("ms"), pl.col(column)).drop_nulls()
    return {ts // DAY_MS: value for ts, value in frame.iter_rows() if value > 0}


def store_coin_metrics(facts: ParquetFacts, folder: Path, asset: str) -> None:
    """Store a coin's ``PriceUSD`` of the real files as the collector would, a day late."""
    paths = sorted((folder / "onchain").glob(f"coinmetrics-{COINS[asset].lower()}-*.parquet"))
    closes = {day: value for path in reversed(paths) for day, value in read_closes(path, "PriceUSD").items()}
    facts.append(
        Observation(f"onchain/{asset}/price_usd", day * DAY_MS, (day + 1) * DAY_MS, value)
        for day, value in closes.items()
    )


def store_spot(bars: ParquetBars, folder: Path, asset: str) -> None:
    """Store a coin's daily bars of Binance spot, as an import does."""
    symbol = COINS[asset]
    frame = pl.read_parquet(folder / "market" / "binance-spot" / f"{symbol}USDT-1d.parquet")
    series = SeriesId("binance-spot", f"{symbol.lower()}-usdt-spot", "1d")
    bars.upsert(series, frame.with_columns(pl.col("timestamp").dt.epoch("ms")))


def ask(home: Path, folder: Path, asset: str, sources: Iterable[str]) -> DayValues:
    """Return the daily closes that a home answers which has read these sources."""
    facts, bars = ParquetFacts(home / "facts"), ParquetBars(home / "bars")
    for source in sources:
        if source == "coinmetrics":
            store_coin_metrics(facts, folder, asset)
        else:
            store_spot(bars, folder, asset)
    return daily_closes(facts, BarReader(bars), asset, first=_FIRST, last=_LAST, at=_AT)


def compare(name: str, closes: DayValues, other: Mapping[int, float]) -> list[CloseDifference]:
    """Return the differences by period; periods without a common day are left out."""
    found = []
    for first_year, last_year in PERIODS:
        parts = np.array(
            [
                abs(value / other[day] - 1.0)
                for day, value in zip(closes.days.tolist(), closes.values.tolist(), strict=True)
                if day in other and first_year <= date.fromordinal(_EPOCH + day).year <= last_year
            ]
        )
        if len(parts):
            quantiles = np.quantile(parts, [0.5, 0.99, 1.0]).tolist()
            found.append(CloseDifference(name, f"{first_year} to {last_year}", len(parts), *quantiles))
    return found


def measure(folder: Path) -> list[CloseDifference]:
    """Return all comparisons over the real files."""
    market_cap = read_closes(folder / "onchain" / "btc-coinmarketcap-daily.parquet", "close")
    found: list[CloseDifference] = []
    for name, sources in {
        "Coin Metrics, CoinMarketCap": ["coinmetrics"],
        "Binance spot, CoinMarketCap": ["binance_spot"],
        "what Vigie answers, CoinMarketCap": ["coinmetrics", "binance_spot"],
    }.items():
        with tempfile.TemporaryDirectory() as home:
            found += compare(f"BTC: {name}", ask(Path(home), folder, "bitcoin", sources), market_cap)
    for asset, symbol in COINS.items():
        with tempfile.TemporaryDirectory() as home, tempfile.TemporaryDirectory() as other_home:
            spot = ask(Path(other_home), folder, asset, ["binance_spot"])
            found += compare(
                f"{symbol}: Coin Metrics, Binance spot",
                ask(Path(home), folder, asset, ["coinmetrics"]),
                dict(zip(spot.days.tolist(), spot.values.tolist(), strict=True)),
            )
    return found


def print_table(rows: Sequence[CloseDifference]) -> None:
    """Print the comparisons as a table of a document."""
    print("| closes | years | days | median | 99 of 100 days within | largest |")
    print("|---|---|---|---|---|---|")
    for row in rows:
        parts = " | ".join(f"{100 * part:.2f} %" for part in (row.median, row.most_99, row.most))
        print(f"| {row.name} | {row.period} | {row.days:,} | {parts} |")


if __name__ == "__main__":
    default = Path(__file__).resolve().parents[2] / "shared"
    print_table(measure(Path(os.environ.get("VIGIE_SHARED") or default) / "data"))
