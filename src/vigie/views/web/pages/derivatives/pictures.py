"""Pictures of derivatives over time: ``/chart/derivatives.svg?measure=funding&asset=bitcoin&days=30``."""

from __future__ import annotations

from collections.abc import Callable

from vigie.domain.errors import NotFound
from vigie.drawing.frame import Frame
from vigie.views.web.pages.asset import chart_events
from vigie.views.web.pages.derivatives.charts import (
    chart_description,
    chart_title,
    history_chart,
    news_values,
    source_names,
)
from vigie.views.web.pictures import ChartCaption, Picture
from vigie.views.web.request_context import RequestContext


def _history(context: RequestContext, make_frame: Callable[[ChartCaption], Frame]) -> str:
    inputs = {name: context.query[name] for name in ("measure", "asset", "days") if context.query.get(name)}
    history = context.call("derivatives.history", **inputs, as_of=context.as_of)
    if not history.rows:
        raise NotFound(
            "no_data_period",
            "no data for {measure} of {asset} in this period",
            measure=history.measure,
            asset=history.asset,
        )
    newest = history.origins[0].ts_event
    marks, dots_text = chart_events.file_marks(context, news_values(context, history)["marked"])
    source = " \u00b7 ".join(part for part in (source_names(context, history), dots_text) if part)
    caption = ChartCaption(chart_title(context, history), chart_description(context, history), source, newest)
    return history_chart(context, history, make_frame(caption), marks)


PICTURES = (Picture("derivatives", _history),)
