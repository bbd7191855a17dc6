"""Commands about setups: `vigie setups list`, `show`, `replay` and `check`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from vigie.views.cli.common_options import AsJson, Home
from vigie.views.cli.run_options import (
    BarFiles,
    Check,
    Config,
    FundingFile,
    Instruments,
    Last,
    Lot,
    MaxBars,
    Require,
    Set,
    StopAtr,
    Strategies,
    TargetAtr,
    Tick,
    Timeframe,
    build_filled_request,
)
from vigie.views.cli.strategies import FAILED, Symbols, Venue

app = typer.Typer(no_args_is_help=True, help="Setups: signals with a life, from forming to their end.")


Account = Annotated[str, typer.Option("--account", help="Name of the account; empty for all.")]
State = Annotated[
    str,
    typer.Option(
        "--state", help="open, ended, forming, confirmed, played_out, invalidated or expired; empty for all."
    ),
]
Limit = Annotated[int, typer.Option("--limit", help="Maximum number of rows.", min=1, max=1_000)]
Replayed = Annotated[bool, typer.Option("--replayed", help="The account's replayed past.")]


@app.command("list")
def list_setups(
    account: Account = "",
    state: State = "",
    limit: Limit = 50,
    replayed: Replayed = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """List the setups of accounts, the latest close first.

    They are followed by `vigie work`, on the bars that the accounts decide on.

    [bold]Example[/bold]: vigie setups list --state open
    """
    from vigie.domain.person import OWNER
    from vigie.services.operation_calls import run_operation
    from vigie.views.cli import setup_tables
    from vigie.wiring.app_context import open_app_context

    values = {
        "account": account,
        "state": state,
        "limit": limit,
        "replayed": "only" if replayed else "without",
    }
    table = run_operation(open_app_context(home), OWNER, "setups.list", values)
    if as_json:
        typer.echo(table.model_dump_json(indent=1))
    else:
        setup_tables.print_setups(table, is_replayed=replayed)


@app.command()
def show(
    setup: Annotated[
        str, typer.Argument(help="Its id, as `vigie setups list` prints it.", show_default=False)
    ],
    account: Account = "",
    replayed: Replayed = False,
    home: Home = None,
    as_json: AsJson = False,
) -> None:
    """Show one setup: its levels, what they are in money, every change and its criteria.

    [bold]Example[/bold]: vigie setups show 0123456789abcdef
    """
    from vigie.domain.person import OWNER
    from vigie.services.operation_calls import run_operation
    from vigie.views.cli import setup_tables
    from vigie.wiring.app_context import open_app_context

    values = {"setup": setup, "account": account, "replayed": replayed}
    told = run_operation(open_app_context(home), OWNER, "setups.read", values)
    if as_json:
        typer.echo(told.model_dump_json(indent=1))
    else:
        setup_tables.print_setup(told)


@app.command()
def check(account: Account = "main", replayed: Replayed = False, home: Home = None) -> None:
    """Make the setups of an account anew from its log, and compare them with those that are kept.

    Where a strategy's file is another one since, all that does not need the file
    is made anew, and how many changes these are is said. Exit code 1 at the
    first difference.

    [bold]Example[/bold]: vigie setups check --account main
    """
    from vigie.domain.person import OWNER
    from vigie.domain.setup import SetupScope
    from vigie.services.alerting.mails import language_of
    from vigie.services.needs import provide
    from vigie.services.setups.checking import check_setups
    from vigie.services.trading.account_plans.trading_stores import TradingStores
    from vigie.views.cli.setup_tables import say_other_files
    from vigie.wiring.app_context import open_app_context

    app_context = open_app_context(home)
    stores = provide(app_context, TradingStores)
    done = check_setups(stores, app_context.setups, SetupScope(account, replayed))
    for sentence in say_other_files(done.other_files(), language_of(app_context.accounts, OWNER.user)):
        typer.echo(sentence)
    if done.difference is None:
        typer.echo(f"{done.changes} changes, all as they were kept")
        return
    typer.echo(f"{done.difference.slot}: the log gives another change than the one kept", err=True)
    typer.echo(f"  log:  {json.dumps(done.difference.made)}", err=True)
    typer.echo(f"  kept: {json.dumps(done.difference.kept)}", err=True)
    raise typer.Exit(FAILED)


@app.command()
def replay(
    config: Config = None, venue: Venue = None, symbols: Symbols = None, strategy: Strategies = None,
    timeframe: Timeframe = None, bars: BarFiles = None, last: Last = None, funding: FundingFile = None,
    tick: Tick = None, lot: Lot = None, instruments: Instruments = None, stop_atr: StopAtr = None,
    target_atr: TargetAtr = None, max_bars: MaxBars = None, set_: Set = None, require: Require = None,
    check: Check = True, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show the setups of stored bars, as they would have come close by close.

    A setup forms when the required criteria of a side were near for two closes,
    is confirmed when an entry is decided, and is played out, invalidated or
    expired. Each row is one change, with its cause and the levels shown then. A
    bar in progress is never used. The same bars always give the same rows.

    Exit code 1 when a slot is refused.

    [bold]Example[/bold]: vigie setups replay --venue binance-perp --symbols BTC --strategy donchian_breakout
    """
    from vigie.config import resolve_paths
    from vigie.services.setups.folding import change_record
    from vigie.services.setups.replaying import replay_setups
    from vigie.views.cli import setup_tables
    from vigie.views.cli.progress import Progress
    from vigie.wiring.data import open_data

    typed_arguments, data_stores = locals(), open_data()
    request = build_filled_request(data_stores, resolve_paths().strategies, typed_arguments)
    with Progress(enabled=not as_json) as progress:
        report = replay_setups(data_stores, request, progress=progress)
    if as_json:
        record = {"changes": [change_record(change) for change in report.changes]}
        typer.echo(json.dumps(record, indent=1))
    else:
        setup_tables.print_changes(report)
    for refused in report.refused:
        typer.echo(f"{refused.slot}: {refused.message}", err=True)
    if report.refused:
        raise typer.Exit(FAILED)
