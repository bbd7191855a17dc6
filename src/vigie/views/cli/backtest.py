"""Commands about backtests: `vigie backtest`, `vigie compare`, `vigie why`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated, Any

import typer

from vigie.views.cli import options


def register(app: typer.Typer) -> None:
    """Add the commands of this module."""
    app.command(name="backtest", rich_help_panel="Research")(backtest)
    app.command(name="compare", rich_help_panel="Research")(compare)
    app.command(name="why", rich_help_panel="Research")(why)


def _option(help_: str, *names: str, panel: str, **more: Any) -> Any:
    return typer.Option(*names, help=help_, rich_help_panel=panel, **more)


DATA, ACCOUNT, COSTS, OUTPUT = "Bars", "Account", "Costs and fills", "Output"


def backtest(
    config: Annotated[
        Path | None, typer.Argument(help="Run file (TOML) that holds any of the options below.")
    ] = None,
    bars: Annotated[
        list[Path] | None, _option("A file of bars; may be repeated.", "--bars", panel=DATA)
    ] = None,
    venue: Annotated[str | None, _option("Venue of the stored bars.", "--venue", panel=DATA)] = None,
    symbols: Annotated[
        str | None,
        _option("BTC,ETH or BTCUSDT,…; or what one --bars file holds.", "--symbols", "--symbol", panel=DATA),
    ] = None,
    strategy: Annotated[str | None, _option("NAME[,NAME…] or all.", "--strategy", panel=DATA)] = None,
    timeframe: Annotated[str | None, _option("native or T[,T…].", "--timeframe", panel=DATA)] = None,
    start: Annotated[str | None, _option("First bar's open time.", "--from", panel=DATA)] = None,
    end: Annotated[str | None, _option("End, exclusive.", "--to", panel=DATA)] = None,
    last: Annotated[int | None, _option("Only the newest N bars.", "--last", panel=DATA, min=1)] = None,
    warmup_bars: Annotated[
        int | None, _option("Earlier bars for the indicators only.", "--warmup-bars", panel=DATA, min=0)
    ] = None,
    detail: Annotated[str | None, _option("Finer bars decide inside a bar.", "--detail", panel=DATA)] = None,
    funding: Annotated[Path | None, _option("Funding settlements.", "--funding", panel=DATA)] = None,
    mark: Annotated[Path | None, _option("Mark-price bars.", "--mark", panel=DATA)] = None,
    tick: Annotated[str | None, _option("Price step.", "--tick", panel=DATA)] = None,
    lot: Annotated[str | None, _option("Quantity step.", "--lot", panel=DATA)] = None,
    instruments: Annotated[
        Path | None, _option("CSV that pins tick, lot and minimums.", "--instruments", panel=DATA)
    ] = None,
    mode: Annotated[str | None, _option("isolated or portfolio.", "--mode", panel=ACCOUNT)] = None,
    protections: Annotated[
        str | None, _option("on: protections in isolated mode too.", "--protections", panel=ACCOUNT)
    ] = None,
    capital: Annotated[float | None, _option("Capital (of each slot).", "--capital", panel=ACCOUNT)] = None,
    risk_fraction: Annotated[
        float | None, _option("Planned risk a trade, at most 0.02.", "--risk-fraction", panel=ACCOUNT)
    ] = None,
    leverage: Annotated[float | None, _option("At most 5.", "--leverage", panel=ACCOUNT)] = None,
    stop_atr: Annotated[float | None, _option("Stop, in ATR(14).", "--stop-atr", panel=ACCOUNT)] = None,
    target_atr: Annotated[float | None, _option("Target, in ATR(14).", "--target-atr", panel=ACCOUNT)] = None,
    max_bars: Annotated[int | None, _option("Time stop, 0 for none.", "--max-bars", panel=ACCOUNT)] = None,
    taker: Annotated[float | None, _option("Taker fee, a fraction.", "--taker", panel=COSTS)] = None,
    maker: Annotated[float | None, _option("Maker fee, a fraction.", "--maker", panel=COSTS)] = None,
    slippage_bps: Annotated[float | None, _option("Slippage.", "--slippage-bps", panel=COSTS)] = None,
    target_execution: Annotated[
        str | None, _option("trigger or limit.", "--target-execution", panel=COSTS)
    ] = None,
    set_: Annotated[list[str] | None, _option("STRATEGY.PARAM=VALUE.", "--set", panel=ACCOUNT)] = None,
    require: Annotated[
        str | None,
        _option("Optional criteria an entry needs: trend,volume or all.", "--require", panel=ACCOUNT),
    ] = None,
    out: Annotated[Path | None, _option("Folder of the files.", "--out", panel=OUTPUT)] = None,
    seed: Annotated[int, _option("Seed of checks and statistics.", "--seed", panel=OUTPUT, min=0)] = 0,
    check: Annotated[
        bool, _option("Prove that nothing looks ahead.", "--check/--no-check", panel=OUTPUT)
    ] = True,
    language: Annotated[str, _option("Language of the report: en or fr.", "--language", panel=OUTPUT)] = "en",
    as_json: Annotated[bool, _option("Print result.json.", "--json", panel=OUTPUT)] = False,
) -> None:
    """Trade strategies over stored bars and write results that can be explained and reproduced.

    [bold]Example[/bold]: vigie backtest --venue binance-perp --symbols BTC,ETH --strategy macd_cross --last 1500
    """
    from vigie.bootstrap import open_data, open_results
    from vigie.services.running.first_run import compiling_beside
    from vigie.services.runs import requests, results, shortfalls
    from vigie.views.cli import tables
    from vigie.views.cli.progress import Progress

    desk = open_data()
    home = open_results()
    request = requests.build(
        desk,
        config=config,
        bars=bars,
        venue=venue,
        symbols=options.words(symbols),
        strategy=strategy,
        timeframes=options.words(timeframe),
        start=start,
        end=end,
        last=last,
        warmup_bars=warmup_bars,
        detail=detail,
        funding=funding,
        mark=mark,
        tick=tick,
        lot=lot,
        instruments=instruments,
        account={
            "mode": mode,
            "capital": capital,
            "risk_fraction": risk_fraction,
            "leverage": leverage,
            "stop_atr": stop_atr,
            "target_atr": target_atr,
            "max_bars": max_bars,
            "target_execution": target_execution,
        },
        costs={"taker": taker, "maker": maker, "slippage_bps": slippage_bps},
        protections=options.switch("--protections", protections),
        params=options.settings(set_),
        require=options.words(require),
        own_strategies=home.strategies,
        check=check,
        seed=seed,
    )
    with compiling_beside():
        with Progress(enabled=not as_json) as progress:
            run, request, left = shortfalls.run_asked(desk, request, strategy, progress=progress)
        kept = results.keep(
            run,
            request,
            out or Path("runs") / results.default_name(request),
            runs_folder=home.runs,
            registry=home.trials,
            write=home.write,
            simulated=results.is_simulated(run),
            language=language,
            left_out=left,
        )
    typer.echo(json.dumps(kept.record, indent=1)) if as_json else tables.print_run(run, kept)
    for one in left:
        typer.echo(f"left out: {one}", err=True)


def compare(
    first: Annotated[Path, typer.Argument(help="Folder of a run.")],
    second: Annotated[Path, typer.Argument(help="Folder of another run.")],
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say what differs between two runs: settings, data, figures, and every trade that is not in both.

    [bold]Example[/bold]: vigie compare runs/a runs/b
    """
    from vigie.services.runs.explain import compare_runs
    from vigie.views.cli import tables

    difference = compare_runs(first, second)
    if as_json:
        typer.echo(json.dumps(difference, indent=1))
        return
    tables.print_comparison(difference)


def why(
    slot: Annotated[str, typer.Argument(help="A slot such as btc-usdt-perp/1d/macd_cross.")],
    time: Annotated[str, typer.Argument(help="A time in the bar, ISO UTC.")],
    run: Annotated[
        str | None, typer.Option("--run", help="Folder or hash of a run; the latest if left out.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
) -> None:
    """Say why there was a trade, or why none, at one bar of a run.

    [bold]Example[/bold]: vigie why btc-usdt-perp/1d/macd_cross 2024-03-05
    """
    from vigie.bootstrap import open_data, open_results
    from vigie.services.runs.explain import explain_bar
    from vigie.services.runs.results import remembered, remembered_bars
    from vigie.views.cli import tables

    runs = open_results().runs
    request = remembered(runs, run)
    answer = explain_bar(open_data(), request, slot, time, known_bars=remembered_bars(runs, run))
    if as_json:
        typer.echo(json.dumps(answer, indent=1))
        return
    tables.print_why(answer)
