"""The demonstration: all strategies on stored bars, or on the simulated market where none are stored."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from vigie.data.asof import with_feature
from vigie.data.stores import DataStores
from vigie.domain.account import AccountSettings
from vigie.domain.bar import Bars
from vigie.domain.ids import SlotId
from vigie.domain.time import parse_time
from vigie.engine.inputs import Settlements, settlements_of
from vigie.engine.run import PlannedSlot, ProgressCallback, Run, execute
from vigie.ports.home import ResultsHome
from vigie.services.runs import results
from vigie.services.runs.backtest import expand_slots, no_progress, run_backtest
from vigie.services.runs.backtest_request import NATIVE, BacktestRequest
from vigie.services.runs.results import SavedRun
from vigie.trading import catalogue
from vigie_sandbox.market import VENUE, SimulatedMarket, simulate_market

ASSETS = ("BTC", "ETH", "BNB", "SOL", "XRP", "AVAX", "DOGE")
START = "2021-01-01"
FINEST = "1h"


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
        run = _run_simulated(request, bars, progress)
    saved = results.save_run(
        run, request, folder, runs_folder=home.runs, registry=home.trials, write=home.write,
        simulated=stored is None, language=language,
    )  # fmt: skip
    return run, saved


def run_again(data_stores: DataStores, request: BacktestRequest) -> Run:
    """Run a remembered request once more, on the simulated market where that was what it ran on."""
    stored = {holding.series.venue for holding in data_stores.bars.holdings()}
    if request.venue == VENUE and request.last is not None and not request.bars and VENUE not in stored:
        return _run_simulated(request, request.last, no_progress)
    return run_backtest(data_stores, request)


def _run_simulated(request: BacktestRequest, bars: int, progress: ProgressCallback) -> Run:
    plans = simulated_plans(simulated_market(request.seed, bars), request.account, bars)
    return execute(plans, request.account, seed=request.seed, progress=progress)


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


def simulated_market(seed: int, bars: int) -> SimulatedMarket:
    """Return a market whose daily history is long enough for `bars` daily bars."""
    return simulate_market(seed, ASSETS, parse_time(START), bars * 24, FINEST)


def simulated_plans(market: SimulatedMarket, account: AccountSettings, bars: int) -> list[PlannedSlot]:
    """Return the slots of all shipped strategies on a simulated market, each on its own timeframe."""
    plans = []
    names = list(catalogue.available())
    for asset in market.assets.values():
        funding = settlements_of(asset.funding.ts, asset.funding.value)
        cut: dict[str, Bars] = {}
        for name in names:
            strategy = catalogue.load(name)
            if strategy.timeframe not in cut:
                history = market.bars(asset.ticker, strategy.timeframe)
                recent = history.slice(max(0, len(history) - bars), len(history))
                cut[strategy.timeframe] = with_feature(recent, "funding_rate", funding.ts, funding.rate)
            recent = cut[strategy.timeframe]
            plans.append(
                PlannedSlot(
                    slot=SlotId(recent.instrument, recent.timeframe, name),
                    bars=recent,
                    strategy=strategy,
                    params=strategy.defaults(),
                    versions=(asset.rules,),
                    account=account,
                    funding=_funding_since(funding, recent),
                )
            )
    return plans


def _funding_since(funding: Settlements, bars: Bars) -> Settlements:
    keep = np.s_[np.searchsorted(funding.ts, bars.ts[0]) :]
    return replace(funding, ts=funding.ts[keep], rate=funding.rate[keep], mark=funding.mark[keep])


def next_steps(saved: SavedRun, command: str = "vigie") -> list[str]:
    """Return what a newcomer can do next.

    Parameters
    ----------
    saved : SavedRun
        The demonstration's result.
    command : str
        How Vigie is called from where the reader stands.
    """
    lines = [
        "",
        f"Open {saved.folder / 'report.html'} in a browser: every trade, with the criteria met at its entry.",
        "Next steps:",
    ]
    if saved.record["simulated"]:
        lines += [
            "  make install                                     adds the venue connectors",
            f"  {command} data fetch bitget-perp BTC ETH --timeframe 1d     real bars, no account needed",
            f"  {command} backtest --venue bitget-perp --symbols BTC,ETH --strategy macd_cross --last 1500",
        ]
    slot = saved.record["slots"][0]["slot"]
    return [
        *lines,
        f"  {command} strategy new my_idea     create your own strategy",
        f"  {command} why {slot} TIME     why there was a trade at a bar, or none"
        if not saved.record["simulated"]
        else "",
    ]
