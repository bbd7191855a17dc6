"""Pictures of a backtest: its account, its falls, the map of a sweep."""

from __future__ import annotations

from collections.abc import Callable

from vigie.drawing.frame import Frame
from vigie.views.web.pages.backtests.charts import drawdown_chart, equity_chart, map_chart, rebased_chart
from vigie.views.web.pages.backtests.words import drawdown_description, equity_description
from vigie.views.web.pictures import ChartCaption, Picture
from vigie.views.web.request_context import RequestContext
from vigie.views.web.source_names import source_namer

FrameMaker = Callable[[ChartCaption], Frame]


def _account(context: RequestContext, make_frame: FrameMaker) -> str:
    result = context.call(
        "backtests.get", run=context.query.get("run", ""), language=context.lang.content_language
    )
    caption = ChartCaption(
        f"{result.title}{context.lang.colon}{context.text('account and buy and hold')}, {result.quote}",
        equity_description(context, result),
        source_namer(context)(f"Vigie backtest {result.id}"), result.last_ts,
    )  # fmt: skip
    curves = [
        (context.text("Account"), result.curve, "equity"),
        (context.text("Buy and hold"), result.curve, "hold"),
    ]
    return equity_chart(curves, make_frame(caption))


def _drawdown(context: RequestContext, make_frame: FrameMaker) -> str:
    result = context.call(
        "backtests.get", run=context.query.get("run", ""), language=context.lang.content_language
    )
    caption = ChartCaption(
        f"{result.title}{context.lang.colon}{context.text('drawdown')}", drawdown_description(context, result),
        source_namer(context)(f"Vigie backtest {result.id}"), result.last_ts,
    )  # fmt: skip
    return drawdown_chart([(context.text("Drawdown"), result.curve, "drawdown")], make_frame(caption))


def _map(context: RequestContext, make_frame: FrameMaker) -> str:
    heat = context.call("backtests.heatmap", run=context.query.get("run", ""))
    title = f"{heat.title}{context.lang.colon}{heat.objective}, {heat.down} \u00d7 {heat.across}"
    made_ts = heat.origins[0].ts_known
    return map_chart(
        heat, make_frame(ChartCaption(title, title, source_namer(context)(heat.origins[0].source), made_ts))
    )


def _both(context: RequestContext, make_frame: FrameMaker) -> str:
    comparison = context.call("backtests.compare", a=context.query.get("a", ""), b=context.query.get("b", ""))
    title = context.text("Accounts rebased to 100")
    names = [f"A: {comparison.first.title}", f"B: {comparison.second.title}"]
    source = source_namer(context)(
        f"Vigie backtest {comparison.first.id}, Vigie backtest {comparison.second.id}"
    )
    newest = max(curve.ts[-1] for curve in comparison.curves)
    caption = ChartCaption(title, ", ".join(names), source, newest)
    return rebased_chart(list(zip(names, comparison.curves, strict=True)), make_frame(caption))


PICTURES = (
    Picture("backtests-compared", _both),
    Picture("backtest", _account),
    Picture("backtest-falls", _drawdown),
    Picture("sweep-map", _map),
)
