"""The first run after an installation: a second process compiles the figures while the first compiles the kernel.

Takes nothing, gives nothing but the files of the compiler's cache, which the first process then finds. On later
runs there is nothing to do and no process is started.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from vigie.compiled import cache_folder
from vigie.domain.time import DAY_MS
from vigie.quant.metrics.summary import summarise
from vigie.quant.metrics.trades import TradeColumns
from vigie.quant.stats.verdict import verdict

DAYS = 120


def is_first() -> bool:
    """Tell whether nothing is compiled yet for these sources."""
    return not any(cache_folder().rglob("*.nbi"))


@contextmanager
def compiling_beside() -> Iterator[None]:
    """Compile the figures in a second process while the body runs, if this is the first run."""
    if not is_first():
        yield
        return
    beside = subprocess.Popen(
        [sys.executable, "-m", "vigie.services.first_run"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        yield
    finally:
        # Whatever it had not finished, this process has compiled itself by now.
        beside.terminate()
        beside.wait()


def compile_figures() -> None:
    """Ask for every figure of a made-up account, and for a verdict on a few of them."""
    rng = np.random.default_rng(0)
    equity = np.cumprod(1.0 + rng.normal(0.0, 0.01, DAYS)).astype(np.float64)
    ts = np.arange(DAYS, dtype=np.int64) * DAY_MS
    column = rng.normal(0.0, 1.0, 9)
    trades = TradeColumns(*([column] * 9))
    summarise(equity, ts, 1.0, trades, span_ms=DAY_MS, market=equity.copy(), hold=equity.copy())
    verdict(rng.normal(0.0, 0.01, (DAYS, 4)), 0, trials=4, seed=0, samples=10)


if __name__ == "__main__":
    compile_figures()
