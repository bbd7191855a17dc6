"""Commands about strategies: `vigie strategy new|list|show|check`, `vigie signals`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from vigie.views.cli.common_options import AsJson
from vigie.views.cli.programs import allow_named
from vigie.views.cli.quick_command import QuickCommand
from vigie.views.cli.run_options import (
    DATA,
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
    option,
)

FAILED = 1

app = typer.Typer(no_args_is_help=True, help="Strategies: list, show, create or check one.")


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(name="signals", rich_help_panel="Research", cls=QuickCommand)(signals)


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Lowercase letters, digits and _, such as calm_trend.")],
    as_json: AsJson = False,
) -> None:
    """Create a strategy: a file that meets the contract, its test and its page.

    [bold]Example[/bold]: vigie strategy new calm_trend
    """
    from vigie.config import resolve_paths
    from vigie.services.judging.strategies import create_strategy
    from vigie.wiring.data import open_data

    files = create_strategy(name, resolve_paths().strategies, open_data().write)
    allow_named(files)
    if as_json:
        typer.echo(json.dumps([str(path) for path in files], indent=1))
        return
    for path in files:
        typer.echo(str(path))
    typer.echo(
        f"\nNext: edit it, then `vigie strategy check {name}` and `vigie backtest --strategy {name} ...`"
    )


@app.command("list")
def list_(as_json: AsJson = False) -> None:
    """List all strategies, built-in and your own, with timeframe and parameters.

    [bold]Example[/bold]: vigie strategy list
    """
    from vigie.config import resolve_paths
    from vigie.research.files import to_json_value
    from vigie.services.judging.strategies import list_strategies
    from vigie.views.cli import strategy_tables
    from vigie.wiring.data import open_data

    own = resolve_paths().strategies
    lines = list_strategies(own, open_data())
    if as_json:
        typer.echo(json.dumps([to_json_value(strategy_tables.line_values(line)) for line in lines], indent=1))
        return
    strategy_tables.print_list(lines, own)


@app.command()
def show(
    target: Annotated[str, typer.Argument(metavar="NAME|FILE", help="A name from the list, or a file.")],
    source: Annotated[bool, typer.Option("--source", help="Print only the source code.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what a strategy does: description, parameters with bounds, warm-up, criteria with weights, file.

    [bold]Example[/bold]: vigie strategy show bollinger_squeeze
    """
    from vigie.config import resolve_paths
    from vigie.research.files import to_json_value
    from vigie.services.judging.strategies import describe_strategy, find_strategy_file
    from vigie.views.cli import strategy_tables
    from vigie.wiring.data import open_data

    if source:
        # Read, never run: this is how one looks at a program before allowing it.
        typer.echo(
            find_strategy_file(target, resolve_paths().strategies).read_text(encoding="utf-8"), nl=False
        )
        return
    page = describe_strategy(target, resolve_paths().strategies, open_data())
    if as_json:
        record = strategy_tables.line_values(page.line) | {
            name: getattr(page, name) for name in ("doc", "warmup_bars", "first_decision")
        }
        record |= {
            "criteria": [strategy_tables.field_values(criterion) for criterion in page.criteria],
            "source": page.source,
        }
        typer.echo(json.dumps(to_json_value(record), indent=1))
    else:
        strategy_tables.print_page(page)


@app.command()
def check(
    target: Annotated[str, typer.Argument(metavar="FILE|NAME", help="A file, or a name from the list.")],
    stored: Annotated[
        bool, typer.Option("--stored/--no-stored", help="Also check it on stored bars of its timeframe.")
    ] = True,
    seed: Annotated[
        int, typer.Option("--seed", help="Seed of the simulated markets and the cuts.", min=0)
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Check a strategy against the contract: it always gives a value, never looks ahead, never repaints.

    Checked on simulated markets, flat prices, short histories, gaps and stored
    bars. Exit code 1 when a check fails; each failure names the bar, the
    criterion, both values and the fix.

    [bold]Example[/bold]: vigie strategy check strategies/calm_trend.py
    """
    from vigie.config import resolve_paths
    from vigie.services.judging.strategies import check_file, find_strategy_file
    from vigie.views.cli import strategy_tables
    from vigie.views.cli.progress import Progress
    from vigie.wiring.data import open_data

    path = find_strategy_file(target, resolve_paths().strategies)
    allow_named([path])
    with Progress(enabled=not as_json) as progress:
        report = check_file(
            path, data_stores=open_data(), seed=seed, report_progress=progress, with_stored=stored
        )
    if as_json:
        record = {name: getattr(report, name) for name in ("strategy", "path", "passed", "samples")}
        typer.echo(
            json.dumps(
                record | {"checks": [strategy_tables.field_values(finding) for finding in report.findings]},
                indent=1,
            )
        )
    else:
        strategy_tables.print_report(report)
    if not report.passed:
        raise typer.Exit(FAILED)


Venue = Annotated[
    str | None, option("Venue of the stored bars; default: the only one.", "--venue", panel=DATA)
]
Symbols = Annotated[str | None, option("BTC,ETH; default: all stored ones.", "--symbols", panel=DATA)]


def signals(
    config: Config = None, venue: Venue = None, symbols: Symbols = None, strategy: Strategies = None,
    timeframe: Timeframe = None, bars: BarFiles = None, last: Last = None, funding: FundingFile = None,
    tick: Tick = None, lot: Lot = None, instruments: Instruments = None, stop_atr: StopAtr = None,
    target_atr: TargetAtr = None, max_bars: MaxBars = None, set_: Set = None, require: Require = None,
    explain: Annotated[bool, typer.Option("--explain", help="Print the criteria of every slot.")] = False,
    check: Check = True, as_json: AsJson = False,
) -> None:  # fmt: skip
    """Show the signal of every slot at the close of its last bar, and why.

    Side, theoretical entry, stop, target, horizon, score, criteria. The last bar
    is the newest closed bar that is stored; a bar in progress is never used. If
    newer closed bars are not stored, the row shows how many bars old it is.
    "Forming" means that the required criteria were near for two closes. The entry
    shown is the close; the real entry price is known only when the next bar
    opens.

    Exit code 1 when a slot is refused.

    [bold]Example[/bold]: vigie signals --venue binance-perp --symbols BTC,ETH --strategy all
    """
    from vigie.config import resolve_paths
    from vigie.research.files import to_json_value
    from vigie.services.judging.signals import latest_signals, report_record
    from vigie.views.cli import strategy_tables
    from vigie.views.cli.progress import Progress
    from vigie.wiring.data import open_data

    typed_arguments, data_stores = locals(), open_data()
    request = build_filled_request(data_stores, resolve_paths().strategies, typed_arguments)
    with Progress(enabled=not as_json) as progress:
        report = latest_signals(data_stores, request, progress=progress)
    if as_json:
        typer.echo(json.dumps(to_json_value(report_record(report)), indent=1))
    else:
        strategy_tables.print_signals(report, explain=explain)
    if report.refused:
        raise typer.Exit(FAILED)
