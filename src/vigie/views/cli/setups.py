"""Commands about setups: `vigie setups replay`."""

from __future__ import annotations

import json

import typer

from vigie.views.cli.common_options import AsJson
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


@app.callback()
def setups() -> None:
    """Keep `replay` a command of the group while it is the only one."""


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
