"""A quick result as a job: one market of an order over a year, counted as a trial like any other, kept nowhere else."""

from __future__ import annotations

import dataclasses
import math
import shutil
from collections.abc import Mapping
from typing import Final

from vigie.domain.time import DAY_MS, TIMEFRAME_MS
from vigie.engine.run import Run
from vigie.ports.home import HomeFolder
from vigie.research import confidence
from vigie.research.report import sections
from vigie.research.report.curves import total_curve
from vigie.research.report.texts import report_texts
from vigie.services.running.work import Report
from vigie.services.runs import identity, shortfalls
from vigie.services.runs.backtest_request import NATIVE, BacktestRequest
from vigie.services.runs.run_orders import OrderSources, RunOrder, order_to_request, run_title
from vigie.services.runs.stored_funding import add_stored_funding
from vigie.trading import catalogue

KIND: Final = "quick"
ASK = RunOrder
SPAN_DAYS: Final = 365
POINTS: Final = 160


def one_market(order: RunOrder) -> RunOrder:
    """Return an order narrowed to its first strategy, asset and timeframe."""
    first: dict[str, object] = {"mode": "isolated", "timeframe": order.timeframe.split(",")[0].strip()}
    if order.slots:
        first["slots"] = order.slots[:1]
    else:
        strategy = order.strategies.split(",")[0].strip()
        first["strategies"] = RunOrder().strategies if strategy == "all" else strategy
        first["assets"] = order.assets.split(",")[0].strip()
    return order.model_copy(update=first)


def over_a_year(order: RunOrder, request: BacktestRequest) -> BacktestRequest:
    """Return a request of one market over the newest year of its bars, unless the order names a period."""
    if order.start or order.end or order.last:
        return request
    (slot,) = request.slots
    timeframe = slot.timeframe
    if timeframe == NATIVE:
        timeframe = catalogue.load(slot.strategy, request.own_strategies).timeframe
    return dataclasses.replace(request, last=SPAN_DAYS * DAY_MS // TIMEFRAME_MS[timeframe])


def run(order: RunOrder, report: Report, sources: OrderSources, home: HomeFolder) -> Mapping[str, object]:
    """Run one market of the order and tell its figures; it is a trial, since its result was seen."""
    narrowed = one_market(order)
    report(0.0, "loading bars")
    request = over_a_year(narrowed, order_to_request(sources, narrowed))
    folder = home / f"runs/{KIND}-{report.job}"
    try:
        if narrowed.funding:
            request, _ = add_stored_funding(sources.results, sources.facts, request, folder)
        done, request, _ = shortfalls.run_request(
            sources.data, request, narrowed.strategies, progress=report.share(0.05, 0.9, stages=2)
        )
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    report(0.9, "judging and writing")
    registry = sources.results.trials
    registry.record(identity.run_trials(done))
    verdict = None
    if done.checked and done.total.trades:
        trials = registry.count(identity.traded_series(done))
        verdict, _ = confidence.judge_run(done, trials=trials, seed=request.seed)
    report(1.0, "done")
    return {
        "title": run_title(narrowed, request),
        "instrument": request.slots[0].instrument,
        "figures": _figures(done),
        "is_luck": None if verdict is None else verdict.is_luck,
        "trials": None if verdict is None else verdict.trials,
        "chance": None if verdict is None or not math.isfinite(verdict.dsr) else 1 - verdict.dsr,
        "curve": _curve(done),
        "quote": sections.quote_currency(done, report_texts("en")),
    }


def _figures(done: Run) -> dict[str, float | None]:
    total, costs = dataclasses.asdict(done.total), confidence.trade_costs(done)
    curve = total_curve(done)
    figures = {
        "total_return": float(curve.equity[-1] / curve.capital - 1),
        "hold_return": float(curve.hold[-1] / curve.hold[0] - 1),
        "max_drawdown": float(curve.drawdown.min()),
        "sharpe": float(total["sharpe"]),
        "trades": float(total["trades"]),
        "costs": float(costs.net - costs.gross) / curve.capital,
    }
    return {name: value if math.isfinite(value) else None for name, value in figures.items()}


def _curve(done: Run) -> dict[str, object]:
    full = total_curve(done)
    thin = full.thin(POINTS)
    return {
        "ts": thin.ts.tolist(),
        "equity": [float(f"{value:.7g}") for value in thin.equity.tolist()],
        "hold": [float(f"{value:.7g}") for value in thin.hold.tolist()],
        "drawdown": [round(value, 6) for value in thin.drawdown.tolist()],
        "capital": full.capital,
    }
