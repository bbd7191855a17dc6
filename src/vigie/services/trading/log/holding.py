"""What an account holds or is about to hold: whoever decides its exit must not be taken away meanwhile."""

from __future__ import annotations

from vigie.ports.home import ResultsHome
from vigie.ports.tradebook import TradeBook
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.log.event_log import EventLog
from vigie.services.trading.log.replay_cache import load_event_log


def find_held(results: ResultsHome, trades: TradeBook, account: str) -> EventLog | None:
    """Return the log of an account that holds a position, or has an order under way; None where it is flat."""
    run = trades.run(account)
    if run is None or run.is_replayed:
        return None
    # Before its log: an order that is filled between the two is in the log by then.
    has_orders = bool(trades.intents(run.id, open_only=True))
    event_log = load_event_log(results, trades, run)
    return event_log if has_orders or event_log.open_slots else None


def list_holders(results: ResultsHome, trades: TradeBook, strategy: str) -> list[str]:
    """Return the accounts that hold something and trade a strategy: without its file none of them could go on."""
    return [
        run.account
        for run in trades.accounts()
        if strategy in {plan_slot.slot.strategy for plan_slot in load_plan(results, run.id).slots}
        and find_held(results, trades, run.account) is not None
    ]
