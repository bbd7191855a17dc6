"""Commands about backtests: `vigie backtest`, `vigie compare`, `vigie why`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from vigie.views.cli.file_options import DateFormat, Decimal, Map, NoVolume, Stamp, Yes, Zone
from vigie.views.cli.quick_command import QuickCommand
from vigie.views.cli.run_options import (
    OUTPUT,
    BarFiles,
    Capital,
    Check,
    Config,
    Detail,
    End,
    FundingFile,
    Instruments,
    Last,
    Leverage,
    Lot,
    Maker,
    Mark,
    MaxBars,
    Mode,
    Out,
    ProtectionsSwitch,
    Require,
    RiskFraction,
    Set,
    Slippage,
    Start,
    StopAtr,
    Strategies,
    Symbols,
    Taker,
    TargetAtr,
    TargetExecution,
    Tick,
    Timeframe,
    Venue,
    Warmup,
    build_request,
    option,
)


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(name="backtest", rich_help_panel="Research", cls=QuickCommand)(backtest)
    app.command(name="compare", rich_help_panel="Research")(compare)
    app.command(name="why", rich_help_panel="Research")(why)


Seed = Annotated[int, option("Seed of checks and statistics.", "--seed", panel=OUTPUT, min=0)]
Language = Annotated[str, option("Language of the report: en or fr.", "--language", panel=OUTPUT)]
Json = Annotated[bool, option("Print result.json.", "--json", panel=OUTPUT)]


def backtest(
    config: Config = None, bars: BarFiles = None, venue: Venue = None, symbols: Symbols = None,
    strategy: Strategies = None, timeframe: Timeframe = None, start: Start = None, end: End = None,
    last: Last = None, warmup_bars: Warmup = None, detail: Detail = None, funding: FundingFile = None,
    mark: Mark = None, tick: Tick = None, lot: Lot = None, instruments: Instruments = None, mode: Mode = None,
    map_: Map = None, tz: Zone = "", date_format: DateFormat = "", decimal: Decimal = "", stamp: Stamp = "",
    no_volume: NoVolume = False, yes: Yes = False,
    protections: ProtectionsSwitch = None, capital: Capital = None, risk_fraction: RiskFraction = None,
    leverage: Leverage = None, stop_atr: StopAtr = None, target_atr: TargetAtr = None, max_bars: MaxBars = None,
    taker: Taker = None, maker: Maker = None, slippage_bps: Slippage = None,
    target_execution: TargetExecution = None, set_: Set = None, require: Require = None, out: Out = None,
    seed: Seed = 0, check: Check = True, language: Language = "en", as_json: Json = False,
) -> None:  # fmt: skip
    """Backtest strategies on stored bars; results can be explained and reproduced.

    [bold]Example[/bold]: vigie backtest --venue binance-perp --symbols BTC,ETH --strategy macd_cross --last 1500
    """
    from vigie.services.running.first_run import compile_in_parallel
    from vigie.services.runs import results, shortfalls
    from vigie.views.cli import tables
    from vigie.views.cli.progress import Progress
    from vigie.wiring.data import open_data
    from vigie.wiring.results import open_results

    arguments = locals()
    data_stores, home = open_data(), open_results()
    request = build_request(data_stores, home.strategies, arguments)
    with compile_in_parallel():
        with Progress(enabled=not as_json) as progress:
            run, request, left_out = shortfalls.run_request(data_stores, request, strategy, progress=progress)
        saved = results.save_run(
            run,
            request,
            out or Path("runs") / results.default_folder_name(request),
            runs_folder=home.runs,
            registry=home.trials,
            write=home.write,
            simulated=home.is_simulated or results.is_simulated(run),
            language=language,
            left_out=left_out,
        )
    typer.echo(json.dumps(saved.record, indent=1)) if as_json else tables.print_run(run, saved)
    for reason in left_out:
        typer.echo(f"left out: {reason}", err=True)


def compare(
    first: Annotated[str, typer.Argument(help="Folder of a run, account:NAME, or backtest.")],
    second: Annotated[str, typer.Argument(help="The other run.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Show what differs between two runs, and why their P&L differs.

    For two folders: settings, data, figures, and every trade that is not in both.
    For any two: the P&L difference by cause (signal, timing, price, size, fee,
    funding, rejection, detail), exact to the last decimal. account:NAME is a
    trading account; backtest is that account's own plan on the stored bars, with
    the finer bars it used in paper trading.

    [bold]Example[/bold]: vigie compare backtest account:main
    """
    from vigie.services.runs.explain import compare_runs
    from vigie.views.cli import run_comparison, tables

    if run_comparison.is_account(first) or run_comparison.is_account(second):
        comparison = {"gap": run_comparison.explain_gap(first, second)}
    else:
        comparison = compare_runs(Path(first), Path(second))
        comparison |= run_comparison.explain_folder_gap(first, second)
    if as_json:
        typer.echo(json.dumps(comparison, indent=1))
        return
    if "settings" in comparison:
        tables.print_comparison(comparison)
    run_comparison.print_gap(comparison)


def why(
    slot: Annotated[str, typer.Argument(help="A slot such as btc-usdt-perp/1d/macd_cross.")],
    time: Annotated[str, typer.Argument(help="A time within the bar, ISO UTC.")],
    run: Annotated[
        str | None, typer.Option("--run", help="Folder or hash of a run; the latest if left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Explain why a run traded, or did not, at one bar.

    [bold]Example[/bold]: vigie why btc-usdt-perp/1d/macd_cross 2024-03-05
    """
    from vigie.domain.errors import UsageError
    from vigie.domain.time import parse_time
    from vigie.services.runs.explain import explain_bar
    from vigie.services.runs.results import load_bars_fingerprint, load_request
    from vigie.views.cli import tables
    from vigie.views.cli.programs import allow_named
    from vigie.wiring.data import open_data
    from vigie.wiring.results import open_results

    home = open_results()
    runs = home.runs
    request = load_request(runs, run)
    parse_time(time)
    allow_named([home.strategies / f"{name}.py" for name in slot.partition("#")[0].split("/")[2:]])
    try:
        explanation = explain_bar(
            open_data(), request, slot, time, known_bars=load_bars_fingerprint(runs, run)
        )
    except UsageError as fault:
        if run:
            raise
        raise UsageError(f"{fault}\nThis is the latest run; use --run FOLDER for another.") from fault
    if as_json:
        typer.echo(json.dumps(explanation, indent=1))
        return
    tables.print_why(explanation)
