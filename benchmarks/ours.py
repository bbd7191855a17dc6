"""The workloads through Vigie's own doors, and the same work of the yardstick.

Each function prepares what is given (bars in memory) and returns one round: from bars to trades, curve and figures,
nothing remembered from the round before. Checks are off; they have a row of their own.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

import vigie
from benchmarks import market, yardstick
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
    account = AccountSettings(sizing=Sizing(**PATIENT))
    strategy = catalogue.load("ema_cross")
    rules = (Instrument("", "btc-usdt-perp", parse_step(TICK), parse_step(LOT)),)

    def run() -> dict[str, float]:
        bars = bars_of(walk)
        slot = SlotId(bars.instrument, "1m", strategy.name)
        result = execute(
            [PlannedSlot(slot, bars, strategy, strategy.defaults(), rules, account)], account, check=False
        )
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
    """The 35 slots of W5 on their first 1,500 hours, each on its own capital, with every check."""
    walks = {
        (asset, "1h"): market.walk(1_500, 900 + at, market.HOUR_MS) for at, asset in enumerate(market.ASSETS)
    }

    def run() -> dict[str, float]:
        account = AccountSettings()
        result = execute(plans_of(walks, account), account, check=True)
        return {name: seconds * 1e3 for name, seconds in result.timings.items()}

    return run
