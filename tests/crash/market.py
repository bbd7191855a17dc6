"""Hours of two coins and decisions for them: few, and yet every kind of order in them."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from functools import cache

import numpy as np

from tests.clocks import QuickClock
from tests.parity import exchange_process
from tests.parity.exchange_process import COSTS, SEED, made_market, theirs
from tests.parity.material import Inputs
from vigie.domain.account import Protections, Sizing
from vigie.domain.ids import SlotId
from vigie.domain.state import LONG_ENTRY, LONG_EXIT, SHORT_ENTRY, SHORT_EXIT
from vigie.engine.inputs import SlotInput
from vigie_sandbox.exchange.run import ExchangeConfig

# Bars of the market, the first that is traded, and how many are.
MADE, FIRST, BARS = 300, 200, 10
CLOCK = QuickClock()
# Bar of the decision, by coin: entries that are exited, one that meets its stop, one that the end closes.
DECISIONS = {
    "BTC": {0: LONG_ENTRY, 2: LONG_EXIT, 5: SHORT_ENTRY},
    "ETH": {0: SHORT_ENTRY, 2: SHORT_EXIT, 4: LONG_ENTRY},
}
# Distance of levels, before the sizing's factors: a fraction of the price.
UNIT = 0.0073
# Those that lock are off: an account that is locked orders nothing.
PROTECTIONS = Protections(
    window_drawdown_fraction=0.0, slot_drawdown_fraction=0.0, global_drawdown_fraction=0.0,
    account_drawdown_fraction=0.0, stop_guard_instrument_stops=0, stop_guard_account_stops=0,
)  # fmt: skip


@cache
def inputs() -> Inputs:
    """Return one slot a coin."""
    made = exchange_process.market(MADE)
    found = []
    for coin, decisions in DECISIONS.items():
        whole, settled = made[coin]
        bars = whole.slice(FIRST, FIRST + BARS)
        inside = (settled.ts >= bars.ts[0]) & (settled.ts < bars.ts[-1])
        columns = {name: getattr(settled, name)[inside] for name in ("ts", "rate", "mark")}
        flags = np.zeros(BARS, np.uint8)
        for bar, flag in decisions.items():
            flags[bar] = flag
        units = bars.close * UNIT
        rules = (made_market(MADE).asset(coin).rules,)
        one = SlotInput(bars, flags, units, units, rules, Sizing(), COSTS, replace(settled, **columns))
        found.append((SlotId(bars.instrument, "1h", "given"), one))
    return found


def opening() -> ExchangeConfig:
    """Return these hours in lock-step."""
    made = inputs()
    fundings = {
        theirs(f"{name.instrument}/1h").split("/")[0]: [
            (ts, Decimal(repr(rate)))
            for ts, rate in zip(one.funding.ts.tolist(), one.funding.rate.tolist(), strict=True)
        ]
        for name, one in made
    }
    return ExchangeConfig(
        "model",
        tuple(one.bars for _, one in made),
        tuple(one.versions[0] for _, one in made),
        SEED,
        fundings=fundings,
        slippage=Decimal(repr(COSTS.slippage_bps)) / 10_000,
    )
