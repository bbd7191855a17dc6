"""`vigie trade flatten`, and what commands of `vigie trade` share: who trades, and in which state an account is."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from typing import TYPE_CHECKING, TypeAlias

from vigie.domain.errors import StorageError
from vigie.views.cli.trade_venue import exchange_of, open_plan_venue

if TYPE_CHECKING:
    from vigie.domain.order import TradeRun, TradingState
    from vigie.services.app_context import AppContext

Say: TypeAlias = Callable[[str], None]


def lease_holder() -> str:
    """Return the word under which this process holds the right to trade."""
    return f"trade@{socket.gethostname()}:{os.getpid()}"


def flatten_account(account: str, why: str, url: str | None, say: Say) -> None:
    """Close every position of an account: written ahead, or at the venue alone where nothing can be written."""
    from vigie.wiring.trader import use_disk_reserve

    try:
        use_disk_reserve(lambda: _flatten(account, why, url, say))
    except StorageError as fault:
        _flatten_unwritten(account, url, fault, say)


def _flatten_unwritten(account: str, url: str | None, fault: StorageError, say: Say) -> None:
    import asyncio

    from vigie.domain.order import Lease
    from vigie.services.needs import provide
    from vigie.services.trading.account_plans.account_plan import load_plan
    from vigie.services.trading.account_plans.trading_stores import TradingStores
    from vigie.services.trading.accounts.account_status import find_run, resolve_owner
    from vigie.services.trading.flattening.flattening_unwritten import flatten_unwritten
    from vigie.services.trading.process.trading import TradeJob
    from vigie.wiring.app_context import open_app_context
    from vigie.wiring.trader import open_trader_context

    owner_context = open_app_context()
    run_ = find_run(
        owner_context.trades, account, resolve_owner(owner_context.accounts, owner_context.trades, account)
    )
    trader = open_trader_context(exchange_of(run_.venue), url=url)
    app_context, clock = trader.app_context, trader.clock
    plan = load_plan(app_context.results, run_.id)
    say(f"nothing can be written ({fault}); closing positions at the venue anyway")

    async def close_positions() -> int:
        venue = open_plan_venue(plan, clock, trader.url)
        try:
            # Nobody's: a right to trade cannot be taken without being written.
            job = TradeJob(
                provide(app_context, TradingStores), run_, plan, Lease(account, "", 0, 0), clock, venue
            )
            return await flatten_unwritten(job, say)
        finally:
            if venue is not None:
                await venue.close()

    count = asyncio.run(close_positions())
    state = app_context.trades.state(account)
    say(f"positions of {account} closed at {run_.venue}: {count}; not recorded yet, {account} is {state}")
    say(
        f"free some space, then run `vigie trade flatten --account {account}` again to record them and "
        "stop entries. A process that trades the account resumes by itself once it can write"
    )


def _flatten(account: str, why: str, url: str | None, say: Say) -> None:
    import asyncio

    from vigie.services.needs import provide
    from vigie.services.trading.account_plans.account_plan import load_plan
    from vigie.services.trading.account_plans.trading_stores import TradingStores
    from vigie.services.trading.flattening.flattening import flatten
    from vigie.services.trading.process.trading import LEASE_S, TradeJob
    from vigie.wiring.app_context import open_app_context
    from vigie.wiring.trader import open_trader_context

    run_ = set_trading_state(open_app_context(), account, "flat", why)
    trader = open_trader_context(exchange_of(run_.venue), url=url)
    app_context, clock = trader.app_context, trader.clock
    plan = load_plan(app_context.results, run_.id)

    async def close_positions() -> int:
        venue = open_plan_venue(plan, clock, trader.url)
        lease = app_context.trades.take(account, lease_holder(), for_s=LEASE_S, by_force=True)
        try:
            return await flatten(
                TradeJob(provide(app_context, TradingStores), run_, plan, lease, clock, venue), say
            )
        finally:
            app_context.trades.leave(lease)
            if venue is not None:
                await venue.close()

    count = asyncio.run(close_positions())
    say(f"{account} is flat, {count} positions closed; vigie trade resume resumes entries")


def set_trading_state(app_context: AppContext, account: str, state: TradingState, why: str) -> TradeRun:
    """Set the trading state of an account, whoever trades it; return its run."""
    from vigie.domain.person import OWNER
    from vigie.services.trading.accounts.account_status import find_traded_run, resolve_owner

    trade_run = find_traded_run(
        app_context.trades, account, resolve_owner(app_context.accounts, app_context.trades, account)
    )
    app_context.trades.request_state(account, state, by=OWNER.user, why=why)
    return trade_run
