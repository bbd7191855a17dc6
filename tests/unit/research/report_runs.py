"""Runs on a simulated market for the tests of the report."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

from vigie.domain.account import AccountSettings, Costs
from vigie.domain.ids import SlotId
from vigie.domain.signal import Criteria
from vigie.engine.inputs import settlements_of
from vigie.engine.run import PlannedSlot, Run, execute
from vigie.quant.stats.verdict import Reason, Verdict
from vigie.research.report import ReportNotes
from vigie.trading import catalogue
from vigie.trading.loaded_strategy import Strategy
from vigie_sandbox.market import simulate_market

START = 1_609_459_200_000
STRATEGIES = (("1d", "macd_cross"), ("4h", "ema_cross"), ("4h", "rsi_reversion"))
HOSTILE = '</script><img src=x onerror="document.title=1">'


@cache
def simulated_run(mode: str = "isolated", costs: Costs | None = None, check: bool = True) -> Run:
    """Six slots: two assets, three strategies, two timeframes, funding."""
    market = simulate_market(11, ["BTC", "ETH"], START, 6 * 500, "4h")
    account = AccountSettings(mode=mode, costs=costs or Costs())
    plans = []
    for asset in ("BTC", "ETH"):
        funding = settlements_of(market.funding(asset).ts, market.funding(asset).value)
        bars = {timeframe: market.bars(asset, timeframe) for timeframe in ("4h", "1d")}
        for timeframe, name in STRATEGIES:
            strategy = catalogue.load(name)
            slot = SlotId(bars[timeframe].instrument, timeframe, name)
            rules = (market.asset(asset).rules,)
            plans.append(
                PlannedSlot(slot, bars[timeframe], strategy, strategy.defaults(), rules, account, funding)
            )
    return execute(plans, account, check=check)


@cache
def small_run(n_bars: int = 5) -> Run:
    """One slot without a trade."""
    market = simulate_market(11, ["BTC"], START, n_bars, "1d")
    strategy, bars, account = catalogue.load("macd_cross"), market.bars("BTC"), AccountSettings()
    slot = SlotId(bars.instrument, "1d", strategy.name)
    plan = PlannedSlot(slot, bars, strategy, strategy.defaults(), (market.asset("BTC").rules,), account)
    return execute([plan], account, check=False)


@cache
def hostile_run() -> Run:
    """A strategy whose name and criteria try to break out of the page."""
    market = simulate_market(11, ["BTC"], START, 300, "1d")
    honest = catalogue.load("macd_cross")

    def criteria(bars: object, params: object) -> Criteria:
        said = honest.criteria(bars, params)  # type: ignore[arg-type]
        long = tuple(replace(one, name=HOSTILE) for one in said.long)
        return replace(said, long=long, short=tuple(replace(one, name=HOSTILE) for one in said.short))

    strategy = Strategy("hostile", "", "", "1d", honest.params, honest.warmup, criteria, "")
    bars, account = market.bars("BTC"), AccountSettings()
    plan = PlannedSlot(
        SlotId(bars.instrument, "1d", HOSTILE),
        bars,
        strategy,
        honest.defaults(),
        (market.asset("BTC").rules,),
        account,
    )
    return execute([plan], account, check=False)


def notes(**given: object) -> ReportNotes:
    """Notes with everything that a page must have."""
    return replace(
        ReportNotes(title="Two assets", is_simulated=True, version="9.9.9"),
        **given,
    )  # type: ignore[arg-type]


def luck() -> Verdict:
    """A verdict of luck."""
    return Verdict(
        is_luck=True,
        sentence="not distinguishable from luck: 105 trials (35 variants, 3 looks, 2 markets), DSR 0.31, PBO 0.62; "
        "1 other market tried",
        reasons=(
            Reason("low_dsr", 0.31, 0.95, "too low"),
            Reason("brand_new", 1.0, 0.0, "a reason of tomorrow"),
        ),
        trials=105,
        variants=35,
        looks=3,
        markets=2,
        other_markets=1,
        periods=500,
        sharpe=1.25,
        sharpe_interval=(-0.5, 2.5),
        drawdown_interval=(-0.30, -0.05),
        expected_maximum_sharpe=1.75,
        psr=0.9,
        dsr=0.31,
        pbo=0.62,
        loss_probability=0.4,
        min_track_record_periods=800.0,
        permutation_p=float("nan"),
    )
