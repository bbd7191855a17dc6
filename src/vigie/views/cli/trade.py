"""`vigie trade`: a run file traded on paper, in demo or live; and what a person says to the account meanwhile."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from vigie.views.cli.common_options import AsJson
from vigie.views.cli.trade_change import cancel_change, change, versions
from vigie.views.cli.trade_closing import flatten_account, set_trading_state
from vigie.views.cli.trade_lift import lift
from vigie.views.cli.trade_status import print_status
from vigie.views.cli.trade_venue import exchange_of

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
    from vigie.views.cli.trade_runs import trade_file
    from vigie.wiring.trader import open_trader_context, reserve_warning

    # Other parts run as the same user and must not read the venue's key from this process.
    make_private()
    file = read_run_file(config).venue
    with run_part(part_name(account)) as runtime:
        trader = open_trader_context(exchange_of(file.id), url=url)
        if warning := reserve_warning():
            runtime.say(warning)
        asyncio.run(
            trade_file(
                trader, config, mode or file.mode, account, confirm, runtime, user=user, is_new=new_run
            )
        )


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
app.command()(change)
app.command()(versions)
app.command("cancel-change")(cancel_change)


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
