"""Pictures of setups: one in its bars."""

from __future__ import annotations

from collections.abc import Callable

from vigie.drawing.frame import Frame
from vigie.views.web.pages.signals import words
from vigie.views.web.pages.signals.charts import setup_chart, setup_description
from vigie.views.web.pictures import ChartCaption, Picture
from vigie.views.web.request_context import RequestContext
from vigie.views.web.source_names import source_namer


def _setup(context: RequestContext, make_frame: Callable[[ChartCaption], Frame]) -> str:
    asked = {
        "setup": context.query.get("setup", ""), "account": context.query.get("account", ""),
        "replayed": context.query.get("replayed", ""),
    }  # fmt: skip
    inputs = {name: value for name, value in asked.items() if value}
    told, chart = context.call("setups.read", **inputs), context.call("setups.chart", **inputs)
    row = told.newest
    title = f"{words.market_name(row.instrument)} {words.side_text(context, row.side)}, {row.slot}"
    if row.is_replayed:
        title = f"{title} ({context.text('replayed')})"
    if chart.patterns:
        title = f"{title} · {words.pattern_text(context, chart.patterns[-1].kind)}"
    frame = make_frame(
        ChartCaption(title, setup_description(context, row), source_namer(context)(row.venue), row.ts_known)
    )
    return setup_chart(context, chart, frame)


PICTURES = (Picture("setup", _setup),)
