"""Pictures of plans: one in its bars."""

from __future__ import annotations

from collections.abc import Callable

from vigie.drawing.frame import Frame
from vigie.views.web.level_chart import level_chart
from vigie.views.web.pages.plans import words
from vigie.views.web.pages.plans.page import level_names, plan_description, plan_title
from vigie.views.web.pictures import ChartCaption, Picture
from vigie.views.web.request_context import RequestContext
from vigie.views.web.source_names import source_namer


def _plan(context: RequestContext, make_frame: Callable[[ChartCaption], Frame]) -> str:
    asked = {"plan": context.query.get("plan", "")}
    row, chart = context.call("plans.read", **asked).newest, context.call("plans.chart", **asked)
    title = f"{plan_title(context, row)}, {words.side_text(context, row.side)}"
    caption = ChartCaption(
        title, plan_description(context, row), source_namer(context)(row.venue), row.ts_made
    )
    return level_chart(chart, level_names(context), make_frame(caption))


PICTURES = (Picture("plan", _plan),)
