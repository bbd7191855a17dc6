"""What moves the table of 7 assets x 5 strategies: the same signals under kinder assumptions.

Run with real bars stored or not: ``python benchmarks/comparison.py [--shared DIR]``. Prints a Markdown table,
the one of docs/comparison.md.
"""

from __future__ import annotations

import argparse
import os
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from vigie.domain.account import AccountSettings, Costs
from vigie.domain.bar import Bars
from vigie.domain.codes import STOP
from vigie.domain.state import LONG_ENTRY, LONG_EXIT
from vigie.engine.backtest import run_slot
from vigie.engine.inputs import SlotInput
from vigie.engine.run import PlannedSlot, prepare_slot
from vigie.services.data import import_bars
from vigie.services.runs.backtest import BacktestRequest, expand_slots, plan_slots
from vigie.wiring.data import open_data

ASSETS = "BTC ETH BNB SOL XRP AVAX DOGE".split()
STRATEGIES = "macd_cross rsi_reversion ema_cross bollinger_squeeze adx_trend".split()
FREE = Costs(taker=0.0, maker=0.0, slippage_bps=0.0)


def plans(
    shared: Path, home: Path, *, last: int | None = 1500, timeframes: Sequence[str] = ("native",)
) -> list[PlannedSlot]:
    desk = open_data(home)
    import_bars(desk, [shared / "data" / "market" / "binance-perp"])
    request = BacktestRequest(
        slots=expand_slots(ASSETS, timeframes, STRATEGIES, {}),
        venue="binance-perp",
        last=last,
        instruments=shared / "cases" / "instruments.csv",
    )
    return plan_slots(desk, request)


def as_is(given: SlotInput) -> SlotInput:
    return given


def free(given: SlotInput) -> SlotInput:
    return replace(given, costs=FREE)


def longs(given: SlotInput) -> SlotInput:
    return replace(given, flags=given.flags & np.uint8(LONG_ENTRY | LONG_EXIT))


def at_close(given: SlotInput) -> SlotInput:
    """Fill decisions at the very close they were made at: each bar opens where the last one closed."""
    bars = given.bars
    open_ = np.concatenate((bars.open[:1], bars.close[:-1]))
    high, low = np.maximum(bars.high, open_), np.minimum(bars.low, open_)
    moved = Bars(
        bars.instrument, bars.span_ms, bars.ts, open_, high, low, bars.close, bars.volume, bars.venue
    )
    return replace(given, bars=moved)


def kindest(given: SlotInput) -> SlotInput:
    return free(at_close(longs(given)))


VARIANTS: list[tuple[str, Callable[[SlotInput], SlotInput]]] = [
    ("fill model v1 (our table)", as_is),
    ("no fees, no slippage", free),
    ("filled at the close that decided", at_close),
    ("longs only", longs),
    ("longs only, at the close, no costs", kindest),
]

EVERY = "fill model v1, every strategy at 1h, 4h and 1d (105 slots)"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--shared", type=Path, default=Path(os.environ.get("VIGIE_SHARED") or "../shared"))
    parser.add_argument(
        "--home", type=Path, default=Path(os.environ.get("VIGIE_HOME") or "/tmp/vigie-comparison")
    )
    given = parser.parse_args()
    planned = plans(given.shared, given.home)
    inputs = [prepare_slot(plan)[1] for plan in planned]
    capital = AccountSettings().sizing.capital
    print("| assumptions | trades | winners | pnl, USDT | mean return |")
    print("|---|---:|---:|---:|---:|")
    every = [prepare_slot(plan)[1] for plan in plans(given.shared, given.home, timeframes=("1h", "4h", "1d"))]
    for name, change, slots in [*((*variant, inputs) for variant in VARIANTS), (EVERY, as_is, every)]:
        outcomes = [run_slot(change(slot)) for slot in slots]
        pnl = np.concatenate([outcome.trades["pnl"] for outcome in outcomes])
        mean = pnl.sum() / capital / len(outcomes)
        print(f"| {name} | {len(pnl):,} | {(pnl > 0).mean():.2%} | {pnl.sum():+,.2f} | {mean:+.2%} |")
    both = 0
    stops = 0
    for slot in inputs:
        for trade in run_slot(slot).trades:
            if trade["reason"] == STOP:
                bar = int(trade["exit_bar"])
                stops += 1
                both += bool(
                    slot.bars.high[bar] >= trade["target"]
                    if trade["side"] > 0
                    else slot.bars.low[bar] <= trade["target"]
                )
    print(f"\n{both} of {stops} stops fell in a bar that also touched the target; the stop is taken.")
    refused = sum(len(run_slot(slot).refusals) for slot in inputs)
    print(f"{refused} entries were refused.")


if __name__ == "__main__":
    main()
