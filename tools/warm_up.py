"""Compile the kernel and every strategy once, so that parallel workers find compiled code on disk.

    python tools/warm_up.py

Runs all shipped strategies on a short simulated history: each on its own capital, and together on one account; then
a sweep, and how likely its best is chance.
"""

from __future__ import annotations

import sys

import numpy as np

from vigie.domain.account import AccountSettings, Mode, Protections
from vigie.domain.bar import Bars
from vigie.domain.ids import SlotId
from vigie.domain.instrument import Instrument
from vigie.domain.money import parse_step
from vigie.engine.run import PlannedSlot, execute
from vigie.quant.stats.pbo import overfitting
from vigie.research.sweep.plan import SweepPlan
from vigie.research.sweep.space import parse_grid
from vigie.research.sweep.work import SweepWork
from vigie.trading import catalogue
from vigie_sandbox.market import simulate_market

START_MS = 1_704_067_200_000
ASSETS = ("BTC", "ETH")


def plans(bars: Bars, account: AccountSettings) -> list[PlannedSlot]:
    """Plan every shipped strategy on these bars."""
    rules = (Instrument("", bars.instrument, parse_step("0.01"), parse_step("0.001")),)
    found = [catalogue.load(name) for name in catalogue.available()]
    return [
        PlannedSlot(
            slot=SlotId(bars.instrument, bars.timeframe, strategy.name),
            bars=bars,
            strategy=strategy,
            params=strategy.with_params({}),
            versions=rules,
            account=account,
        )
        for strategy in found
    ]


def sweep(slot: PlannedSlot) -> None:
    """Try two variants of a strategy."""
    plan = SweepPlan((slot,), slot.account, parse_grid("max_bars=0|12", slot.strategy), "sharpe")
    (found,) = SweepWork(plan).sample_accounts(np.arange(plan.space.size))
    overfitting(np.diff(found.values).T.copy())


def main() -> int:
    """Run the three ways an account can be traded, and a sweep."""
    market = simulate_market(1, ASSETS, start_ms=START_MS, bars=1_000, timeframe="1h")
    ways: tuple[tuple[Mode, Protections | None], ...] = (
        ("isolated", None),
        ("isolated", Protections()),
        ("portfolio", None),
    )
    for mode, protections in ways:
        account = AccountSettings(mode=mode, protections=protections)
        slots = [plan for asset in ASSETS for plan in plans(market.bars(asset, "1h"), account)]
        execute(slots, account)
    sweep(plans(market.bars(ASSETS[0], "1h"), AccountSettings())[0])
    return 0


if __name__ == "__main__":
    sys.exit(main())
