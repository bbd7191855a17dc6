"""`vigie trade`: a run file traded on paper, in demo or live; and what a person says to the account meanwhile."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from vigie.domain.errors import Conflict, StorageError
from vigie.domain.time import iso
from vigie.views.cli.trade_closing import close_all, holder, order
from vigie.views.cli.trade_lift import lift
from vigie.views.cli.trade_venue import exchange_of
from vigie.views.cli.trade_venue import key_of_plan as _key
from vigie.views.cli.trade_venue import venue_of_plan as _venue
from vigie.views.cli.usual import AsJson

if TYPE_CHECKING:
    from vigie.bootstrap_trader import TraderHouse
    from vigie.data.live_feed_venue import VenueMarket
    from vigie.domain.ids import SeriesId
    from vigie.domain.order import Lease, TradeMode
    from vigie.services.app_context import AppContext
    from vigie.services.runs.asked import BacktestRequest
    from vigie.services.trading.plan import TradePlan
    from vigie.views.cli.life import Life

app = typer.Typer(no_args_is_help=True, help="Trade a run file: on paper, in demo, live.")

Account = Annotated[str, typer.Option("--account", help="Name of the account.")]

Url = Annotated[
    str | None,
    typer.Option(
        "--url", help="Address in place of the venue's own, as of `vigie sandbox exchange`.", show_default=False
    ),
]  # fmt: skip
Why = Annotated[str, typer.Option("--why", help="Written into the audit.")]


def _say(text: str) -> None:
    typer.echo(text)


@app.command()
def run(
    config: Annotated[Path, typer.Argument(help="Run file (TOML), the same that `vigie backtest` reads.")],
    mode: Annotated[
        Literal["paper", "demo", "live"] | None,
        typer.Option("--mode", help="paper, demo or live; else the run file's.", show_default=False),
    ] = None,
    account: Account = "main",
    new_run: Annotated[
        bool, typer.Option("--new-run", help="Begin anew, with the run file's capital and another plan.")
    ] = False,
    url: Url = None,
    confirm: Annotated[
        str, typer.Option("--confirm", help="What is typed to trade real money, where nobody can be asked.")
    ] = "",
    user: Annotated[
        str,
        typer.Option(
            "--user", help="Whose account a new one is; else the local owner's or the only administrator's."
        ),
    ] = "",
) -> None:
    """Trade a run file until Ctrl-C; run it again and it goes on where it was, also after a crash.

    On paper prices and bars are those that `vigie up` or `vigie collect`
    gathers, and stops and targets are met on finer bars (detail of the file,
    else the finest that are pushed); demo and live fetch their own prices from
    the venue. Every event is one line.
    Exit codes: 0 stopped, 1 failed, 2 refused.

    Example: vigie trade run my.toml --mode paper --account main
    """
    import asyncio

    from vigie.adapters.private_memory import make_private
    from vigie.bootstrap_trader import open_trader_house, reserve_warning
    from vigie.ports.health import part_name
    from vigie.run_file import read_run_file
    from vigie.views.cli.life import living

    # Other parts run as the same user and must not read the venue's key from this process.
    make_private()
    file = read_run_file(config).venue
    with living(part_name(account)) as life:
        trader = open_trader_house(exchange_of(file.id), url=url)
        if warning := reserve_warning():
            life.say(warning)
        asyncio.run(
            _run(trader, config, mode or file.mode, account, confirm, life, user=user, is_new=new_run)
        )


async def _run(
    trader: TraderHouse,
    config: Path,
    mode: TradeMode,
    account: str,
    confirm: str,
    life: Life,
    *,
    user: str,
    is_new: bool,
) -> None:
    from vigie.services.runs import requests
    from vigie.services.trading import detail_timeframe, modes, planning, startup, trading
    from vigie.services.trading.account_status import resolve_owner

    house = trader.house
    owner = resolve_owner(house, account, user)
    asked = requests.build(house.data, config=config, own_strategies=house.results.strategies)
    planning.check_request(asked)
    if mode == "live":
        typed = confirm or _typed(modes.words_to_type(account))
        switches = modes.LiveSwitches(trader.allows_live, typed, house.is_simulated)
        modes.check_switches(switches, account)
        # Paper has been traded here, so its bars are here: nothing is asked before all switches are on.
        plan = planning.make_plan(house, asked, account=account, mode=mode)
        modes.check_paper_days(house, owner, plan)
    series = planning.series_of(asked)
    more = detail_timeframe.list_detail_series(series, asked.detail) if mode == "paper" else []
    async with _market(trader, series, mode, more) as market:
        if market is not None:
            _say(f"fetching history and rules from {market.series[0].venue}")
            await startup.fetch_market_data(house, market)
        plan = planning.make_plan(house, asked, account=account, mode=mode)
        if trading.check_run(house, plan, owner, is_new=is_new, detail=asked.detail) is None:
            # What an account holds already is led to its end; the gateway enters nothing more.
            trader.caps.check(one.slot for one in plan.slots)
        startup.warm_up(startup.load_judge(house, plan), plan)
        await _trade(trader, plan, asked, market, life, owner, is_new=is_new)


@asynccontextmanager
async def _market(
    trader: TraderHouse, series: Sequence[SeriesId], mode: TradeMode, finer: Sequence[SeriesId]
) -> AsyncIterator[VenueMarket | None]:
    """Open what gathers prices; None where the collector does."""
    from vigie.bootstrap_trader import open_market

    if mode == "paper" and not trader.gathers:
        yield None
        return
    market, close = open_market(trader, series, _say, finer)
    try:
        yield market
    finally:
        await close()


def _typed(words: str) -> str:
    import sys

    return str(typer.prompt(f"Type {words!r}")) if sys.stdin.isatty() else ""


async def _trade(
    trader: TraderHouse,
    plan: TradePlan,
    asked: BacktestRequest,
    market: VenueMarket | None,
    life: Life,
    owner: str,
    *,
    is_new: bool,
) -> None:
    from vigie.bootstrap_trader import lease_mark
    from vigie.services.trading import carried_limits as limits
    from vigie.services.trading import startup, trading
    from vigie.services.trading.plan import load_plan
    from vigie.views.cli.life import asked_to_end

    house, clock, stop = trader.house, trader.clock, asked_to_end()
    mark = lease_mark(house, plan.account)
    lease = await trading.acquire_lease(house, plan.account, holder(), clock, life.say, mark.is_dead)
    with _given_back(house, lease), mark.held(lease):
        if is_new:
            await _check_nothing_left(trader, plan, lease, life)
        key = _key(plan)
        venue, money = _venue(plan, clock, trader.url, key), "" if key is None else key.fingerprint
        try:
            # Asked again: whoever traded it until now may have entered something, or begun the account.
            known = trading.check_run(house, plan, owner, is_new=is_new, detail=asked.detail)
            if known is not None:
                plan = load_plan(house, known.id)
            elif venue is not None:
                await startup.check_funds(venue, plan)
                levels = await startup.read_fee_levels(venue, plan)
                plan = startup.with_account_fees(plan, asked, levels)
                for line in startup.describe_other_fees(plan, levels):
                    life.say(line)
            # The venue was asked meanwhile: whoever lost the right to trade puts no run in the place of another's.
            lease = house.trades.keep(lease, for_s=trading.LEASE_S)
            if known is None:
                run_ = trading.begin_run(
                    house,
                    plan,
                    owner,
                    await limits.carry_to_new_run(house, plan, money, venue, life.say),
                    money,
                )
            else:
                run_ = known
                limits.write_carried_limits(
                    house, lease, known, money, limits.carry_to_known_run(house, known, plan, money, life.say)
                )
            told = f"{plan.account} trades {len(plan.slots)} slots on {plan.venue}, {plan.mode.upper()}, run {run_.id}"
            if plan.mode == "paper":
                met_on = f"bars of {plan.detail}" if plan.detail else "the bars of the slots"
                life.say(f"stops and targets are met on {met_on}")
            life.say(f"ready: {told}")
            job = trading.TradeJob(house, run_, plan, lease, clock, venue, market, trader.speed)
            async with life.pulse.beating():
                await trading.trade(job, life.say, stop, life.pulse.show)
        finally:
            if venue is not None:
                await venue.close()
    life.say("stopped; positions keep their stops, and the same command goes on")


@contextmanager
def _given_back(house: AppContext, lease: Lease) -> Iterator[None]:
    """Give the right to trade back whatever happens: who is refused keeps nobody from what the refusal asks for."""
    try:
        yield
    finally:
        # A right that cannot be given back ends by itself.
        with suppress(Conflict, StorageError):
            house.trades.leave(lease)


async def _check_nothing_left(trader: TraderHouse, plan: TradePlan, lease: Lease, life: Life) -> None:
    """Ask the venue of the run before what became of what it left open: a new run knows nothing of that."""
    from vigie.services.trading.plan import load_plan
    from vigie.services.trading.unbooked_orders import check_no_unbooked, find_unbooked

    house = trader.house
    left = find_unbooked(house, plan.account)
    if left is None:
        return
    before = load_plan(house, left[0].id)
    is_same = exchange_of(before.venue) == exchange_of(plan.venue)
    venue = _venue(before, trader.clock, trader.url if is_same else None)
    if venue is None:
        return
    try:
        await check_no_unbooked(house, lease, venue, trader.clock, life.say)
    finally:
        await venue.close()


@app.command()
def status(account: Account = "main", as_json: AsJson = False) -> None:
    """Say how an account stands: state, money, positions, orders under way, and what needs a look.

    Example: vigie trade status --account main
    """
    from vigie.bootstrap import open_house
    from vigie.services.trading.account_status import get_account_status, resolve_owner

    house = open_house()
    found = get_account_status(house, account, resolve_owner(house, account))
    if as_json:
        typer.echo(json.dumps(found, indent=1))
        return
    _print(found)


def _print(found: dict[str, Any]) -> None:
    from vigie.services.trading.alive import STREAM_SILENT_S

    is_cut_off = found["is_alive"] and not found["is_traded"]
    nobody = "" if found["is_traded"] or is_cut_off else ", nobody trades it now"
    nobody = ", its process lives without the right to trade" if is_cut_off else nobody
    # In the simulated world there are two clocks, and each time says which one it is of.
    market, machine = (
        (" by the market's clock", " (this machine's clock)") if found["is_simulated"] else ("", "")
    )
    told = f"{found['account']}: {found['mode'].upper()} on {found['venue']}, {found['state']}{nobody}"
    typer.echo(f"{told}, equity {found['equity']:.2f} of {found['capital']:.2f} at the start")
    if found["barred_by"] and found["state"] == "active":
        limits = ", ".join(f"{name} until {until}" for name, until in found["barred_until"].items())
        typer.echo(f"  LOOK: it enters nothing now, because of {limits}{market}; see Limits on its page")
    typer.echo(f"last event {found['last_event'] or 'none yet'}{market}; {found['trades']} trades closed")
    if is_cut_off:
        typer.echo(
            "  LOOK: its process gives signs of life and cannot keep the right to trade, as where the disk is full: it "
            "enters nothing, positions keep their stops at the venue. Once it can write it goes on by itself"
        )
    elif nobody:
        typer.echo(f"  to go on: vigie trade run CONFIG --account {found['account']}, with the same file")
    elif (found["silent_s"] or 0.0) > STREAM_SILENT_S:
        typer.echo(
            f"  LOOK: no price of {found['venue']} was heard for {found['silent_s']:.0f} s; entries wait for one. "
            "The page Sources says which stream is silent and why"
        )
    for one in found["concerns"]:
        typer.echo(f"  LOOK: {one['line']}. {one['todo']}")
    for one in found["positions"]:
        decided = "" if one["stop"] == one["stop_decided"] else f" (decided: {one['stop_decided']})"
        typer.echo(
            f"  {one['slot']}: {one['side']} {one['qty']} at {one['entry']:g}, stop {one['stop']}{decided}"
            f"{_stop_distance(one)}, target {one['target']}"
        )
    for one in found["open_intents"]:
        typer.echo(f"  under way: {one['leg']} of {one['slot']}, {one['state']}")
    seen = {one["seq"] for one in found["concerns"]}
    for one in found["happened"]:
        if one["seq"] not in seen:
            typer.echo(f"  happened: {one['line']}{machine}")


def _stop_distance(position: dict[str, Any]) -> str:
    """Say how far the price is from a stop, and when a stop that it has passed settles."""
    away, settles = position["stop_distance"], position["settles_ts"]
    if away is None:
        return ""
    passed = f", stop passed, settles {iso(settles)[11:16]} UTC" if settles is not None else ""
    return f" ({away:+.2%}{passed})"


@app.command()
def stop(account: Account = "main", why: Why = "by hand") -> None:
    """Let an account enter nothing any more; positions are led to their end. Works whoever trades it.

    Example: vigie trade stop --account main
    """
    from vigie.bootstrap import open_house

    order(open_house(), account, "reducing", why)
    _say(f"{account} enters nothing any more; positions keep their stops and targets")


@app.command()
def resume(account: Account = "main", why: Why = "by hand") -> None:
    """Let an account that was stopped or flattened enter again.

    Example: vigie trade resume --account main
    """
    from vigie.bootstrap import open_house

    order(open_house(), account, "active", why)
    _say(f"{account} may enter again; where nobody trades it: vigie trade run CONFIG --account {account}")


app.command()(lift)


@app.command("export")
def export_(
    folder: Annotated[
        Path, typer.Argument(help="Folder for the files; what is in it under these names is replaced.")
    ],
    account: Account = "main",
) -> None:
    """Write an account as files of lines: orders_sent.jsonl, events.jsonl, health_beats.jsonl.

    Example: vigie trade export main-files --account main
    """
    from vigie.bootstrap import open_house
    from vigie.services.trading.account_status import find_run, resolve_owner
    from vigie.services.trading.exporting import export

    house = open_house()
    for name, lines in export(house, find_run(house, account, resolve_owner(house, account)), folder).items():
        _say(f"{folder / name}: {lines} lines")


@app.command()
def flatten(account: Account = "main", why: Why = "by hand", url: Url = None) -> None:
    """Close every position at the market now and enter nothing any more; the trading process may be dead.

    The right to trade is taken from whoever has it: that process ends.
    On a full disk it uses room that was kept aside when trading began.
    Without any, positions are closed at the venue before anything is written.

    Example: vigie trade flatten --account main
    """
    close_all(account, why, url, _say)
