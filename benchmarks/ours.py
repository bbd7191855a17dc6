"""The workloads through Vigie's own doors, and the same work of the yardstick.

Each function prepares what is given (bars in memory) and returns one round: from bars to trades, curve and figures,
nothing remembered from the round before. Checks are off; they have a row of their own.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

import vigie
from benchmarks import commands, market, yardstick
from vigie.domain.account import AccountSettings, Sizing
from vigie.domain.bar import Bars
from vigie.domain.ids import SlotId
from vigie.domain.instrument import Instrument
from vigie.domain.money import parse_step
from vigie.engine.backtest import run_slot
from vigie.engine.inputs import SlotInput
from vigie.engine.run import PlannedSlot, execute
from vigie.trading import catalogue

Round = Callable[[], dict[str, float]]
TICK, LOT = "0.1", "0.001"
# So small a risk that the account lives through a hundred thousand trades on minutes.
PATIENT = {"capital": 1_000_000.0, "risk_fraction": 0.0002}


def bars_of(walk: market.Walk, instrument: str = "btc-usdt-perp") -> Bars:
    """Bars without memory of earlier rounds."""
    return Bars(instrument, walk.span_ms, walk.ts, walk.open, walk.high, walk.low, walk.close, walk.volume)


def plan_of(bars: Bars, terms: dict[str, float], params: dict[str, int] | None = None) -> PlannedSlot:
    """EMA cross on its own capital."""
    strategy = catalogue.load("ema_cross")
    account = AccountSettings(sizing=Sizing(**terms))
    rules = (Instrument("", bars.instrument, parse_step(TICK), parse_step(LOT)),)
    slot = SlotId(bars.instrument, bars.timeframe, strategy.name)
    return PlannedSlot(slot, bars, strategy, strategy.with_params(params or {}), rules, account)


def w1_vigie() -> Round:
    """`vigie.backtest`; trades, curve and figures as people get them."""
    walk = market.single()

    def run() -> dict[str, float]:
        result = vigie.backtest(bars_of(walk), "ema_cross", tick=TICK, lot=LOT, check=False)
        return {"trades": len(result.trades), "samples": len(result.equity), "sharpe": result.metrics.sharpe}

    return run


def w1_yardstick() -> Round:
    """Indicators, trades and curve."""
    walk = market.single()

    def run() -> dict[str, float]:
        curve, whole, _ = yardstick.run(walk, market.FAST, market.SLOW)
        return {"trades": len(whole), "samples": len(curve)}

    return run


def w2_vigie(threads: int = 1) -> Round:
    """`vigie.sweep` over a thousand pairs."""
    walk = market.sweep()
    fast, slow = (sorted(set(values)) for values in zip(*market.PAIRS, strict=True))

    def run() -> dict[str, float]:
        bars = bars_of(walk)
        grid = {"fast": fast, "slow": slow}
        result = vigie.sweep(bars, "ema_cross", grid=grid, tick=TICK, lot=LOT, threads=threads, check=False)
        return {"combinations": len(result.table), "trades": float(result.table["trades"].sum())}

    return run


def w2_vigie_2() -> Round:
    """The same on two threads."""
    return w2_vigie(threads=2)


def w2_yardstick() -> Round:
    """Each average once, then a pass a pair into the same curve and log."""
    walk = market.sweep()

    def run() -> dict[str, float]:
        n = len(walk.close)
        fast, slow, atr = np.empty(n), np.empty(n), np.empty(n)
        yardstick.indicators(walk.high, walk.low, walk.close, market.FAST, market.SLOW, 14, fast, slow, atr)
        averages = {}
        for window in sorted({window for pair in market.PAIRS for window in pair}):
            averages[window] = np.empty(n)
            yardstick.average(walk.close, window, averages[window])
        curve, whole, part = np.empty(n), np.empty((n, 5), np.int64), np.empty((n, 6))
        trades = 0
        for quick, calm in market.PAIRS:
            trades += yardstick.trade(
                walk.open, walk.high, walk.low, walk.close, averages[quick], averages[calm], atr, calm,
                yardstick.MARKET, curve, whole, part,
            )  # fmt: skip
        return {"combinations": len(market.PAIRS), "trades": trades}

    return run


def w2_yardstick_2() -> Round:
    """The same passes on two threads, which share nothing but what they read: what two cores give at most."""
    from concurrent.futures import ThreadPoolExecutor

    walk = market.sweep()
    pool = ThreadPoolExecutor(2)

    def passes(pairs: tuple[tuple[int, int], ...], atr: np.ndarray, averages: dict[int, np.ndarray]) -> int:
        n = len(walk.close)
        curve, whole, part = np.empty(n), np.empty((n, 5), np.int64), np.empty((n, 6))
        return sum(
            yardstick.trade(
                walk.open, walk.high, walk.low, walk.close, averages[quick], averages[calm], atr, calm,
                yardstick.MARKET, curve, whole, part,
            )
            for quick, calm in pairs
        )  # fmt: skip

    def run() -> dict[str, float]:
        n = len(walk.close)
        fast, slow, atr = np.empty(n), np.empty(n), np.empty(n)
        yardstick.indicators(walk.high, walk.low, walk.close, market.FAST, market.SLOW, 14, fast, slow, atr)
        averages = {
            window: np.empty(n) for window in sorted({window for pair in market.PAIRS for window in pair})
        }
        for window, values in averages.items():
            yardstick.average(walk.close, window, values)
        # Every other pair: pairs of short averages trade more.
        halves = [pool.submit(passes, market.PAIRS[start::2], atr, averages) for start in (0, 1)]
        return {"combinations": len(market.PAIRS), "trades": sum(half.result() for half in halves)}

    return run


def plans_of(walks: dict[tuple[str, str], market.Walk], account: AccountSettings) -> list[PlannedSlot]:
    """Every strategy on every series, in slot order."""
    rules = {
        asset: (Instrument("", f"{asset}-usdt-perp", parse_step(TICK), parse_step(LOT)),)
        for asset, _ in walks
    }
    chosen = [catalogue.load(name) for name in market.STRATEGIES]
    plans = []
    for (asset, timeframe), walk in walks.items():
        bars = bars_of(walk, f"{asset}-usdt-perp")
        for strategy in chosen:
            slot = SlotId(bars.instrument, timeframe, strategy.name)
            plans.append(PlannedSlot(slot, bars, strategy, strategy.defaults(), rules[asset], account))
    return plans


def w3_vigie() -> Round:
    """105 slots, each on its own capital, with their frames."""
    from vigie.research import tables

    walks = market.table()

    def run() -> dict[str, float]:
        account = AccountSettings()
        result = execute(plans_of(walks, account), account, check=False)
        trades, curves = tables.all_trades(result), tables.equity_frame(result)
        return {"slots": len(tables.summary_frame(result)) - 1, "trades": len(trades), "samples": len(curves)}

    return run


def w3_vigie_fixed() -> Round:
    """What a run costs before its first bar: the engine on two bars, a thousand times."""
    walk = market.single()
    bars = bars_of(walk).slice(0, 2)
    unit = np.ones(2)
    rules = (Instrument("", bars.instrument, parse_step(TICK), parse_step(LOT)),)
    slot = SlotInput(bars, np.zeros(2, np.uint8), unit, unit, rules)

    def run() -> dict[str, float]:
        started = time.perf_counter()
        for _ in range(1_000):
            run_slot(slot)
        return {"us_a_run": (time.perf_counter() - started) * 1e3}

    return run


def w4_vigie() -> Round:
    """`execute` on five years of minutes; trades and curve are delivered as the arrays a run holds, without frames."""
    walk = market.minutes()

    def run() -> dict[str, float]:
        plan = plan_of(bars_of(walk), PATIENT)
        result = execute([plan], plan.account, check=False)
        trades = result.slots[0].trades
        return {"trades": len(trades), "samples": len(result.equity), "sharpe": result.total.sharpe}

    return run


def w4_yardstick() -> Round:
    """Indicators, trades and curve."""
    walk = market.minutes()
    terms = yardstick.Market(capital=PATIENT["capital"], risk=PATIENT["risk_fraction"])

    def run() -> dict[str, float]:
        curve, whole, _ = yardstick.run(walk, market.FAST, market.SLOW, terms)
        return {"trades": len(whole), "samples": len(curve)}

    return run


def w5_vigie() -> Round:
    """35 slots on one account, every protection on, with their frames."""
    from vigie.research import tables

    walks = {(asset, "1h"): walk for asset, walk in market.account().items()}
    slot_bars = len(market.STRATEGIES) * sum(len(walk.close) for walk in walks.values())

    def run() -> dict[str, float]:
        account = AccountSettings(mode="portfolio")
        started = time.perf_counter()
        result = execute(plans_of(walks, account), account, check=False)
        trades, curve = tables.all_trades(result), tables.equity_frame(result)
        seconds = time.perf_counter() - started
        return {"trades": len(trades), "samples": len(curve), "ns_a_slot_bar": seconds * 1e9 / slot_bars}

    return run


def checks_vigie() -> Round:
    """The 35-slot backtest on simulated bars as the command runs it: loaded, checked, traded, judged, files written.

    The process lives on, so that its start does not count.
    """
    folder = Path(tempfile.mkdtemp())
    files = commands.bar_files(folder, market.account(), bars=1_500)
    return _whole_run(folder, bars=files, strategy=",".join(market.STRATEGIES))


def checks_vigie_real() -> Round:
    """The same on real bars: the 35 rows of the README."""
    from vigie.services.data import import_bars
    from vigie.wiring.data import open_data

    folder = Path(tempfile.mkdtemp())
    shared = commands.shared_folder()
    import_bars(open_data(folder), [shared / "data" / "market" / "binance-perp"])
    return _whole_run(
        folder,
        venue="binance-perp",
        symbols=[asset.upper() for asset in market.ASSETS],
        strategy=",".join(market.STRATEGIES),
        last=1_500,
        instruments=shared / "cases" / "instruments.csv",
    )


def _whole_run(folder: Path, **asked: Any) -> Round:
    from vigie.services.runs import request_builder, results
    from vigie.services.runs.backtest import run_backtest
    from vigie.wiring.data import open_data
    from vigie.wiring.results import open_results

    desk, home = open_data(folder), open_results(folder)

    def run() -> dict[str, float]:
        request = request_builder.build_request(desk, own_strategies=home.strategies, **asked)
        done = run_backtest(desk, request)
        results.save_run(
            done, request, folder / "out", runs_folder=home.runs, registry=home.trials, write=home.write
        )
        return {"slots": len(done.slots), "checks_ms": done.timings["checks"] * 1e3}

    return run
