"""The process that trades a run file: its run, and the runs that changed run files ask for, one after the other."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from vigie.domain.errors import Conflict, StorageError, UsageError, VigieError
from vigie.views.cli.trade_closing import lease_holder
from vigie.views.cli.trade_venue import exchange_of
from vigie.views.cli.trade_venue import open_plan_venue as _venue
from vigie.views.cli.trade_venue import plan_key as _key

if TYPE_CHECKING:
    import asyncio

    from vigie.data.live_feed_venue import VenueMarket
    from vigie.domain.ids import SeriesId
    from vigie.domain.order import Lease, TradeMode, TradeRun
    from vigie.domain.run_file_version import RunFileVersion
    from vigie.ports.listed_venue import ListedVenue
    from vigie.services.app_context import AppContext
    from vigie.services.runs.backtest_request import BacktestRequest
    from vigie.services.trading.account_plans.account_plan import AccountPlan
    from vigie.services.trading.account_plans.trading_stores import TradingStores
    from vigie.services.trading.run_files.taking_effect import ChangeWatch
    from vigie.views.cli.part_runtime import PartRuntime
    from vigie.wiring.trader import TraderContext


async def trade_file(
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
    """Trade a run file, and whatever it is changed to meanwhile, each as a run of its own, until told to stop.

    Parameters
    ----------
    confirm : str
        What was typed to confirm real money.
    user : str
        Name of the owner of a new account; empty for the local one.
    is_new : bool
        Whether a new run begins although the account has one.
    """
    from vigie.services.needs import provide
    from vigie.services.trading.accounts.account_status import resolve_owner
    from vigie.services.trading.run_files.taking_effect import ChangeWatch, RunFileStores

    app_context = trader.app_context
    owner = resolve_owner(app_context.accounts, app_context.trades, account, user)
    watch = ChangeWatch(
        provide(app_context, RunFileStores), account, owner, config.resolve(), trader.clock, mode != "live"
    )
    watch.settle()
    process = _Process(trader, runtime, config, account, mode, confirm, owner, watch)
    version = None if is_new else watch.due()
    while True:
        watch.has_ended = False
        try:
            await process.trade(version, is_new=is_new or version is not None)
        except VigieError as fault:
            run = app_context.trades.run(account)
            has_begun = version is None or (run is not None and run.id == version.run)
            if version is None or has_begun or isinstance(fault, Conflict):
                raise
            runtime.say(watch.handle_fault(version, fault))
        else:
            if not watch.has_ended:
                return
        is_new, version = False, watch.due()


@dataclass(slots=True)
class _Process:
    """A process that trades one account: how it was started, and what it has."""

    trader: TraderContext
    runtime: PartRuntime
    config: Path
    account: str
    mode: TradeMode
    confirm: str
    owner: str
    watch: ChangeWatch
    _stop: asyncio.Event | None = None

    async def trade(self, version: RunFileVersion | None, *, is_new: bool) -> None:
        """Trade what the run file says, or what a version of it says that takes effect now."""
        from vigie.services.needs import provide
        from vigie.services.runs import request_builder
        from vigie.services.trading.account_plans import detail_timeframe, planning
        from vigie.services.trading.account_plans.trading_stores import TradingStores
        from vigie.services.trading.process import beginning, startup, trading

        app_context = self.trader.app_context
        stores = provide(app_context, TradingStores)
        with self._telling_unmanaged(stores, version):
            if not is_new:
                beginning.refuse_other_files(stores, self.account)
            request = request_builder.build_request(
                app_context.data,
                config=self.config,
                text=None if version is None else version.after,
                own_strategies=app_context.results.strategies,
            )
            planning.check_request(request)
            if self.mode == "live":
                self._check_live(stores, request, is_new=is_new)
            series = planning.series_of(request)
            fine_series = (
                detail_timeframe.list_detail_series(series, request.detail) if self.mode == "paper" else []
            )
            beside = [*fine_series, *planning.other_series_of(request)]
        async with _market(self.trader, series, self.mode, beside) as market:
            if market is not None:
                typer.echo(f"fetching history and rules from {market.series[0].venue}")
                await startup.fetch_market_data(app_context.data, market)
            with self._telling_unmanaged(stores, version):
                plan = self._make_plan(stores, request, is_new=is_new)
                known_run = trading.check_run(stores, plan, self.owner, is_new=is_new, detail=request.detail)
                if known_run is None:
                    # What an account holds already is led to its end; the gateway enters nothing more.
                    self.trader.caps.check(plan_slot.slot for plan_slot in plan.slots)
            startup.warm_up(startup.load_judge(stores, plan), plan)
            await self._trade_plan(plan, request, market, version, is_new=is_new)

    @contextmanager
    def _telling_unmanaged(self, stores: TradingStores, version: RunFileVersion | None) -> Iterator[None]:
        """Where a start is refused, tell what the account holds meanwhile.

        A version that is refused ends nothing: the run before goes on, and tells it where that is refused in turn.
        """
        from vigie.services.trading.accounts.unmanaged import tell_unmanaged
        from vigie.wiring.trader import open_lease_mark

        try:
            yield
        except UsageError as fault:
            if version is not None:
                raise
            mark = open_lease_mark(self.trader.app_context, self.account)
            holder = stores.trades.holder(self.account)
            # A process that trades it meanwhile manages what it holds.
            if holder is None or mark.is_dead(holder):
                tell_unmanaged(stores, self.account, fault, self.runtime.say)
            raise

    def _make_plan(self, stores: TradingStores, request: BacktestRequest, *, is_new: bool) -> AccountPlan:
        from vigie.services.trading.account_plans import planning
        from vigie.services.trading.log.holding import find_held

        leads_on = not is_new and find_held(stores.results, stores.trades, self.account) is not None
        return planning.make_plan(stores, request, account=self.account, mode=self.mode, leads_on=leads_on)

    def _check_live(self, stores: TradingStores, request: BacktestRequest, *, is_new: bool) -> None:
        from vigie.services.trading.account_plans import modes

        app_context, account = self.trader.app_context, self.account
        confirmation = self.confirm or _prompt_words(modes.words_to_type(account))
        switches = modes.LiveSwitches(self.trader.allows_live, confirmation, app_context.is_simulated)
        modes.check_switches(switches, account)
        # Paper has been traded here, so its bars are here: nothing is asked before all switches are on.
        plan = self._make_plan(stores, request, is_new=is_new)
        modes.check_paper_days(app_context.audit, app_context.trades, self.owner, plan)

    async def _trade_plan(
        self,
        plan: AccountPlan,
        request: BacktestRequest,
        market: VenueMarket | None,
        version: RunFileVersion | None,
        *,
        is_new: bool,
    ) -> None:
        from vigie.services.needs import provide
        from vigie.services.trading.account_plans.trading_stores import TradingStores
        from vigie.services.trading.process import trading
        from vigie.views.cli.part_runtime import end_event
        from vigie.wiring.trader import open_lease_mark

        trader, runtime = self.trader, self.runtime
        # One for all runs of this process: whoever stops it between two of them is heard.
        stop = self._stop = self._stop or end_event()
        stores = provide(trader.app_context, TradingStores)
        mark = open_lease_mark(trader.app_context, plan.account)
        lease = await trading.acquire_lease(
            stores.trades, plan.account, lease_holder(), trader.clock, runtime.say, mark.is_dead
        )
        with _releasing_lease(trader.app_context, lease), mark.hold(lease):
            if is_new:
                await _check_nothing_open(trader, plan, lease, runtime)
            key = _key(plan)
            money = "" if key is None else key.fingerprint
            venue = _venue(plan, trader.clock, trader.url, key)
            try:
                begun = await self._begin(stores, plan, request, lease, venue, money, version, is_new=is_new)
                if begun is None:
                    return
                run, plan, lease = begun
                self._tell_ready(run, plan)
                job = trading.TradeJob(
                    stores, run, plan, lease, trader.clock, venue, market, trader.speed,
                    until_change=self.watch.until_due,
                )  # fmt: skip
                async with runtime.heartbeat.keep_beating():
                    await trading.trade(job, runtime.say, stop, runtime.heartbeat.attach_status)
            finally:
                if venue is not None:
                    await venue.close()
        if self.watch.has_ended:
            runtime.say("this run ends: the account is flat, and its changed run file takes effect")
        else:
            runtime.say("stopped; positions keep their stops; run the same command to resume")

    async def _begin(
        self,
        stores: TradingStores,
        plan: AccountPlan,
        request: BacktestRequest,
        lease: Lease,
        venue: ListedVenue | None,
        money: str,
        version: RunFileVersion | None,
        *,
        is_new: bool,
    ) -> tuple[TradeRun, AccountPlan, Lease] | None:
        """Go on with the account's run, or begin one; None where the version was withdrawn meanwhile."""
        from vigie.services.random_tokens import random_token
        from vigie.services.trading.account_plans.account_plan import load_plan
        from vigie.services.trading.limits import carried_limits as limits
        from vigie.services.trading.process import startup, trading
        from vigie.services.trading.run_files.account_files import note_source

        say, watch = self.runtime.say, self.watch
        # Asked again: whoever traded it until now may have entered something, or begun the account.
        known_run = trading.check_run(stores, plan, self.owner, is_new=is_new, detail=request.detail)
        if known_run is not None:
            plan = load_plan(stores.results, known_run.id)
        elif venue is not None:
            await startup.check_funds(venue, plan)
            levels = await startup.read_fee_levels(venue, plan)
            plan = startup.with_account_fees(plan, request, levels)
            for line in startup.describe_other_fees(plan, levels):
                say(line)
        # The venue was asked meanwhile: whoever lost the right to trade puts no run in the place of another's.
        lease = stores.trades.keep(lease, for_s=trading.LEASE_S)
        if known_run is not None:
            known = limits.carry_to_known_run(stores, known_run, plan, money, say)
            limits.write_carried_limits(stores.trades, lease, known_run, money, known)
            # Only pages read it: a full disk keeps nobody from going on.
            with suppress(StorageError):
                note_source(stores.results, known_run.id, watch.path)
            return known_run, plan, lease
        carried = await limits.carry_to_new_run(stores, plan, money, venue, say)
        if version is not None and not watch.take(version):
            watch.has_ended = True
            return None
        run_id = random_token() if version is None else version.run
        note_source(stores.results, run_id, watch.path)
        run = trading.begin_run(stores, plan, self.owner, carried, money, run_id)
        watch.settle()
        return run, plan, lease

    def _tell_ready(self, run: TradeRun, plan: AccountPlan) -> None:
        slots = f"{len(plan.slots)} slot{'s' * (len(plan.slots) != 1)}"
        summary = f"{plan.account} trades {slots} on {plan.venue}, {plan.mode.upper()}, run {run.id}"
        if plan.mode == "paper":
            trigger_bars = f"bars of {plan.detail}" if plan.detail else "the slots' own bars"
            self.runtime.say(f"stops and targets are filled on {trigger_bars}")
        self.runtime.say(f"ready: {summary}")


@asynccontextmanager
async def _market(
    trader: TraderContext, series: Sequence[SeriesId], mode: TradeMode, beside: Sequence[SeriesId]
) -> AsyncIterator[VenueMarket | None]:
    """Open what gathers prices; None where the collector does."""
    from vigie.wiring.trader import open_market

    if mode == "paper" and not trader.collects_prices:
        yield None
        return
    market, close = open_market(trader, series, typer.echo, beside)
    try:
        yield market
    finally:
        await close()


def _prompt_words(words: str) -> str:
    import sys

    return str(typer.prompt(f"Type {words!r}")) if sys.stdin.isatty() else ""


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
