"""Commands of research: `vigie sweep`, `vigie walk-forward`."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from vigie.views.cli.file_options import DateFormat, Decimal, Map, NoVolume, Stamp, Yes, Zone
from vigie.views.cli.quick_command import QuickCommand
from vigie.views.cli.run_options import (
    DATA,
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
    app.command(name="sweep", rich_help_panel="Research", cls=QuickCommand)(sweep)
    app.command(name="walk-forward", rich_help_panel="Research", cls=QuickCommand)(walk_forward)


SEARCH, WORK = "Search", "Computing"
StrategyName = Annotated[str | None, option("NAME of one strategy.", "--strategy", panel=DATA)]
Grid = Annotated[
    str | None,
    option(
        "fast=5:60:5,slow=20:200:10 or max_bars=0|24|48; the strategy's own ranges if left out.",
        "--grid",
        panel=SEARCH,
    ),
]
RandomCount = Annotated[int | None, option("Try N random combinations.", "--random", panel=SEARCH, min=1)]
TpeCount = Annotated[
    int | None, option("Try N combinations guided by earlier results (Optuna).", "--tpe", panel=SEARCH, min=1)
]
ObjectiveName = Annotated[
    str, option("sharpe, return, calmar or profit_factor.", "--objective", panel=SEARCH)
]
MinTrades = Annotated[
    int, option("Combinations with fewer trades rank last.", "--min-trades", panel=SEARCH, min=1)
]
Permutations = Annotated[
    int, option("Repeat the search on N shuffled histories.", "--permutations", panel=SEARCH, min=0)
]
Threads = Annotated[
    int | None,
    option("Threads on this machine; default: all cores.", "--threads", panel=WORK, min=1),
]
Dask = Annotated[str | None, option("Scheduler of a Dask cluster, tcp://…", "--dask", panel=WORK)]
Resume = Annotated[
    bool,
    option(
        "Resume an interrupted sweep with the same settings, or start over.", "--resume/--fresh", panel=WORK
    ),
]
Seed = Annotated[int, option("Seed of random draws, checks and statistics.", "--seed", panel=OUTPUT, min=0)]
Json = Annotated[bool, option("Print the record as JSON.", "--json", panel=OUTPUT)]


def sweep(
    config: Config = None, bars: BarFiles = None, venue: Venue = None, symbols: Symbols = None,
    strategy: StrategyName = None, timeframe: Timeframe = None, start: Start = None, end: End = None,
    last: Last = None, warmup_bars: Warmup = None, detail: Detail = None, funding: FundingFile = None,
    mark: Mark = None, tick: Tick = None, lot: Lot = None, instruments: Instruments = None, mode: Mode = None,
    map_: Map = None, tz: Zone = "", date_format: DateFormat = "", decimal: Decimal = "", stamp: Stamp = "",
    no_volume: NoVolume = False, yes: Yes = False,
    protections: ProtectionsSwitch = None, capital: Capital = None, risk_fraction: RiskFraction = None,
    leverage: Leverage = None, stop_atr: StopAtr = None, target_atr: TargetAtr = None, max_bars: MaxBars = None,
    taker: Taker = None, maker: Maker = None, slippage_bps: Slippage = None,
    target_execution: TargetExecution = None, set_: Set = None, require: Require = None, grid: Grid = None,
    random: RandomCount = None,
    tpe: TpeCount = None, objective: ObjectiveName = "sharpe", min_trades: MinTrades = 1,
    permutations: Permutations = 0, threads: Threads = None, dask: Dask = None, resume: Resume = True,
    out: Out = None, seed: Seed = 0, check: Check = True, as_json: Json = False,
) -> None:  # fmt: skip
    """Try many parameters of one strategy and show whether the best could be luck.

    [bold]Example[/bold]: vigie sweep --venue binance-perp --symbols BTC
    --strategy ema_cross --grid fast=5:60:5,slow=20:200:10
    """
    from vigie.services.searches import sweeps
    from vigie.views.cli import research_tables
    from vigie.views.cli.progress import Progress
    from vigie.wiring.data import open_data
    from vigie.wiring.results import open_executor, open_results

    data_stores, home = open_data(), open_results()
    arguments = locals()
    request = sweeps.make_sweep_request(
        build_request(data_stores, home.strategies, arguments), grid=grid, random=random, tpe=tpe, objective=objective,
        min_trades=min_trades, permutations=permutations,
    )  # fmt: skip
    with Progress(enabled=not as_json) as progress, open_executor(threads=threads, dask=dask) as executor:
        saved = sweeps.run_sweep(
            data_stores,
            request,
            out,
            registry=home.trials,
            write=home.write,
            lock_folder=home.hold,
            executor=executor,
            fresh=not resume,
            progress=progress,
        )
    if as_json:
        typer.echo(json.dumps(saved.record, indent=1))
        return
    research_tables.print_sweep(saved, is_simulated=home.is_simulated)


SPLIT = "History split"
Scheme = Annotated[str, option("anchored, rolling, kfold or cpcv.", "--scheme", panel=SPLIT)]
Train = Annotated[int | None, option("Training bars per window.", "--train", panel=SPLIT, min=1)]
Test = Annotated[int | None, option("Test bars per window.", "--test", panel=SPLIT, min=1)]
FoldCount = Annotated[int | None, option("Number of folds (kfold 5, cpcv 8).", "--folds", panel=SPLIT, min=2)]
TestGroups = Annotated[
    int | None, option("Folds tested at once (cpcv 2).", "--test-groups", panel=SPLIT, min=1)
]
Purge = Annotated[int, option("Bars left out before (and after) each test.", "--purge", panel=SPLIT, min=0)]
Embargo = Annotated[int, option("Extra bars left out after each test.", "--embargo", panel=SPLIT, min=0)]


def walk_forward(
    config: Config = None, bars: BarFiles = None, venue: Venue = None, symbols: Symbols = None,
    strategy: StrategyName = None, timeframe: Timeframe = None, start: Start = None, end: End = None,
    last: Last = None, warmup_bars: Warmup = None, detail: Detail = None, funding: FundingFile = None,
    mark: Mark = None, tick: Tick = None, lot: Lot = None, instruments: Instruments = None, mode: Mode = None,
    map_: Map = None, tz: Zone = "", date_format: DateFormat = "", decimal: Decimal = "", stamp: Stamp = "",
    no_volume: NoVolume = False, yes: Yes = False,
    protections: ProtectionsSwitch = None, capital: Capital = None, risk_fraction: RiskFraction = None,
    leverage: Leverage = None, stop_atr: StopAtr = None, target_atr: TargetAtr = None, max_bars: MaxBars = None,
    taker: Taker = None, maker: Maker = None, slippage_bps: Slippage = None,
    target_execution: TargetExecution = None, set_: Set = None, require: Require = None,
    scheme: Scheme = "rolling", train: Train = None, test: Test = None, folds: FoldCount = None,
    test_groups: TestGroups = None, purge: Purge = 0,
    embargo: Embargo = 0, grid: Grid = None, random: RandomCount = None, tpe: TpeCount = None,
    objective: ObjectiveName = "sharpe", min_trades: MinTrades = 1, permutations: Permutations = 0,
    threads: Threads = None, dask: Dask = None, out: Out = None, seed: Seed = 0, check: Check = True,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Choose parameters on past bars, trade the next ones, move on: shows what a search is worth out of sample.

    [bold]Example[/bold]: vigie walk-forward --venue binance-perp --symbols BTC
    --strategy ema_cross --grid fast=5:60:5,slow=20:200:10 --train 2000 --test 500
    """
    from vigie.services.searches import sweeps, walk_forwards
    from vigie.views.cli import research_tables
    from vigie.views.cli.progress import Progress
    from vigie.wiring.data import open_data
    from vigie.wiring.results import open_executor, open_results

    data_stores, home = open_data(), open_results()
    arguments = locals()
    request = walk_forwards.WalkRequest(
        sweep=sweeps.make_sweep_request(
            build_request(data_stores, home.strategies, arguments), grid=grid, random=random, tpe=tpe,
            objective=objective,
            min_trades=min_trades, permutations=permutations,
        ),
        division=walk_forwards.make_division(
            scheme, train=train, test=test, folds=folds, test_groups=test_groups, purge=purge, embargo=embargo,
            min_trades=min_trades,
        ),
    )  # fmt: skip
    with Progress(enabled=not as_json) as progress, open_executor(threads=threads, dask=dask) as executor:
        saved = walk_forwards.run_walk(
            data_stores,
            request,
            out,
            registry=home.trials,
            write=home.write,
            executor=executor,
            progress=progress,
        )
    if as_json:
        typer.echo(json.dumps(saved.record, indent=1))
        return
    research_tables.print_walk(saved, is_simulated=home.is_simulated)
