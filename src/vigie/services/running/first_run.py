"""The first run after an installation: two processes compile, one the loop that trades, the other all the rest.

Takes nothing, gives nothing but the files of the compiler's cache, which the run then finds. On later runs there is
nothing to do and no process is started.
"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

import numpy as np

from vigie.compiled import cache_folder, load_kept_code_alone
from vigie.domain.account import AccountSettings, Protections
from vigie.domain.bar import Bars
from vigie.domain.ids import SlotId
from vigie.domain.instrument import Instrument
from vigie.domain.money import parse_step
from vigie.domain.time import DAY_MS
from vigie.engine.backtest import run_shared, run_slot
from vigie.engine.inputs import SlotInput
from vigie.engine.run import PlannedSlot, prepare_slot
from vigie.quant.metrics.summary import summarise
from vigie.quant.metrics.trades import TradeColumns
from vigie.quant.stats.verdict import verdict
from vigie.trading import catalogue

DAYS = 120
# Reads what most strategies read: averages, ATR, crossings, trend and volume.
STRATEGY = "ema_cross"


def is_first_run() -> bool:
    """Tell whether nothing is compiled yet for these sources."""
    return not any(cache_folder().rglob("*.nbi"))


@contextmanager
def compile_in_parallel() -> Iterator[None]:
    """If this is the first run, compile what every run needs before the body, in two processes."""
    load_kept_code_alone()
    if not is_first_run():
        yield
        return
    process = subprocess.Popen(
        [sys.executable, "-m", "vigie.services.running.first_run", "loop"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        compile_signals()
        compile_figures()
        # Should it have failed, the body compiles the loop itself.
        process.wait()
        yield
    finally:
        process.terminate()
        process.wait()


def compile_loop() -> None:
    """Ask for the trades of a made-up history."""
    bars = made_up_history()
    flags = np.zeros(DAYS, np.uint8)
    flags[DAYS // 2] = 1
    unit = np.ones(DAYS)
    run_slot(SlotInput(bars, flags, unit, unit, _rules(bars)))


def compile_signals() -> None:
    """Ask for everything a strategy says of a made-up history."""
    criteria, _ = prepare_slot(made_up_plan())
    for criterion in (*criteria.long, *criteria.short):
        criterion.read()


def made_up_history() -> Bars:
    """Return bars of some months, always the same."""
    price = 100.0 + np.sin(np.arange(DAYS, dtype=np.float64))
    return Bars(
        instrument="made-up",
        span_ms=DAY_MS,
        ts=np.arange(DAYS, dtype=np.int64) * DAY_MS,
        open=price,
        high=price + 1.0,
        low=price - 1.0,
        close=price.copy(),
        volume=np.ones(DAYS),
    )


def made_up_plan() -> PlannedSlot:
    """Return a slot of a strategy on the made-up history."""
    bars = made_up_history()
    strategy = catalogue.load(STRATEGY)
    slot = SlotId(bars.instrument, bars.timeframe, strategy.name)
    return PlannedSlot(slot, bars, strategy, strategy.defaults(), _rules(bars), AccountSettings())


def _rules(bars: Bars) -> tuple[Instrument, ...]:
    return (Instrument("", bars.instrument, parse_step("0.1"), parse_step("0.001")),)


def compile_figures() -> None:
    """Ask for every figure of a made-up account, and for a verdict on a few of them."""
    rng = np.random.default_rng(0)
    equity = np.cumprod(1.0 + rng.normal(0.0, 0.01, DAYS)).astype(np.float64)
    ts = np.arange(DAYS, dtype=np.int64) * DAY_MS
    column = rng.normal(0.0, 1.0, 9)
    trades = TradeColumns(*([column] * 9))
    summarise(equity, ts, 1.0, trades, span_ms=DAY_MS, market=equity.copy(), hold=equity.copy())
    verdict(rng.normal(0.0, 0.01, (DAYS, 4)), 0, trials=4, seed=0, samples=10)


def compile_account() -> None:
    """Ask for the trades of a made-up history on an account whose rules are on."""
    bars = made_up_history()
    unit = np.ones(DAYS)
    slot_input = SlotInput(bars, np.zeros(DAYS, np.uint8), unit, unit, _rules(bars))
    run_shared([slot_input], protections=Protections())


PARTS: Final = {"loop": compile_loop, "signals": compile_signals, "figures": compile_figures}
# The largest, and not what every run needs: compiled beforehand where memory is short, loaded by whoever calls it.
ACCOUNT_PART: Final = {"account": compile_account}


if __name__ == "__main__":
    load_kept_code_alone()
    PARTS[sys.argv[1]]()
