"""Compare simulated bars with real ones: the table of docs/simulated-market.md.

    python benchmarks/stylised_facts.py [--seeds 1 2 3] [--bars 50000]

Real bars are looked for in VIGIE_SHARED (default: ../shared beside the checkout); without them the ranges
stated in vigie_sandbox.market.reality are shown.
"""

from __future__ import annotations

import argparse
import os
import time
from pathlib import Path

import numpy as np
import polars as pl

from vigie.domain.bar import Bars
from vigie.domain.time import timeframe_ms
from vigie_sandbox.market import REAL_RANGES, measure_facts, return_correlations, simulate_market
from vigie_sandbox.market.reality import REAL_CORRELATION_OF_OTHERS, REAL_CORRELATION_WITH_BTC

ASSETS = ("BTC", "ETH", "BNB", "SOL", "XRP", "AVAX", "DOGE", "TRX", "ATOM")
START = 1_577_836_800_000
SAID = {
    "tail_index": "tail index (Hill, largest 2 %)",
    "echo": "autocorrelation of returns, lag 1",
    "volume_on_range": "rank correlation of volume and range",
    "volume_on_return": "rank correlation of volume and absolute return",
    "volume_memory": "autocorrelation of log volume, lag 1",
    "range_over_return": "volatility by range over volatility by closes",
}


def real_bars(ticker: str, timeframe: str) -> Bars | None:
    base = Path(os.environ.get("VIGIE_SHARED") or Path(__file__).resolve().parents[2] / "shared")
    path = base / "data" / "market" / "binance-perp" / f"{ticker}USDT-{timeframe}.parquet"
    if not path.exists():
        return None
    frame = pl.read_parquet(path)
    columns = [frame[name].to_numpy() for name in ("open", "high", "low", "close", "volume")]
    return Bars(ticker, timeframe_ms(timeframe), frame["timestamp"].dt.epoch("ms").to_numpy(), *columns)


def spread(values: list[float] | np.ndarray) -> str:
    return f"{min(values):.2f} .. {max(values):.2f}"


def facts_table(timeframe: str, markets: list) -> None:
    found = [real_bars(ticker, timeframe) for ticker in ASSETS]
    real = [measure_facts(bars).by_name() for bars in found if bars is not None]
    made = [measure_facts(market.bars(name, timeframe)).by_name() for market in markets for name in ASSETS]
    print(f"\n### {timeframe}\n\n| fact | real | simulated |\n|---|---|---|")
    for name, known in REAL_RANGES[timeframe].items():
        said = SAID.get(name, f"autocorrelation of absolute returns, lag {name.removeprefix('memory ')}")
        shown = spread([each[name] for each in real]) if real else f"{known.low:.2f} .. {known.high:.2f}"
        print(f"| {said} | {shown} | {spread([each[name] for each in made])} |")


def correlation_table(markets: list) -> None:
    found = [real_bars(ticker, "1d") for ticker in ASSETS]
    real = return_correlations([bars for bars in found if bars is not None]) if all(found) else None
    made = np.mean([return_correlations([m.bars(name, "1d") for name in ASSETS]) for m in markets], axis=0)
    upper = np.triu_indices(len(ASSETS) - 1, 1)
    print("\n### correlation of daily returns\n\n| pairs | real | simulated |\n|---|---|---|")
    for said, known, pick in (
        ("with BTC", REAL_CORRELATION_WITH_BTC, lambda matrix: matrix[0, 1:]),
        ("among the others", REAL_CORRELATION_OF_OTHERS, lambda matrix: matrix[1:, 1:][upper]),
    ):
        shown = spread(pick(real)) if real is not None else f"{known.low:.2f} .. {known.high:.2f}"
        print(f"| {said} | {shown} | {spread(pick(made))} |")
    if real is not None:
        print("\nreal / simulated:\n\n| | " + " | ".join(ASSETS) + " |\n|" + "---|" * (len(ASSETS) + 1))
        for i, row in enumerate(ASSETS):
            cells = [f"{real[i, j]:.2f} / {made[i, j]:.2f}" if j > i else "" for j in range(len(ASSETS))]
            print(f"| {row} | " + " | ".join(cells) + " |")


def speed_table() -> None:
    simulate_market(1, ["BTC"], START, 10, "1h")
    print("\n### speed\n\n| market | seconds |\n|---|---|")
    for said, assets, bars, timeframe in (
        ("7 assets, a year of hours", 7, 8_760, "1h"),
        ("1 asset, 2.6 million minutes", 1, 2_600_000, "1m"),
    ):
        start = time.perf_counter()
        simulate_market(1, assets, START, bars, timeframe)
        print(f"| {said} | {time.perf_counter() - start:.2f} |")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seeds", type=int, nargs="+", default=[1, 2, 3])
    parser.add_argument("--bars", type=int, default=50_000)
    options = parser.parse_args()
    markets = [simulate_market(seed, ASSETS, START, options.bars, "1h") for seed in options.seeds]
    for timeframe in REAL_RANGES:
        facts_table(timeframe, markets)
    correlation_table(markets)
    speed_table()


if __name__ == "__main__":
    main()
