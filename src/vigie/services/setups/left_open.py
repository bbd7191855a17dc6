"""What the trade of an open setup made up to where its account stopped trading the slot.

The account's new run has no bars of that slot, and what is stored of it later may be corrected, or missing: whoever
made the setups anew would get another result. So the trade ends at the last close that the account decided on, which
its log tells for good.
"""

from __future__ import annotations

import numpy as np

from vigie.domain.errors import DataError
from vigie.domain.ids import parse_slot
from vigie.domain.order import TradeRun
from vigie.domain.setup import SideLife
from vigie.engine.inputs import SlotInput
from vigie.engine.lone_trade import LoneFunding, inside_end, lone_funding, settled_r
from vigie.services.setups.decided_log import DecidedLog
from vigie.services.setups.told_funding import ToldFunding, runs_before
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.account_plans.trading_stores import TradingStores


def left_result(
    stores: TradingStores, run: TradeRun, slot: str, life: SideLife, told: ToldFunding
) -> tuple[float | None, LoneFunding | None]:
    """Return R before funding, and funding, of a setup that is open in a slot which a run of its account lacks.

    Parameters
    ----------
    stores : TradingStores
        Where plans, logs and bars are.
    run : TradeRun
        The first without the slot.
    slot : str
        Which.
    life : SideLife
        What is remembered of the setup.
    told : ToldFunding
        What the earlier runs told of settlements since it was entered, or longer.

    Returns
    -------
    (float or None, LoneFunding or None)
        By the stop or target that was reached, else settled at the last close that was decided on. None where there was
        no trade, or no run is left that tells its bars.
    """
    nothing = None, None
    if life.state != "confirmed":
        return nothing
    read = _as_decided(stores, run, slot)
    if read is None:
        return nothing
    ts = read.bars.ts
    entered = int(np.searchsorted(ts, life.ts_entered))
    if entered == len(ts) or ts[entered] != life.ts_entered:
        return nothing
    end = inside_end(read, entered, life.side, len(ts), life.terms)
    last = len(ts) - 1 if end is None else end.bar
    r = settled_r(read, entered, life.side, last, life.terms) if end is None else end.r
    if r is None:
        return nothing
    settled = told.known_by(str(parse_slot(slot).instrument), 0)
    return r, lone_funding(read, entered, life.side, last, life.terms, settled)


def _as_decided(stores: TradingStores, run: TradeRun, slot: str) -> SlotInput | None:
    """Return the bars that the newest run with a slot decided on, under the rules of its orders; no signals."""
    for before in reversed(runs_before(stores, run)):
        try:
            plan = load_plan(stores.results, before.id)
        except DataError:
            # Its file is gone: one before it may tell the trade up to there.
            continue
        numbers = [number for number, one in enumerate(plan.slots) if str(one.slot) == slot]
        if not numbers:
            continue
        log = DecidedLog(stores, plan, before)
        log.read()
        bars = log.last_history(numbers[0])
        if bars is None:
            continue
        plan_slot, nothing = plan.slots[numbers[0]], np.zeros(len(bars))
        return SlotInput(
            bars=bars, flags=nothing.astype(np.uint8), stop_unit=nothing, target_unit=nothing,
            versions=log.versions(numbers[0]), sizing=plan_slot.sizing, costs=plan_slot.effective_costs,
        )  # fmt: skip
    return None
