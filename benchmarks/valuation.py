"""What the valuation finds in random walks, in walks with a planted effect, and in Bitcoin since 2010.

    python -m benchmarks.valuation [--write]

`--write` puts the tables into docs/valuation.md. Bitcoin's figures are read from VIGIE_SHARED (default: ../shared
beside the checkout). Walks have fixed seeds: the same version finds the same.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from benchmarks.marked import put
from vigie.domain.bar import FloatArray, IntArray
from vigie.domain.time import DAY_MS, iso
from vigie.intelligence.valuation.daily_history import (
    DailyHistory,
    daily_history,
    known_at,
    mean_of_day,
)
from vigie.intelligence.valuation.episodes import Following, all_that_followed
from vigie.intelligence.valuation.reading import valuation_of
from vigie.intelligence.valuation.states import states_of
from vigie.intelligence.valuation.votes import votes_of

PAGE: Final = Path(__file__).parents[1] / "docs" / "valuation.md"
WALKS: Final = 400
PLANTED: Final = 100
YEARS_DAYS: Final = 12 * 365 + 3
DAILY_MOVE: Final = 0.035
PLANTED_RISE: Final = 0.25
RISE_DAYS: Final = 30
ASSETS: Final = 10
# A value about a day is read after the day is over, and some hours later: it counts from the next close on.
CHAIN_DELAY_MS: Final = 2 * DAY_MS
# An index is dated at the begin of its day.
INDEX_DELAY_MS: Final = DAY_MS


def random_walk(number: int) -> DailyHistory:
    """Return a walk of twelve years without a tendency."""
    moves = np.random.default_rng([1, number]).normal(0.0, DAILY_MOVE, YEARS_DAYS)
    return _history(moves)


def planted_walk(number: int) -> DailyHistory:
    """Return a walk that rises by a quarter in the 30 days after each close that is depressed."""
    moves, start = np.random.default_rng([2, number]).normal(0.0, DAILY_MOVE, YEARS_DAYS), 0
    while True:
        history = _history(moves)
        depressed = np.flatnonzero(states_of(votes_of(history).score) == -1)
        depressed = depressed[depressed >= start]
        if not len(depressed) or depressed[0] + RISE_DAYS >= YEARS_DAYS:
            return history
        first = int(depressed[0])
        moves[first + 1 : first + 1 + RISE_DAYS] += np.log1p(PLANTED_RISE) / RISE_DAYS
        start = first + RISE_DAYS


def _history(moves: FloatArray) -> DailyHistory:
    return daily_history(np.arange(len(moves)), 100.0 * np.exp(np.cumsum(moves)))


def followed(history: DailyHistory) -> list[Following]:
    """Return what followed both states."""
    return all_that_followed(history, states_of(votes_of(history).score))


def any_differs(history: DailyHistory) -> bool:
    """Tell whether anything is said to differ."""
    return any(entry.differs for entry in followed(history))


def real_data() -> Path:
    """Return where the shared data lies."""
    base = os.environ.get("VIGIE_SHARED") or Path(__file__).resolve().parents[2] / "shared"
    return Path(base) / "data"


def bitcoin(base: Path) -> DailyHistory:
    """Return Bitcoin since 2010 with all components, from the shared data."""
    prices = pl.read_parquet(base / "onchain" / "btc-coinmarketcap-daily.parquet")
    columns = [prices[name].to_numpy() for name in ("close", "high", "low")]
    history = daily_history(_times(prices) // DAY_MS, *columns)
    mvrv = pl.read_parquet(base / "onchain" / "btc-mvrv-realizedcap.parquet")
    mood = pl.read_parquet(base / "sentiment" / "fear-greed-daily.parquet")
    rates = pl.read_parquet(base / "derivatives" / "funding-binance-usdtm.parquet")
    rates = rates.filter(pl.col("symbol") == "BTCUSDT").sort("timestamp")
    closes = history.close_times()
    return replace(
        history,
        others={
            "mvrv": known_at(closes, _times(mvrv) + CHAIN_DELAY_MS, mvrv["mvrv"].to_numpy()),
            "funding": mean_of_day(closes, _times(rates), rates["funding_rate"].to_numpy()),
            "fear_greed": known_at(
                closes, _times(mood) + INDEX_DELAY_MS, mood["value"].cast(pl.Float64).to_numpy()
            ),
        },
    )


def _times(frame: pl.DataFrame) -> IntArray:
    return frame["timestamp"].dt.epoch("ms").to_numpy().astype(np.int64)


def walk_table() -> list[str]:
    """Return how many walks show a difference, and what that costs."""
    rows = []
    for title, make, count in (
        ("random walks of 12 years", random_walk, WALKS),
        ("walks that rise 25 % in the 30 days after depressed", planted_walk, PLANTED),
    ):
        begin = time.process_time()
        found = sum(any_differs(make(number)) for number in range(count))
        spent = time.process_time() - begin
        rows.append(f"| {title} | {count} | {found} | {found / count:.1%} | {spent:.0f} |")
    return [
        "| histories | number | “differs” | share | processor, s, making them included |",
        "|---|---|---|---|---|",
        *rows,
    ]


def bitcoin_table(history: DailyHistory) -> list[str]:
    """Return the episodes of Bitcoin by state and horizon."""
    rows = []
    for entry in followed(history):
        own, chance = (
            _interval(entry.median, entry.low, entry.high),
            _interval(entry.random_median, entry.random_low, entry.random_high),
        )
        p_value = "" if entry.p_value is None else f"{entry.p_value:.3f}"
        rows.append(
            f"| {entry.state} | {entry.horizon_days} | {entry.count} | {own} | {chance} | {p_value} "
            f"| {'yes' if entry.differs else 'no' if entry.p_value is not None else ''} |"
        )
    first = int(np.argmax(~np.isnan(votes_of(history).score)))
    span = f"{iso(int(history.days[first]) * DAY_MS)[:10]} to {iso(int(history.days[-1]) * DAY_MS)[:10]}"
    return [
        "| state | days after | episodes | median change, 95 % interval | as many random starts | p | differs |",
        "|---|---|---|---|---|---|---|",
        *rows,
        "",
        f"Bitcoin, closes from {iso(int(history.days[0]) * DAY_MS)[:10]}; a score is known from {span}.",
    ]


def _interval(middle: float | None, low: float | None, high: float | None) -> str:
    if middle is None or low is None or high is None:
        return "too few"
    return f"{middle:+.1%} ({low:+.1%} to {high:+.1%})"


def cost_table() -> list[str]:
    """Return what ten assets with ten years of days cost."""
    histories = [random_walk(number).cut(3_653) for number in range(ASSETS)]
    for history in histories[:1]:
        valuation_of(history), followed(history)
    begin = time.process_time()
    for history in histories:
        valuation_of(history), followed(history)
    spent = (time.process_time() - begin) * 1e3
    return [
        f"Ten assets with ten years of days each, valuation and what followed: {spent:.0f} ms of processor time."
    ]


def main(arguments: Sequence[str] | None = None) -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    asked = parser.parse_args(arguments)
    base = real_data()
    if not base.exists():
        raise SystemExit("no data: set VIGIE_SHARED to the folder that holds data/onchain")
    command = f"Measured on {datetime.now(UTC):%Y-%m-%d} by `python -m benchmarks.valuation --write`."
    lines = [*bitcoin_table(bitcoin(base)), "", *walk_table(), "", *cost_table(), "", command]
    text = "\n".join(lines)
    print(text)
    if asked.write:
        put(PAGE, "valuation measured", text)


if __name__ == "__main__":
    main()
