"""Pictures of a backtest: its account, its falls, the map of a sweep."""

from __future__ import annotations

from collections.abc import Callable

from vigie.views.drawing.frame import Frame
from vigie.views.web.pages.backtests.charts import equity_chart, fall_chart, map_chart, rebased_chart
from vigie.views.web.pages.backtests.words import described, fall_described
from vigie.views.web.pictures import Picture, Told
from vigie.views.web.visit import Visit

Framed = Callable[[Told], Frame]


def _account(visit: Visit, framed: Framed) -> str:
    found = visit.ask("backtests.get", run=visit.query.get("run", ""), language=visit.tongue.language)
    told = Told(
        f"{found.title}: {visit.text('account and buy and hold')}, {found.quote}", described(visit, found),
        f"Vigie backtest {found.id}", found.last_ts,
    )  # fmt: skip
    curves = [
        (visit.text("Account"), found.curve, "equity"),
        (visit.text("Buy and hold"), found.curve, "hold"),
    ]
    return equity_chart(curves, framed(told))


def _falls(visit: Visit, framed: Framed) -> str:
    found = visit.ask("backtests.get", run=visit.query.get("run", ""), language=visit.tongue.language)
    told = Told(
        f"{found.title}: {visit.text('fall below the highest value')}", fall_described(visit, found),
        f"Vigie backtest {found.id}", found.last_ts,
    )  # fmt: skip
    return fall_chart([(visit.text("Fall"), found.curve, "drawdown")], framed(told))


def _map(visit: Visit, framed: Framed) -> str:
    heat = visit.ask("backtests.heatmap", run=visit.query.get("run", ""))
    title = f"{heat.title}: {heat.objective}, {heat.down} \u00d7 {heat.across}"
    made = heat.origins[0].ts_known
    return map_chart(heat, framed(Told(title, title, heat.origins[0].source, made)))


def _both(visit: Visit, framed: Framed) -> str:
    found = visit.ask("backtests.compare", a=visit.query.get("a", ""), b=visit.query.get("b", ""))
    title = visit.text("Both accounts, 100 at the start")
    names = [f"A: {found.first.title}", f"B: {found.second.title}"]
    source = f"Vigie backtests {found.first.id}, {found.second.id}"
    newest = max(curve.ts[-1] for curve in found.curves)
    told = Told(title, ", ".join(names), source, newest)
    return rebased_chart(list(zip(names, found.curves, strict=True)), framed(told))


PICTURES = (
    Picture("backtests-compared", _both),
    Picture("backtest", _account),
    Picture("backtest-falls", _falls),
    Picture("sweep-map", _map),
)
