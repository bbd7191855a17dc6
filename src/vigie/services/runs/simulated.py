"""Runs on the simulated market: made from a seed, and made once more."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from vigie.data.asof import add_feature
from vigie.data.stores import DataStores
from vigie.domain.account import AccountSettings
from vigie.domain.bar import Bars
from vigie.domain.ids import SlotId
from vigie.domain.time import parse_time
from vigie.engine.inputs import Settlements, settlements_of
from vigie.engine.run import PlannedSlot, ProgressCallback, Run, execute
from vigie.services.runs.backtest import no_progress, run_backtest
from vigie.services.runs.backtest_request import BacktestRequest
from vigie.trading import catalogue
from vigie_sandbox.market import VENUE, SimulatedMarket, simulate_market

ASSETS = ("BTC", "ETH", "BNB", "SOL", "XRP", "AVAX", "DOGE")
START = "2021-01-01"
FINEST = "1h"


def run_again(data_stores: DataStores, request: BacktestRequest) -> Run:
    """Run a remembered request once more, on the simulated market where that was what it ran on."""
    stored = {holding.series.venue for holding in data_stores.bars.holdings()}
    if request.venue == VENUE and request.last is not None and not request.bars and VENUE not in stored:
        return run_simulated(request, request.last, no_progress)
    return run_backtest(data_stores, request)


def run_simulated(request: BacktestRequest, bars: int, progress: ProgressCallback) -> Run:
    """Run every shipped strategy on the market of a request's seed."""
    plans = simulated_plans(simulated_market(request.seed, bars), request.account, bars)
    return execute(plans, request.account, seed=request.seed, progress=progress)


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
                cut[strategy.timeframe] = add_feature(recent, "funding_rate", funding.ts, funding.rate)
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
