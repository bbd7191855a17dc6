"""The histories of all workloads: random walks from a seed, numpy only, so that every environment makes the same.

Bars are gapless, prices lie on a tick of 0.1, volume is positive. The volatility of a bar fits its length; prices
are pulled back gently, so that a long history neither runs away nor ends at nothing.

    python -m benchmarks.market FOLDER    writes W4's history there, one file a column
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import NamedTuple

import numpy as np

START_MS = 1_577_836_800_000
MINUTE_MS, HOUR_MS, DAY_MS = 60_000, 3_600_000, 86_400_000
# Standard deviation of the log return of an hour; others scale with the root of time.
HOURLY = 0.006
# Standard deviation of the log price around its middle.
SPREAD = 0.5
BLOCK = 4096


class Walk(NamedTuple):
    """One history as plain arrays."""

    ts: np.ndarray
    open: np.ndarray
    high: np.ndarray
    low: np.ndarray
    close: np.ndarray
    volume: np.ndarray
    span_ms: int


def path(steps: np.ndarray, pull: float) -> np.ndarray:
    """Sum steps while each value loses the share `pull` of the one before, block by block."""
    out = np.empty(len(steps))
    last = 0.0
    for start in range(0, len(steps), BLOCK):
        block = steps[start : start + BLOCK]
        keep = (1.0 - pull) ** np.arange(1, len(block) + 1)
        out[start : start + BLOCK] = keep * (last + np.cumsum(block / keep))
        last = out[start + len(block) - 1]
    return out


def walk(bars: int, seed: int, span_ms: int) -> Walk:
    """Make one history."""
    rng = np.random.default_rng(seed)
    deviation = HOURLY * (span_ms / HOUR_MS) ** 0.5
    pull = deviation**2 / (2.0 * SPREAD**2)
    close = np.round(20_000.0 * np.exp(path(rng.standard_normal(bars) * deviation, pull)), 1)
    open_ = np.empty(bars)
    open_[0], open_[1:] = 20_000.0, close[:-1]
    wick = 0.4 * deviation
    high = np.round(np.maximum(open_, close) * (1.0 + wick * np.abs(rng.standard_normal(bars))), 1)
    low = np.round(np.minimum(open_, close) * (1.0 - wick * np.abs(rng.standard_normal(bars))), 1)
    ts = START_MS + span_ms * np.arange(bars, dtype=np.int64)
    return Walk(ts, open_, high, low, close, 1.0 + 100.0 * rng.random(bars), span_ms)


# What each workload reads, and the parameters it trades.
FAST, SLOW = 20, 50
PAIRS = tuple((fast, slow) for fast in range(5, 30) for slow in range(40, 240, 5))
ASSETS = ("btc", "eth", "bnb", "sol", "xrp", "avax", "doge")
STRATEGIES = ("macd_cross", "rsi_reversion", "ema_cross", "bollinger_squeeze", "adx_trend")
TIMEFRAMES = {"1h": HOUR_MS, "4h": 4 * HOUR_MS, "1d": DAY_MS}


def single() -> Walk:
    """W1: 100,000 hours, eleven years."""
    return walk(100_000, 1, HOUR_MS)


def sweep() -> Walk:
    """W2: 10,000 hours."""
    return walk(10_000, 2, HOUR_MS)


def table() -> dict[tuple[str, str], Walk]:
    """W3: 7 assets in 3 timeframes, 1,500 bars each."""
    return {
        (asset, name): walk(1_500, 100 * number + at, span)
        for number, asset in enumerate(ASSETS)
        for at, (name, span) in enumerate(TIMEFRAMES.items())
    }


def minutes() -> Walk:
    """W4: 2.6 million bars of a minute, five years; made by another process, so that this one holds nothing else."""
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([sys.executable, __file__, folder], check=True)
        columns = [np.load(Path(folder) / f"{name}.npy") for name in Walk._fields[:-1]]
    return Walk(*columns, MINUTE_MS)


def account() -> dict[str, Walk]:
    """W5: 7 assets, 50,000 hours each."""
    return {asset: walk(50_000, 500 + number, HOUR_MS) for number, asset in enumerate(ASSETS)}


if __name__ == "__main__":
    for name, column in zip(Walk._fields[:-1], walk(2_600_000, 4, MINUTE_MS), strict=False):
        np.save(Path(sys.argv[1]) / f"{name}.npy", column)
