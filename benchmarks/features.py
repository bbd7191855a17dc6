"""What columns for models cost: all columns over the hourly bars of seven assets, and a look at one asset.

    python -m benchmarks.features [--cold]

Processor time, from bars in memory. `--cold` compiles anew first, as after an installation. Bars are read from
VIGIE_SHARED (default: ../shared beside the checkout); facts are drawn, so that every column is computed.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import polars as pl

from vigie.data.feature_columns import FACT_FEATURES
from vigie.domain.bar import Bars
from vigie.domain.time import HOUR_MS
from vigie.quant.feature_table import FeatureInputs, compute_features
from vigie.quant.labels.forward import direction
from vigie.research.learning.exploration import look_at, seen_part
from vigie.research.learning.feature_inputs import join_inputs

ASSETS: Final = ("BTC", "ETH", "BNB", "SOL", "XRP", "DOGE", "AVAX")
# All columns of all assets: compiled before, and after an installation.
BOUND_S: Final = 2.0
COLD_BOUND_S: Final = 30.0
HORIZON: Final = 24


def read_bars(asset: str) -> Bars:
    """Return the hourly bars of an asset's perpetual."""
    shared = Path(os.environ.get("VIGIE_SHARED", Path(__file__).parents[2] / "shared"))
    frame = pl.read_parquet(shared / "data" / "market" / "binance-perp" / f"{asset}USDT-1h.parquet")
    prices = [
        frame[name].to_numpy().astype(np.float64) for name in ("open", "high", "low", "close", "volume")
    ]
    ts = frame["timestamp"].dt.epoch("ms").to_numpy().astype(np.int64)
    return Bars(f"{asset.lower()}-usdt-perp", HOUR_MS, ts, *prices)


def inputs_of(asset: str, bars: dict[str, Bars]) -> FeatureInputs:
    """Return what columns read of an asset, with drawn facts."""
    joined = join_inputs(bars[asset], [other for name, other in bars.items() if name != asset])
    dice = np.random.default_rng(1)
    facts = {name: dice.lognormal(0.0, 0.3, len(joined)) for name in FACT_FEATURES}
    return FeatureInputs(
        joined.ts,
        joined.span_ms,
        joined.open,
        joined.high,
        joined.low,
        joined.close,
        joined.volume,
        joined.peers,
        facts,
    )


def measure(bars: dict[str, Bars]) -> tuple[int, float]:
    """Return how many columns there were and the processor seconds of all assets."""
    started, count = time.process_time(), 0
    for asset in bars:
        count = len(compute_features(inputs_of(asset, bars)).values)
    return count, time.process_time() - started


def measure_look(bars: dict[str, Bars]) -> float:
    """Return the processor seconds of a look at all columns of the first asset."""
    seen = seen_part(bars[ASSETS[0]])
    peers = [other for name, other in bars.items() if name != ASSETS[0]]
    started = time.process_time()
    table = compute_features(join_inputs(seen, peers))
    look_at(table, direction(seen.open, seen.close, HORIZON, 0.0, seen.gaps), HORIZON)
    return time.process_time() - started


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; exit code 1 above a bound."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cold", action="store_true", help="compile anew first")
    if parser.parse_args(arguments).cold:
        with tempfile.TemporaryDirectory() as folder:
            return subprocess.run(
                [sys.executable, "-m", "benchmarks.features"],
                env={**os.environ, "VIGIE_CACHE_DIR": folder},
                check=False,
            ).returncode
    bars = {asset: read_bars(asset) for asset in ASSETS}
    n_bars = sum(map(len, bars.values()))
    count, first = measure(bars)
    _, again = measure(bars)
    sys.stdout.write(f"{count} columns x {n_bars:,} bars: first {first:.2f} s, again {again:.2f} s\n")
    sys.stdout.write(f"a look at {ASSETS[0]}: {measure_look(bars):.2f} s\n")
    return int(again > BOUND_S or first > COLD_BOUND_S)


if __name__ == "__main__":
    sys.exit(main())
