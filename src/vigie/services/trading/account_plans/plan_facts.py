"""Facts by which accounts know plans, taken back: nothing is planned any more."""

from __future__ import annotations

from typing import Final

from vigie.data.features import plan_series
from vigie.domain.fact import Observation
from vigie.ports.facts import FactStore
from vigie.services.trading.account_plans.account_plan import AccountPlan, load_plan
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.trading import catalogue

SIDE: Final = "side"
_ANY: Final = "btc-usdt-perp"


def take_back(facts: FactStore, plan_key: str, now: int, *, instrument: str = "") -> int:
    """Let facts say that an account plans nothing; return how many facts that took.

    Parameters
    ----------
    facts : FactStore
        Where the account reads them.
    plan_key : str
        Of the account; nothing is done where it is empty.
    now : int
        The market's time, epoch milliseconds.
    instrument : str
        Only of this one; empty for all.
    """
    if not plan_key:
        return 0
    if instrument:
        names = [plan_series(plan_key, instrument, SIDE)]
    else:
        prefix = plan_series(plan_key, _ANY, SIDE).partition(f"{_ANY}/")[0]
        names = [name for name in facts.list_series(prefix) if name.endswith(f"/{SIDE}")]
    known = facts.latest(names)
    # Newer than what is known also where the clock was set back: what is older would change nothing.
    told = [
        Observation(name, ts, ts, 0.0)
        for name, fact in known.items()
        if fact.value != 0.0
        for ts in [max(now, fact.ts_event + 1)]
    ]
    return facts.append(told) if told else 0


def take_back_tried(stores: TradingStores, plan: AccountPlan) -> int:
    """Before a new run begins, let facts say that nothing is planned for slots that decide on other bars than before.

    What was tried at closes of those bars cannot be counted on others, and would be tried again. Who follows plans says
    once more what is armed and was not tried. Before: whoever is killed between the two leaves nothing tried twice.

    Parameters
    ----------
    stores : TradingStores
        Where the account's run until now is known.
    plan : AccountPlan
        Of the new run; a replay trades nothing.

    Returns
    -------
    int
        How many facts that took.
    """
    run = stores.trades.run(plan.account) if plan.plan_key and not plan.until else None
    if run is None:
        return 0
    old, new = _timeframes(load_plan(stores.results, run.id)), _timeframes(plan)
    return sum(
        take_back(stores.facts, plan.plan_key, plan.begun, instrument=instrument)
        for instrument, timeframe in new.items()
        if old.get(instrument) != timeframe
    )


def _timeframes(plan: AccountPlan) -> dict[str, str]:
    of_plans = (slot.slot for slot in plan.slots if slot.slot.strategy == catalogue.PLAN)
    return {slot.instrument: slot.timeframe for slot in of_plans}
