"""What setups cost: a close of 35 slots from the log to the rows, the fold alone, 90 days replayed, and their pages.

    python -m benchmarks.setups [--write]

`--write` puts the table into docs/setups.md. Processor time, on simulated bars of an hour and four hours; the reference
is what judging the same slots costs, which a list of signals needs as well.
"""

from __future__ import annotations

import argparse
import itertools
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import numpy as np
from tests import houses
from tests.clocks import JumpingClock
from tests.houses import Browser
from tests.unit.services.setups.test_following import GrowingLog
from tests.unit.services.trading.material import BEGUN
from tests.unit.services.trading.test_replaying import replayed

from benchmarks.marked import put
from vigie.domain.time import DAY_MS, HOUR_MS
from vigie.services.needs import provide
from vigie.services.operation_calls import run_operation
from vigie.services.runs import request_builder
from vigie.services.setups.folding import SlotFold
from vigie.services.setups.following import RunFollower, SetupFollower
from vigie.services.setups.replaying import replay_setups
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.services.trading.process.replaying import begin_replay
from vigie.trading import catalogue

PAGE: Final = Path(__file__).parents[1] / "docs" / "setups.md"
INSTRUMENTS: Final = ("BTC", "ETH", "SOL")
SLOTS: Final = 35
DAYS: Final = 6
CLOSES: Final = 24
ROUNDS: Final = 40
PLANS: Final = 100
A_PLAN: Final = {"place": "binance-perp:btc-usdt-perp", "side": "long", "stop": 90.0, "target": 120.0}


def run_file(folder: Path) -> Path:
    """Write a run file of 35 slots: every shipped strategy on three instruments, some on both timeframes."""
    names = [name for name in catalogue.available(None) if name != "funding_carry"]
    slots = list(itertools.product(("1h", "4h"), names, INSTRUMENTS))
    text = '[account]\nmode = "portfolio"\ncapital = 10_000\n\n[venue]\nid = "binance-perp"\n'
    for timeframe, name, instrument in slots[:SLOTS]:
        text += (
            f'\n[[slots]]\ninstruments = ["{instrument}"]\ntimeframe = "{timeframe}"\nstrategy = "{name}"\n'
        )
    path = folder / "run.toml"
    path.write_text(text, encoding="utf-8")
    return path


def spent(work: Callable[[], object]) -> float:
    """Return the processor time of some work, ms."""
    begin = time.process_time()
    work()
    return (time.process_time() - begin) * 1e3


def cost_of(
    follower: RunFollower, numbers: Sequence[int], before: Sequence[int | None]
) -> tuple[float, float]:
    """Return the processor time of judging some slots anew at their newest close, and of folding it, ms."""
    judging = folding = 0.0
    for number in numbers:
        (together,) = follower._log.closes(number, before[number])
        begin = time.process_time()
        slot = follower._judge(number, together)
        judged = time.process_time()
        list(SlotFold().take(slot, int(np.searchsorted(slot.plan.bars.ts, together.first))))
        judging, folding = judging + judged - begin, folding + time.process_time() - judged
    return judging * 1e3, folding * 1e3


def measured(folder: Path) -> list[tuple[str, float, str]]:
    """Return what, how long in ms, and the goal."""
    house = houses.house(folder / "home", clock=JumpingClock(BEGUN + 7 * HOUR_MS))
    stores = provide(house, TradingStores)
    request = request_builder.build_request(
        house.data, config=run_file(folder), own_strategies=house.results.strategies
    )
    run = begin_replay(stores, request, account="main", owner="owner", days=DAYS)
    replayed(stores, run)
    log, last = GrowingLog(stores.trades), stores.trades.last_step(run.id)
    log.until = last // 2
    follower = RunFollower(replace(stores, trades=log), house.setups, run)
    follower.follow()
    closes, judging, folding = [], [], []
    while log.until < last and len(closes) < CLOSES:
        log.until += 1
        before = [fold.ts_bar for fold in follower._folds]
        spent_here = spent(follower.follow)
        moved = [number for number, fold in enumerate(follower._folds) if fold.ts_bar != before[number]]
        if len(moved) < SLOTS // 2:
            continue
        closes.append(spent_here * SLOTS / len(moved))
        took_judging, took_folding = cost_of(follower, moved, before)
        judging.append(took_judging * SLOTS / len(moved))
        folding.append(took_folding * SLOTS / len(moved))
    SetupFollower(stores, house.setups).follow_once()
    span = replace(request, start_ms=BEGUN - 90 * DAY_MS, end_ms=BEGUN)
    replay = spent(lambda: replay_setups(house.data, span))
    rows = [
        ("a close of 35 slots, from the log to the rows", statistics.median(closes), "500"),
        ("of it, judging the slots (the reference)", statistics.median(judging), ""),
        ("of it, the fold", statistics.median(folding), "20"),
        ("90 days of 35 slots replayed", replay, "60,000"),
    ]
    for _ in range(PLANS):
        run_operation(house, houses.person("owner"), "plans.make", A_PLAN)
    browser = Browser(house)
    setup = browser.get("/signals").text.partition("/setup/")[2][:16]
    for name, path in (
        ("/signals, 95 %", "/signals"),
        ("/setup, 95 %", f"/setup/{setup}"),
        ("/plans, 95 %", "/plans"),
    ):
        browser.get(path)
        times = sorted(spent(lambda path=path: browser.get(path)) for _ in range(ROUNDS))
        rows.append((name, times[int(0.95 * ROUNDS)], "50"))
    return rows


def missed_goals(rows: Sequence[tuple[str, float, str]]) -> list[str]:
    """Return what took longer than its goal."""
    return [
        f"{name}: {ms:,.1f} ms, the goal is {goal}"
        for name, ms, goal in rows
        if goal and ms > float(goal.replace(",", ""))
    ]


def main() -> int:
    """Measure, print, and write where asked; return 1 where a goal is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="vigie-setups-") as folder:
        rows = measured(Path(folder))
    reference = next(ms for name, ms, _ in rows if "reference" in name)
    lines = ["| what | processor, ms | against the reference | goal, ms |", "|---|---|---|---|"]
    lines += [f"| {name} | {ms:,.1f} | {ms / reference:.2f} | {goal} |" for name, ms, goal in rows]
    lines += ["", f"Measured on {datetime.now(UTC):%Y-%m-%d} by `python -m benchmarks.setups --write`."]
    text = "\n".join(lines)
    print(text)
    if arguments.write:
        put(PAGE, "setups cost", text)
    missed = missed_goals(rows)
    print("\n".join(missed))
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
