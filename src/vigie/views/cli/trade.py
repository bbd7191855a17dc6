"""`vigie trade`: a run file traded on paper, in demo or live; and what a person says to the account meanwhile."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from vigie.domain.errors import Conflict, StorageError
from vigie.views.cli.common_options import AsJson
from vigie.views.cli.trade_closing import flatten_account, lease_holder, set_trading_state
from vigie.views.cli.trade_lift import lift
from vigie.views.cli.trade_status import print_status
from vigie.views.cli.trade_venue import exchange_of
from vigie.views.cli.trade_venue import open_plan_venue as _venue
from vigie.views.cli.trade_venue import plan_key as _key

if TYPE_CHECKING:
    from vigie.data.live_feed_venue import VenueMarket
    from vigie.domain.ids import SeriesId
    from vigie.domain.order import Lease, TradeMode
    from vigie.services.app_context import AppContext
    from vigie.services.runs.backtest_request import BacktestRequest
    from vigie.services.trading.account_plans.account_plan import AccountPlan
    from vigie.views.cli.part_runtime import PartRuntime
    from vigie.wiring.trader import TraderContext

app = typer.Typer(no_args_is_help=True, help="Trade a run file: paper trading, demo or live.")

Account = Annotated[str, typer.Option("--account", help="Name of the account.")]

Url = Annotated[
    str | None,
    typer.Option(
        "--url", help="Address to use instead of the venue's own, for "
            "example that of `vigie sandbox exchange`.", show_default=False
    ),
]  # fmt: skip
Why = Annotated[str, typer.Option("--why", help="Recorded in the audit log.")]


def _say(text: str) -> None:
    typer.echo(text)


@app.command()
def run(
    config: Annotated[Path, typer.Argument(help="Run file (TOML), as for `vigie backtest`.")],
    mode: Annotated[
        Literal["paper", "demo", "live"] | None,
        typer.Option("--mode", help="paper, demo or live; default: the run file's.", show_default=False),
    ] = None,
    account: Account = "main",
    new_run: Annotated[
        bool, typer.Option("--new-run", help="Start a new run, with the run file's capital and plan.")
    ] = False,
    url: Url = None,
    confirm: Annotated[
        str,
        typer.Option(
            "--confirm", help="Confirmation text for trading real money, when there is no terminal to ask in."
        ),
    ] = "",
    user: Annotated[
        str,
        typer.Option(
            "--user", help="Owner of a new account; default: the local owner or the only administrator."
        ),
    ] = "",
) -> None:
    """Trade a run file until Ctrl-C. Run it again to resume at the same point, even after a crash.

    Paper trading uses the prices and bars that `vigie up` or `vigie collect`
    collects, and fills stops and targets on finer bars (the file's detail, or
    else the finest that are streamed). Demo and live fetch their own prices from
    the venue. Every event is one line. Exit codes: 0 stopped, 1 failed, 2
    refused.

    Example: vigie trade run my.toml --mode paper --account main
    """
    import asyncio

    from vigie.adapters.private_memory import make_private
    from vigie.ports.health import part_name
    from vigie.run_file import read_run_file
    from vigie.views.cli.part_runtime import run_part
    from vigie.wiring.trader import open_trader_context, reserve_warning

    # Other parts run as the same user and must not read the venue's key from this process.
    make_private()
    file = read_run_file(config).venue
    with run_part(part_name(account)) as runtime:
        trader = open_trader_context(exchange_of(file.id), url=url)
        if warning := reserve_warning():
            runtime.say(warning)
        asyncio.run(
            _run(trader, config, mode or file.mode, account, confirm, runtime, user=user, is_new=new_run)
        )


async def _run(
    trader: TraderContext,
    config: Path,
    mode: TradeMode,
    account: str,
    confirm: str,
    runtime: PartRuntime,
    *,
    user: str,
    is_new: bool,
) -> None:
    from vigie.services.needs import provide
    from vigie.services.runs import request_builder
    from vigie.services.trading.account_plans import detail_timeframe, modes, planning
    from vigie.services.trading.account_plans.trading_stores import TradingStores
    from vigie.services.trading.accounts.account_status import resolve_owner
    from vigie.services.trading.process import startup, trading

    app_context = trader.app_context
    owner = resolve_owner(app_context.accounts, app_context.trades, account, user)
    request = request_builder.build_request(
        app_context.data, config=config, own_strategies=app_context.results.strategies
    )
    planning.check_request(request)
    if mode == "live":
        confirmation = confirm or _prompt_words(modes.words_to_type(account))
        switches = modes.LiveSwitches(trader.allows_live, confirmation, app_context.is_simulated)
        modes.check_switches(switches, account)
        # Paper has been traded here, so its bars are here: nothing is asked before all switches are on.
        plan = planning.make_plan(provide(app_context, TradingStores), request, account=account, mode=mode)
        modes.check_paper_days(app_context.audit, app_context.trades, owner, plan)
    series = planning.series_of(request)
    fine_series = detail_timeframe.list_detail_series(series, request.detail) if mode == "paper" else []
    async with _market(trader, series, mode, fine_series) as market:
        if market is not None:
            _say(f"fetching history and rules from {market.series[0].venue}")
            await startup.fetch_market_data(app_context.data, market)
        stores = provide(app_context, TradingStores)
        plan = planning.make_plan(stores, request, account=account, mode=mode)
        if trading.check_run(stores, plan, owner, is_new=is_new, detail=request.detail) is None:
            # What an account holds already is led to its end; the gateway enters nothing more.
            trader.caps.check(plan_slot.slot for plan_slot in plan.slots)
        startup.warm_up(startup.load_judge(stores, plan), plan)
        await _trade(trader, plan, request, market, runtime, owner, is_new=is_new)


@asynccontextmanager
async def _market(
    trader: TraderContext, series: Sequence[SeriesId], mode: TradeMode, finer: Sequence[SeriesId]
) -> AsyncIterator[VenueMarket | None]:
    """Open what gathers prices; None where the collector does."""
    from vigie.wiring.trader import open_market

    if mode == "paper" and not trader.collects_prices:
        yield None
        return
    market, close = open_market(trader, series, _say, finer)
    try:
        yield market
    finally:
        await close()


def _prompt_words(words: str) -> str:
    import sys

    return str(typer.prompt(f"Type {words!r}")) if sys.stdin.isatty() else ""


async def _trade(
    trader: TraderContext,
    plan: AccountPlan,
    request: BacktestRequest,
    market: VenueMarket | None,
    runtime: PartRuntime,
    owner: str,
    *,
    is_new: bool,
) -> None:
    from vigie.services.needs import provide
    from vigie.services.trading.account_plans.account_plan import load_plan
    from vigie.services.trading.account_plans.trading_stores import TradingStores
    from vigie.services.trading.limits import carried_limits as limits
    from vigie.services.trading.process import startup, trading
    from vigie.views.cli.part_runtime import end_event
    from vigie.wiring.trader import open_lease_mark

    app_context, clock, stop = trader.app_context, trader.clock, end_event()
    stores = provide(app_context, TradingStores)
    mark = open_lease_mark(app_context, plan.account)
    lease = await trading.acquire_lease(
        stores.trades, plan.account, lease_holder(), clock, runtime.say, mark.is_dead
    )
    with _releasing_lease(app_context, lease), mark.hold(lease):
        if is_new:
            await _check_nothing_open(trader, plan, lease, runtime)
        key = _key(plan)
        venue, money = _venue(plan, clock, trader.url, key), "" if key is None else key.fingerprint
        try:
            # Asked again: whoever traded it until now may have entered something, or begun the account.
            known_run = trading.check_run(stores, plan, owner, is_new=is_new, detail=request.detail)
            if known_run is not None:
                plan = load_plan(stores.results, known_run.id)
            elif venue is not None:
                await startup.check_funds(venue, plan)
                levels = await startup.read_fee_levels(venue, plan)
                plan = startup.with_account_fees(plan, request, levels)
                for line in startup.describe_other_fees(plan, levels):
                    runtime.say(line)
            # The venue was asked meanwhile: whoever lost the right to trade puts no run in the place of another's.
            lease = stores.trades.keep(lease, for_s=trading.LEASE_S)
            if known_run is None:
                carried = await limits.carry_to_new_run(stores, plan, money, venue, runtime.say)
                run_ = trading.begin_run(stores, plan, owner, carried, money)
            else:
                run_ = known_run
                known = limits.carry_to_known_run(stores, known_run, plan, money, runtime.say)
                limits.write_carried_limits(stores.trades, lease, known_run, money, known)
            slots = f"{len(plan.slots)} slots"
            summary = f"{plan.account} trades {slots} on {plan.venue}, {plan.mode.upper()}, run {run_.id}"
            if plan.mode == "paper":
                trigger_bars = f"bars of {plan.detail}" if plan.detail else "the slots' own bars"
                runtime.say(f"stops and targets are filled on {trigger_bars}")
            runtime.say(f"ready: {summary}")
            job = trading.TradeJob(stores, run_, plan, lease, clock, venue, market, trader.speed)
            async with runtime.heartbeat.keep_beating():
                await trading.trade(job, runtime.say, stop, runtime.heartbeat.attach_status)
        finally:
            if venue is not None:
                await venue.close()
    runtime.say("stopped; positions keep their stops; run the same command to resume")


@contextmanager
def _releasing_lease(app_context: AppContext, lease: Lease) -> Iterator[None]:
    """Give the right to trade back whatever happens: who is refused keeps nobody from what the refusal asks for."""
    try:
        yield
    finally:
        # A right that cannot be given back ends by itself.
        with suppress(Conflict, StorageError):
            app_context.trades.leave(lease)


async def _check_nothing_open(
    trader: TraderContext, plan: AccountPlan, lease: Lease, runtime: PartRuntime
) -> None:
    """Ask the venue of the run before what became of what it left open: a new run knows nothing of that."""
    from vigie.services.trading.account_plans.account_plan import load_plan
    from vigie.services.trading.process.unbooked_orders import check_no_unbooked, find_unbooked

    app_context = trader.app_context
    open_orders = find_unbooked(app_context.trades, plan.account)
    if open_orders is None:
        return
    previous_plan = load_plan(app_context.results, open_orders[0].id)
    is_same = exchange_of(previous_plan.venue) == exchange_of(plan.venue)
    venue = _venue(previous_plan, trader.clock, trader.url if is_same else None)
    if venue is None:
        return
    try:
        await check_no_unbooked(app_context.trades, lease, venue, trader.clock, runtime.say)
    finally:
        await venue.close()


@app.command()
def status(account: Account = "main", as_json: AsJson = False) -> None:
    """Show an account: state, equity, positions, open orders and what needs attention.

    Example: vigie trade status --account main
    """
    from vigie.services.needs import provide
    from vigie.services.trading.accounts.account_status import (
        AccountStatusSources,
        get_account_status,
        resolve_owner,
    )
    from vigie.wiring.app_context import open_app_context

    app_context = open_app_context()
    status_values = get_account_status(
        provide(app_context, AccountStatusSources),
        account,
        resolve_owner(app_context.accounts, app_context.trades, account),
    )
    if as_json:
        typer.echo(json.dumps(status_values, indent=1))
        return
    print_status(status_values)


@app.command()
def stop(account: Account = "main", why: Why = "by hand") -> None:
    """Stop entries of an account; open positions are managed until they close. Works whichever process trades it.

    Example: vigie trade stop --account main
    """
    from vigie.wiring.app_context import open_app_context

    set_trading_state(open_app_context(), account, "reducing", why)
    _say(f"{account}: entries stopped; positions keep their stops and targets")


@app.command()
def resume(account: Account = "main", why: Why = "by hand") -> None:
    """Resume entries of an account that was stopped or flattened.

    Example: vigie trade resume --account main
    """
    from vigie.wiring.app_context import open_app_context

    set_trading_state(open_app_context(), account, "active", why)
    _say(f"{account}: entries resumed; if it is not running: vigie trade run CONFIG --account {account}")


app.command()(lift)


@app.command("export")
def export_(
    folder: Annotated[Path, typer.Argument(help="Output folder; files with the same names are replaced.")],
    account: Account = "main",
) -> None:
    """Export an account as JSON Lines files: orders_sent.jsonl, events.jsonl, health_beats.jsonl.

    Example: vigie trade export main-files --account main
    """
    from vigie.services.trading.accounts.account_status import find_run, resolve_owner
    from vigie.services.trading.log.exporting import export
    from vigie.wiring.app_context import open_app_context

    app_context = open_app_context()
    for name, lines in export(
        app_context.results,
        app_context.audit,
        app_context.trades,
        find_run(
            app_context.trades, account, resolve_owner(app_context.accounts, app_context.trades, account)
        ),
        folder,
    ).items():
        _say(f"{folder / name}: {lines} lines")


@app.command()
def flatten(account: Account = "main", why: Why = "by hand", url: Url = None) -> None:
    """Close all positions at market price now and stop entries, even if the trading process is dead.

    This command takes over the right to trade; the process that had it ends. On a
    full disk, it uses space reserved when trading started. Without any, it closes
    positions at the venue before writing anything.

    Example: vigie trade flatten --account main
    """
    flatten_account(account, why, url, _say)
