"""One process that trades one account: its run, its right to trade, its venue, and what it says meanwhile."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any, Final

from vigie.data.live_feed import MarketStores, StoredFeed
from vigie.data.live_feed_venue import VenueMarket
from vigie.domain.errors import Conflict, StorageError, TransientError, VigieError
from vigie.domain.ids import SeriesId
from vigie.domain.order import Lease, TradeRun
from vigie.domain.order_caps import OrderCaps
from vigie.engine.live.paper.paper_venue import PaperVenue
from vigie.engine.live.trader import Trader, TraderConfig
from vigie.engine.live.waiting import Deadline, until_one_ends
from vigie.ports.clock import PatientClock
from vigie.ports.feed import FeedBar
from vigie.ports.listed_venue import ListedVenue
from vigie.services.learning.account_models import find_demoted
from vigie.services.trading.account_plans.account_plan import AccountPlan
from vigie.services.trading.account_plans.downtime import DowntimeRecorder
from vigie.services.trading.account_plans.trading_stores import TradingStores
from vigie.services.trading.gateway.caps import count_cancelled, list_entry_times
from vigie.services.trading.gateway.gateway import Gateway
from vigie.services.trading.gateway.market_snapshot import ClockDriftMonitor, MarketReader, MinuteVolumes
from vigie.services.trading.gateway.overrides import load_overrides
from vigie.services.trading.log.event_reporting import report_events
from vigie.services.trading.log.replay_cache import load_event_log
from vigie.services.trading.process.beginning import begin_run as begin_run
from vigie.services.trading.process.beginning import check_run as check_run
from vigie.services.trading.process.decided_histories import DecidedHistories, read_features
from vigie.services.trading.process.fees import FeeMonitor
from vigie.services.trading.process.graceful_stop import GracefulStop
from vigie.services.trading.process.lease_acquisition import LEASE_S as LEASE_S
from vigie.services.trading.process.lease_acquisition import acquire_lease as acquire_lease
from vigie.services.trading.process.listings import ListingMonitor, longest_spans, telling
from vigie.services.trading.process.startup import (
    WaitCallbacks,
    load_pinned_strategies,
    make_judge,
    wait_until_set_up,
)
from vigie.services.trading.process.venue_rules import VenueRules
from vigie.trading.loaded_strategy import Strategy

# Between two beginnings where each fails at once.
_LONGEST_S: Final = 60.0
Say = Callable[[str], None]
_Work = Callable[[], Coroutine[Any, Any, None]]
Show = Callable[[Callable[[], Mapping[str, int]]], None]


@dataclass(frozen=True, slots=True)
class TradeJob:
    """An account that is about to be traded.

    Attributes
    ----------
    venue : ListedVenue or None
        None on paper.
    market : VenueMarket or None
        Gathers prices meanwhile; None where the collector does.
    speed : callable
        Gives the seconds of the market in one on the wall.
    caps : OrderCaps
        What the settings let accounts order.
    until_change : callable or None
        Ends when this run makes room for another.
    strategies, read : sequence of Strategy, mapping or None
        One a slot, and the features that they read by series. `trade` reads them once: whoever begins anew decides by
        what was loaded, whatever the files are by then.
    """

    stores: TradingStores
    run: TradeRun
    plan: AccountPlan
    lease: Lease
    clock: PatientClock
    venue: ListedVenue | None = None
    market: VenueMarket | None = None
    speed: Callable[[], float] = lambda: 1.0
    caps: OrderCaps = field(default_factory=OrderCaps)
    until_change: _Work | None = None
    strategies: Sequence[Strategy] = ()
    read: Mapping[SeriesId, tuple[str, ...]] | None = None


async def trade(job: TradeJob, say: Say, stop: asyncio.Event, show: Show = lambda standing: None) -> None:
    """Trade until told to stop or to make room for a change; killed, the next process goes on where this one was.

    Where nothing can be written any more, nothing is entered: positions are guarded until it can, and the account is
    taken up from its log, as by a process that comes back. A venue that is too busy for that is waited for as well.

    Parameters
    ----------
    show : callable
        Given what says how the account stands at the venue, before anything is traded.
    """
    try:
        # Features first: of a file that changes meanwhile the strategy is another one than the plan pins.
        read = read_features(job.stores.results, job.plan)
        job = replace(job, read=read, strategies=load_pinned_strategies(job.stores, job.plan))
        least_s, trader = 0.0, None
        while True:
            soon = Deadline(job.clock, _LONGEST_S + least_s)
            trader = await _trade_until_fault(job, say, stop, show, _PreviousAttempt(trader, least_s))
            if trader is None:
                return
            say("the book can be written again: the account is taken up from its log")
            # What fails again and again is tried ever later: each beginning asks the venue.
            least_s = 0.0 if soon.is_over() else min(2 * least_s + 1.0, _LONGEST_S)
    except (Conflict, StorageError):
        # Somebody else trades the account, and says so; or nothing can be written.
        raise
    except VigieError as fault:
        why = {"why": str(fault)}
        with suppress(StorageError):
            job.stores.audit.append("trade.ended", actor=job.run.owner, subject=job.run.account, text=why)
        raise
    finally:
        # A right that cannot be given back ends by itself.
        with suppress(Conflict, StorageError):
            job.stores.trades.leave(job.lease)


@dataclass(frozen=True, slots=True)
class _PreviousAttempt:
    """What a beginning comes after: who traded until then, and how long is held out at least where it fails."""

    trader: Trader | None
    least_s: float


async def _trade_until_fault(
    job: TradeJob, say: Say, stop: asyncio.Event, show: Show, previous: _PreviousAttempt
) -> Trader | None:
    """Trade until told to stop, or return who held out until what could not be written for a while could be."""
    trader, least_s = previous.trader, previous.least_s
    starting = _start_trader(job, say, stop, is_first=trader is None)
    why: VigieError
    try:
        fresh, works = await (starting if trader is None else trader.guard_while(starting, say))
        trader = fresh
        show(fresh.standing)
        ending = GracefulStop(job.stores.trades, job.run, job.venue, job.clock)
        works += [*([] if job.until_change is None else [job.until_change]), fresh.trade]
        await until_one_ends([*(work() for work in works), ending.wait(stop)])
        return None
    except StorageError as fault:
        if trader is None:
            raise
        why, cure = fault, "trading resumes once this is fixed"
    except TransientError as fault:
        # What is held was guarded until now; at a first beginning that was stopped nothing is known yet that could be.
        if trader is None or trader is not previous.trader:
            raise
        why, cure = fault, "the account is taken up again once the venue answers"
        least_s = max(least_s, fault.after_s or 0.0)
        _record_busy(job, fault)
    say(f"nothing is entered, what is held is guarded, and {cure}: {why}")
    await until_one_ends([trader.guard_until_writable(say, least_s), stop.wait()])
    return None if stop.is_set() else trader


def _record_busy(job: TradeJob, fault: TransientError) -> None:
    """Write down that a venue does not let an account be taken up again."""
    text = {"why": str(fault), "account": job.run.account}
    with suppress(StorageError):
        job.stores.audit.append("trade.unanswered", actor=job.run.owner, subject=job.run.account, text=text)


async def _start_trader(
    job: TradeJob, say: Say, stop: asyncio.Event, *, is_first: bool
) -> tuple[Trader, list[_Work]]:
    """Return who trades an account from its log on, and what is done beside it."""
    home, plan = job.stores, job.plan
    stores = MarketStores(home.data.bars, home.quotes, home.facts)
    histories = DecidedHistories(home, plan, job.run, say, job.read)
    fold = load_event_log(home.results, home.trades, job.run).replay
    pushed = None if job.market is None else job.market.pushed
    if job.market is not None:
        histories.prepare()
        job.market.on_bar = histories.confirm
    feed = StoredFeed(
        plan.series, plan.begun, stores, job.clock, on_bars=_bar_listener(job, histories),
        settled_until=dict(fold.settled),
        pushed=pushed,
        detail=plan.detail,
        others=histories.others,
    )  # fmt: skip
    slots = plan.live_slots()
    drift_monitor = None if job.venue is None else ClockDriftMonitor(job.venue, job.clock, say)
    listings = _listing_monitor(job, say)
    rules = VenueRules(home.data, plan, job.clock, job.market is not None, job.speed, say)
    rules.read()
    market_reader = _market_reader(job)
    minute_volumes = MinuteVolumes(home.data.bars, plan.series, job.clock)
    judge = make_judge(job.strategies, plan, histories)
    histories.decide = judge.evaluate
    is_demoted = find_demoted(home.learned_models, job.strategies, plan.mode)
    gateway = replace(
        _gateway(job, feed, drift_monitor, listings, market_reader, minute_volumes), is_demoted=is_demoted
    )
    assignment = TraderConfig(
        job.run, slots, plan.protections, judge, gateway.vetoes, lease_s=LEASE_S,
        ending_instruments=frozenset if listings is None else listings.ending_instruments, replay=fold,
        rules=rules.newest,
        is_allowed=lambda slot: job.caps.allows(slot) and not is_demoted(slot.strategy),
        ask_rules=rules.ask, is_revised=histories.is_revised,
        tell=telling(listings, drift_monitor),
    )  # fmt: skip
    if job.venue is None:
        paper = PaperVenue(job.run, slots, feed, home.trades, job.clock, fold)
        assignment = replace(assignment, on_rules=paper.change_rules)
        feed.watched_series = paper.watched_series
        trader = Trader(assignment, home.trades, paper, paper, job.clock, job.lease)
    else:
        await wait_until_set_up(
            job.venue, plan, job.clock, stop, _wait_callbacks(job, say) if is_first else None
        )
        if listings is not None:
            await listings.check()
        await asyncio.to_thread(minute_volumes.measure)
        assignment = replace(assignment, last_price=market_reader.price, ledger=job.venue.ledger)
        trader = Trader(assignment, home.trades, job.venue, feed, job.clock, job.lease)
    works: list[_Work] = [_event_report(job, say), partial(histories.watch, job.clock), rules.run]
    works += [monitor.run for monitor in (job.market, drift_monitor, listings) if monitor is not None]
    if job.venue is not None:
        works += [
            minute_volumes.run,
            FeeMonitor(home.audit, home.trades, job.run, plan, job.venue, job.clock).watch,
        ]
    return trader, works


def _event_report(job: TradeJob, say: Say) -> _Work:
    home = job.stores
    return partial(
        report_events, home.results, home.audit, home.trades, home.is_simulated, job.run, job.clock, say
    )


def _wait_callbacks(job: TradeJob, say: Say) -> WaitCallbacks:
    """Return what is done while a venue lets nobody begin: nothing is known yet that could be guarded."""

    def tell(fault: TransientError) -> None:
        _record_busy(job, fault)
        say(f"nothing is traded until the venue answers: {fault}")

    return WaitCallbacks(lambda: job.stores.trades.keep(job.lease, for_s=LEASE_S), LEASE_S / 3, tell)


def _bar_listener(job: TradeJob, histories: DecidedHistories) -> Callable[[Sequence[FeedBar]], None]:
    absence = DowntimeRecorder(job.stores.audit, job.run, job.plan.series, job.clock)

    def hear(closed: Sequence[FeedBar]) -> None:
        absence.record(closed)
        histories.take_bars(closed)

    return hear


def _listing_monitor(job: TradeJob, say: Say) -> ListingMonitor | None:
    """Return what asks the venue which instruments it trades; a model trades them all."""
    if job.venue is None:
        return None
    return ListingMonitor(job.venue, longest_spans(job.plan.series), job.clock, job.speed, say)


def _market_reader(job: TradeJob) -> MarketReader:
    is_real = job.venue is not None
    books = job.market.books if job.market is not None and is_real else {}
    return MarketReader(job.plan.venue, job.stores.quotes, job.clock, job.speed, books, has_index=is_real)


def _gateway(
    job: TradeJob,
    feed: StoredFeed,
    drift_monitor: ClockDriftMonitor | None,
    listings: ListingMonitor | None,
    market_reader: MarketReader,
    minute_volumes: MinuteVolumes,
) -> Gateway:
    home, plan, is_real = job.stores, job.plan, job.venue is not None
    return Gateway(
        home.trades,
        plan.account,
        lambda: feed.stale,
        job.clock,
        lambda: load_overrides(home.accounts, home.trades.run(plan.account) or job.run),
        market_reader.snapshot,
        lambda: None if drift_monitor is None else drift_monitor.drift_s,
        job.speed,
        is_real,
        list_entry_times(home.trades, home.clock, job.run),
        (lambda _: "trading") if listings is None else listings.phase,
        minute_volumes.volume_of,
        lambda: [item.intent.instrument for item in home.trades.intents(job.run.id, open_only=True)],
        partial(count_cancelled, home.trades, job.run),
        lambda: home.trades.count_intents(job.run.id),
        job.caps,
    )
