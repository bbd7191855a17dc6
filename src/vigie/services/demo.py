"""The demonstration: all strategies on stored bars, or on the simulated market where none are stored."""

from __future__ import annotations

from pathlib import Path

from vigie.data.stores import DataStores
from vigie.domain.time import iso
from vigie.engine.run import ProgressCallback, Run
from vigie.ports.home import ResultsHome
from vigie.services.runs import results
from vigie.services.runs.backtest import expand_slots, run_backtest
from vigie.services.runs.backtest_request import NATIVE, BacktestRequest
from vigie.services.runs.results import SavedRun
from vigie.services.runs.simulated import ASSETS, run_simulated
from vigie.trading import catalogue
from vigie_sandbox.market import VENUE


def run_demo(
    data_stores: DataStores,
    home: ResultsHome,
    folder: Path,
    *,
    seed: int,
    bars: int,
    language: str,
    progress: ProgressCallback,
) -> tuple[Run, SavedRun]:
    """Run every strategy on its own timeframe for seven assets and keep the files.

    Parameters
    ----------
    bars : int
        Bars a slot.

    Returns
    -------
    Run, SavedRun
    """
    stored = _stored_request(data_stores, home, bars)
    if stored is not None:
        run, request = run_backtest(data_stores, stored, progress=progress), stored
    else:
        request = BacktestRequest(
            slots=expand_slots(ASSETS, [NATIVE], list(catalogue.available()), {}),
            venue=VENUE,
            last=bars,
            seed=seed,
        )
        run = run_simulated(request, bars, progress)
    saved = results.save_run(
        run, request, folder, runs_folder=home.runs, registry=home.trials, write=home.write,
        simulated=stored is None or home.is_simulated, language=language,
    )  # fmt: skip
    return run, saved


def _stored_request(data_stores: DataStores, home: ResultsHome, bars: int) -> BacktestRequest | None:
    series = [holding.series for holding in data_stores.bars.holdings()]
    names = list(catalogue.available())
    needed = {catalogue.load(name).timeframe for name in names}
    by_venue: dict[str, dict[str, set[str]]] = {}
    for series_id in series:
        by_venue.setdefault(series_id.venue, {}).setdefault(series_id.instrument, set()).add(
            series_id.timeframe
        )
    for venue, instruments in by_venue.items():
        complete = [name for name, frames in instruments.items() if needed <= frames]
        if complete:
            return BacktestRequest(
                slots=expand_slots(complete[: len(ASSETS)], [NATIVE], names, {}),
                venue=venue,
                last=bars,
                own_strategies=home.strategies,
            )
    return None


def next_steps(
    run: Run,
    saved: SavedRun,
    command: str = "vigie",
    *,
    has_connectors: bool = True,
    is_demo_home: bool = False,
) -> list[str]:
    """Return what a newcomer can do next: commands that work as they stand.

    Parameters
    ----------
    run, saved : Run, SavedRun
        The demonstration's result.
    command : str
        How Vigie is called from where the reader stands.
    has_connectors : bool
        Whether what fetches bars from venues is installed.
    is_demo_home : bool
        Whether the home folder holds a simulated market: no real bars go there.
    """
    lines = [
        "",
        f"Open {saved.folder / 'report.html'} in a browser: every trade, with the criteria met at its entry.",
        "Next steps:",
    ]
    if saved.record["simulated"] and not is_demo_home:
        if not has_connectors:
            lines.append(
                "  pip install 'vigie[live]'     adds the venue connectors; in a checkout: make install"
            )
        lines += [
            f"  {command} data fetch bitget-perp BTC ETH --timeframe 1d     real bars, no account needed",
            f"  {command} backtest --venue bitget-perp --symbols BTC,ETH --strategy macd_cross --last 1500",
        ]
    lines.append(f"  {command} strategy new my_idea     create your own strategy")
    traded = next((slot for slot in run.slots if len(slot.trades)), None)
    if traded is not None:
        entered = iso(int(traded.trades["entry_ts"][0]))
        lines.append(f"  {command} why {traded.plan.slot} {entered}     why there was a trade at this bar")
    return lines
