"""The gateway's rules asked before there is an order: the same code, of what is known of the account now.

What only the moment of the order shows is left to that moment: whether its bar is missed or its first price is known,
how late it is, and what the book holds then.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from typing import Final

from vigie.data.stores import DataStores
from vigie.domain import codes
from vigie.domain.order import TradeRun
from vigie.domain.order_caps import OrderCaps
from vigie.domain.time import DAY_MS
from vigie.engine.live.entry_room import LimitRoom, alone_room, count_room
from vigie.engine.live.fold.account import LiveAccount
from vigie.engine.live.fold.steps import EntryVeto
from vigie.ports.accounts import UserStore
from vigie.ports.feed import MarketInstant
from vigie.ports.health import HomeHealth
from vigie.ports.quotes import QuoteStore
from vigie.ports.tradebook import TradeBook
from vigie.services.trading.account_plans.account_plan import AccountPlan
from vigie.services.trading.gateway.caps import count_cancelled, list_entry_times
from vigie.services.trading.gateway.entry_rules import (
    ORDERS_A_DAY,
    ORDERS_HERE,
    ORDERS_UNDER_WAY,
    RULES,
    SHARE_OF_MINUTE,
    TRADES_A_DAY,
    MarketSnapshot,
)
from vigie.services.trading.gateway.gateway import Gateway
from vigie.services.trading.gateway.market_snapshot import MarketReader, measure_volumes
from vigie.services.trading.gateway.overrides import load_overrides
from vigie.services.trading.gateway.told_market import ToldMarket, read_told_market

OF_THE_MOMENT: Final = frozenset(
    (codes.MISSED_BAR, codes.STALE_DATA, codes.SIGNAL_AGE, codes.DEPTH, codes.SLIPPAGE)
)
PREVIEWED: Final = tuple(rule for rule in RULES if rule.code not in OF_THE_MOMENT)
_Snapshot = Callable[[str, int], MarketSnapshot | None]


@dataclass(frozen=True, slots=True)
class GatewaySources:
    """What the gateway of an account is asked with, outside of its process."""

    trades: TradeBook
    accounts: UserStore
    quotes: QuoteStore
    data: DataStores
    home_health: HomeHealth
    caps: OrderCaps


@dataclass(frozen=True, slots=True)
class EntryPreview:
    """Asks the gateway of entries that are only thought of; one that was asked leaves no trace.

    Attributes
    ----------
    gateway : Gateway
        With what is known now.
    snapshot : callable
        The present market, as the side that enters finds it.
    """

    gateway: Gateway
    snapshot: _Snapshot

    def find_vetoes(
        self, account: LiveAccount, entering: Sequence[int], instant: MarketInstant
    ) -> Sequence[EntryVeto]:
        """Return which of the entering slots are refused, each with the first reason."""
        prices = {series.rpartition("/")[0]: price for series, price in instant.opened}

        def read_market(instrument: str, side: int) -> MarketSnapshot | None:
            return _move(self.snapshot(instrument, side), prices.get(instrument))

        times = list(self.gateway.entry_times)
        return replace(self.gateway, read_market=read_market, entry_times=times).vetoes(
            account, entering, instant
        )

    def list_rooms(self, account: LiveAccount, number: int, price: float, now: int) -> tuple[LimitRoom, ...]:
        """Return what the gateway's own limits leave for an entry of a slot.

        Parameters
        ----------
        account : LiveAccount
            At the close at which the entry is decided, before it enters.
        price : float
            Of that close.
        now : int
            Of the close, epoch milliseconds.
        """
        gateway, instrument = self.gateway, account.slots[number].id.instrument
        opened = list(gateway.open_instruments())
        trades = int((account.trades["exit_ts"] >= now // DAY_MS * DAY_MS).sum())
        rooms = [
            count_room("entries_a_day", ORDERS_A_DAY, len(gateway.entry_times)),
            count_room("trades_a_day", TRADES_A_DAY, trades),
            count_room("open_orders", ORDERS_UNDER_WAY, len(opened)),
            count_room("instrument_orders", ORDERS_HERE, opened.count(instrument)),
        ]
        most_orders = gateway.caps.max_run_orders
        if most_orders is not None:
            rooms.append(count_room("run_orders", most_orders, gateway.count_run_orders()))
        volume = gateway.minute_volume(instrument) if gateway.is_real else None
        if volume is not None and math.isfinite(volume):
            most = SHARE_OF_MINUTE * volume
            rooms.append(alone_room("order_volume", most * price, most))
        return (*rooms, *gateway.overrides().list_rooms(account, number, now))


def entry_preview(
    sources: GatewaySources, run: TradeRun, plan: AccountPlan, *, is_running: bool
) -> EntryPreview:
    """Return what asks an account's gateway now; of one that does not run, what does not depend on its venue.

    Parameters
    ----------
    plan : AccountPlan
        What the run trades by.
    """
    clock = sources.data.clock
    now = clock.wall_now()
    is_real = run.mode != "paper" and is_running
    # What a process that is gone told last is not so any more.
    told = read_told_market(sources.home_health, run.account) if is_real else ToldMarket()
    volumes = measure_volumes(sources.data.bars, plan.series, clock) if is_real else {}
    reader = MarketReader(plan.venue, sources.quotes, clock, clock.market_speed, has_index=is_real)
    overrides = load_overrides(sources.accounts, run)
    open_orders = [known.intent.instrument for known in sources.trades.intents(run.id, open_only=True)]
    cancelled = count_cancelled(sources.trades, run, now // DAY_MS * DAY_MS)
    run_orders = sources.trades.count_intents(run.id)
    gateway = Gateway(
        sources.trades,
        run.account,
        frozenset,
        clock,
        overrides=lambda: overrides,
        drift_s=lambda: told.drift_s if told.is_told else 0.0,
        speed=clock.market_speed,
        is_real=is_real,
        entry_times=list_entry_times(sources.trades, clock, run),
        phase=told.phase,
        minute_volume=volumes.get,
        open_instruments=lambda: open_orders,
        count_cancelled=lambda _: cancelled,
        count_run_orders=lambda: run_orders,
        caps=sources.caps,
        rules=PREVIEWED,
    )
    return EntryPreview(gateway, cache(reader.snapshot))


def _move(market: MarketSnapshot | None, price: float | None) -> MarketSnapshot | None:
    """Return a market as it would be at the price of an entry: a plan enters once the market is there."""
    if market is None or not price or not market.last > 0.0:
        return market
    factor = price / market.last

    def moved(value: float | None) -> float | None:
        return None if value is None else value * factor

    return replace(
        market, last=price, bid=moved(market.bid), ask=moved(market.ask), reference=moved(market.reference)
    )
