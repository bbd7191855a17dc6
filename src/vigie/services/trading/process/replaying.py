"""An account's past, decided afterwards on stored bars by what trades on paper; killed at any point, it goes on.

A replay is a run of its own: the live run after it starts without its positions and losses, no alert is sent for it,
and it never counts towards a track record.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from vigie.data.past_feed import PastClock, PastFeed
from vigie.domain.errors import UsageError
from vigie.domain.order import Lease, TradeRun
from vigie.domain.time import DAY_MS
from vigie.engine.live.paper.paper_venue import PaperVenue
from vigie.engine.live.trader import Trader, TraderConfig
from vigie.ports.clock import PatientClock
from vigie.services.runs.backtest_request import BacktestRequest
from vigie.services.trading.account_plans.account_plan import load_plan
from vigie.services.trading.account_plans.planning import make_plan
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.services.trading.gateway.gateway import Gateway
from vigie.services.trading.log.event_log import EventLog
from vigie.services.trading.log.replay_cache import load_event_log, save_replay
from vigie.services.trading.process.decided_histories import DecidedHistories
from vigie.services.trading.process.lease_acquisition import LEASE_S
from vigie.services.trading.process.startup import load_judge
from vigie.services.trading.process.trading import begin_run

# Its orders are never late: nobody waits for the market.
_NEVER_LATE_S: Final = 1e9
Say = Callable[[str], None]


def begin_replay(
    stores: TradingStores, request: BacktestRequest, *, account: str, owner: str, days: int
) -> TradeRun:
    """Begin to replay the days before the last 00:00 UTC; one that was begun goes on.

    Who calls it holds the right to trade the account, so that nobody else begins a run of it meanwhile.

    Raises
    ------
    UsageError
        If the account is traded already, or nothing is stored of that time.
    """
    run = stores.trades.run(account)
    if run is not None and run.is_replayed:
        return run
    if run is not None:
        raise UsageError(
            "account_has_traded_already",
            "account {account} has traded already; its past is not replayed",
            account=account,
        )
    until = stores.clock.market_now() // DAY_MS * DAY_MS
    plan = make_plan(stores, request, account=account, mode="paper", past=(until - days * DAY_MS, until))
    return begin_run(stores, plan, owner)


async def replay(
    stores: TradingStores, run: TradeRun, lease: Lease, clock: PatientClock, say: Say
) -> EventLog:
    """Trade a replay to its end and return what its log says.

    Raises
    ------
    Conflict
        If another process took the right to trade the account.
    UsageError
        If bars are missing at its end.
    """
    plan = load_plan(stores.results, run.id)
    histories = DecidedHistories(stores, plan, run, say)
    feed = PastFeed(
        plan.series, plan.begun, plan.until, stores.data.bars, stores.facts, on_bars=histories.take_bars
    )
    past, days = PastClock(clock, feed), PastClock(clock, feed, is_wall_past=True)
    fold = load_event_log(stores.results, stores.trades, run).replay
    slots = plan.live_slots()
    gateway = Gateway(stores.trades, run.account, lambda: feed.stale, days)
    config = TraderConfig(
        run, slots, plan.protections, load_judge(stores, plan, histories), gateway.vetoes,
        lease_s=LEASE_S, entry_age_s=_NEVER_LATE_S, replay=fold,
    )  # fmt: skip
    paper = PaperVenue(run, slots, feed, stores.trades, past, fold)
    await Trader(config, stores.trades, paper, paper, past, lease).trade()
    event_log = load_event_log(stores.results, stores.trades, run)
    save_replay(stores.results, stores.trades, run, event_log)
    return event_log
