"""Commands of research: `vigie sweep`, `vigie walk-forward`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from vigie.views.cli import options


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(name="sweep", rich_help_panel="Research")(sweep)
    app.command(name="walk-forward", rich_help_panel="Research")(walk_forward)


def _option(help_: str, *names: str, panel: str, **more: Any) -> Any:
    return typer.Option(*names, help=help_, rich_help_panel=panel, **more)


DATA, ACCOUNT, COSTS, SEARCH, WORK, OUTPUT = (
    "Bars", "Account", "Costs and fills", "What is tried", "Where it is computed", "Output",
)  # fmt: skip

# The options that every command over bars shares, declared once.
Config = Annotated[Path | None, typer.Argument(help="Run file (TOML) that holds any of the options below.")]
BarFiles = Annotated[list[Path] | None, _option("A file of bars; may be repeated.", "--bars", panel=DATA)]
Venue = Annotated[str | None, _option("Venue of the stored bars.", "--venue", panel=DATA)]
Symbols = Annotated[str | None, _option("BTC,ETH or BTCUSDT,…", "--symbols", panel=DATA)]
StrategyName = Annotated[str | None, _option("NAME of one strategy.", "--strategy", panel=DATA)]
Timeframe = Annotated[str | None, _option("native or T[,T…].", "--timeframe", panel=DATA)]
Start = Annotated[str | None, _option("First bar's open time.", "--from", panel=DATA)]
End = Annotated[str | None, _option("End, exclusive.", "--to", panel=DATA)]
Last = Annotated[int | None, _option("Only the newest N bars.", "--last", panel=DATA, min=1)]
Warmup = Annotated[
    int | None, _option("Earlier bars for the indicators only.", "--warmup-bars", panel=DATA, min=0)
]
Detail = Annotated[str | None, _option("Finer bars decide inside a bar.", "--detail", panel=DATA)]
FundingFile = Annotated[Path | None, _option("Funding settlements.", "--funding", panel=DATA)]
Mark = Annotated[Path | None, _option("Mark-price bars.", "--mark", panel=DATA)]
Tick = Annotated[str | None, _option("Price step.", "--tick", panel=DATA)]
Lot = Annotated[str | None, _option("Quantity step.", "--lot", panel=DATA)]
Instruments = Annotated[
    Path | None, _option("CSV that pins tick, lot and minimums.", "--instruments", panel=DATA)
]
Mode = Annotated[str | None, _option("isolated or portfolio.", "--mode", panel=ACCOUNT)]
ProtectionsSwitch = Annotated[
    str | None, _option("on: protections in isolated mode too.", "--protections", panel=ACCOUNT)
]
Capital = Annotated[float | None, _option("Capital (of each slot).", "--capital", panel=ACCOUNT)]
RiskFraction = Annotated[
    float | None, _option("Planned risk a trade, at most 0.02.", "--risk-fraction", panel=ACCOUNT)
]
Leverage = Annotated[float | None, _option("At most 5.", "--leverage", panel=ACCOUNT)]
StopAtr = Annotated[float | None, _option("Stop, in ATR(14).", "--stop-atr", panel=ACCOUNT)]
TargetAtr = Annotated[float | None, _option("Target, in ATR(14).", "--target-atr", panel=ACCOUNT)]
MaxBars = Annotated[int | None, _option("Time stop, 0 for none.", "--max-bars", panel=ACCOUNT)]
Taker = Annotated[float | None, _option("Taker fee, a fraction.", "--taker", panel=COSTS)]
Maker = Annotated[float | None, _option("Maker fee, a fraction.", "--maker", panel=COSTS)]
Slippage = Annotated[float | None, _option("Slippage.", "--slippage-bps", panel=COSTS)]
TargetExecution = Annotated[str | None, _option("trigger or limit.", "--target-execution", panel=COSTS)]
Set = Annotated[list[str] | None, _option("STRATEGY.PARAM=VALUE.", "--set", panel=ACCOUNT)]
Require = Annotated[
    str | None, _option("Optional criteria an entry needs: trend,volume or all.", "--require", panel=ACCOUNT)
]
Grid = Annotated[
    str | None,
    _option(
        "fast=5:60:5,slow=20:200:10 or max_bars=0|24|48; the strategy's own ranges if left out.",
        "--grid",
        panel=SEARCH,
    ),
]
RandomCount = Annotated[int | None, _option("Try N drawn at random.", "--random", panel=SEARCH, min=1)]
TpeCount = Annotated[
    int | None, _option("Try N that learn from those before (Optuna).", "--tpe", panel=SEARCH, min=1)
]
ObjectiveName = Annotated[
    str, _option("sharpe, return, calmar or profit_factor.", "--objective", panel=SEARCH)
]
MinTrades = Annotated[int, _option("Fewer trades rank last.", "--min-trades", panel=SEARCH, min=1)]
Permutations = Annotated[
    int, _option("Repeat the search on N shuffled histories.", "--permutations", panel=SEARCH, min=0)
]
Threads = Annotated[int, _option("Threads of this machine.", "--threads", panel=WORK, min=1)]
Dask = Annotated[str | None, _option("Scheduler of a Dask cluster, tcp://…", "--dask", panel=WORK)]
Resume = Annotated[
    bool,
    _option(
        "Go on with an interrupted sweep of the same settings, or drop it.", "--resume/--fresh", panel=WORK
    ),
]
Out = Annotated[Path | None, _option("Folder of the files.", "--out", panel=OUTPUT)]
Seed = Annotated[int, _option("Seed of draws, checks and statistics.", "--seed", panel=OUTPUT, min=0)]
Check = Annotated[bool, _option("Prove that nothing looks ahead.", "--check/--no-check", panel=OUTPUT)]
Json = Annotated[bool, _option("Print the record as JSON.", "--json", panel=OUTPUT)]


def sweep(
    config: Config = None, bars: BarFiles = None, venue: Venue = None, symbols: Symbols = None,
    strategy: StrategyName = None, timeframe: Timeframe = None, start: Start = None, end: End = None,
    last: Last = None, warmup_bars: Warmup = None, detail: Detail = None, funding: FundingFile = None,
    mark: Mark = None, tick: Tick = None, lot: Lot = None, instruments: Instruments = None, mode: Mode = None,
    protections: ProtectionsSwitch = None, capital: Capital = None, risk_fraction: RiskFraction = None,
    leverage: Leverage = None, stop_atr: StopAtr = None, target_atr: TargetAtr = None, max_bars: MaxBars = None,
    taker: Taker = None, maker: Maker = None, slippage_bps: Slippage = None,
    target_execution: TargetExecution = None, set_: Set = None, require: Require = None, grid: Grid = None,
    random: RandomCount = None,
    tpe: TpeCount = None, objective: ObjectiveName = "sharpe", min_trades: MinTrades = 1,
    permutations: Permutations = 0, threads: Threads = 1, dask: Dask = None, resume: Resume = True,
    out: Out = None, seed: Seed = 0, check: Check = True, as_json: Json = False,
) -> None:  # fmt: skip
    """Try many parameters of one strategy, and say whether the best can be told from luck.

    [bold]Example[/bold]: vigie sweep --venue binance-perp --symbols BTC
    --strategy ema_cross --grid fast=5:60:5,slow=20:200:10
    """
    from vigie.bootstrap import open_data, open_executor, open_results
    from vigie.services.searches import sweeps
    from vigie.views.cli import research_tables
    from vigie.views.cli.progress import Progress

    desk, home = open_data(), open_results()
    given = {name: value for name, value in locals().items() if name in _REQUEST}
    request = sweeps.make_request(
        _request(desk, home.strategies, given), grid=grid, random=random, tpe=tpe, objective=objective,
        min_trades=min_trades, permutations=permutations,
    )  # fmt: skip
    with Progress(enabled=not as_json) as progress, open_executor(threads=threads, dask=dask) as executor:
        kept = sweeps.run_sweep(
            desk,
            request,
            out,
            registry=home.trials,
            write=home.write,
            hold=home.hold,
            executor=executor,
            fresh=not resume,
            progress=progress,
        )
    if as_json:
        typer.echo(json.dumps(kept.record, indent=1))
        return
    research_tables.print_sweep(kept)


SPLIT = "How history is divided"
Scheme = Annotated[str, _option("anchored, rolling, kfold or cpcv.", "--scheme", panel=SPLIT)]
Train = Annotated[int | None, _option("Bars to choose on.", "--train", panel=SPLIT, min=1)]
Test = Annotated[int | None, _option("Bars to trade with what was chosen.", "--test", panel=SPLIT, min=1)]
FoldCount = Annotated[int | None, _option("Parts of time (kfold 5, cpcv 8).", "--folds", panel=SPLIT, min=2)]
TestGroups = Annotated[
    int | None, _option("Parts tested at once (cpcv 2).", "--test-groups", panel=SPLIT, min=1)
]
Purge = Annotated[int, _option("Bars left out before (and after) a test.", "--purge", panel=SPLIT, min=0)]
Embargo = Annotated[int, _option("Further bars left out behind a test.", "--embargo", panel=SPLIT, min=0)]


def walk_forward(
    config: Config = None, bars: BarFiles = None, venue: Venue = None, symbols: Symbols = None,
    strategy: StrategyName = None, timeframe: Timeframe = None, start: Start = None, end: End = None,
    last: Last = None, warmup_bars: Warmup = None, detail: Detail = None, funding: FundingFile = None,
    mark: Mark = None, tick: Tick = None, lot: Lot = None, instruments: Instruments = None, mode: Mode = None,
    protections: ProtectionsSwitch = None, capital: Capital = None, risk_fraction: RiskFraction = None,
    leverage: Leverage = None, stop_atr: StopAtr = None, target_atr: TargetAtr = None, max_bars: MaxBars = None,
    taker: Taker = None, maker: Maker = None, slippage_bps: Slippage = None,
    target_execution: TargetExecution = None, set_: Set = None, require: Require = None,
    scheme: Scheme = "rolling", train: Train = None, test: Test = None, folds: FoldCount = None,
    test_groups: TestGroups = None, purge: Purge = 0,
    embargo: Embargo = 0, grid: Grid = None, random: RandomCount = None, tpe: TpeCount = None,
    objective: ObjectiveName = "sharpe", min_trades: MinTrades = 1, permutations: Permutations = 0,
    threads: Threads = 1, dask: Dask = None, out: Out = None, seed: Seed = 0, check: Check = True,
    as_json: Json = False,
) -> None:  # fmt: skip
    """Choose parameters on the past, trade what came next, move on: what a search is worth on bars it never saw.

    [bold]Example[/bold]: vigie walk-forward --venue binance-perp --symbols BTC
    --strategy ema_cross --grid fast=5:60:5,slow=20:200:10 --train 2000 --test 500
    """
    from vigie.bootstrap import open_data, open_executor, open_results
    from vigie.services.searches import sweeps, walk_forwards
    from vigie.views.cli import research_tables
    from vigie.views.cli.progress import Progress

    desk, home = open_data(), open_results()
    given = {name: value for name, value in locals().items() if name in _REQUEST}
    request = walk_forwards.WalkRequest(
        sweep=sweeps.make_request(
            _request(desk, home.strategies, given), grid=grid, random=random, tpe=tpe, objective=objective,
            min_trades=min_trades, permutations=permutations,
        ),
        how=walk_forwards.make_division(
            scheme, train=train, test=test, folds=folds, test_groups=test_groups, purge=purge, embargo=embargo,
            min_trades=min_trades,
        ),
    )  # fmt: skip
    with Progress(enabled=not as_json) as progress, open_executor(threads=threads, dask=dask) as executor:
        kept = walk_forwards.run_walk(
            desk, request, out, registry=home.trials, write=home.write, executor=executor, progress=progress
        )
    if as_json:
        typer.echo(json.dumps(kept.record, indent=1))
        return
    research_tables.print_walk(kept)


_ACCOUNT_NAMES = ("mode capital risk_fraction leverage stop_atr target_atr max_bars target_execution").split()
_COST_NAMES = "taker maker slippage_bps".split()
_PLAIN_NAMES = (
    "config bars venue strategy start end last warmup_bars detail funding mark tick lot instruments check seed"
).split()
_REQUEST = frozenset(
    (*_ACCOUNT_NAMES, *_COST_NAMES, *_PLAIN_NAMES, "symbols", "timeframe", "protections", "set_", "require")
)


def _request(desk: Any, strategies: Path, given: dict[str, Any]) -> Any:
    """Build the request of what is shared with `vigie backtest`."""
    from vigie.services.runs import requests

    return requests.build(
        desk,
        **{name: given[name] for name in _PLAIN_NAMES},
        symbols=options.words(given["symbols"]),
        timeframes=options.words(given["timeframe"]),
        account={name: given[name] for name in _ACCOUNT_NAMES},
        costs={name: given[name] for name in _COST_NAMES},
        protections=options.switch("--protections", given["protections"]),
        params=options.settings(given["set_"]),
        require=options.words(given["require"]),
        own_strategies=strategies,
    )
