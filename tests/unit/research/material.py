"""Small histories and plans that sweeps and walk-forwards are tested on."""

from __future__ import annotations

import numpy as np

from vigie.domain.account import AccountSettings
from vigie.domain.bar import Bars
from vigie.domain.ids import SlotId
from vigie.domain.instrument import Instrument
from vigie.domain.money import parse_step
from vigie.engine.run import PlannedSlot
from vigie.research.sweep.plan import SweepPlan
from vigie.research.sweep.space import parse_grid
from vigie.trading import catalogue

HOUR = 3_600_000
START = 1_704_067_200_000
GRID = "fast=4:12:4,slow=16:40:8"


def history(n=1_500, *, seed=1, instrument="btc-usdt-perp", span=4 * HOUR, venue="test-perp"):
    """A seeded random walk with cents as its grid."""
    rng = np.random.default_rng(seed)
    close = np.round(100.0 * np.exp(np.cumsum(rng.standard_t(4, n) * 0.006)), 2)
    open_ = np.concatenate(([100.0], close[:-1]))
    high = np.round(np.maximum(open_, close) * (1 + np.abs(rng.normal(0, 0.003, n))), 2)
    low = np.round(np.minimum(open_, close) * (1 - np.abs(rng.normal(0, 0.003, n))), 2)
    ts = START + np.arange(n, dtype=np.int64) * span
    return Bars(instrument, span, ts, open_, np.maximum(high, np.maximum(open_, close)),
                np.minimum(low, np.minimum(open_, close)), close, rng.uniform(1, 9, n), venue=venue)  # fmt: skip


def slot(bars=None, *, strategy="ema_cross", account=None, first=0, **more):
    """One planned slot."""
    bars = history() if bars is None else bars
    loaded = catalogue.load(strategy)
    return PlannedSlot(
        slot=SlotId(bars.instrument, bars.timeframe, loaded.name),
        bars=bars,
        strategy=loaded,
        params=loaded.defaults(),
        versions=(
            Instrument(venue=bars.venue, name=bars.instrument, tick=parse_step("0.01"),
                       lot=parse_step("0.001", name="lot")),
        ),
        account=account or AccountSettings(),
        first=first,
        **more,
    )  # fmt: skip


def plan(grid=GRID, *slots, account=None, objective="sharpe", strategy="ema_cross"):
    """A sweep plan over the slots, or over one history."""
    account = account or AccountSettings()
    slots = slots or (slot(strategy=strategy, account=account),)
    return SweepPlan(tuple(slots), account, parse_grid(grid, slots[0].strategy), objective)
