"""Chart patterns on real bars: how many, how often completed, against any bar, and what finding them costs.

    python -m benchmarks.patterns [--write]

`--write` puts the tables into docs/patterns.md. Bars are read from VIGIE_SHARED (default: ../shared beside the
checkout), hourly and daily perpetuals. Costs are processor time against the average true range and an exponential
average of the same bars in the same run.
"""

from __future__ import annotations

import argparse
import os
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import polars as pl

from benchmarks.marked import put
from vigie.domain.bar import Bars
from vigie.domain.time import timeframe_ms
from vigie.quant.indicators.atr import atr
from vigie.quant.indicators.ema import ema
from vigie.quant.patterns.chart_pattern import KINDS, ChartPattern
from vigie.quant.patterns.completion import HORIZON, CompletionRate, completion_rates
from vigie.quant.patterns.finding import find_patterns
from vigie.quant.stats.proportion import wilson_interval

PAGE: Final = Path(__file__).parents[1] / "docs" / "patterns.md"
TIMEFRAMES: Final = ("1h", "1d")
REPEATS: Final = 7
FEWEST: Final = 30
PER: Final = 10_000


def real_bars(timeframe: str) -> Iterator[Bars]:
    """Yield the bars of each perpetual that lies in the shared folder."""
    base = Path(os.environ.get("VIGIE_SHARED") or Path(__file__).resolve().parents[2] / "shared")
    for path in sorted((base / "data" / "market" / "binance-perp").glob(f"*-{timeframe}.parquet")):
        frame = pl.read_parquet(path)
        columns = [frame[name].to_numpy() for name in ("open", "high", "low", "close", "volume")]
        yield Bars(path.stem, timeframe_ms(timeframe), frame["timestamp"].dt.epoch("ms").to_numpy(), *columns)


def patterns_of(bars: Bars) -> list[ChartPattern]:
    return find_patterns(bars.high, bars.low, bars.close, gaps=bars.gaps)


def rates_of(bars: Bars) -> list[CompletionRate]:
    return completion_rates(
        bars.open, bars.high, bars.low, bars.close, patterns_of(bars), gaps=bars.gaps, horizon=HORIZON
    )


def spent(work: Callable[[], object]) -> float:
    """Return the median processor time of some work, ms."""
    work()
    times = []
    for _ in range(REPEATS):
        begin = time.process_time()
        work()
        times.append((time.process_time() - begin) * 1e3)
    return statistics.median(times)


def rate_table(timeframe: str, series: list[Bars]) -> tuple[list[str], list[str]]:
    """Return the rows of a timeframe, and for each kind with enough patterns how it compares with any bar."""
    rates = [rates_of(bars) for bars in series]
    lines, verdicts = [], []
    for number, kind in enumerate(KINDS):
        each = [row[number] for row in rates]
        found, ended = sum(one.found for one in each), sum(one.ended for one in each)
        done = sum(one.completed for one in each)
        if not ended:
            lines.append(f"| {timeframe} | {kind.replace('_', ' ')} | {found:,} | 0 | | | | | |")
            continue
        others = (
            sum(one.ended * (one.at_any_bar or 0.0) for one in each) / ended,
            sum(one.ended * (one.at_any_bar_in_ranges or 0.0) for one in each) / ended,
        )
        low, high = wilson_interval(done, ended)
        verdict = "more" if low > max(others) else "less" if high < min(others) else "no difference"
        if ended < FEWEST:
            verdict = "too few"
        verdicts.append(verdict)
        lines.append(
            f"| {timeframe} | {kind.replace('_', ' ')} | {found:,} | {ended:,} | {done / ended:.1%} "
            f"| {low:.1%} to {high:.1%} | {others[0]:.1%} | {others[1]:.1%} | {verdict} |"
        )
    return lines, verdicts


def summary(verdicts: list[str]) -> str:
    """Return in a sentence how many rows differ from any bar."""
    judged = [verdict for verdict in verdicts if verdict != "too few"]
    return (
        f"Of {len(judged)} rows with at least {FEWEST} patterns, {judged.count('more')} are completed more often than "
        f"the same distances are reached from any bar by both measures, {judged.count('less')} less often; "
        f"{judged.count('no difference')} show no difference."
    )


def cost_table(series: list[Bars]) -> list[str]:
    """Return what a step costs for 10,000 bars, and against the reference."""
    n_bars = sum(len(bars) for bars in series)
    found = [patterns_of(bars) for bars in series]
    steps = {
        "average true range and exponential average (the reference)": lambda: [
            (atr(bars.high, bars.low, bars.close, 14), ema(bars.close, 20)) for bars in series
        ],
        "finding patterns of all kinds": lambda: [patterns_of(bars) for bars in series],
        "their completion rates, beside any bar": lambda: [
            completion_rates(bars.open, bars.high, bars.low, bars.close, known, gaps=bars.gaps)
            for bars, known in zip(series, found, strict=True)
        ],
    }
    costs = {name: spent(work) * PER / n_bars for name, work in steps.items()}
    reference = next(iter(costs.values()))
    return [f"| {name} | {cost:.2f} | {cost / reference:.1f} |" for name, cost in costs.items()]


def main() -> None:
    """Measure, print, and write where asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    lines = [
        "| bars | kind | found | ended | completed | 95 % interval | any bar, by price | any bar, by ATR | compared |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    verdicts: list[str] = []
    held = {timeframe: list(real_bars(timeframe)) for timeframe in TIMEFRAMES}
    for timeframe, series in held.items():
        if not series:
            raise SystemExit("no bars: set VIGIE_SHARED to the folder that holds data/market")
        rows, told = rate_table(timeframe, series)
        lines, verdicts = lines + rows, verdicts + told
    lines += ["", summary(verdicts), ""]
    lines += ["| what, per 10,000 hourly bars | processor, ms | against the reference |", "|---|---|---|"]
    n_bars = sum(len(bars) for series in held.values() for bars in series)
    markets = f"{len(held['1h'])} hourly and {len(held['1d'])} daily perpetuals, {n_bars:,} bars"
    command = f"Measured on {datetime.now(UTC):%Y-%m-%d} by `python -m benchmarks.patterns --write`."
    lines += [*cost_table(held["1h"]), "", f"{markets}. {command}"]
    text = "\n".join(lines)
    print(text)
    if arguments.write:
        put(PAGE, "patterns measured", text)


if __name__ == "__main__":
    main()
