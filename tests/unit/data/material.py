"""Bars, a clock and a desk for tests of the data wing."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import polars as pl

from vigie.data.frames import BAR_SCHEMA, to_frame
from vigie.data.stores import DataStores
from vigie.domain.bar import Bars
from vigie.domain.time import TIMEFRAME_MS, parse_time
from vigie.ports.venue import BarRow, HistoryFeed, Terms
from vigie.wiring.data import open_data

START = parse_time("2024-01-01")
NOW = parse_time("2025-06-01")


@dataclass
class FakeClock:
    """Two hands that stand still until somebody sleeps; remembers every pause."""

    now: int = NOW
    pauses: list[float] = field(default_factory=list)
    speed: float = 1.0

    def market_now(self) -> int:
        return self.now

    def market_speed(self) -> float:
        return self.speed

    def wall_now(self) -> int:
        return self.now + round(1_000 * sum(self.pauses))

    def sleep(self, seconds: float) -> None:
        self.pauses.append(seconds)


def make_bars(
    count: int = 48,
    *,
    timeframe: str = "1h",
    start: int = START,
    instrument: str = "btc-usdt-perp",
    venue: str = "binance-perp",
    seed: int = 1,
) -> Bars:
    """A seeded random walk with two decimals, highs and lows around it."""
    dice = np.random.default_rng(seed)
    span = TIMEFRAME_MS[timeframe]
    close = np.round(100 * np.exp(np.cumsum(dice.normal(0, 0.002, count))), 2)
    opened = np.concatenate(([100.0], close[:-1]))
    return Bars(
        instrument=instrument,
        span_ms=span,
        ts=start + span * np.arange(count, dtype=np.int64),
        open=opened,
        high=np.round(np.maximum(opened, close) + dice.uniform(0, 0.5, count), 2),
        low=np.round(np.minimum(opened, close) - dice.uniform(0, 0.5, count), 2),
        close=close,
        volume=np.round(dice.gamma(1.0, 10.0, count), 3),
        venue=venue,
    )


def make_frame(count: int = 48, **settings: object) -> pl.DataFrame:
    return to_frame(make_bars(count, **settings))  # type: ignore[arg-type]


def drop(frame: pl.DataFrame, *rows: int) -> pl.DataFrame:
    """The frame without some rows."""
    return frame.with_row_index("n").filter(~pl.col("n").is_in(rows)).select(*BAR_SCHEMA)


def change(frame: pl.DataFrame, row: int, **values: float) -> pl.DataFrame:
    """The frame with other values in one row."""
    here = pl.int_range(pl.len()) == row
    return frame.with_columns(
        pl.when(here).then(pl.lit(value)).otherwise(pl.col(name)).alias(name)
        for name, value in values.items()
    )


def make_desk(home: Path, *, now: int = NOW, feed: HistoryFeed | None = None) -> DataStores:
    desk = open_data(home, clock=FakeClock(now))
    return desk if feed is None else replace(desk, feed=lambda _venue: feed)


def csv_of(frame: pl.DataFrame, header: Sequence[str] | None = None, *, unit_ms: float = 1.0) -> str:
    """The frame as CSV with epoch times in a unit, and any header."""
    times = (pl.col("timestamp").to_physical() / unit_ms).cast(pl.Int64)
    table = frame.with_columns(times)
    return table.rename(dict(zip(table.columns, header, strict=True)) if header else {}).write_csv()


@dataclass
class FakeFeed:
    """A venue in memory; `fails` may raise before a page is given."""

    bars: Bars
    venue: str = "bitget-perp"
    depth_bars: int | None = None
    page_size: int = 100
    listed: int | None = None
    fails: Callable[[int], None] = lambda _number: None
    asked: list[tuple[int, int]] = field(default_factory=list)
    rules: list[Terms] = field(default_factory=list)

    def page_bars(self, timeframe: str) -> int:
        return self.page_size

    def page(self, instrument: str, timeframe: str, start_ms: int, end_ms: int) -> list[BarRow]:
        self.asked.append((start_ms, end_ms))
        self.fails(len(self.asked))
        b = self.bars
        rows = zip(
            *(column.tolist() for column in (b.ts, b.open, b.high, b.low, b.close, b.volume)), strict=True
        )
        return [row for row in rows if start_ms <= row[0] < end_ms]

    def listed_ms(self, instrument: str) -> int | None:
        return self.listed

    def terms(self, instruments: Sequence[str]) -> list[Terms]:
        return [one for one in self.rules if one.name in instruments]
